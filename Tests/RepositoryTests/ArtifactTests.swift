import Crypto
import Foundation
import Testing

@Suite("links, models and cards fit together")
struct ArtifactTests {
    @Test(arguments: ["KernelsBaseline", "KernelsAVX2", "KernelsAVX512"])
    func kernelsAreLinksToOneSource(module: String) throws {
        let sources = RepositoryTree.names(in: "Sources/KernelSource").filter { $0.hasSuffix(".swift") }
        #expect(!sources.isEmpty)
        for name in sources {
            let target = RepositoryTree.linkTarget("Sources/\(module)/\(name)")
            #expect(target == "../KernelSource/\(name)", "Sources/\(module)/\(name) must be a link to the one source")
        }
        // A table names its own module's kernels, so each instruction set has its own; it holds no kernel.
        let table = "Table.swift"
        let strangers = Set(RepositoryTree.names(in: "Sources/\(module)")).subtracting(sources).subtracting([table])
        #expect(strangers.isEmpty, "Sources/\(module) holds only its table and links to Sources/KernelSource")
        if RepositoryTree.exists("Sources/\(module)/\(table)") {
            let count = try RepositoryTree.lines("Sources/\(module)/\(table)").count
            #expect(
                count <= 40, "Sources/\(module)/\(table) has \(count) lines; is a kernel in it?")
        }
    }

    static let models = RepositoryTree.names(in: "Models")
        .filter { RepositoryTree.exists("Models/\($0)/model.json") }

    @Test(.enabled(if: !models.isEmpty), arguments: models)
    func cardsCarryTheHashOfTheirModel(model: String) throws {
        let data = try Data(contentsOf: RepositoryTree.root.appending(path: "Models/\(model)/model.json"))
        let hash = SHA256.hash(data: data).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
        let cards = RepositoryTree.names(in: "Models/\(model)").filter { $0.hasSuffix(".md") }
        #expect(!cards.isEmpty, "Models/\(model) has no card: origin, how made, score, SHA-256")
        for card in cards {
            let text = try RepositoryTree.text("Models/\(model)/\(card)")
            #expect(text.contains(hash), "Models/\(model)/\(card): the SHA-256 of model.json is \(hash)")
        }
    }

    @Test func modelFoldersHoldAModel() {
        for name in RepositoryTree.names(in: "Models") where !name.contains(".") {
            #expect(RepositoryTree.exists("Models/\(name)/model.json"), "Models/\(name) has no model.json")
        }
    }
}
