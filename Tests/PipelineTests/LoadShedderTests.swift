import Ingest
import Pipeline
import Scene
import TestSupport
import Testing

/// A machine and its cameras, as ``LoadShedder`` would be told of them.
private struct Machine {
    struct Camera {
        var cameraClass: CameraClass
        /// What all of it really costs.
        var cores: Double
        var isStreaming = true
        /// Decoded whole until this second, whatever it costs later.
        var settlesAt = 0
        var beginning = 0.0
    }

    var cores: Double
    var cameras: [CameraID: Camera]
    /// What is believed of a camera's cost, as a share of the truth.
    var belief = 1.0
    /// Used by somebody else on the same machine.
    var others = 0.0
    var shedder = LoadShedder()
    var second = 0

    var wanted: Double {
        cameras.reduce(0) { sum, entry in
            sum + (entry.value.isStreaming ? cost(entry.key) : 0)
        }
    }

    func cost(_ id: CameraID) -> Double {
        if let camera = cameras[id], second < camera.settlesAt { return camera.beginning }
        return (cameras[id]?.cores ?? 0) * DecodeCost.share(at: shedder.step(of: id), mode: .strict)
    }

    mutating func tick() -> [LoadShedder.Change] {
        second += 1
        let wanted = wanted
        let room = cores - others
        let used = min(wanted, room)
        var readings: [CameraID: LoadShedder.Camera] = [:]
        for (id, camera) in cameras {
            let own = cost(id)
            let gets = wanted > room ? own * room / wanted : own
            let isBehind = (wanted > room || own > 1) && shedder.step(of: id) <= .analysis && camera.isStreaming
            readings[id] = LoadShedder.Camera(
                cameraClass: camera.cameraClass, fullCores: camera.cores * belief, usedCores: min(gets, 1),
                isBehind: isBehind, isStreaming: camera.isStreaming, isSettling: second < camera.settlesAt)
        }
        return shedder.follow(
            LoadShedder.Reading(time: .seconds(second), usedCores: used, budget: cores, cameras: readings))
    }

    mutating func run(seconds: Int, each check: (Machine, [LoadShedder.Change]) -> Void = { _, _ in }) -> Int {
        var count = 0
        for _ in 0..<seconds {
            let changes = tick()
            count += changes.count
            check(self, changes)
        }
        return count
    }

    /// Class B gives nothing before C is paused, A nothing before B; within a class nobody is two steps ahead.
    func expectOrder(_ context: String) {
        let streaming = cameras.filter { $0.value.isStreaming }
        func steps(_ cameraClass: CameraClass) -> [LoadStep] {
            streaming.filter { $0.value.cameraClass == cameraClass }.map { shedder.step(of: $0.key) }
        }
        for (higher, lower) in [(CameraClass.a, CameraClass.b), (.b, .c), (.a, .c)]
        where steps(higher).contains(where: { $0 != .full }) {
            #expect(steps(lower).allSatisfy { $0 == .paused }, "\(context) at \(second) s: \(lower) before \(higher)")
        }
        for cameraClass in CameraClass.allCases {
            let all = steps(cameraClass).map(\.rawValue)
            #expect((all.max() ?? 0) - (all.min() ?? 0) <= 1, "\(context) at \(second) s: \(cameraClass) unevenly")
        }
    }
}

@Suite("Shedding load")
struct LoadShedderTests {
    private func cameras(_ counts: [CameraClass: Int], cores: Double) -> [CameraID: Machine.Camera] {
        var cameras: [CameraID: Machine.Camera] = [:]
        for (cameraClass, count) in counts {
            for index in 0..<count {
                cameras[CameraID("\(cameraClass.rawValue)\(index)")!] = .init(cameraClass: cameraClass, cores: cores)
            }
        }
        return cameras
    }

