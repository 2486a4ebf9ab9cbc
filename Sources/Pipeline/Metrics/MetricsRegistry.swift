package import CoreMetrics
import Synchronization

/// Keeps what swift-metrics reports and writes it as Prometheus text (exposition format 0.0.4).
///
/// Counters become counters (`_total`), meters and plain recorders gauges, timers histograms in seconds
/// (`_seconds`), aggregating recorders histograms in their own unit. Dots and other signs of a label become `_`.
/// Bounded: beyond ``seriesLimit`` series, or ``seriesLimitPerName`` of one name, new ones are dropped and
/// counted in `snowline_metrics_dropped_series_total`; so is a name that comes back as another type.
package final class MetricsRegistry: MetricsFactory {
    package static let seriesLimit = 20_000
    package static let seriesLimitPerName = 5120
    /// Longer label values are cut.
    package static let labelValueLimit = 128

    /// What `# HELP` says, by metric name as rendered.
    private let help: [String: String]
    private let state = Mutex(State())

    private struct State {
        var families: [String: MetricFamily] = [:]
        var seriesCount = 0
        var droppedSeries = 0
    }

    package init(help: [String: String] = [:]) {
        self.help = help
    }

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        counter(label, dimensions)
    }

    package func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        FractionalCounter(counter(label, dimensions))
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        gauge(label, dimensions)
    }

    package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        guard aggregate else { return gauge(label, dimensions) }
        return series(metricName(label), .histogram, dimensions) { HistogramSeries($0) }
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        series(metricName(label, suffix: "_seconds"), .histogram, dimensions) { HistogramSeries($0) }
    }

    package func destroyCounter(_ handler: any CounterHandler) { remove(handler) }
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {
        if let counter = handler as? FractionalCounter { remove(counter.series) }
    }
    package func destroyMeter(_ handler: any MeterHandler) { remove(handler) }
    package func destroyRecorder(_ handler: any RecorderHandler) { remove(handler) }
    package func destroyTimer(_ handler: any TimerHandler) { remove(handler) }

    /// All metrics, by name and labels.
    package func render() -> String {
        let (families, droppedSeries) = state.withLock { ($0.families, $0.droppedSeries) }
        var text = ""
        for (name, family) in families.sorted(by: { $0.key < $1.key }) where !family.series.isEmpty {
            if let help = help[name] { text += "# HELP \(name) \(escapedHelp(help))\n" }
            text += "# TYPE \(name) \(family.type.rawValue)\n"
            for (_, series) in family.series.sorted(by: { $0.key < $1.key }) { series.render(name, into: &text) }
        }
        if droppedSeries > 0 {
            let name = "snowline_metrics_dropped_series_total"
            text += "# HELP \(name) Series that were not kept because a limit was reached.\n"
            text += "# TYPE \(name) counter\n\(name) \(droppedSeries)\n"
        }
        return text
    }

    private func counter(_ label: String, _ dimensions: [(String, String)]) -> CounterSeries {
        series(metricName(label, suffix: "_total"), .counter, dimensions) { CounterSeries($0) }
    }

    private func gauge(_ label: String, _ dimensions: [(String, String)]) -> GaugeSeries {
        series(metricName(label), .gauge, dimensions) { GaugeSeries($0) }
    }

    /// The series of a name and labels: the one that is there, a new one, or one that nobody renders.
    private func series<Series: MetricSeries>(
        _ name: String, _ type: MetricFamily.Kind, _ dimensions: [(String, String)], make: (String) -> Series
    ) -> Series {
        let labels = renderedLabels(dimensions)
        return state.withLock { state in
            var family = state.families[name] ?? MetricFamily(type: type)
            if family.type == type, let series = family.series[labels] as? Series { return series }
            let fresh = make(labels)
            let fits = state.seriesCount < Self.seriesLimit && family.series.count < Self.seriesLimitPerName
            guard family.type == type, fits else {
                state.droppedSeries += 1
                return fresh
            }
            family.series[labels] = fresh
            state.families[name] = family
            state.seriesCount += 1
            return fresh
        }
    }

    private func remove(_ handler: any AnyObject) {
        guard let series = handler as? any MetricSeries else { return }
        state.withLock { state in
            for name in state.families.keys where state.families[name]?.series[series.labels] === series {
                state.families[name]?.series[series.labels] = nil
                state.seriesCount -= 1
            }
        }
    }
}

/// All series of one name.
struct MetricFamily {
    enum Kind: String {
        case counter
        case gauge
        case histogram
    }

    let type: Kind
    /// By rendered labels.
    var series: [String: any MetricSeries] = [:]
}

/// A label of swift-metrics as a Prometheus name.
private func metricName(_ label: String, suffix: String = "") -> String {
    let name = sanitized(label)
    return name.hasSuffix(suffix) ? name : name + suffix
}

private func sanitized(_ text: String) -> String {
    var name = String(
        String.UnicodeScalarView(
            text.unicodeScalars.map { scalar in
                let isAllowed = scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
                return isAllowed ? scalar : "_"
            }))
    if name.unicodeScalars.first.map({ ("0"..."9").contains($0) }) ?? true { name = "_" + name }
    return name
}

/// `camera="gate",kind="line"`, by label name; empty without labels. A repeated label name counts once.
private func renderedLabels(_ dimensions: [(String, String)]) -> String {
    var seen: Set<String> = []
    return dimensions.map { (name: sanitized($0.0), value: $0.1) }
        .filter { seen.insert($0.name).inserted }
        .sorted { $0.name < $1.name }
        .map { "\($0.name)=\"\(escapedLabel(String($0.value.prefix(MetricsRegistry.labelValueLimit))))\"" }
        .joined(separator: ",")
}

private func escapedLabel(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\\": escaped += "\\\\"
        case "\"": escaped += "\\\""
        case "\n": escaped += "\\n"
        default: escaped.unicodeScalars.append(scalar)
        }
    }
    return escaped
}

private func escapedHelp(_ text: String) -> String {
    text.split(separator: "\\", omittingEmptySubsequences: false).joined(separator: "\\\\")
        .split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\\n")
}
