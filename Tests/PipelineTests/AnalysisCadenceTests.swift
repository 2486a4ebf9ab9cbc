import Pipeline
import Scene
import TestSupport
import Testing

@Suite("Which pictures are analysed")
struct AnalysisCadenceTests {
    /// Times that a cadence wants, when every picture in `stirring` shows a candidate.
    private func wanted(
        _ times: [MediaTime], rate: Double, stirring: (MediaTime) -> Bool = { _ in false }
    ) -> [MediaTime] {
        var cadence = AnalysisCadence(analysisRate: rate)
        return times.filter { time in
            guard cadence.wants(time) else { return false }
            cadence.analyzed(
                Observation(time: time, tracks: [], isSettled: true, isStirring: stirring(time)))
            return true
        }
    }

    private func regular(_ rate: Double, _ count: Int) -> [MediaTime] {
        (0..<count).map { .epoch + .seconds(Double($0) / rate) }
    }

    @Test(
        "the grid of the camera's own rate",
        arguments: [
            (25.0, 8.0, 3), (25, 5, 5), (25, 25, 1), (25, 30, 1), (30, 8, 4), (10, 8, 1), (50, 8, 6), (6, 8, 1)
        ])
    func everyNth(frameRate: Double, rate: Double, step: Int) {
        let times = regular(frameRate, 100)
        let expected = stride(from: 0, to: 100, by: step).map { times[$0] }
        #expect(wanted(times, rate: rate) == expected)
    }

    @Test("every picture while something stirs, and the grid again after")
    func stirring() {
        let times = regular(25, 100)
        let taken = wanted(times, rate: 8) { $0 >= times[30] && $0 < times[60] }
        #expect(taken.filter { $0 >= times[30] && $0 <= times[60] } == Array(times[30...60]))
        #expect(taken.filter { $0 < times[30] }.count == 10)
        #expect(taken.filter { $0 > times[60] } == stride(from: 63, to: 100, by: 3).map { times[$0] })
    }

    @Test(
        "a varying frame rate: never two wanted pictures further apart than the rate asks, by more than one picture",
        arguments: [1, 2, 3, 4] as [UInt64])
    func varying(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var times: [MediaTime] = [.epoch]
        for _ in 0..<500 {
            times.append(times[times.count - 1] + .milliseconds(Int64.random(in: 5...400, using: &random)))
        }
        let interval = MediaSpan.seconds(1 / 8)
        let taken = wanted(times, rate: 8)
        #expect(taken.first == times.first)
        for (earlier, later) in zip(taken, taken.dropFirst()) {
            let between = times.filter { $0 > earlier && $0 < later }
            #expect(between.allSatisfy { $0 - earlier < interval }, "seed \(seed): a late picture was left out")
        }
    }

    @Test(
        "a steady cadence: never more than its rate, whatever stirs",
        arguments: [(25.0, 8.0), (25, 5), (10, 8), (9, 5), (30, 8)])
    func steady(frameRate: Double, rate: Double) {
        var cadence = AnalysisCadence(analysisRate: rate, isSteady: true)
        let taken = regular(frameRate, Int(20 * frameRate)).filter { time in
            guard cadence.wants(time) else { return false }
            cadence.analyzed(Observation(time: time, tracks: [], isSettled: true, isStirring: true))
            return true
        }
        #expect(abs(taken.count - Int(20 * rate)) <= 1)
        let longest = zip(taken.dropFirst(), taken).map { $0 - $1 }.max() ?? .zero
        #expect(longest.seconds <= 1 / rate + 1 / frameRate + 1e-5)
    }
}
