import Foundation
import Journal
import Logging
import Pipeline
import Scene
import TestSupport
import Testing

@testable import Review

/// The folder of one alert, from alerts of a replay with stills and clip.
@Suite("Folder of an alert")
struct AlertFolderTests {
    private static let site = """
        site: { id: yard }
        listen: 127.0.0.1:8600
        data: ./data
        cameras:
          - id: gate
            name: 南门
            class: B
            url: /none.mkv
            fences:
              - { id: path, kind: line, points: [[0.5,0.95],[0.5,0.05]], size: { min: 0.01 } }
        """
    private static let start = MediaTime("2026-11-22T01:31:00Z")!
    private let scratch: ScratchFolder
    private let calendar = SiteCalendar(identifier: "Asia/Shanghai")!

    init() throws { scratch = try ScratchFolder() }

    /// Of a walk from left to right.
    private func alert() throws -> Alert {
        let walk = DrawnFootage(frameRate: 10, pictureCount: 130) { index, brush in
            let left = -0.15 + (Double(index) / 10 - 2) * 0.2
            let shown = max(0, left)
            brush.fill(Box(x: shown, y: 0.35, width: max(0, min(left + 0.1, 1) - shown), height: 0.3), luma: 220)
        }
        try walk.write(to: scratch.file("walk.mp4"))
        let replay = try FootageReplay(
            scratch.file("walk.mp4"), assembly: CameraAssembly(firstOf: Self.site), start: Self.start,
            evidence: .init(folder: scratch.path, clips: ClipSettings()),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        let alert = try #require(replay.kept.first)
        try #require(alert.reception.evidence.map(\.kind) == [.clean, .annotated, .clip])
        return alert
    }

    private func record(_ versions: [Alert]) throws -> AlertRecord {
        try #require(
            AlertRecord(
                versions: versions,
                verdicts: [
                    AlertVerdict(
                        alert: versions[0].decision.id, judgement: .refuted, cause: .rain, why: "<b>", who: "desk 3",
                        time: Self.start)
                ],
                deliveries: AlertDelivery.State.allCases.map { state in
                    AlertDelivery(
                        version: 1, sink: "sink-\(state.rawValue)", state: state, attempts: 2, acked: nil,
                        confirmed: state == .confirmed ? Self.start : nil, lastError: "no answer")
                },
                hold: LegalHold(alert: "a", who: "Li", why: "police request 17", since: Self.start)))
    }

    private func write(_ record: AlertRecord, to name: String) throws -> [EvidenceCopy] {
        try AlertFolder(record, calendar: calendar, dataFolder: scratch.path).write(to: scratch.file(name))
    }

    private func page(_ name: String) -> String {
        String(decoding: Files.read(scratch.file(name + "/index.html")) ?? [], as: UTF8.self)
    }

    @Test(
        "a browser shows it with its clip, and asks nothing of any network",
        .enabled(if: Browser.isAvailable, Comment(rawValue: Browser.requirement)), .timeLimit(.minutes(3)))
    func inABrowser() throws {
        let alert = try alert()
        let copies = try write(record([alert]), to: "page")
        #expect(copies.map(\.state) == [.whole, .whole, .whole])
        #expect(copies.map(\.file) == ["stills/1-clean.jpg", "stills/2-annotated.jpg", "clip.mp4"])
        try ReportPageTests.parses(page("page"))
        let view = try Browser.open(scratch.file("page/index.html"), in: scratch, height: 3000)
        #expect(try #require(Browser.size(ofPNG: view.picture)) == (1100, 3000))
        #expect(view.picture.count > 100_000, "\(view.picture.count) bytes")
        #expect(!view.errors.contains("CONSOLE") && !view.errors.contains("Refused"), "\(view.errors)")
        #expect(view.document.contains("<video controls") && view.document.contains("police request 17"))
        #expect(view.document.ranges(of: "<img alt=").count == 2)
        for state in AlertDelivery.State.allCases { #expect(view.document.contains("sink-\(state.rawValue)")) }
        #expect(!view.document.contains("<b>"))
    }

    @Test("many versions and files are shown in part, and how many are not is said")
    func limits() throws {
        let alert = try alert()
        let versions = (1...130).map { number in
            var version = alert
            version.decision.version = number
            version.reception.sequence = Int64(number)
            version.reception.evidence += (1...2).map { part in
                var other = alert.reception.evidence[0]
                other.path = "stills/gate/none/\(number)-\(part).jpg"
                return other
            }
            return version
        }
        let copies = try write(record(versions), to: "page")
        #expect(copies.count == 263)
        #expect(copies.count { $0.state == .whole } == 3)
        #expect(copies.count { $0.state == .missing } == AlertFolder.fileLimit - 3)
        #expect(copies.count { $0.state == .tooLarge } == copies.count - AlertFolder.fileLimit)
        let page = page("page")
        #expect(page.contains("the first 50 and the newest 50 rows; 30 more are in alert.json"), "versions")
        #expect(page.contains("the first 50 and the newest 50 rows; 163 more are in alert.json"), "files")
        #expect(page.contains("24 stills, 238 more"))
    }

    @Test("a path that leads out of the data folder is not followed, nor what is no file, nor what grew")
    func paths() throws {
        var alert = try alert()
        try Files.write([1, 2, 3], to: scratch.file("secret.jpg"))
        try FileManager.default.createDirectory(atPath: scratch.file("data/stills"), withIntermediateDirectories: true)
        try Files.write([1, 2, 3, 4], to: scratch.file("data/grown.jpg"))
        try FileManager.default.createSymbolicLink(
            atPath: scratch.file("data/link.jpg"), withDestinationPath: scratch.file("secret.jpg"))
        let entry = AlertReception.Evidence(
            kind: .clean, path: "", sha256: Digest.sha256Hex(Data([1, 2, 3])), bytes: 3, width: 1, height: 1,
            mediaTime: Self.start)
        let paths = ["../secret.jpg", scratch.file("secret.jpg"), "stills", "grown.jpg", "link.jpg", ""]
        alert.reception.evidence = paths.map { path in
            var copy = entry
            copy.path = path
            return copy
        }
        var huge = entry
        huge.path = "grown.jpg#"
        huge.bytes = .max
        alert.reception.evidence.append(huge)
        let record = try record([alert])
        let copies = try AlertFolder(record, calendar: calendar, dataFolder: scratch.file("data"))
            .write(to: scratch.file("page"))
        #expect(
            copies.map(\.state) == [.missing, .missing, .unreadable, .changed, .unreadable, .missing, .tooLarge])
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.file("page/stills")).isEmpty)
    }
}
