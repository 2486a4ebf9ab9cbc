import Logging
import Media
import Scene
import Synchronization
import TestSupport
import Testing

@testable import Ingest

@Suite("What is let go of where reading falls behind")
struct StreamBacklogTests {
    private func span(_ milliseconds: Int64) -> MediaSpan { .milliseconds(milliseconds) }

    /// A camera of 25 pictures a second with a keyframe each second, read by somebody who needs `cost` for a packet that
    /// is not left out and a tenth of a millisecond for one that is.
    private func read(
        seconds: Int64, cost: (Int64) -> Int64, late: (Int64) -> Int64 = { _ in 0 }
    ) -> (kept: [Int64], behind: [Int64]) {
        var backlog = StreamBacklog()
        var (clock, kept, behind): (Int64, [Int64], [Int64]) = (0, [], [])
        for index in 0..<(seconds * 25) {
            let came = (index * 40 + late(index)) * 1000
            let waited = max(0, came - clock)
            clock = max(clock, came)
            let isLeftOut = backlog.leavesOut(
                presentation: span(index * 40), isKeyframe: index % 25 == 0, waited: MediaSpan(microseconds: waited),
                now: MediaSpan(microseconds: clock))
            clock += isLeftOut ? 100 : cost(index) * 1000
            if !isLeftOut {
                kept.append(index)
                behind.append((clock - index * 40_000) / 1000)
            }
        }
        return (kept, behind)
    }

    @Test("who keeps up keeps all, whatever the network does")
    func keepingUp() {
        var random = SeededRandom(seed: 5)
        let delays = (0..<1500).map { _ in
            Int64.random(in: 0...100, using: &random) == 0 ? 5000 : Int64.random(in: 0...900, using: &random)
        }
        #expect(read(seconds: 60, cost: { _ in 30 }).kept.count == 1500)
        // A network that holds everything back for five seconds: what comes then was not late by the reader's doing,
        // but it is old all the same. What has come in order is read in order.
        var newest: Int64 = 0
        let inOrder = delays.enumerated().map { index, delay in
            newest = max(newest, Int64(index) * 40 + delay)
            return newest - Int64(index) * 40
        }
        #expect(read(seconds: 60, cost: { _ in 1 }, late: { inOrder[Int($0)] }).kept.count == 1500)
    }

    @Test("newest wins: what is decoded is never old, and is taken up at a keyframe")
    func overload() {
        for cost in [41, 50, 80, 200, 1000] as [Int64] {
            let (kept, behind) = read(seconds: 240, cost: { _ in cost })
            // One part in a thousand of the 240 s is taken for the camera's clock.
            #expect((behind.max() ?? 0) <= 2000 + cost + 40 + 240, "cost \(cost)")
            #expect(kept.count < 6000 && kept.count > 20, "cost \(cost)")
            for (before, index) in zip(kept, kept.dropFirst()) where index != before + 1 {
                #expect(index % 25 == 0, "cost \(cost): taken up at \(index)")
            }
        }
    }

    @Test("an overload that ends leaves nothing behind")
    func recovery() {
        let (kept, behind) = read(seconds: 120, cost: { $0 < 1000 ? 100 : 10 })
        #expect(kept.suffix(1800).elementsEqual(1200..<3000))
        #expect(behind.suffix(1000).allSatisfy { $0 <= 20 })
    }

    @Test("a camera whose clock is slow is not behind, as long as it is waited for")
    func slowClock() {
        // 2 % slow: an hour of it is 72 s.
        #expect(read(seconds: 3600, cost: { _ in 5 }, late: { $0 * 40 / 50 }).kept.count == 90_000)
    }

    /// Reads everything that came during a nap, a picture each 40 ms by its stamp and `interval` ms by the clock.
    private func nap(interval: Int64, cost: Int64, seconds: Int64) -> (dropped: Int, kept: Int) {
        var (backlog, clock, index) = (StreamBacklog(), Int64(0), Int64(0))
        var (dropped, kept) = (0, 0)
        while clock < seconds * 1000 {
            while index * interval <= clock {
                let isLeftOut = backlog.leavesOut(
                    presentation: span(index * 40), isKeyframe: index % 25 == 0, waited: .zero, now: span(clock))
                if isLeftOut { dropped += 1 } else { kept += 1 }
                if !isLeftOut { clock += cost }
                index += 1
            }
            backlog.emptied()
            clock += 160
        }
        return (dropped, kept)
    }

