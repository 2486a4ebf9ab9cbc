import Foundation
import Journal
import Scene
import Synchronization
import TestSupport
import Testing

@testable import Delivery

/// Storms: what goes first, how fast, what is passed over, and that no sink waits for another.
@Suite(.timeLimit(.minutes(5))) struct FlowTests {
    private func limited(
        _ url: String, id: String = "dispatch", perSecond: Double, burst: Int
    ) throws
        -> SinkConfiguration
    {
        var sink = try webhook(url, id: id)
        sink.flow = DeliveryFlow(rate: DeliveryRate(perSecond: perSecond, burst: burst))
        return sink
    }

    @Test func tokensComeBackWithTime() {
        var now = MediaTime(microseconds: 1_000_000)
        var bucket = TokenBucket(DeliveryRate(perSecond: 10, burst: 3), at: now)
        #expect(bucket.available(at: now) == 3 && bucket.wait() == .zero)
        bucket.take(3)
        #expect(bucket.available(at: now) == 0 && bucket.wait() == .milliseconds(100))
        now = now + .milliseconds(250)
        #expect(bucket.available(at: now) == 2)
        bucket.take(2)
        #expect(bucket.wait() == .milliseconds(50))
        #expect(bucket.available(at: now + .seconds(1000)) == 3)
        bucket.take(3)
        // Set back by an hour, the clock neither gives nor takes; it goes on from there.
        let back = now - .seconds(3600)
        #expect(bucket.available(at: back) == 0)
        #expect(bucket.available(at: back + .milliseconds(100)) == 1)
        #expect(DeliveryRate(perSecond: 0.1).burst == 1 && DeliveryRate(perSecond: 50).burst == 100)
    }

    /// In any second no more than rate and burst together, and never less than the rate gives over a long time.
    @Test(arguments: 1...20) func noWindowHoldsMoreThanRateAndBurst(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let rate = DeliveryRate(
            perSecond: Double.random(in: 0.5...200, using: &random), burst: Int.random(in: 1...50, using: &random))
        var now = MediaTime(microseconds: 0)
        var bucket = TokenBucket(rate, at: now)
        var sent: [MediaTime] = []
        while now < MediaTime(microseconds: 20_000_000) {
            let count = bucket.available(at: now)
            bucket.take(count)
            sent += Array(repeating: now, count: count)
            let wait = bucket.wait()
            now =
                now + (wait > .zero ? wait : MediaSpan(microseconds: 1))
                + .milliseconds(Int64.random(in: 0...3, using: &random))
        }
        for start in stride(from: 0, to: 19_000_000, by: 250_000) {
            let window = MediaTime(microseconds: Int64(start))..<MediaTime(microseconds: Int64(start) + 1_000_000)
            let count = sent.count { window.contains($0) }
            #expect(Double(count) <= rate.perSecond + Double(rate.burst) + 1, "seed \(seed): \(rate) \(count)")
        }
        #expect(Double(sent.count) >= 20 * rate.perSecond * 0.5, "seed \(seed): \(rate) \(sent.count)")
        #expect(
            Double(sent.count) <= 20 * rate.perSecond + Double(rate.burst) + 1, "seed \(seed): \(rate) \(sent.count)")
    }

    @Test func aSinkIsSentNoMoreThanItsRate() async throws {
        let receiver = try await Receiver()
        let desk = try Desk([try limited(receiver.url, perSecond: 20, burst: 5)])
        for number in 0..<15 { try await desk.append(sampleAlert(id: "n\(number)", camera: "c\(number)")) }
        try await desk.drained()
        try await desk.stop()
        let arrivals = receiver.accepted.map(\.arrived)
        #expect(arrivals.count == 15 && Set(receiver.accepted.map(\.id)).count == 15)
        // Ten tokens had to come back, fifty milliseconds each, while the first connection was made.
        #expect(try #require(arrivals.last) - arrivals[0] >= .milliseconds(300))
        await receiver.stop()
    }

    @Test func updatesAreThinnedBeforeOpensAndClosesWait() async throws {
        let receiver = try await Receiver()
        let sink = try limited(receiver.url, perSecond: 40, burst: 1)
        let folder = try TemporaryFolder()
        let journal = try AlertJournal(folder: folder.path)
        try journal.configureSinks(["dispatch"])
        for camera in 0..<4 {
            for version in 1...12 {
                let state: AlertState = version == 1 ? .opened : version == 12 && camera < 2 ? .closed : .updated
                try journal.append(
                    [sampleAlert(id: "a\(camera)", version: version, state: state, camera: "c\(camera)")],
                    sinks: ["dispatch"])
            }
        }
        let desk = try Desk([sink], journal: journal, folder: folder)
        try await desk.drained()
        let status = try #require(try await desk.status())
        #expect(status.supersededTotal == 40 && status.superseded == 0)
        #expect(try desk.journal.reader.reconcile(at: .now).differences.isEmpty)
        try await desk.stop()
        for camera in 0..<4 {
            let told = receiver.accepted.map(\.id).filter { $0.hasPrefix("a\(camera).") }
            #expect(told == ["a\(camera).1", "a\(camera).12"], "\(told)")
        }
        await receiver.stop()
    }

    @Test func everyUpdateIsSentWhereThereIsRoom() async throws {
        let receiver = try await Receiver()
        let desk = try Desk([try webhook(receiver.url)])
        for version in 1...12 {
            try await desk.append(sampleAlert(id: "a", version: version, state: version == 1 ? .opened : .updated))
        }
        try await desk.drained()
        #expect(receiver.accepted.map(\.id) == (1...12).map { "a.\($0)" })
        #expect(try await desk.status()?.supersededTotal == 0)
        try await desk.stop()
        await receiver.stop()
    }

    @Test func tooLongALineIsThinnedWithoutARateToo() async throws {
        let receiver = try await Receiver()
        await receiver.stop()
        var sink = try webhook(receiver.url)
        sink.flow = DeliveryFlow(thinAbove: 20)
        let desk = try Desk([sink])
        for version in 1...30 {
            try await desk.append(sampleAlert(id: "a", version: version, state: version == 1 ? .opened : .updated))
        }
        // The receiver is away: what waits shrinks all the same, at the next probe.
        try await eventually("thinned") { try desk.pending() == 2 }
        let again = try await Receiver(port: receiver.port)
        try await desk.drained()
        #expect(again.accepted.map(\.id) == ["a.1", "a.30"])
        try await desk.stop()
        await again.stop()
    }

    @Test func whatIsGraveOvertakesAStorm() async throws {
        let receiver = try await Receiver()
        let desk = try Desk([try limited(receiver.url, perSecond: 50, burst: 1)])
        for number in 0..<60 {
            try await desk.append(sampleAlert(id: "n\(number)", camera: "c\(number)", severity: 4))
        }
        try await eventually("the storm is on its way") { receiver.accepted.count >= 3 }
        try await desk.append(sampleAlert(id: "grave", camera: "c59", severity: 1))
        try await desk.drained()
        try await desk.stop()
        let place = try #require(receiver.accepted.firstIndex { $0.id == "grave.1" })
        #expect(place < 50, "\(place)")
        #expect(receiver.accepted.count == 61)
        await receiver.stop()
    }

    /// One hangs, one is closed to everything, one is limited to next to nothing; the fourth gets all at once.
    @Test func neitherASlowNorADeadSinkHoldsAnother() async throws {
        let (slow, dead, healthy) = (try await Receiver(), try await Receiver(), try await Receiver())
        slow.answer { _, _ in .late(milliseconds: 60_000) }
        await dead.stop()
        let folder = try TemporaryFolder()
        let desk = try Desk(
            [
                try webhook(slow.url, id: "slow", totalTimeout: .seconds(60)), try webhook(dead.url, id: "dead"),
                try limited(healthy.url, id: "trickle", perSecond: 0.1, burst: 1),
                try webhook(healthy.url, id: "healthy")
            ], folder: folder)
        for number in 0..<200 { try await desk.append(sampleAlert(id: "n\(number)", camera: "c\(number % 50)")) }
        try await desk.drained("healthy")
        #expect(try desk.pending("slow") == 200 && desk.pending("dead") == 200)
        #expect(try desk.pending("trickle") >= 190)
        #expect(Set(healthy.accepted.map(\.id)).count == 200)
        try await desk.stop()
        await slow.stop()
        await healthy.stop()
    }

    /// 2000 cameras raise at once: everything arrives once, and what is fetched at a time stays small.
    @Test func aStormOfManyCamerasArrives() async throws {
        let receiver = try await Receiver()
        let folder = try TemporaryFolder()
        let journal = try AlertJournal(folder: folder.path)
        try journal.configureSinks(["dispatch"])
        try journal.append((0..<2000).map { sampleAlert(id: "n\($0)", camera: "c\($0)") }, sinks: ["dispatch"])
        let desk = try Desk([try webhook(receiver.url)], journal: journal, folder: folder)
        try await desk.drained()
        try await desk.stop()
        #expect(receiver.accepted.count == 2000 && Set(receiver.accepted.map(\.id)).count == 2000)
        await receiver.stop()
    }
}
