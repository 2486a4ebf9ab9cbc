import Evidence
import Scene
import TestSupport
import Testing

@Suite struct EvidenceStoreTests {
    @Test func aFileIsWrittenBelowItsDay() throws {
        let folder = try ScratchFolder()
        let store = EvidenceStore(folder: folder.path + "/deep/data")
        let path = try store.write(
            [1, 2, 3], camera: CameraID("gate")!, at: MediaTime("2026-11-22T09:00:00Z")!, name: "a.1.clean")
        #expect(path == "stills/gate/2026-11-22/a.1.clean.jpg")
    }
}