    @Test("a camera that sends slower than its stamps say is not behind where everything that came has been read")
    func slowStamps() {
        for interval in [40, 42, 60, 80, 200] as [Int64] {
            #expect(nap(interval: interval, cost: 3, seconds: 600).dropped == 0, "\(interval) ms")
        }
    }

    @Test("a reader that never gets to its naps is behind")
    func neverEmpty() {
        let (dropped, kept) = nap(interval: 40, cost: 60, seconds: 240)
        #expect(dropped > 500 && kept > 500)
    }

    @Test("stamps that jump begin anew")
    func jumps() {
        var backlog = StreamBacklog()
        for index in 0..<100 as Range<Int64> {
            let presentation = index < 50 ? span(index * 40) : span(index * 40 - 3_600_000)
            let isLeftOut = backlog.leavesOut(
                presentation: presentation, isKeyframe: false, waited: span(index % 10), now: span(index * 40))
            #expect(!isLeftOut)
        }
    }
}

@Suite("How a camera's clocks run")
struct CameraClockTests {
    private let noon = MediaTime("2026-11-22T12:00:00Z")!

    /// Packets at 25 a second with up to 80 ms of delay.
    private func clock(
        ppm: Double, senderOffset: MediaSpan?, seconds: Int, jumpAt: Int? = nil
    ) -> CameraClock {
        var random = SeededRandom(seed: 17)
        var clock = CameraClock()
        for index in 0..<(seconds * 25) {
            let taken = Int64(index) * 40_000
            let delay = Int64.random(in: 2000...82_000, using: &random)
            let stamp = Double(taken) * (1 + ppm / 1e6) + (jumpAt.map { index >= $0 * 25 } ?? false ? 3.6e9 : 0)
            let arrival = noon + MediaSpan(microseconds: taken + delay)
            clock.note(
                presentation: MediaSpan(microseconds: Int64(stamp)), steady: MediaSpan(microseconds: taken + delay),
                arrival: arrival,
                sender: senderOffset.map { noon + MediaSpan(microseconds: taken + $0.microseconds) })
        }
        return clock
    }

    @Test("the drift is found under the network's jitter", arguments: [-500, -80, 0, 30, 2000] as [Double])
    func drift(ppm: Double) throws {
        let measured = try #require(clock(ppm: ppm, senderOffset: nil, seconds: 600).driftPPM)
        #expect(abs(measured - ppm) < 10, "\(measured)")
        #expect(clock(ppm: ppm, senderOffset: nil, seconds: 50).driftPPM == nil, "not before a minute")
    }

    @Test("where few packets are waited for and the camera stutters no drift is told until it is known")
    func driftOfFewPackets() throws {
        var random = SeededRandom(seed: 23)
        var (clock, told) = (CameraClock(), [Double]())
        for index in 0..<200 {
            let taken = Int64(index) * 3_000_000
            let delay = Int64.random(in: 2000...150_000, using: &random)
            clock.note(
                presentation: MediaSpan(microseconds: taken), steady: MediaSpan(microseconds: taken + delay),
                arrival: noon + MediaSpan(microseconds: taken + delay), sender: nil)
            if let drift = clock.driftPPM { told.append(drift) }
            if index == 40 { #expect(told.isEmpty, "two minutes of stutter") }
        }
        let last = try #require(clock.driftPPM, "ten minutes are enough")
        #expect(abs(last) < 150)
        #expect(told.allSatisfy { abs($0) < 200 }, "\(told)")
    }

    @Test("the offset of the camera's own clock is that of the least delayed packet")
    func offset() throws {
        for milliseconds in [-90_000, -300, 0, 1500] as [Int64] {
            let measured = try #require(
                clock(ppm: 0, senderOffset: .milliseconds(milliseconds), seconds: 60).offset)
            #expect(abs(measured.microseconds / 1000 - milliseconds) <= 4, "\(measured)")
        }
        #expect(clock(ppm: 0, senderOffset: nil, seconds: 60).offset == nil)
    }

