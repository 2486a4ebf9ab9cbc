import CDispatch
import Glibc
import KernelAPI
import Scene
import Vision

/// One scene through one new analyser, from its first picture to its last.
struct VisionPass {
    /// CPU of this thread, in milliseconds, of each picture after the warm-up.
    let costs: [Double]
    let digest: UInt64
    /// Different tracks that were confirmed in the pass.
    let trackCount: Int

    var meanCost: Double { costs.isEmpty ? 0 : costs.reduce(0, +) / Double(costs.count) }

    init(
        _ sequence: PictureSequence, model: DetectorModel, kernels: KernelTable, warmUp: Int,
        clock: StageClock? = nil, fault: VisionFault? = nil
    ) {
        let analyzer = FrameAnalyzer(model: model, source: sequence.size, kernels: kernels)
        var digest = ObservationDigest()
        var tracks: Set<TrackID> = []
        var costs: [Double] = []
        costs.reserveCapacity(sequence.count)
        // A fault of a round: a picture is left out, as if something were kept from the round before.
        for index in (fault == .round ? 1 : 0)..<sequence.count {
            if fault == .tracks { analyzer.reseed() }
            clock?.beginPicture()
            let luma = sequence.luma(index)
            let begin = Self.threadNanoseconds()
            let observation = analyzer.analyze(luma, at: sequence.times[index])
            let end = Self.threadNanoseconds()
            if index >= warmUp { clock?.endPicture() }
            if index >= warmUp { costs.append(Double(end - begin) / 1_000_000) }
            digest.add(observation)
            for track in observation.tracks { tracks.insert(track.id) }
        }
        digest.add(mask: analyzer, size: sequence.size)
        self.costs = costs
        self.digest = digest.value
        trackCount = tracks.count
    }

    private static func threadNanoseconds() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}

extension ObservationDigest {
    fileprivate mutating func add(mask analyzer: FrameAnalyzer, size: PictureSize) {
        let count = size.width * size.height
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: count) { mask in
            mask.initialize(repeating: 0)
            analyzer.drawMask(
                into: mask.baseAddress!, width: size.width, height: size.height, stride: size.width)
            add(UnsafeBufferPointer(mask))
        }
    }
}

/// An analyser that is broken on purpose, to show that the command notices.
enum VisionFault: String, CaseIterable {
    /// One instruction set's median leaves the mask as it was.
    case kernel
    /// One round begins a picture late.
    case round
    /// The background is learnt again before every picture, so that nothing is ever followed.
    case tracks

    static func withoutMedian(_ table: KernelTable) -> KernelTable {
        var faulty = table
        faulty.name = "faulty"
        faulty.median = { source, destination, rowWords, rows in
            destination.update(from: source, count: rowWords * rows)
        }
        return faulty
    }
}
