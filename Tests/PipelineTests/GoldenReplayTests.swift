import Foundation
import KernelAPI
import Kernels
import Logging
import Pipeline
import Review
import Rules
import Scene
import TestSupport
import Testing

/// Drawn scenes through exactly what `snowline replay` does: judged by what the scenes themselves say, and compared with
/// decisions that a person has looked at. Only `make golden` writes those anew.
@Suite("Golden replays of drawn scenes")
struct GoldenReplayTests {
    private static let isRewriting = ProcessInfo.processInfo.environment["SNOWLINE_REWRITE_GOLDEN"] == "1"

    @Test("each scene raises what it must, and the decisions are those that were looked at", arguments: GoldenScene.all)
    func expectedDecisions(scene: GoldenScene) throws {
        if Self.isRewriting { try writeFolder(of: scene) }
        let replay = try GoldenReplay.of(scene)
        let lines = try replay.lines()
        #expect(replay.pictureCount == Int64(scene.footage.pictureCount) && !replay.isTruncated)
        judge(replay, of: scene)
        let file = scene.folder.appendingPathComponent("expected.jsonl")
        if Self.isRewriting { try lines.write(to: file, atomically: true, encoding: .utf8) }
        for difference in try ExpectedDecisions(file: file.path).differences(from: lines) {
            Issue.record("\(scene.name): \(difference)")
        }
        #expect(try Data(contentsOf: file) == Data(lines.utf8), "\(scene.name): not the same bytes")
    }

    @Test("seen in a mirror each scene raises the same with the directions changed", arguments: GoldenScene.withSides)
    func mirrored(scene: GoldenScene) throws {
        judge(try GoldenReplay.of(scene.mirrored), of: scene.mirrored)
    }

    /// A known issue that is gone is an issue too: then what is written of it goes.
    private func judge(_ replay: FootageReplay, of scene: GoldenScene) {
        for problem in scene.problems(in: replay.decisions) { Issue.record("\(scene.name): \(problem)") }
        for issue in Set(scene.fences.compactMap(\.knownIssue)) {
            withKnownIssue("\(scene.name): \(issue)") {
                for problem in scene.problems(in: replay.decisions, known: true) { Issue.record("\(problem)") }
            }
        }
    }

    @Test("the same replay twice and on every instruction set of this processor gives the same bytes")
    func determinism() throws {
        let scene = GoldenScene.twoObjects
        let scratch = try ScratchFolder()
        let footage = try scene.footage.writeExact(to: scratch.file("scene.mkv"))
        let lines = try GoldenReplay.of(scene, footage: footage).lines()
        #expect(!lines.isEmpty)
        for kernels in Kernels.available {
            #expect(try GoldenReplay.of(scene, footage: footage, kernels: kernels).lines() == lines, "\(kernels.name)")
        }
    }

    @Test("a later start moves every time and id, and nothing else")
    func laterStart() throws {
        let shift = MediaSpan.seconds(86_400)
        var later = GoldenScene.twoObjects
        later.start = .epoch + shift
        let early = try GoldenReplay.of(.twoObjects).decisions
        let late = try GoldenReplay.of(later).decisions
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
        let replay = try GoldenReplay.of(.leftToRight, footage: footage)
        #expect(GoldenScene.leftToRight.problems(in: replay.decisions) == [])
    }

    @Test("every folder of Golden is a scene, with the configuration and the card that the scene says")
    func foldersAreScenes() throws {
        #expect(Files.names(in: GoldenScene.root.path) == GoldenScene.all.map(\.name).sorted())
        for scene in GoldenScene.all {
            #expect(Files.names(in: scene.folder.path) == ["README.md", "expected.jsonl", "site.yaml"], "\(scene.name)")
            for (name, text) in scene.texts {
                let written = try String(contentsOf: scene.folder.appendingPathComponent(name), encoding: .utf8)
                #expect(written == text, "\(scene.name)/\(name) is not what the scene says: make golden")
            }
        }
    }