    @Test("a jump of the stamps is no drift")
    func jump() throws {
        let measured = clock(ppm: 100, senderOffset: nil, seconds: 600, jumpAt: 300)
        #expect(abs(try #require(measured.driftPPM) - 100) < 20)
        #expect(clock(ppm: 100, senderOffset: nil, seconds: 330, jumpAt: 300).driftPPM == nil)
    }
}

@Suite("A feed that is told to do less", .timeLimit(.minutes(5)))
struct FeedReliefTests {
    private func footage(_ scratch: borrowing ScratchFolder, seconds: Int) throws -> String {
        try DrawnFootage(
            size: PictureSize(width: 64, height: 48), frameRate: 25, pictureCount: 25 * seconds,
            form: .camera(.h264, keyframeDistance: 10)
        ).write(to: scratch.file("camera.mp4"))
    }

    @Test("keyframes alone, then nothing, then everything again, each said")
    func steps() async throws {
        let scratch = try ScratchFolder()
        let test = TestFeed(try footage(scratch, seconds: 30), makeReceiver: { StepNoting($0) })
        defer { withExtendedLifetime(scratch) {} }
        #expect(await test.log.waits { $0.pictures.count > 15 })
        test.feed.lighten(to: .keyframes)
        try await Task.sleep(for: .milliseconds(200))
        let before = test.log.pictures.count
        #expect(await test.log.waits { $0.pictures.count >= before + 2 })
        for (earlier, later) in zip(test.log.pictures.dropFirst(before), test.log.pictures.dropFirst(before + 1)) {
            #expect(later - earlier >= .seconds(1), "keyframes, one a second at most")
        }
        #expect(test.log.failures.isEmpty, "the session goes on")

        test.feed.lighten(to: .paused)
        #expect(await test.log.waits { !$0.failures.isEmpty })
        #expect(test.log.failures.map(\.kind) == [.paused])
        let paused = test.log.pictures.count
        let told = test.log.leftOut.count
        #expect(await test.log.waits { $0.leftOut.count >= told + 2 })
        #expect(test.log.pictures.count == paused)
        let leftOut = test.feed.status.counters.leftOut
        #expect(leftOut > 25)

        test.feed.lighten(to: .full)
        #expect(await test.log.waits { $0.pictures.count >= paused + 20 })
        #expect(test.log.sessions.count == 2)
        let after = test.log.pictures.dropFirst(paused)
        for (earlier, later) in zip(after, after.dropFirst()) { #expect(later - earlier == .milliseconds(40)) }
        #expect(test.feed.status.counters.processorMicroseconds > 0)
        #expect(StepNoting.steps.withLock { $0 } == [.keyframes, .paused, .full])
        await test.feed.stop()
        #expect(test.log.failures.map(\.kind) == [.paused, .stopped])
    }

    @Test("why everything is decoded is said again by the session after a pause")
    func fallbackAfterPause() async throws {
        let scratch = try ScratchFolder()
        let path = try DrawnFootage(
            size: PictureSize(width: 64, height: 48), pictureCount: 600, form: .camera(.h264, keyframeDistance: 70)
        ).write(to: scratch.file("camera.mp4"))
        let told = FallbackNoting.Told()
        let test = TestFeed(
            path, policy: DecodePolicy(.dense), makeReceiver: { FallbackNoting($0, told) })
        defer { withExtendedLifetime(scratch) {} }
        #expect(await test.log.waits { _ in told.all == [.longGOP] })
        test.feed.lighten(to: .paused)
        #expect(await test.log.waits { $0.failures.map(\.kind) == [.paused] })
        test.feed.lighten(to: .full)
        #expect(await test.log.waits { _ in told.all == [.longGOP, .longGOP] })
        #expect(test.log.sessions.count == 2)
        await test.feed.stop()
    }

    @Test("a server's clock that is set back is waited for, and that is said once")
    func clockSetBack() async throws {
        let scratch = try ScratchFolder()
        let back = SetBack()
        let test = TestFeed(try footage(scratch, seconds: 9), clock: { systemClock() - back.span.withLock { $0 } })
        #expect(await test.log.waits { $0.pictures.count > 40 })
        back.span.withLock { $0 = .seconds(2.5) }
        await test.feed.waitUntilFinished()
        #expect(test.feed.status.counters.leftOut > 25)
        let said = test.lines.text.split(separator: "\n").filter { $0.contains("ahead of the server's clock") }
        #expect(said.count == 1, "\(said)")
        for (earlier, later) in zip(test.log.pictures, test.log.pictures.dropFirst()) { #expect(later > earlier) }
    }

    @Test("analysis that is too slow sees new pictures all the same, and what is left out is told and counted")
    func slowReceiver() async throws {
        let scratch = try ScratchFolder()
        let test = TestFeed(try footage(scratch, seconds: 9), makeReceiver: { SlowReceiver($0) })
        await test.feed.waitUntilFinished()
        let late = SlowReceiver.lateness.withLock { $0 }
        #expect((late.max() ?? .zero) < .milliseconds(2800), "\(late.max().debugDescription)")
        #expect(test.feed.status.counters.leftOut > 20)
        #expect(test.log.leftOut.count >= 1)
        #expect(test.log.sessions.count == 1, "no new session because of it")
    }
}

/// How far a server's clock has been set back.
private final class SetBack: Sendable {
    let span = Mutex(MediaSpan.zero)
}

extension NoteLog {
    fileprivate var leftOut: [MediaTime] { all.compactMap { if case .leftOut(let time) = $0 { time } else { nil } } }
}

/// Notes why everything is decoded.
private final class FallbackNoting: PictureReceiver {
    final class Told: Sendable {
        private let reasons = Mutex<[DenseFallback?]>([])
        var all: [DenseFallback?] { reasons.withLock { $0 } }
        func add(_ reason: DenseFallback?) { reasons.withLock { $0.append(reason) } }
    }

    private let inner: RecordingReceiver
    private let told: Told

    init(_ log: NoteLog, _ told: Told) { (inner, self.told) = (RecordingReceiver(log), told) }

    func sessionBegan(_ stream: StreamDescription, anchor: MediaTime) { inner.sessionBegan(stream, anchor: anchor) }

    func receive(_ picture: inout Picture, at time: MediaTime) { inner.receive(&picture, at: time) }

    func decoding(_ standing: DecodeStanding, at time: MediaTime) { told.add(standing.fallback) }

    func sessionEnded(_ failure: SessionFailure, at time: MediaTime?) { inner.sessionEnded(failure, at: time) }
}

/// Notes the steps it is told.
private final class StepNoting: PictureReceiver {
    static let steps = Mutex<[LoadStep]>([])
    private let inner: RecordingReceiver

    init(_ log: NoteLog) { inner = RecordingReceiver(log) }

    func sessionBegan(_ stream: StreamDescription, anchor: MediaTime) { inner.sessionBegan(stream, anchor: anchor) }
    func receive(_ picture: inout Picture, at time: MediaTime) { inner.receive(&picture, at: time) }
    func leftOut(until time: MediaTime) { inner.log.add(.leftOut(time)) }
    func lightened(to step: LoadStep) { Self.steps.withLock { $0.append(step) } }
    func sessionEnded(_ failure: SessionFailure, at time: MediaTime?) { inner.sessionEnded(failure, at: time) }
}

/// Takes four times as long for each picture as it has.
private final class SlowReceiver: PictureReceiver {
    static let lateness = Mutex<[MediaSpan]>([])
    private let inner: RecordingReceiver
    private let rest = Interrupt()

    init(_ log: NoteLog) { inner = RecordingReceiver(log) }

    func sessionBegan(_ stream: StreamDescription, anchor: MediaTime) { inner.sessionBegan(stream, anchor: anchor) }

    func receive(_ picture: inout Picture, at time: MediaTime) {
        Self.lateness.withLock { $0.append(systemClock() - time) }
        inner.receive(&picture, at: time)
        _ = rest.sleep(for: .milliseconds(160))
    }

    func leftOut(until time: MediaTime) { inner.log.add(.leftOut(time)) }
    func sessionEnded(_ failure: SessionFailure, at time: MediaTime?) { inner.sessionEnded(failure, at: time) }
}
