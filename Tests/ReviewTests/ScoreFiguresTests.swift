import Foundation
import TestSupport
import Testing

@testable import Review

/// Intervals against published values, and the comparison with an earlier score.
@Suite("How far a score can be trusted")
struct ScoreFiguresTests {
    @Test(
        "Wilson's interval as published",
        arguments: [
            // Newcombe, Statist. Med. 17 (1998), table I, method 3.
            (81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718),
            (29, 29, 0.8830, 1.0)
        ])
    func wilson(successes: Int, trials: Int, low: Double, high: Double) {
        let interval = Confidence.wilson(successes, of: trials)
        #expect(abs(interval.lowerBound - low) < 5e-5 && abs(interval.upperBound - high) < 5e-5, "\(interval)")
    }

    @Test("nothing tried is nothing known")
    func nothingTried() { #expect(Confidence.wilson(0, of: 0) == 0...1) }

    @Test(
        "the exact Poisson interval as published",
        arguments: [
            // Garwood, Biometrika 28 (1936).
            (0, 0.0, 3.689), (1, 0.0253, 5.572), (5, 1.623, 11.668), (10, 4.795, 18.390), (100, 81.36, 121.63)
        ])
    func poisson(count: Int, low: Double, high: Double) {
        let interval = Confidence.poisson(count)
        #expect(abs(interval.lowerBound - low) < 0.006 && abs(interval.upperBound - high) < 0.006, "\(interval)")
    }

    @Test("the bootstrap is the same for one seed, holds the figure, and says nothing of one clip")
    func bootstrap() throws {
        let rows = try Self.rows(seed: 5, footages: 9)
        let score = CorpusScore(rows: rows)
        let interval = try #require(Confidence.bootstrap(rows, seed: 1, figure: \.f1))
        #expect(interval == Confidence.bootstrap(rows, seed: 1, figure: \.f1))
        #expect(interval != Confidence.bootstrap(rows, seed: 2, figure: \.f1))
        #expect(interval.contains(score.f1) && interval.upperBound > interval.lowerBound)
        #expect(Confidence.bootstrap(rows.filter { $0.footage == "footage0" }, seed: 1, figure: \.f1) == nil)
    }

    @Test("a rate a day is said from 24 judged hours on, before that a rate an hour")
    func rates() throws {
        let short = ScoreFigures(CorpusScore(rows: try Self.rows(seed: 3, footages: 2)), seed: 1)
        #expect(short.falseRate.unit == .judgedHour)
        let fence = try Self.fence(#"{"judged_from_s": 0, "judged_to_s": 172800, "events": []}"#)
        let alerts = [10.0, 90_000].map {
            ScoredAlert(footage: "long", rule: "a", start: $0, end: $0 + 5, direction: nil)
        }
        let long = ScoreFigures(
            CorpusScore(rows: [FenceScore(footage: "long", fence: fence, alerts: alerts)]), seed: 1)
        #expect(long.falseRate.unit == .cameraDay && long.falseRate.figure.value == 1, "2 in 2 days")
        #expect(long.falseRate.judgedHours == 48)
        #expect(abs((long.falseRate.figure.high ?? 0) - 7.225 / 2) < 0.01, "Garwood's upper end of 2, over 2 days")
    }

    @Test("an earlier score: what got worse, what got better, what cannot be compared")
    func comparison() throws {
        let scratch = try ScratchFolder()
        let marked = #"{"judged_from_s": 0, "judged_to_s": 60, "events": [{"start_s": 10, "end_s": 12}]}"#
        func score(_ starts: [Double], fence: String = marked) throws -> CorpusScore {
            let alerts = starts.map { ScoredAlert(footage: "f", rule: "a", start: $0, end: $0 + 2, direction: nil) }
            return CorpusScore(rows: [FenceScore(footage: "f", fence: try Self.fence(fence), alerts: alerts)])
        }
        let file = scratch.file("previous.json")
        try Files.write(Array(try score([10]).json().utf8), to: file)
        let same = try ScoreComparison(score([10]), against: file)
        #expect(same.regressions.isEmpty && same.improvements.isEmpty && same.lines == ["no change"])
        let worse = try ScoreComparison(score([40]), against: file)
        #expect(worse.regressions.contains { $0.line == "f/a: found 1 → 0" }, "\(worse.lines)")
        #expect(worse.regressions.contains { $0.line == "f/a: false 0 → 1" } && worse.improvements.isEmpty)
        #expect(worse.regressions.contains { $0.place == "total" && $0.figure == "recall" })
        try Files.write(Array(try score([40]).json().utf8), to: file)
        let better = try ScoreComparison(score([10]), against: file)
        #expect(better.regressions.isEmpty && !better.improvements.isEmpty)
        let other = #"{"judged_from_s": 0, "judged_to_s": 60, "events": []}"#
        let changed = try ScoreComparison(score([40], fence: other), against: file)
        #expect(changed.incomparable == ["f/a: its annotation has changed"] && changed.regressions.isEmpty)
        for text in ["", "[]", #"{"total": {}}"#] {
            try Files.write(Array(text.utf8), to: file)
            let error = #expect(throws: CorpusError.self) { try ScoreComparison(score([10]), against: file) }
            #expect(error?.description.contains("previous.json: holds no") == true)
        }
        #expect(throws: CorpusError.self) { try ScoreComparison(score([10]), against: scratch.file("none.json")) }
    }

    static func fence(_ rest: String) throws -> AnnotatedFence {
        let head = #"{"id": "a", "kind": "zone", "points": [[0, 0], [1, 0], [1, 1]], "anchor": "foot", "#
        return try JSONDecoder().decode(AnnotatedFence.self, from: Data((head + rest.dropFirst()).utf8))
    }

    private static func rows(seed: UInt64, footages: Int) throws -> [FenceScore] {
        let scratch = try ScratchFolder()
        var random = RandomCorpus(seed: seed)
        let corpus = random.make(footages: footages, fencesEach: 4)
        try corpus.write(to: scratch)
        return try corpus.score(in: scratch).rows
    }
}
