import Foundation
import Journal
import Scene
import Testing

@Suite struct QueryTests {
    private func time(_ second: Int64) -> MediaTime { MediaTime(microseconds: second * 1_000_000) }

    @Test func newestVersionOfEachAlertThatFits() throws {
        let folder = try TemporaryFolder()
        let journal = try AlertJournal(folder: folder.path)
        try journal.append([sampleAlert(id: "a", start: time(10))], sinks: [])
        try journal.append([sampleAlert(id: "a", version: 2, state: .closed, start: time(10))], sinks: [])
        try journal.append([sampleAlert(id: "b", camera: "north", start: time(20))], sinks: [])
        try journal.append([sampleAlert(id: "c", start: time(30))], sinks: [])
        let reader = journal.reader
        #expect(try reader.alerts().map(\.decision.id) == ["a", "b", "c"])
        #expect(try reader.alerts().map(\.decision.version) == [2, 1, 1])
        #expect(try reader.alerts(AlertFilter(limit: 2)).map(\.decision.id) == ["b", "c"])
        #expect(try reader.alerts(AlertFilter(camera: CameraID("north"))).map(\.decision.id) == ["b"])
        #expect(try reader.alerts(AlertFilter(onlyOpen: true)).map(\.decision.id) == ["b", "c"])
        #expect(try reader.alerts(AlertFilter(until: time(20))).map(\.decision.id) == ["a"])
        // An open episode goes on, so it belongs to every later stretch.
        #expect(try reader.alerts(AlertFilter(since: time(25))).map(\.decision.id) == ["b", "c"])
        #expect(try reader.alerts(AlertFilter(rule: RuleID("path"))).isEmpty)
        #expect(try reader.alert(id: "a").map(\.decision.state) == [.opened, .closed])
        #expect(try reader.alert(id: "none").isEmpty)
    }

    @Test func lateVersionDoesNotReopen() throws {
        let folder = try TemporaryFolder()
        let journal = try AlertJournal(folder: folder.path)
        try journal.append([sampleAlert(version: 3, state: .closed)], sinks: [])
        try journal.append([sampleAlert(version: 2, state: .updated)], sinks: [])
        #expect(try journal.reader.alerts(AlertFilter(onlyOpen: true)).isEmpty)
        #expect(try journal.reader.alerts().map(\.decision.version) == [3])
    }

    @Test func restoringGivesOpenOnesAndNewestClosedOnes() throws {
        let folder = try TemporaryFolder()
        let journal = try AlertJournal(folder: folder.path)
        for number in 0..<5 {
            try journal.append([sampleAlert(id: "c\(number)", state: .closed, start: time(Int64(number)))], sinks: [])
        }
        try journal.append([sampleAlert(id: "open", start: time(2))], sinks: [])
        try journal.append([sampleAlert(id: "other", camera: "north", start: time(2))], sinks: [])
        let camera = try #require(CameraID("south-gate"))
        let decisions = try journal.reader.decisions(toRestore: camera, closed: 2)
        #expect(decisions.map(\.id) == ["c3", "c4", "open"])
    }
}
