import Delivery
import Foundation
import Testing

@Suite struct FileSinkTests {
    private func delivery(_ number: Int) -> Delivery {
        Delivery(id: "n\(number).1", body: "{\"n\":\(number)}", attempts: 0)
    }

    @Test func tornLineStandsAlone() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/alerts.jsonl"
        try Data("{\"n\":0}\n{\"n\":".utf8).write(to: URL(fileURLWithPath: path))
        let sink = try FileSink(FileTarget(path: path))
        #expect(await sink.deliver(delivery(1)) == .confirmed)
        await sink.close()
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "{\"n\":0}\n{\"n\":\n{\"n\":1}\n")
    }

    @Test func fileIsPutAsideBeforeItGrowsTooLarge() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/alerts.jsonl"
        let sink = try FileSink(FileTarget(path: path, rotateBytes: 24, keep: 2))
        for number in 0..<10 { #expect(await sink.deliver(delivery(number)) == .confirmed) }
        await sink.close()
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(names == ["alerts.jsonl", "alerts.jsonl.1", "alerts.jsonl.2"])
        let lines = try ["alerts.jsonl.2", "alerts.jsonl.1", "alerts.jsonl"].map {
            try String(contentsOfFile: folder.path + "/" + $0, encoding: .utf8)
        }
        #expect(lines == ["{\"n\":3}\n{\"n\":4}\n{\"n\":5}\n", "{\"n\":6}\n{\"n\":7}\n{\"n\":8}\n", "{\"n\":9}\n"])
    }

    @Test func onlyTheOwnerMayRead() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/alerts.jsonl"
        let sink = try FileSink(FileTarget(path: path))
        _ = await sink.deliver(delivery(1))
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber
        #expect(mode?.intValue == 0o600)
    }
}
