import Ingest
import TestSupport
import Testing

@Suite struct FeedMachineTests {
    private var random = SeededRandom(seed: 1)

    @Test mutating func itWaitsLongerAfterEachFailureUpToTheCeiling() {
        var machine = FeedMachine()
        #expect(machine.handle(.started, random: &random) == .connect)
        var ceiling = FeedMachine.firstCeiling
        for _ in 0..<20 {
            guard case .wait(let wait) = machine.handle(.failed(.refused, streamed: .zero), random: &random) else {
                Issue.record("not waiting: \(machine.state)")
                return
            }
            #expect(wait >= .zero && wait <= ceiling)
            ceiling = min(ceiling * 2, FeedMachine.lastCeiling)
            #expect(machine.handle(.waited, random: &random) == .connect)
        }
    }

    @Test mutating func theWaitsAreSpreadOverTheWholeRange() {
        var waits: [Duration] = []
        for _ in 0..<200 {
            var machine = FeedMachine()
            _ = machine.handle(.started, random: &random)
            if case .wait(let wait) = machine.handle(.failed(.timedOut, streamed: .zero), random: &random) {
                waits.append(wait)
            }
        }
        #expect(waits.min()! < .milliseconds(50) && waits.max()! > .milliseconds(450))
    }

    @Test(arguments: [FailureKind.unauthorized, .forbidden])
    mutating func refusedLoginsAreTriedSlowly(kind: FailureKind) {
        var machine = FeedMachine()
        _ = machine.handle(.started, random: &random)
        let waits = (0..<5).map { _ in
            let action = machine.handle(.failed(kind, streamed: .zero), random: &random)
            _ = machine.handle(.waited, random: &random)
            return action
        }
        #expect(waits == [60, 120, 240, 300, 300].map { .wait(.seconds($0)) })
    }

    @Test mutating func aGoodSessionBeginsTheBackOffAnew() {
        var machine = FeedMachine()
        _ = machine.handle(.started, random: &random)
        for _ in 0..<10 {
            _ = machine.handle(.failed(.refused, streamed: .zero), random: &random)
            _ = machine.handle(.waited, random: &random)
        }
        _ = machine.handle(.pictureCame, random: &random)
        #expect(machine.state == .streaming)
        guard case .wait(let wait) = machine.handle(.failed(.stalled, streamed: .seconds(60)), random: &random) else {
            Issue.record("not waiting")
            return
        }
        #expect(wait <= FeedMachine.firstCeiling)
    }

    @Test mutating func aRecordingEndsAndACameraDoesNot() {
        for isRecording in [true, false] {
            var machine = FeedMachine(isRecording: isRecording)
            _ = machine.handle(.started, random: &random)
            let action = machine.handle(.failed(.ended, streamed: .seconds(60)), random: &random)
            #expect((action == .finish) == isRecording)
        }
    }

    @Test mutating func stoppingEndsEveryState() {
        for events: [FeedMachine.Event] in [
            [], [.started], [.started, .pictureCame], [.started, .failed(.refused, streamed: .zero)]
        ] {
            var machine = FeedMachine()
            for event in events { _ = machine.handle(event, random: &random) }
            #expect(machine.handle(.stopped, random: &random) == .finish)
            #expect(machine.handle(.started, random: &random) == .none)
        }
    }
}
