import CoreMetrics
import Pipeline
import Testing

@Suite("Metrics as Prometheus text")
struct MetricsTests {
    @Test("counters, gauges and their labels, sorted and escaped")
    func text() {
        let registry = MetricsRegistry(help: ["snowline_frames_total": "Frames\nanalysed \\ all."])
        registry.makeCounter(label: "snowline.frames", dimensions: [("mode", "strict"), ("camera", "b")])
            .increment(by: 2)
        registry.makeCounter(label: "snowline.frames", dimensions: [("camera", "a\"\\\n"), ("mode", "strict")])
            .increment(by: 1)
        // The same labels in another order are the same series.
        registry.makeCounter(label: "snowline.frames", dimensions: [("camera", "b"), ("mode", "strict")])
            .increment(by: 3)
        registry.makeFloatingPointCounter(label: "snowline.cpu_seconds_total", dimensions: []).increment(by: 0.25)
        registry.makeMeter(label: "snowline.cameras", dimensions: []).set(Int64(16))
        registry.makeRecorder(label: "9 lives", dimensions: [], aggregate: false).record(-1.5)
        #expect(
            registry.render() == """
                # TYPE _9_lives gauge
                _9_lives -1.5
                # TYPE snowline_cameras gauge
                snowline_cameras 16
                # TYPE snowline_cpu_seconds_total counter
                snowline_cpu_seconds_total 0.25
                # HELP snowline_frames_total Frames\\nanalysed \\\\ all.
                # TYPE snowline_frames_total counter
                snowline_frames_total{camera="a\\"\\\\\\n",mode="strict"} 1
                snowline_frames_total{camera="b",mode="strict"} 5

                """)
    }

    @Test("timers are histograms in seconds with rising buckets")
    func timers() {
        let registry = MetricsRegistry()
        let timer = registry.makeTimer(label: "snowline.analysis", dimensions: [("camera", "a")])
        for nanoseconds: Int64 in [500_000, 4_000_000, 4_000_000, 90_000_000_000] {
            timer.recordNanoseconds(nanoseconds)
        }
        let lines = registry.render().split(separator: "\n").map(String.init)
        #expect(lines.first == "# TYPE snowline_analysis_seconds histogram")
        #expect(lines.contains("snowline_analysis_seconds_bucket{camera=\"a\",le=\"0.0005\"} 1"))
        #expect(lines.contains("snowline_analysis_seconds_bucket{camera=\"a\",le=\"0.005\"} 3"))
        #expect(lines.contains("snowline_analysis_seconds_bucket{camera=\"a\",le=\"60\"} 3"))
        #expect(lines.contains("snowline_analysis_seconds_bucket{camera=\"a\",le=\"+Inf\"} 4"))
        #expect(lines.contains("snowline_analysis_seconds_count{camera=\"a\"} 4"))
        #expect(lines.contains("snowline_analysis_seconds_sum{camera=\"a\"} 90.0085"))
    }

    @Test("a counter never falls, a destroyed series is gone")
    func lifetimes() {
        let registry = MetricsRegistry()
        let counter = registry.makeCounter(label: "a", dimensions: [])
        counter.increment(by: 5)
        counter.increment(by: -3)
        #expect(registry.render().hasSuffix("a_total 5\n"))
        registry.destroyCounter(counter)
        #expect(registry.render().isEmpty)
        #expect(registry.makeCounter(label: "a", dimensions: []) !== counter)
    }

    @Test("series are bounded, what is dropped is counted, and a name has one type")
    func bounds() {
        let registry = MetricsRegistry()
        for index in 0..<(MetricsRegistry.seriesLimitPerName + 3) {
            registry.makeCounter(label: "a", dimensions: [("i", "\(index)")]).increment(by: 1)
        }
        registry.makeMeter(label: "a_total", dimensions: []).set(Int64(1))
        let lines = registry.render().split(separator: "\n")
        #expect(lines.filter { $0.hasPrefix("a_total{") }.count == MetricsRegistry.seriesLimitPerName)
        #expect(lines.last == "snowline_metrics_dropped_series_total 4")
    }

    @Test("many threads lose no count")
    func threads() async {
        let registry = MetricsRegistry()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<500 { registry.makeCounter(label: "a", dimensions: []).increment(by: 1) }
                }
            }
        }
        #expect(registry.render().hasSuffix("a_total 4000\n"))
    }
}
