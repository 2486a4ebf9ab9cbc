import Media
import Scene
import TestSupport
import Testing

@testable import Ingest

@Suite("Measuring the GOP")
struct KeyframeWatchTests {
    /// A stream of 25 pictures a second, fed picture by picture.
    private struct Stream {
        var watch = KeyframeWatch()
        var index = 0

        mutating func gop(
            _ length: Int, spacing: Int64 = 40, entry: KeyframeEntry = .instant, leading: Bool = false
        ) {
            for place in 0..<length {
                let shown = leading && place == 1 ? index - 2 : index
                watch.note(
                    PacketNote(
                        presentation: .milliseconds(Int64(shown) * spacing), isKeyframe: place == 0, entry: entry))
                index += 1
            }
        }
    }

    @Test("two sound GOPs make a stream fit, and are measured", arguments: [1, 5, 25, 50, 55])
    func fit(length: Int) {
        var stream = Stream()
        #expect(!stream.watch.isFit)
        for _ in 0..<3 { stream.gop(length) }
        #expect(stream.watch.isFit && stream.watch.trouble == nil)
        #expect(stream.watch.span == .milliseconds(Int64(length) * 40))
    }

    @Test("a long GOP is trouble as soon as it is too long, not only when it ends")
    func long() {
        var stream = Stream()
        for _ in 0..<4 { stream.gop(25) }
        stream.gop(55)
        #expect(stream.watch.isFit)
        stream.gop(50)
        #expect(stream.watch.isFit)
        for place in 0..<57 {
            let time = MediaSpan.milliseconds(Int64(stream.index + place) * 40)
            stream.watch.note(PacketNote(presentation: time, isKeyframe: place == 0))
            #expect(stream.watch.isFit == (place <= 55), "\(place)")
        }
        #expect(stream.watch.trouble == .longGOP)
    }

    @Test("a stream without keyframes, also from its beginning")
    func noKeyframes() {
        var stream = Stream()
        for place in 0..<300 {
            stream.watch.note(PacketNote(presentation: .milliseconds(Int64(place) * 40)))
            #expect((stream.watch.trouble == .noKeyframes) == (place > 250), "\(place)")
        }
    }

    @Test("open GOPs, recovery points and missing time stamps")
    func odd() {
        var open = Stream()
        for _ in 0..<4 { open.gop(25, entry: .cleanRandomAccess, leading: true) }
        #expect(open.watch.trouble == .openGOP)
        var random = Stream()
        for _ in 0..<4 { random.gop(25, entry: .cleanRandomAccess) }
        #expect(random.watch.isFit, "clean random access without pictures shown before it is as good as any")
        var refreshed = Stream()
        for _ in 0..<4 { refreshed.gop(25, entry: .recoveryPoint) }
        #expect(refreshed.watch.trouble == .recoveryPoints)
        var unstamped = KeyframeWatch()
        for _ in 0..<5 { unstamped.note(PacketNote(presentation: nil)) }
        #expect(unstamped.trouble == .noTimeStamps)
    }

    @Test("trouble is over only after ten seconds of at least five sound GOPs")
    func hysteresis() {
        var stream = Stream()
        for _ in 0..<3 { stream.gop(25) }
        stream.gop(80)
        #expect(stream.watch.trouble == .longGOP)
        for number in 0..<12 {
            stream.gop(25)
            // The first keyframe ends the long one.
            #expect((stream.watch.trouble == nil) == (number >= 10), "\(number)")
        }
        var slow = Stream()
        slow.gop(80)
        for number in 0..<8 {
            slow.gop(50)
            #expect((slow.watch.trouble == nil) == (number >= 5), "\(number)")
        }
    }

    @Test("a jump of the stamps is no long GOP")
    func jump() {
        var stream = Stream()
        for _ in 0..<3 { stream.gop(25) }
        stream.index += 100_000
        for _ in 0..<3 { stream.gop(25) }
        #expect(stream.watch.isFit)
        stream.index = 0
        for _ in 0..<3 { stream.gop(25) }
        #expect(stream.watch.isFit)
    }