    @Test("every kind that a picture can raise is raised by a scene, and kept from it by another fence")
    func everyKindHasScenes() throws {
        var raised: Set<Occurrence> = []
        var (loud, silent): (Set<RuleKind>, Set<RuleKind>) = ([], [])
        for scene in GoldenScene.all {
            let kinds = try GoldenReplay.site(of: scene).cameras[0].rules.map(\.kind)
            for (fence, kind) in zip(scene.fences, kinds) {
                raised.formUnion(fence.raises.map(\.occurrence))
                if fence.raises.isEmpty { silent.insert(kind) } else { loud.insert(kind) }
            }
        }
        #expect(Set(Occurrence.allCases).subtracting(raised) == GoldenScene.occurrencesWithoutScene)
        let absent = Set(RuleKind.allCases).subtracting(loud)
        #expect(absent == GoldenScene.kindsWithoutScene)
        #expect(Set(RuleKind.allCases).subtracting(silent) == absent)
    }

    @Test("an expectation that is not met, and a finding that is not expected, are problems")
    func expectationsCanFail() throws {
        let decisions = try GoldenReplay.of(.leftToRight).decisions
        func problems(_ change: (inout GoldenFence) -> Void) -> Int {
            var fence = GoldenScene.leftToRight.fences[0]
            change(&fence)
            return GoldenScene(name: "", seconds: 1, story: "", fences: [fence]).problems(in: decisions).count
        }
        #expect(problems { _ in } == 0)
        #expect(problems { $0.raises = [] } == 1)
        #expect(problems { $0.raises.append(.crossed(.leftToRight, at: 5)) } == 1)
        #expect(problems { $0.raises = [.crossed(.rightToLeft, at: 5)] } == 2)
        #expect(problems { $0.raises = [.crossed(.leftToRight, at: 6)] } == 2)
        #expect(problems { $0.raises = [.held(.crossed, from: 5, to: 6)] } == 2)
    }

    private func writeFolder(of scene: GoldenScene) throws {
        try FileManager.default.createDirectory(at: scene.folder, withIntermediateDirectories: true)
        for (name, text) in scene.texts {
            try text.write(to: scene.folder.appendingPathComponent(name), atomically: true, encoding: .utf8)
        }
    }
}

/// What `snowline replay` makes of a drawn scene.
enum GoldenReplay {
    static func site(of scene: GoldenScene) throws -> SiteConfiguration {
        try SiteConfiguration.decode(
            scene.siteText, file: "\(scene.name)/site.yaml",
            in: ConfigurationSurroundings(
                folder: "/", environment: { _ in nil }, modelNames: ModelLibrary.standard().names))
    }

    static func assembly(of scene: GoldenScene, kernels: KernelTable? = nil) throws -> CameraAssembly {
        let site = try site(of: scene)
        return try CameraAssembly(
            site.cameras[0], library: .standard(), localTime: site.localTime, kernels: kernels)
    }

    static func of(
        _ scene: GoldenScene, footage: String? = nil, kernels: KernelTable? = nil
    ) throws -> FootageReplay {
        let scratch = try ScratchFolder()
        return try FootageReplay(
            footage ?? scene.footage.writeExact(to: scratch.file("scene.mkv")),
            assembly: assembly(of: scene, kernels: kernels), start: scene.start,
            logger: Logger(label: "golden", factory: { _ in SwiftLogNoOpLogHandler() }))
    }
}

extension GoldenScene {
    fileprivate static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Golden", isDirectory: true)

    /// Where its configuration, its card and its expected decisions lie.
    var folder: URL { Self.root.appendingPathComponent(name, isDirectory: true) }

    /// The files of its folder that are made from the scene, by name.
    var texts: [(name: String, text: String)] { [("README.md", card), ("site.yaml", siteText)] }

    /// Those in which left and right make a difference.
    static let withSides = all.filter { !$0.figures.isEmpty }

    /// What no footage raises by itself.
    static let occurrencesWithoutScene: Set<Occurrence> = [.signalLost, .manual]
    static let kindsWithoutScene: Set<RuleKind> = [.manual]
}
