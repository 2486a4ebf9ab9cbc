package import Ingest
package import Scene

/// What cameras cost, from the processor time of their own threads: a pure value that is told their counters now and
/// then.
///
/// The cost of a camera is taken while all of it is done, and is the mean of about ``memory``. Where packets are let go
/// of, what the camera would cost if they were not is as much more as they are.
package struct LoadMeter: Hashable, Sendable {
    /// A camera's counters at one moment.
    package struct Sample: Hashable, Sendable {
        package var processorMicroseconds: Int64
        package var packets: Int64
        package var leftOut: Int64
        package var dropped: Int64
        package var step: LoadStep
        package var isStreaming: Bool

        package init(
            processorMicroseconds: Int64, packets: Int64, leftOut: Int64, dropped: Int64 = 0,
            step: LoadStep = .full, isStreaming: Bool = true
        ) {
            self.processorMicroseconds = processorMicroseconds
            self.packets = packets
            self.leftOut = leftOut
            self.dropped = dropped
            self.step = step
            self.isStreaming = isStreaming
        }

        init(_ status: CameraFeed.Status) {
            let isStreaming = if case .streaming = status.phase { true } else { false }
            self.init(
                processorMicroseconds: status.counters.processorMicroseconds, packets: status.counters.packets,
                leftOut: status.counters.leftOut, dropped: status.counters.dropped, step: status.loadStep,
                isStreaming: isStreaming)
        }
    }

    package struct Measure: Hashable, Sendable {
        /// Cores that the thread used since the reading before.
        package var usedCores = 0.0
        /// Cores that all of the camera takes; nil until it has streamed for ``leastSpan``.
        package var fullCores: Double?
        /// Packets were let go of since the reading before.
        package var leftOut: Int64 = 0
        /// Of these because reading was behind, and not because a keyframe is awaited.
        package var dropped: Int64 = 0
        fileprivate var newest: Sample
        fileprivate var mean = 0.0
        fileprivate var span = 0.0
    }

    /// Seconds after which a measurement counts about a third.
    package static let memory = 60.0
    /// Seconds of full work before the figure is used in place of the table's.
    package static let leastSpan = 20.0
    /// A camera that lets go of nearly everything says little of what the rest would cost.
    fileprivate static let factorMost = 10.0

    package private(set) var measures: [CameraID: Measure] = [:]
    private var time: Duration?

    package init() {}

    /// Cores of all cameras whose cost has been measured.
    package var fullCores: [CameraID: Double] { measures.compactMapValues(\.fullCores) }

    /// - Parameter steady: a steady clock's time; readings at the same time are ignored.
    package mutating func follow(_ samples: [CameraID: Sample], at steady: Duration) {
        let seconds = time.map { (steady - $0) / .seconds(1) } ?? 0
        guard time == nil || seconds > 0 else { return }
        time = steady
        for id in measures.keys where samples[id] == nil { measures[id] = nil }
        for (id, sample) in samples {
            guard var measure = measures[id], sample.processorMicroseconds >= measure.newest.processorMicroseconds
            else {
                // New, or started anew: its counters begin again.
                measures[id] = Measure(newest: sample)
                continue
            }
            measure.follow(sample, over: seconds)
            measures[id] = measure
        }
    }
}

extension LoadMeter.Measure {
    fileprivate mutating func follow(_ sample: LoadMeter.Sample, over seconds: Double) {
        let before = newest
        newest = sample
        guard seconds > 0 else { return }
        usedCores = Double(sample.processorMicroseconds - before.processorMicroseconds) / 1e6 / seconds
        leftOut = max(0, sample.leftOut - before.leftOut)
        dropped = max(0, sample.dropped - before.dropped)
        let packets = sample.packets - before.packets
        guard sample.isStreaming, before.isStreaming, sample.step == .full, before.step == .full, packets > 0 else {
            return
        }
        let share = max(1 / LoadMeter.factorMost, Double(packets - leftOut) / Double(packets))
        let needed = usedCores / share
        span += seconds
        // The plain mean at first, then one that forgets.
        mean += (needed - mean) * min(1, seconds / min(span, LoadMeter.memory))
        if span >= LoadMeter.leastSpan { fullCores = mean }
    }
}