    @Test("every reason says what to do", arguments: DenseFallback.allCases)
    func words(reason: DenseFallback) {
        #expect(!reason.headline.isEmpty && !reason.mend.isEmpty)
        #expect(reason.headline.first?.isLowercase == true && reason.headline.last != ".")
    }
}

@Suite("The machine of dense decoding")
struct DenseMachineTests {
    @Test("strict decodes every packet", arguments: 1...20 as ClosedRange<UInt64>)
    func strict(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var machine = DenseMachine(DecodePolicy(.strict))
        for index in 0..<500 {
            let note = PacketNote(
                presentation: .milliseconds(Int64(index) * 40), isKeyframe: Int.random(in: 0..<25, using: &random) == 0)
            #expect(machine.packet(note) == .decode, "seed \(seed)")
            machine.received(at: .epoch + .milliseconds(Int64(index) * 40), isStirring: Bool.random(using: &random))
        }
        #expect(machine.fallback == nil)
    }

    @Test("sleep begins within a GOP that is kept, and not within one that was damaged")
    func rest() {
        for isSound in [true, false] {
            var machine = DenseMachine(DecodePolicy(.dense, quietSpan: .seconds(1)))
            var answers: [DenseMachine.Handling] = []
            for index in 0..<200 where machine.phase == .awake {
                let time = MediaSpan.milliseconds(Int64(index) * 40)
                let note = PacketNote(presentation: time, isKeyframe: index % 50 == 0)
                answers.append(machine.packet(note, isSound: isSound || index != 155))
                // Something moves until the tenth picture of the fourth GOP.
                if machine.phase == .awake { machine.received(at: .epoch + time, isStirring: index < 160) }
            }
            // Asleep once 26 quiet pictures, a second, have been received, else at the keyframe, which is not there any more.
            #expect(answers.last == (isSound ? .rest : .decode), "sound \(isSound)")
            #expect(answers.count == (isSound ? 187 : 200), "sound \(isSound)")
        }
    }

