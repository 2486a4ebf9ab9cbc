import Evidence
import Scene
import TestSupport
import Testing

@Suite struct EvidenceStoreTests {
    private let folder: ScratchFolder
    private let store: EvidenceStore
    private let gate = CameraID("gate")!
    private let morning = MediaTime("2026-11-22T09:00:00Z")!
    private let farFuture = MediaTime("2200-01-01T00:00:00Z")!

    init() throws {
        folder = try ScratchFolder()
        store = EvidenceStore(folder: folder.file("deep/data"))
    }

    private func stored(_ path: String) -> [UInt8]? { Files.read(folder.file("deep/data/\(path)")) }

    @Test func aFileIsWrittenWholeBelowItsDay() throws {
        let path = try store.write([1, 2, 3], camera: gate, at: morning, name: "a.1.clean")
        #expect(path == "stills/gate/2026-11-22/a.1.clean.jpg")
        #expect(stored(path) == [1, 2, 3])
        #expect(try store.write([4], camera: gate, at: morning, name: "a.1.clean") == path)
        #expect(stored(path) == [4])
        #expect(Files.names(in: folder.file("deep/data/stills/gate/2026-11-22")) == ["a.1.clean.jpg"])
    }

    @Test(arguments: ["", "../up", ".hidden", "a/b", "a b", String(repeating: "x", count: 129)])
    func otherNamesAreRefused(name: String) {
        #expect(throws: EvidenceError.self) { try store.write([1], camera: gate, at: morning, name: name) }
    }

    @Test func limitsAreKept() {
        var limits = EvidenceStore.Limits()
        limits.fileBytes = 2
        let small = EvidenceStore(folder: folder.path, limits: limits)
        #expect(throws: EvidenceError.self) { try small.write([1, 2, 3], camera: gate, at: morning, name: "a") }
        limits = EvidenceStore.Limits()
        limits.freeBytes = .max
        let full = EvidenceStore(folder: folder.path, limits: limits)
        let error = #expect(throws: EvidenceError.self) { try full.write([1], camera: gate, at: morning, name: "a") }
        #expect(error?.text.contains("free some") == true)
    }

    @Test func pruningBySizeTakesTheOldestAndSparesTheProtected() throws {
        let paths = try (0..<6).map { index in
            let path = try store.write([UInt8](repeating: 7, count: 100), camera: gate, at: morning, name: "s\(index)")
            Files.setModified(folder.file("deep/data/\(path)"), secondsSinceEpoch: 1_000_000 + index)
            return path
        }
        let pruned = store.prune(writtenBefore: .epoch, byteLimit: 350) { $0 == paths[0] }
        #expect(pruned == EvidenceStore.Pruned(files: 3, bytes: 300, remainingFiles: 3, remainingBytes: 300))
        #expect(paths.map { stored($0) != nil } == [true, false, false, false, true, true])
    }

    @Test func pruningByAgeRemovesEmptyFolders() throws {
        let path = try store.write([1], camera: gate, at: morning, name: "old")
        Files.setModified(folder.file("deep/data/\(path)"), secondsSinceEpoch: 1000)
        let fresh = try store.write([1], camera: CameraID("yard")!, at: morning, name: "fresh")
        let pruned = store.prune(writtenBefore: MediaTime(microseconds: 2_000_000_000), byteLimit: .max) { _ in false }
        #expect(pruned.files == 1 && pruned.remainingFiles == 1)
        #expect(stored(fresh) != nil)
        #expect(Files.names(in: folder.file("deep/data/stills")) == ["yard"])
    }

    @Test func pruningNothingIsNothing() {
        #expect(store.prune(writtenBefore: farFuture, byteLimit: 0) { _ in false } == EvidenceStore.Pruned())
    }
}
