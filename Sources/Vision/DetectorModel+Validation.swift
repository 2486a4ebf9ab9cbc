extension DetectorModel {
    /// - Returns: one sentence for each parameter outside its range: key, value, what is allowed. Empty when all is well.
    package func validate() -> [String] {
        var problems: [String] = []
        func check<Value: Comparable>(_ key: CodingKeys, _ value: Value, _ range: ClosedRange<Value>) {
            if range.contains(value) { return }
            problems.append("\(key.rawValue): \(value) is outside \(range.lowerBound)…\(range.upperBound)")
        }
        check(.gridWidth, gridWidth, 64...1024)
        check(.gridPixels, gridPixels, 4096...400_000)
        check(.samples, samples, 3...32)
        check(.matchesNeeded, matchesNeeded, 1...max(1, samples))
        check(.radiusLeast, radiusLeast, 1...100)
        check(.radiusMost, radiusMost, min(radiusLeast, 255)...255)
        check(.noiseGain, noiseGain, 0...15)
        check(.restlessRise, restlessRise, 0...255)
        check(.restlessFall, restlessFall, 0...255)
        check(.restlessGain, restlessGain, 0...1)
        check(.learnSpan, learnSpan, 0.2...10)
        check(.backgroundSpan, backgroundSpan, 0.1...600)
        check(.foregroundSpan, foregroundSpan, 0...3600)
        check(.diffusionSpan, diffusionSpan, 0...3600)
        check(.meanSpan, meanSpan, 0.1...600)
        check(.restHoldSpan, restHoldSpan, 0...86_400)
        check(.floodShare, floodShare, 0.05...1)
        check(.floodSpan, floodSpan, 0.1...60)
        check(.shadowDarkest, shadowDarkest, 0...1)
        check(.shadowBrightest, shadowBrightest, 0...1)
        check(.shadowTexture, shadowTexture, 0...1)
        check(.areaLeast, areaLeast, 0...0.5)
        check(.contrastLeast, contrastLeast, 0...255)
        check(.densityLeast, densityLeast, 0...1)
        check(.stackGap, stackGap, 0...0.5)
        check(.joinGap, joinGap, 0...0.5)
        check(.slimmest, slimmest, 1...100)
        check(.flattest, flattest, 1...100)
        check(.trimShare, trimShare, 0...1)
        check(.gate, gate, 0.1...10)
        check(.confirmSpan, confirmSpan, 0...60)
        check(.confirmHits, confirmHits, 1...100)
        check(.travelLeast, travelLeast, 0...1)
        check(.shiftLeast, shiftLeast, 0...1)
        check(.travelOfSize, travelOfSize, 0...10)
        check(.straightness, straightness, 0...1)
        check(.leapMost, leapMost, 0.1...10)
        check(.bigArea, bigArea, 0...1)
        check(.keepSpan, keepSpan, 0...60)
        check(.keepRestingSpan, keepRestingSpan, 0...600)
        check(.candidateSpan, candidateSpan, 0...10)
        check(.acceleration, acceleration, 0...1000)
        return problems
    }
}
