import Ingest
import Media
import Scene
import TestSupport
import Testing

@Suite struct MessageTests {
    @Test(arguments: FailureKind.allCases)
    func everyMessageIsExplained(kind: FailureKind) throws {
        let text = try #require(Files.text(inProject: "docs/troubleshooting.md"))
        #expect(text.contains("\n### `\(kind.headline)`\n"))
    }

    @Test func messagesDiffer() {
        #expect(Set(FailureKind.allCases.map(\.headline)).count == FailureKind.allCases.count)
    }

    @Test func aMessageSaysWhereWhatAndWhatToDo() {
        let address = StreamAddress("rtsp://admin:geheim@10.0.0.9:554/live?token=secret")
        let failure = SessionFailure(.refused, at: address)
        #expect(
            failure.detail == "rtsp://***@10.0.0.9:554/live?***: connection refused; "
                + "check the port in url and that RTSP is switched on in the camera")
        let codec = SessionFailure(
            MediaError(.unsupportedCodec, "open", text: "vp8"), at: address, stage: .opening)
        #expect(codec.detail.contains("the codec is not supported (vp8); set the camera to"))
    }

    @Test(arguments: [
        ("rtsp://camera.example:554/path@x", "camera.example"), ("rtsp://u:p/q#r@camera.example/x", "camera.example"),
        ("rtsp://[2001:db8::1]:554/x", "2001:db8::1"), ("rtsp://10.1.2.3/x", "10.1.2.3"),
        ("rtsp://u:p@w@10.1.2.3/x", "10.1.2.3")
    ])
    func theHostIsFound(address: String, host: String) {
        #expect(StreamAddress(address).host == host)
    }
}