    /// What a thread would do with the machine's answers, with pictures that stir at random.
    @Test("nothing is lost or seen twice, and it sleeps only when it may", arguments: 1...60 as ClosedRange<UInt64>)
    func nothingIsLost(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var machine = DenseMachine(DecodePolicy(.dense, quietSpan: .seconds(1)))
        var ring: [Int] = []
        var received: [Int] = []
        var gop = 25, sinceKey = 0, stirsUntil = 0, quietPictures = 0
        func time(_ index: Int) -> MediaTime { .epoch + .milliseconds(Int64(index) * 40) }
        func receive(_ index: Int) {
            guard index > received.last ?? -1 else { return }
            received.append(index)
            machine.received(at: time(index), isStirring: index < stirsUntil)
            quietPictures = index < stirsUntil ? 0 : quietPictures + 1
        }
        func catchUp() {
            for index in ring { receive(index) }
            ring = []
            machine.caughtUp()
        }
        for index in 0..<3000 {
            if Int.random(in: 0..<300, using: &random) == 0 {
                stirsUntil = index + Int.random(in: 10..<200, using: &random)
            }
            let isKey = index == 0 || sinceKey >= gop
            if isKey {
                sinceKey = 0
                gop = Int.random(in: 0..<15, using: &random) == 0 ? 90 : Int.random(in: 5..<55, using: &random)
            }
            sinceKey += 1
            let wasIdle = machine.phase == .idle
            switch machine.packet(PacketNote(presentation: .milliseconds(Int64(index) * 40), isKeyframe: isKey)) {
            case .decode:
                if isKey || !machine.keepsGOP { ring = [] }
                if machine.keepsGOP { ring.append(index) }
                receive(index)
            case .rest:
                #expect(!isKey && machine.watch.isFit && machine.phase == .idle, "seed \(seed): \(index)")
                #expect(quietPictures >= 25, "seed \(seed): asleep too early at \(index)")
                #expect(ring == Array(index - sinceKey + 1..<index), "seed \(seed): the GOP is not whole at \(index)")
                ring.append(index)
            case .keep: ring.append(index)
            case .keepAndWake:
                ring.append(index)
                #expect(!machine.watch.isFit, "seed \(seed): woken without a reason")
                machine.wake(mayCatchUp: Bool.random(using: &random))
            case .look, .settle:
                #expect(isKey && machine.watch.isFit && machine.phase == .idle, "seed \(seed): \(index)")
                if !wasIdle { #expect(quietPictures >= 25, "seed \(seed): asleep too early at \(index)") }
                if index < stirsUntil {
                    ring.append(index)
                    machine.wake(mayCatchUp: Bool.random(using: &random))
                } else {
                    ring = [index]
                    received.append(index)
                    machine.received(at: time(index), isStirring: false)
                }
            }
            if machine.phase == .waiting, Int.random(in: 0..<20, using: &random) == 0 { machine.wake(mayCatchUp: true) }
            if machine.phase == .catchingUp { catchUp() }
        }
        if machine.phase != .awake { catchUp() }
        #expect(zip(received, received.dropFirst()).allSatisfy { $0 < $1 }, "seed \(seed): out of order")
        #expect(received.count < 2900, "seed \(seed): never idle")
        #expect(received.last == 2999 || machine.phase == .idle)
    }
}

@Suite("The gate of those who catch up")
struct WakeGateTests {
    @Test("so many are inside and no more; the first to ask is the next to enter")
    func order() {
        let gate = WakeGate(limit: 2)
        let tickets = (0..<5).map { _ in gate.ticket() }
        #expect(gate.enters(tickets[0]) && gate.enters(tickets[1]))
        #expect(!gate.enters(tickets[2]) && !gate.enters(tickets[3]) && !gate.enters(tickets[4]))
        #expect(gate.enters(tickets[0]), "who is inside stays")
        #expect(gate.load == (2, 3))
        gate.leave(tickets[1])
        #expect(!gate.enters(tickets[4]) && !gate.enters(tickets[3]))
        #expect(gate.enters(tickets[2]))
        gate.leave(tickets[3])
        gate.leave(tickets[0])
        #expect(gate.enters(tickets[4]), "who gave up holds nobody up")
        #expect(gate.load == (2, 0))
    }

    @Test("class A goes before B and B before C; within a class whoever asked first")
    func classes() {
        let gate = WakeGate(limit: 1)
        let inside = gate.ticket(.c)
        #expect(gate.enters(inside))
        let waiting = [CameraClass.c, .b, .a, .c, .b, .a].map { gate.ticket($0) }
        for ticket in waiting { #expect(!gate.enters(ticket)) }
        var leaving = inside
        let order = [2, 5, 1, 4, 0, 3]
        for (position, index) in order.enumerated() {
            gate.leave(leaving)
            for other in order[(position + 1)...].reversed() {
                #expect(!gate.enters(waiting[other]), "\(other) before \(index)")
            }
            #expect(gate.enters(waiting[index]), "\(index) is the next")
            leaving = waiting[index]
        }
    }

    @Test("never too many, with many threads")
    func threads() async {
        let gate = WakeGate(limit: 3)
        await withTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    var most = 0
                    let ticket = gate.ticket()
                    for _ in 0..<200 where gate.enters(ticket) {
                        most = max(most, gate.load.inside)
                        gate.leave(ticket)
                    }
                    return most
                }
            }
            for await most in group { #expect(most <= 3) }
        }
    }
}

@Suite("What is trusted after damage where no keyframe comes")
struct KeyframeGateTests {
    @Test(
        "long enough to be refreshed, shorter than a connection without pictures lives",
        arguments: [(1, 25), (5, 60), (25, 300), (60, 300), (nil, 120), (.infinity, 300)] as [(Double?, Int)])
    func patience(rate: Double?, pictures: Int) {
        var gate = KeyframeGate(frameRate: rate)
        gate.damaged()
        let answers = (0...pictures).map { _ in gate.admits(isKeyframe: false) }
        #expect(answers == Array(repeating: false, count: pictures) + [true])
    }
}
