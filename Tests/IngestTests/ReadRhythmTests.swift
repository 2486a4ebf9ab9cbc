import Scene
import Testing

@testable import Ingest

@Suite("The rhythm in which a camera is read")
struct ReadRhythmTests {
    /// Naps of a reader whose camera sends `rate` bytes a second, until it has been read for `span`.
    private func naps(_ longest: MediaSpan, rate: Int64, span: MediaSpan) -> [Duration?] {
        var rhythm = ReadRhythm()
        var (bytes, passed, naps) = (Int64(0), MediaSpan.zero, [Duration?]())
        while passed < span {
            let nap = rhythm.napWhenDry(longest, bytes: bytes)
            // Without a nap the next packet is waited for.
            let slept = nap.map { MediaSpan(microseconds: $0.wholeMicroseconds) } ?? .milliseconds(40)
            bytes += rate * slept.microseconds / 1_000_000
            passed = passed + slept
            naps.append(nap)
        }
        return naps
    }

    @Test(
        "A nap is never longer than was asked for",
        arguments: [ReadRhythm.idleNap, ReadRhythm.awakeNap, ReadRhythm.quietNap])
    func neverLonger(longest: MediaSpan) {
        let all = naps(longest, rate: 125_000, span: .seconds(60)).compactMap(\.self)
        #expect(all.allSatisfy { $0 <= .microseconds(longest.microseconds) })
        #expect(all.dropFirst().allSatisfy { $0 == .microseconds(longest.microseconds) }, "where the buffer allows it")
    }

    @Test(
        "What waits for a reader that naps fits a connection's buffer, however much the camera sends",
        arguments: [62_500, 500_000, 2_000_000, 8_000_000] as [Int64])
    func bufferHoldsIt(rate: Int64) {
        for longest in [ReadRhythm.idleNap, ReadRhythm.awakeNap, ReadRhythm.quietNap] {
            for nap in naps(longest, rate: rate, span: .seconds(20)).dropFirst().compactMap(\.self) {
                #expect(rate * nap.wholeMicroseconds / 1_000_000 <= 2 * ReadRhythm.bytesMost, "\(rate) \(nap)")
            }
        }
    }

    @Test("In every 3 s of naps one packet is waited for, so that clocks can be measured")
    func clocksAreMeasured() {
        for longest in [ReadRhythm.idleNap, ReadRhythm.awakeNap, ReadRhythm.quietNap] {
            let all = naps(longest, rate: 125_000, span: .seconds(60))
            // The first naps are short, until it is known how much is sent.
            let most = Int(ReadRhythm.watchSpan.microseconds / longest.microseconds) + 2
            let runs = all.split { $0 == nil }.map(\.count)
            #expect(runs.count > 10)
            #expect(runs.max() ?? 0 <= most)
            #expect(runs.dropLast().min() ?? 0 >= most - 3)
        }
    }

    @Test("A reader that does not know when it is dry naps only when it reads no faster than is sent")
    func paced() {
        let start = ContinuousClock.now
        var (behind, even) = (ReadRhythm(), ReadRhythm())
        var (behindNaps, evenNaps) = (0, [Duration]())
        for number in Int64(0)..<100 {
            let presentation = MediaSpan.milliseconds(40 * number)
            let bytes = 5_000 * number
            // Twice as fast as it is sent: what is read has waited.
            if behind.nap(after: presentation, bytes: bytes, now: start + .milliseconds(20 * number)) != nil {
                behindNaps += 1
            }
            if let nap = even.nap(after: presentation, bytes: bytes, now: start + .milliseconds(40 * number)) {
                evenNaps.append(nap)
            }
        }
        #expect(behindNaps == 0)
        #expect(evenNaps.count >= 10)
        #expect(evenNaps.allSatisfy { $0 < .microseconds(ReadRhythm.span.microseconds) })
    }
}

extension Duration {
    fileprivate var wholeMicroseconds: Int64 {
        components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
    }
}
