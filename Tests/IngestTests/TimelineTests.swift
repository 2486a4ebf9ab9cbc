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
        let first = timeline.place(presentation: span(7000), arrival: noon, senderClockAtZero: nil).time
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

    @Test func driftBeginsASessionOnce() {
        var timeline = LiveTimeline()
        var reanchored = 0
        // The camera's clock runs 2 % fast: 10 s are reached after 500 s.
        for second in 0..<600 as Range<Int64> {
            let placement = timeline.place(
                presentation: span(second * 1020), arrival: noon + span(second * 1000), senderClockAtZero: nil)
            if case .reanchored = placement { reanchored += 1 }
        }
        #expect(reanchored == 1)
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
}
