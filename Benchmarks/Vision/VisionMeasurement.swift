import KernelAPI
import Kernels
import Scene
import Vision

/// What one scene cost on one instruction set, and whether every pass over it observed the same.
struct VisionMeasurement {
    struct Plan {
        var model: DetectorModel
        var kernels: KernelTable
        var rounds: Int
        /// First pictures of each round that do not count: the background is learnt, memory is touched.
        var warmUp: Int
        /// How many tracks must be seen.
        var tracks: ClosedRange<Int>
        var fault: VisionFault?
    }

    let scene: String
    let size: PictureSize
    let pictures: Int
    let warmUp: Int
    let set: String
    /// Mean of each round, in milliseconds a picture.
    let roundMeans: [Double]
    /// Of all pictures of all rounds.
    private let sortedCosts: [Double]
    /// Milliseconds a picture of each ``StageClock/Stage``, of a round of their own.
    let stages: [Double]
    let trackCount: Int
    let digest: UInt64
    let agreeingSets: [String]
    /// What is wrong; empty where the figures may be believed.
    let problems: [String]

    var mean: Double { sortedCosts.reduce(0, +) / Double(sortedCosts.count) }
    var median: Double { sortedCosts[sortedCosts.count / 2] }
    var percentile95: Double { sortedCosts[Int(0.95 * Double(sortedCosts.count - 1))] }

    /// - Precondition: the plan has a round, and the sequence more pictures than the warm-up.
    init(_ sequence: PictureSequence, _ plan: Plan) {
        let runs = VisionRuns(sequence, plan)
        let first = runs.rounds[0]
        scene = sequence.name
        size = sequence.size
        pictures = sequence.count
        warmUp = plan.warmUp
        set = plan.kernels.name
        roundMeans = runs.rounds.map(\.meanCost)
        sortedCosts = runs.rounds.flatMap(\.costs).sorted()
        stages = runs.clock.milliseconds
        trackCount = first.trackCount
        digest = first.digest
        agreeingSets = [plan.kernels.name] + runs.others.filter { $0.pass.digest == first.digest }.map(\.set)
        problems = runs.problems(of: sequence.name, plan)
    }
}

/// Every pass over one scene: the rounds that are timed, one on each other instruction set, one with the stage clock.
private struct VisionRuns {
    let rounds: [VisionPass]
    let others: [(set: String, pass: VisionPass)]
    let clock = StageClock()
    let clocked: VisionPass

    init(_ sequence: PictureSequence, _ plan: VisionMeasurement.Plan) {
        let lasting = plan.fault == .tracks ? plan.fault : nil
        func pass(_ kernels: KernelTable, clock: StageClock? = nil, fault: VisionFault? = nil) -> VisionPass {
            VisionPass(
                sequence, model: plan.model, kernels: kernels, warmUp: plan.warmUp, clock: clock,
                fault: fault ?? lasting)
        }
        rounds = (1...plan.rounds).map { round in
            pass(plan.kernels, fault: plan.fault == .round && round == plan.rounds ? .round : nil)
        }
        var tables = Kernels.available.filter { $0.name != plan.kernels.name }
        if plan.fault == .kernel { tables.append(VisionFault.withoutMedian(plan.kernels)) }
        others = tables.map { ($0.name, pass($0)) }
        clocked = pass(clock.table(around: plan.kernels), clock: clock)
    }

    func problems(of scene: String, _ plan: VisionMeasurement.Plan) -> [String] {
        let first = rounds[0]
        let strayRounds = rounds.indices.filter { rounds[$0].digest != first.digest }.map { index in
            "\(scene): round \(index + 1) observed something else than round 1"
        }
        let straySets = others.filter { $0.pass.digest != first.digest }.map { other in
            "\(scene): \(other.set) observed something else than \(plan.kernels.name)"
        }
        let strayClock =
            clocked.digest == first.digest
            ? [] : ["\(scene): the round with the stage clock observed something else than round 1"]
        let strayTracks =
            plan.tracks.contains(first.trackCount)
            ? []
            : [
                """
                \(scene): \(first.trackCount) tracks seen; there are at least \(plan.tracks.lowerBound) and at most \
                \(plan.tracks.upperBound)
                """
            ]
        return strayRounds + straySets + strayClock + strayTracks
    }
}
