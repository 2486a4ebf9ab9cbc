import Pipeline
import Scene
import Testing

/// The times chosen of `seconds` of footage at `pictureRate`, when something stirs from `stirring` seconds on.
private func chosen(
    _ cadence: AnalysisCadence, pictureRate: Double, seconds: Double, stirring: Double = .infinity
) -> [Double] {
    var cadence = cadence
    var times: [Double] = []
    for index in 0..<Int(seconds * pictureRate) {
        let time = MediaTime.epoch + .seconds(Double(index) / pictureRate)
        guard cadence.wants(time) else { continue }
        let isStirring = (time - .epoch).seconds >= stirring
        cadence.analyzed(Observation(time: time, tracks: [], isSettled: true, isStirring: isStirring))
        times.append((time - .epoch).seconds)
    }
    return times
}

@Test func analysesAtLeastTheRateWhileNothingStirsAndEveryPictureWhileSomethingDoes() {
    let times = chosen(AnalysisCadence(analysisRate: 8), pictureRate: 25, seconds: 20, stirring: 10)
    #expect(times.filter { $0 < 9.9 }.count == 83)
    #expect(times.filter { $0 >= 10.1 }.count == 247)
}

@Test(arguments: [(8.0, 25.0), (5, 25), (8, 10), (5, 9), (8, 30)])
func steadyCadenceNeverAnalysesMore(rate: Double, pictureRate: Double) {
    let cadence = AnalysisCadence(analysisRate: rate, isSteady: true)
    let times = chosen(cadence, pictureRate: pictureRate, seconds: 20, stirring: 0)
    #expect(abs(times.count - Int(20 * rate)) <= 1)
    let spacings = zip(times.dropFirst(), times).map { $0 - $1 }
    #expect(spacings.allSatisfy { abs($0 - 1 / rate) <= 1 / pictureRate + 1e-5 })
}
