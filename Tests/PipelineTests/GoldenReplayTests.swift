import Foundation
import KernelAPI
import Kernels
import Logging
import Pipeline
import Review
import Scene
import TestSupport
import Testing

/// Drawn scenes through exactly what `snowline replay` does, compared with decisions that a person has looked at.
/// Only `make golden` writes them anew.
@Suite("Golden replays of drawn scenes")
struct GoldenReplayTests {
    private static let isRewriting = ProcessInfo.processInfo.environment["SNOWLINE_REWRITE_GOLDEN"] == "1"

    @Test("decisions are as expected", arguments: GoldenScene.all)
    func expectedDecisions(scene: GoldenScene) throws {
        let replay = try replay(scene)
        let lines = try replay.lines()
        #expect(replay.pictureCount == Int64(scene.footage.pictureCount) && !replay.isTruncated)
        #expect(findings(of: replay) == scene.findings, "\(scene.name) must raise this whatever the golden file says")
        let file = scene.folder.appendingPathComponent("expected.jsonl")
        if Self.isRewriting { try lines.write(to: file, atomically: true, encoding: .utf8) }
        for difference in try ExpectedDecisions(file: file.path).differences(from: lines) {
            Issue.record("\(scene.name): \(difference)")
        }
        #expect(try Data(contentsOf: file) == Data(lines.utf8), "\(scene.name): not the same bytes")
    }

    @Test("the same replay twice and on every instruction set of this processor gives the same bytes")
    func determinism() throws {
        let scene = GoldenScene.twoObjects
        let scratch = try ScratchFolder()
        let footage = try scene.footage.writeExact(to: scratch.file("scene.mkv"))
        let lines = try replay(scene, footage: footage).lines()
        #expect(!lines.isEmpty)
        for kernels in Kernels.available {
            #expect(try replay(scene, footage: footage, kernels: kernels).lines() == lines, "\(kernels.name)")
        }
    }

    @Test("a later start moves every time and id, and nothing else")
    func laterStart() throws {
        let scene = GoldenScene.twoObjects
        let shift = MediaSpan.seconds(86_400)
        let early = try replay(scene).decisions
        let late = try replay(scene, start: .epoch + shift).decisions
        #expect(late.map(\.start) == early.map { $0.start + shift })
        #expect(late.map(\.last) == early.map { $0.last + shift })
        #expect(late.map(\.findings.count) == early.map(\.findings.count))
        #expect(late.flatMap { $0.findings.map(\.box) } == early.flatMap { $0.findings.map(\.box) })
        #expect(Set(late.map(\.id)).isDisjoint(with: early.map(\.id)))
    }

    @Test("without its mask the walk behind the privacy mask is raised")
    func maskIsWhatHides() throws {
        let scratch = try ScratchFolder()
        let footage = try GoldenScene.privacyMask.footage.writeExact(to: scratch.file("scene.mkv"))
        #expect(try findings(of: replay(.leftToRight, footage: footage)) == GoldenScene.leftToRight.findings)
    }

    @Test("every folder of Golden is a scene, with its card")
    func foldersAreScenes() {
        let folders = Files.names(in: GoldenScene.root.path)
        #expect(folders == GoldenScene.all.map(\.name).sorted())
        for scene in GoldenScene.all {
            #expect(Files.names(in: scene.folder.path) == ["README.md", "expected.jsonl", "site.yaml"], "\(scene.name)")
        }
    }

    private func replay(
        _ scene: GoldenScene, footage: String? = nil, start: MediaTime = .epoch, kernels: KernelTable? = nil
    ) throws -> FootageReplay {
        let scratch = try ScratchFolder()
        let library = ModelLibrary.standard()
        let site = try SiteConfiguration.load(
            path: scene.folder.appendingPathComponent("site.yaml").path, modelNames: library.names)
        let assembly = try CameraAssembly(
            site.cameras[0], library: library, localTime: site.localTime, kernels: kernels)
        return try FootageReplay(
            footage ?? scene.footage.writeExact(to: scratch.file("scene.mkv")), assembly: assembly, start: start,
            logger: Logger(label: "golden", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    /// `rule occurrence direction` of every finding of every episode, sorted.
    private func findings(of replay: FootageReplay) -> [String] {
        replay.decisions.filter { $0.state == .closed }.flatMap { decision in
            decision.findings.map { finding in
                let direction = finding.direction.map { " \($0.rawValue)" } ?? ""
                return "\(decision.rule) \(finding.occurrence.rawValue)\(direction)"
            }
        }.sorted()
    }
}

extension GoldenScene {
    fileprivate static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Golden", isDirectory: true)

    /// Where its configuration and its expected decisions lie.
    var folder: URL { Self.root.appendingPathComponent(name, isDirectory: true) }
}
