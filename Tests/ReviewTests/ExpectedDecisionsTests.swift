import Journal
import Review
import TestSupport
import Testing

@Suite("Differences from expected decisions")
struct ExpectedDecisionsTests {
    private static let first = #"{"decision":{"count":1,"id":"a","rule":"path","state":"opened","version":1}}"#
    private static let second = #"{"decision":{"count":1,"id":"a","rule":"path","state":"closed","version":2}}"#

    private func differences(_ expected: [String], _ actual: [String]) throws -> [String] {
        let scratch = try ScratchFolder()
        try Files.write(Array((expected.joined(separator: "\n") + "\n").utf8), to: scratch.file("golden.jsonl"))
        return try ExpectedDecisions(file: scratch.file("golden.jsonl"))
            .differences(from: actual.map { $0 + "\n" }.joined())
    }

    @Test func equalTextsDiffInNothing() throws {
        #expect(try differences([Self.first, Self.second], [Self.first, Self.second]).isEmpty)
        #expect(try differences([], []).isEmpty)
    }

    @Test func missingAndNewLinesAreToldInWords() throws {
        #expect(
            try differences([Self.first, Self.second], [Self.first])
                == ["line 2 is missing: rule path, state closed, version 2, count 1, id a"])
        #expect(
            try differences([Self.first], [Self.second, Self.first])
                == ["line 1 is new: rule path, state closed, version 2, count 1, id a"])
    }

    @Test func aChangedByteIsADifference() throws {
        let changed = Self.first.replacing("\"count\":1", with: "\"count\":2")
        let told = try differences([Self.first], [changed])
        #expect(told.count == 2 && told.contains { $0.contains("count 2") }, "\(told)")
    }

    @Test func whatIsNoDecisionIsShownAsItStands() throws {
        #expect(try differences(["nonsense"], []) == ["line 1 is missing: nonsense"])
    }

    @Test func manyDifferencesAreCutOffAndCounted() throws {
        let told = try differences((0..<50).map { "line \($0)" }, [])
        #expect(told.count == 21 && told.last == "and 30 more differences", "\(told.last ?? "")")
    }

    @Test func aMissingFileIsAnError() {
        #expect(throws: (any Error).self) { try ExpectedDecisions(file: "/nowhere/golden.jsonl") }
    }
}
