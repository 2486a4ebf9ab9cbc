import Testing

@Suite("imports keep to the table of rooms")
struct ImportTests {
    @Test(arguments: Room.all.map(\.name))
    func roomImportsOnlyWhatItMay(name: String) throws {
        let room = try #require(Room.all.first { $0.name == name })
        let allowed = room.ours.union(room.packages).union(Room.languageModules)
            .union(room.mayUseSystem ? Room.systemModules : [])
        for path in RepositoryTree.swiftFiles(below: ["Sources/\(name)"]) {
            for (module, line) in try imports(path) where !allowed.contains(module) {
                Issue.record(
                    """
                    \(path):\(line): \(name) may not import \(module); if it must, change Package.swift, \
                    docs/architecture.md and RoomTable.swift together
                    """)
            }
        }
    }

    @Test func everyRoomStandsInTheTable() {
        let folders = Set(RepositoryTree.names(in: "Sources"))
        let known = Set(Room.all.map(\.name))
        #expect(folders.subtracting(known).isEmpty, "rooms without a line in RoomTable.swift")
    }

    @Test func onlyMediaImportsFFmpeg() throws {
        for path in RepositoryTree.swiftFiles(below: ["Sources", "Tests", "Benchmarks"])
        where !path.hasPrefix("Sources/Media/") {
            #expect(try !imports(path).contains { $0.module == "CFFmpeg" }, "\(path) imports CFFmpeg; go through Media")
        }
    }

    @Test func theReferenceKernelsAreForTestsAndBenchmarksOnly() throws {
        for path in RepositoryTree.swiftFiles(below: ["Sources"]) {
            #expect(try !imports(path).contains { $0.module == "KernelReference" }, "\(path)")
        }
    }

    @Test func importLinesAreRead() {
        #expect(importedModule("package import Scene") == "Scene")
        #expect(importedModule("  @testable import struct Rules.Track // why") == "Rules")
        #expect(importedModule("public import NIOCore") == "NIOCore")
        #expect(importedModule("// import Foundation") == nil)
        #expect(importedModule("let text = \"import Foundation\"") == nil)
        #expect(importedModule("/// The import Foundation") == nil)
    }

    private func imports(_ path: String) throws -> [(module: String, line: Int)] {
        try RepositoryTree.lines(path).enumerated().compactMap { index, line in
            importedModule(line).map { ($0, index + 1) }
        }
    }
}

private let importKinds: Set<Substring> = [
    "struct", "class", "enum", "protocol", "func", "var", "let", "typealias", "actor"
]
private let importPrefixes: Set<Substring> = ["package", "public", "internal", "private", "fileprivate"]

/// The module that a line imports; nil for any other line.
private func importedModule(_ line: some StringProtocol) -> String? {
    var words = String(line).split(whereSeparator: { $0 == " " || $0 == "\t" })[...]
    while let word = words.first, word.hasPrefix("@") || importPrefixes.contains(word) { words.removeFirst() }
    guard words.popFirst() == "import" else { return nil }
    if let kind = words.first, importKinds.contains(kind) { words.removeFirst() }
    return words.first.map { String($0.prefix { $0 != "." && $0 != ";" }) }
}
