import Ingest
import Scene
import TestSupport
import Testing

@Suite struct TimelineTests {
    private let noon = MediaTime("2026-11-22T12:00:00Z")!
    private let frame = MediaSpan.milliseconds(40)

    private func span(_ milliseconds: Int64) -> MediaSpan { .milliseconds(milliseconds) }

    @Test func jitterOfArrivalNeverShows() {
        var timeline = LiveTimeline()
        var random = SeededRandom(seed: 3)
        let first = timeline.place(presentation: span(7000), arrival: noon, senderClockAtZero: nil).time ?? .epoch
        for index in 1..<500 as Range<Int64> {
            let arrival = noon + span(index * 40 + Int64.random(in: 0...900, using: &random))
            let placement = timeline.place(
                presentation: span(7000 + index * 40), arrival: arrival, senderClockAtZero: nil)
            #expect(placement == .follows(first + span(index * 40)))
        }
    }

    @Test func aFirstPictureWithoutStampIsJoined() {
        var timeline = LiveTimeline()
        #expect(timeline.place(presentation: nil, arrival: noon, senderClockAtZero: nil) == .anchored(noon))
        #expect(
            timeline.place(presentation: span(900), arrival: noon, senderClockAtZero: nil) == .follows(noon + frame))
        #expect(
            timeline.place(presentation: span(940), arrival: noon, senderClockAtZero: nil) == .follows(noon + span(80)))
    }

    @Test func jumpsBeginASession() {
        for jump in [span(-1000), span(10_001), span(3_600_000)] {
            var timeline = LiveTimeline()
            _ = timeline.place(presentation: span(5000), arrival: noon, senderClockAtZero: nil)
            let placement = timeline.place(
                presentation: MediaSpan(microseconds: 5_000_000 + jump.microseconds), arrival: noon + frame,
                senderClockAtZero: nil)
            #expect(placement == .reanchored(noon + frame))
        }
    }

    @Test func driftBehindBeginsASessionOnce() {
        var timeline = LiveTimeline()
        var reanchored = 0
        // The camera's clock runs 2 % slow: 10 s are reached after 500 s.
        for second in 0..<600 as Range<Int64> {
            let placement = timeline.place(
                presentation: span(second * 980), arrival: noon + span(second * 1000), senderClockAtZero: nil)
            if case .reanchored = placement { reanchored += 1 }
        }
        #expect(reanchored == 1)
    }

    /// A session that began on a picture which came late: what follows comes faster than it was taken.
    @Test(arguments: [500, 2000, 8000] as [Int64])
    func aLateAnchorIsNotKept(late: Int64) {
        var timeline = LiveTimeline()
        var (leftOut, sessions, newest) = (0, 0, noon)
        // Read at four times its speed until all that waited has been read, then as it is taken.
        for index in 0..<15_000 as Range<Int64> {
            let taken = index * 40
            let arrival = noon + span(max(taken, late + taken / 4))
            let placement = timeline.place(presentation: span(taken), arrival: arrival, senderClockAtZero: nil)
            if case .reanchored = placement { sessions += 1 }
            guard let time = placement.time else {
                leftOut += 1
                continue
            }
            #expect(time > newest || index == 0)
            #expect(time - arrival <= LiveTimeline.aheadMost)
            newest = time
        }
        let end = noon + span(14_999 * 40)
        #expect(newest - end <= LiveTimeline.slewFrom, "in the end it is not ahead")
        #expect(end - newest <= LiveTimeline.aheadMost, "nor behind")
        #expect(leftOut * 40 <= Int(late), "no more is left out than came late")
        #expect(sessions <= Int(late / 1000) && (late < 1000 || sessions > 0))
    }

    @Test func aClockThatIsALittleFastIsWornOffWithoutANewSession() {
        var timeline = LiveTimeline()
        var most = MediaSpan.zero
        // 1000 ppm fast over four hours: 14 s.
        for second in 0..<14_400 as Range<Int64> {
            let arrival = noon + span(second * 1000)
            let placement = timeline.place(
                presentation: MediaSpan(microseconds: second * 1_001_000), arrival: arrival, senderClockAtZero: nil)
            guard let time = placement.time else { return #expect(Bool(false), "left out at \(second)") }
            if case .reanchored = placement { #expect(Bool(false), "a new session at \(second)") }
            most = max(most, time - arrival)
        }
        #expect(most < .milliseconds(260) && most > .milliseconds(240))
    }

    @Test func aServersClockThatIsSetBackIsWaitedForOnlyWhereItIsNear() {
        for (back, isWaitedFor) in [(3000, true), (3_600_000, false)] as [(Int64, Bool)] {
            var timeline = LiveTimeline()
            var leftOut = 0
            for index in 0..<500 as Range<Int64> {
                let arrival = noon + span(index * 40 - (index >= 100 ? back : 0))
                let placement = timeline.place(
                    presentation: span(index * 40), arrival: arrival, senderClockAtZero: nil)
                if placement.time == nil { leftOut += 1 }
            }
            #expect(isWaitedFor ? (70...80).contains(leftOut) : leftOut == 0, "set back by \(back): \(leftOut)")
        }
    }

    @Test func packetsThatAreLeftOutKeepTheSession() {
        var timeline = LiveTimeline()
        _ = timeline.place(presentation: .zero, arrival: noon, senderClockAtZero: nil)
        for index in 1..<1000 as Range<Int64> {
            #expect(timeline.pass(presentation: span(index * 40)) == noon + span(index * 40))
        }
        let placement = timeline.place(presentation: span(40_000), arrival: noon + span(40_000), senderClockAtZero: nil)
        #expect(placement == .follows(noon + span(40_000)))
        timeline.sessionEnded()
        #expect(timeline.pass(presentation: span(40_040)) == nil)
    }

    @Test func aStampOfAnotherTimePassesNothing() {
        var timeline = LiveTimeline()
        _ = timeline.place(presentation: .zero, arrival: noon, senderClockAtZero: nil)
        #expect(timeline.pass(presentation: span(40)) == noon + span(40))
        for far in [6 * 3_600_000, -3_600_000] as [Int64] { #expect(timeline.pass(presentation: span(far)) == nil) }
        #expect(timeline.pass(presentation: span(80)) == noon + span(80))
    }

    @Test func timeNeverRunsBackwardsOverSessions() {
        var timeline = LiveTimeline()
        var random = SeededRandom(seed: 11)
        var newest: MediaTime?
        for _ in 0..<2000 {
            if Int.random(in: 0..<50, using: &random) == 0 { timeline.sessionEnded() }
            let presentation: MediaSpan? =
                Bool.random(using: &random) ? span(Int64.random(in: -20_000...20_000, using: &random)) : nil
            let arrival = noon + span(Int64.random(in: -60_000...60_000, using: &random))
            let sender: MediaTime? = Bool.random(using: &random) ? noon : nil
            let time = timeline.place(presentation: presentation, arrival: arrival, senderClockAtZero: sender).time
            guard let time else { continue }
            if let newest { #expect(time > newest) }
            newest = time
        }
    }

    @Test func aSenderClockNearTheServersIsTheAnchor() {
        var timeline = LiveTimeline()
        let placement = timeline.place(presentation: span(400), arrival: noon, senderClockAtZero: noon - span(900))
        #expect(placement == .anchored(noon - span(500)))
        var wrong = LiveTimeline()
        let year1970 = MediaTime(microseconds: 1_000_000)
        #expect(wrong.place(presentation: span(400), arrival: noon, senderClockAtZero: year1970) == .anchored(noon))
    }

    @Test func aSenderClockAheadIsHeldToTheArrival() {
        var timeline = LiveTimeline()
        let placement = timeline.place(presentation: span(400), arrival: noon, senderClockAtZero: noon + span(1500))
        #expect(placement == .anchored(noon))
        #expect(
            timeline.place(presentation: span(440), arrival: noon + span(40), senderClockAtZero: noon + span(1500))
                == .follows(noon + span(40)))
    }

    @Test func footageFollowsItsStampsFromTheStart() {
        var timeline = FootageTimeline(start: noon)
        timeline.useNominal(frameRate: 10)
        let stamps: [MediaSpan?] = [span(500), span(600), nil, span(650), span(900)]
        let times = stamps.map { timeline.time(of: $0) }
        let late = noon + span(200) + MediaSpan(microseconds: 1)
        #expect(times == [noon, noon + span(100), noon + span(200), late, noon + span(400)])
    }

    @Test func stampsOfFootageThatJumpAreAnotherTime() {
        var timeline = FootageTimeline(start: noon)
        timeline.useNominal(frameRate: 10)
        let stamps: [Int64] = [500, 600, 3_600_600, 3_600_700, 900, 1000, 1100]
        let placed = stamps.map { stamp in (timeline.time(of: span(stamp)), timeline.jump) }
        #expect(
            placed.map(\.0) == [0, 100, 3_600_100, 3_600_200, 3_600_300, 3_600_400, 3_600_500].map { noon + span($0) })
        let jumps: [FootageTimeline.Jump?] = [nil, nil, .onward(span(3_600_000)), nil, .back(span(3_599_800)), nil, nil]
        #expect(placed.map(\.1) == jumps)
    }

    /// A picture every quarter of a minute is a rare one, and no jump but the first.
    @Test func footageOfFewPicturesDoesNotJump() {
        var timeline = FootageTimeline(start: noon)
        let jumps = (0..<20).map { number in
            _ = timeline.time(of: span(Int64(number) * 15_000))
            return timeline.jump
        }
        #expect(jumps.dropFirst(2).allSatisfy { $0 == nil })
    }
}