    @Test("a machine that is enough sheds nothing, also just below the limit")
    func enough() {
        var machine = Machine(cores: 8, cameras: cameras([.a: 4, .b: 8, .c: 24], cores: 0.2))
        #expect(machine.wanted < 8 * LoadShedder.highShare)
        #expect(machine.run(seconds: 600) == 0)
    }

    @Test(
        "cameras that have just begun and are all decoded whole cost nobody anything; what is still too much afterwards does"
    )
    func beginning() {
        var many = cameras([.c: 96], cores: 0.006)
        for id in many.keys { (many[id]!.settlesAt, many[id]!.beginning) = (20, 0.04) }
        var machine = Machine(cores: 2, cameras: many)
        #expect(machine.wanted > 3 && machine.run(seconds: 120) == 0)
        for id in many.keys { many[id]!.cores = 0.04 }
        machine = Machine(cores: 2, cameras: many)
        #expect(machine.run(seconds: 19) == 0)
        #expect(machine.run(seconds: 30) > 0)
        // A few that begin on a machine that is too full already are no reason to wait.
        for index in 0..<76 { many[CameraID("C\(index)")!]!.settlesAt = 0 }
        machine = Machine(cores: 2, cameras: many)
        #expect(machine.run(seconds: 19) > 0)
    }

    @Test("a short overload is sat out, a lasting one begins with class C, and what remains fits")
    func steps() {
        var machine = Machine(cores: 5.5, cameras: cameras([.a: 10, .b: 10, .c: 10], cores: 0.2))
        #expect(machine.run(seconds: 5) == 0, "not before it has lasted")
        _ = machine.run(seconds: 60) { machine, _ in machine.expectOrder("steps") }
        #expect(machine.wanted <= 5.5 * LoadShedder.highShare)
        #expect(machine.shedder.steps.keys.allSatisfy { $0.text.hasPrefix("C") })
        let touched = machine.shedder.steps.values.filter { $0 != .full }.count
        #expect(touched == 10, "all of the class before anybody gives twice")
        #expect(machine.shedder.steps.values.contains(.keyframes) && !machine.shedder.steps.values.contains(.paused))
    }

    @Test("where C is not enough, B gives, then A")
    func allClasses() {
        for (cores, lowest) in [(3.0, CameraClass.b), (0.9, .a)] {
            var machine = Machine(cores: cores, cameras: cameras([.a: 10, .b: 10, .c: 10], cores: 0.2))
            _ = machine.run(seconds: 120) { machine, _ in machine.expectOrder("budget \(cores)") }
            #expect(machine.wanted <= cores * LoadShedder.highShare)
            let given = machine.shedder.steps.filter { $0.value != .full }.keys.map { $0.text.prefix(1) }
            #expect(Set(given).contains(Substring(lowest.rawValue)), "\(cores)")
        }
    }

    @Test("it recovers by itself, highest class first, and is then as if nothing had been")
    func recovery() {
        var machine = Machine(cores: 1.2, cameras: cameras([.a: 6, .b: 6, .c: 6], cores: 0.2))
        _ = machine.run(seconds: 120)
        #expect(machine.shedder.steps.count > 12)
        // Half of the cameras are gone: what is left fits.
        machine.cores = 8
        var returns: [CameraClass] = []
        _ = machine.run(seconds: 600) { machine, changes in
            machine.expectOrder("recovery")
            for change in changes {
                #expect(change.to < change.from && change.reason == .room)
                returns.append(CameraClass(rawValue: String(change.camera.text.prefix(1)))!)
            }
        }
        #expect(machine.shedder.steps.isEmpty)
        let firstOfC = returns.firstIndex(of: .c) ?? returns.endIndex
        #expect(!returns[firstOfC...].contains(.a) && !returns[firstOfC...].contains(.b), "C last: \(returns)")
    }

