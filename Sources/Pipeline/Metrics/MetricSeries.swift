import CoreMetrics
import Synchronization

/// One line (or histogram) of the exposition: a value that many threads may change at once.
protocol MetricSeries: AnyObject, Sendable {
    /// Rendered, without braces.
    var labels: String { get }
    func render(_ name: String, into text: inout String)
}

/// Only ever grows until it is reset.
final class CounterSeries: MetricSeries, CounterHandler {
    let labels: String
    private let total = Mutex(0.0)

    init(_ labels: String) { self.labels = labels }

    func increment(by amount: Int64) { increment(by: Double(amount)) }

    /// A negative or unreal amount is ignored: a counter never falls.
    func increment(by amount: Double) {
        guard amount > 0, amount.isFinite else { return }
        total.withLock { $0 += amount }
    }

    func reset() { total.withLock { $0 = 0 } }

    func render(_ name: String, into text: inout String) {
        text += sample(name, labels, total.withLock { $0 })
    }
}

/// swift-metrics tells whole and fractional counters apart by type; both feed the same series.
final class FractionalCounter: FloatingPointCounterHandler, Sendable {
    let series: CounterSeries

    init(_ series: CounterSeries) { self.series = series }

    func increment(by amount: Double) { series.increment(by: amount) }
    func reset() { series.reset() }
}

/// The newest value.
final class GaugeSeries: MetricSeries, MeterHandler, RecorderHandler {
    let labels: String
    private let value = Mutex(0.0)

    init(_ labels: String) { self.labels = labels }

    func set(_ newValue: Int64) { set(Double(newValue)) }
    func set(_ newValue: Double) { value.withLock { $0 = newValue } }
    func increment(by amount: Double) { value.withLock { $0 += amount } }
    func decrement(by amount: Double) { value.withLock { $0 -= amount } }
    func record(_ newValue: Int64) { set(Double(newValue)) }
    func record(_ newValue: Double) { set(newValue) }

    func render(_ name: String, into text: inout String) {
        text += sample(name, labels, value.withLock { $0 })
    }
}

/// How often values fell into fixed buckets, from half a millisecond to a minute where the unit is seconds.
final class HistogramSeries: MetricSeries, TimerHandler, RecorderHandler {
    static let bounds = [
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60
    ]

    private struct State {
        /// Values at most as large as each bound and larger than the one before; the last counts the rest.
        var counts = Array(repeating: 0, count: HistogramSeries.bounds.count + 1)
        var sum = 0.0
    }

    let labels: String
    private let state = Mutex(State())

    init(_ labels: String) { self.labels = labels }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        guard value.isFinite else { return }
        let bucket = Self.bounds.firstIndex { value <= $0 } ?? Self.bounds.count
        state.withLock { state in
            state.counts[bucket] += 1
            state.sum += value
        }
    }

    func render(_ name: String, into text: inout String) {
        let state = state.withLock { $0 }
        let prefix = labels.isEmpty ? "" : labels + ","
        var total = 0
        for (count, bound) in zip(state.counts, Self.bounds) {
            total += count
            text += sample("\(name)_bucket", "\(prefix)le=\"\(spelled(bound))\"", Double(total))
        }
        total += state.counts[Self.bounds.count]
        text += sample("\(name)_bucket", "\(prefix)le=\"+Inf\"", Double(total))
        text += sample("\(name)_sum", labels, state.sum)
        text += sample("\(name)_count", labels, Double(total))
    }
}

private func sample(_ name: String, _ labels: String, _ value: Double) -> String {
    labels.isEmpty ? "\(name) \(spelled(value))\n" : "\(name){\(labels)} \(spelled(value))\n"
}

/// 3 for 3.0; infinities and not-a-number as Prometheus spells them.
private func spelled(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    return Int(exactly: value).map(String.init) ?? "\(value)"
}