    @Test("a steady overload makes nobody flutter, also where costs are believed wrongly")
    func flutter() {
        for belief in [0.3, 1.0, 3.0] {
            var machine = Machine(
                cores: 4, cameras: cameras([.a: 10, .b: 10, .c: 10], cores: 0.2), belief: belief)
            _ = machine.run(seconds: 300)
            let changes = machine.run(seconds: 2 * 3600)
            // A relapse doubles the wait up to ten minutes: 12 rounds in two hours, each of 60 changes at most.
            #expect(changes <= 12 * 60, "belief \(belief): \(changes)")
        }
    }

    @Test("random sites under random load: never out of order, and it fits or everything is shed")
    func property() {
        for seed in 1...10 as ClosedRange<UInt64> {
            var random = SeededRandom(seed: seed)
            var list: [CameraID: Machine.Camera] = [:]
            for index in 0..<Int.random(in: 1...60, using: &random) {
                list[CameraID("c\(index)")!] = .init(
                    cameraClass: CameraClass.allCases.randomElement(using: &random)!,
                    cores: Double.random(in: 0.01...0.8, using: &random))
            }
            var machine = Machine(
                cores: Double.random(in: 0.5...16, using: &random), cameras: list,
                belief: Double.random(in: 0.6...1.6, using: &random))
            for _ in 0..<4 {
                machine.cores = Double.random(in: 0.5...16, using: &random)
                // What came back too early may be on its way down again at any one moment.
                var (least, isAllShed) = (Double.infinity, false)
                _ = machine.run(seconds: 240) { machine, _ in
                    machine.expectOrder("seed \(seed)")
                    least = min(least, machine.wanted)
                    isAllShed = isAllShed || machine.cameras.keys.allSatisfy { machine.shedder.step(of: $0) == .paused }
                }
                #expect(least <= machine.cores * LoadShedder.highShare || isAllShed, "seed \(seed)")
            }
            machine.cores = 100
            _ = machine.run(seconds: 1800)
            #expect(machine.shedder.steps.isEmpty, "seed \(seed): not recovered")
        }
    }

    @Test("cameras that are behind though there are cores: something else uses the machine")
    func others() {
        var machine = Machine(cores: 4, cameras: cameras([.a: 5, .c: 10], cores: 0.2))
        machine.others = 2.5
        var reasons: Set<LoadShedder.Reason> = []
        var least = machine.wanted
        _ = machine.run(seconds: 60) { machine, changes in
            reasons.formUnion(changes.map(\.reason))
            least = min(least, machine.wanted)
            #expect(machine.shedder.steps.keys.allSatisfy { $0.text.hasPrefix("C") })
        }
        #expect(reasons.contains(.behind) && !reasons.contains(.cores))
        #expect(least <= 1.5)
    }

    @Test("a camera that alone is more than a thread can do gives by itself, and is tried again ever more rarely")
    func oneCamera() {
        var list = cameras([.b: 4, .c: 4], cores: 0.1)
        list[CameraID("A0")!] = .init(cameraClass: .a, cores: 1.6)
        var machine = Machine(cores: 8, cameras: list)
        var changes: [LoadShedder.Change] = []
        _ = machine.run(seconds: 3600) { changes += $1 }
        #expect(Set(changes.map(\.camera.text)) == ["A0"], "others would not help it")
        #expect(changes.contains { $0.reason == .thread } && changes.count < 60, "\(changes.count)")
    }

    @Test("switched off, everything comes back at once; cameras that are gone are forgotten")
    func off() {
        var machine = Machine(cores: 1, cameras: cameras([.c: 12], cores: 0.2))
        _ = machine.run(seconds: 60)
        let lowered = machine.shedder.steps.count
        #expect(lowered > 0)
        let removed = machine.cameras.keys.sorted().first!
        machine.cameras[removed] = nil
        _ = machine.tick()
        #expect(machine.shedder.steps[removed] == nil)
        let changes = machine.shedder.switchOff()
        #expect(changes.count == lowered - 1 && changes.allSatisfy { $0.to == .full && $0.reason == .off })
        #expect(machine.shedder.switchOff().isEmpty)
    }
}
