import Foundation
import Ingest
import Logging
import Media
import Scene
import TestSupport
import Testing

@testable import Pipeline

/// Pictures of the second stream, and what a configuration may say of it.
@Suite("Two streams of one camera")
struct EvidenceViewTests {
    private static let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    private static let begin = MediaTime("2026-11-22T01:00:00Z")!
    private typealias Fixture = ConfigurationFixture

    private let scratch: ScratchFolder
    private let tap = PacketTap(PacketRing.History(span: .seconds(30), bytes: 8 << 20))

    init() throws { scratch = try ScratchFolder() }

    /// Puts footage that gets brighter by a level with each picture into the tap.
    private func fill() throws {
        let path = try DrawnFootage(
            size: PictureSize(width: 96, height: 64), pictureCount: 100, form: .camera(.h264, keyframeDistance: 25)
        ) { index, brush in
            brush.fill(Box(x: 0, y: 0, width: 1, height: 1), luma: UInt8(50 + index))
        }.write(to: scratch.file("rising.mp4"))
        var demuxer = try Demuxer(
            StreamAddress("file:" + path), options: DemuxerOptions(codecs: .footage), interrupt: Interrupt())
        let ring = tap.open(try StreamParameters(demuxer))
        var packet = Packet()
        while try demuxer.read(into: &packet, within: .seconds(5)) { ring.pass(packet) }
        ring.align(presentation: .zero, time: Self.begin)
    }

    private func view(_ masks: [Polygon] = []) -> EvidenceView {
        EvidenceView(tap: tap, privacyMasks: masks, logger: Self.quiet)
    }

    private func luma(_ view: EvidenceView, x: Double = 0.5) -> Int {
        view.picture.withLuma { Int($0.base[$0.height / 2 * $0.stride + Int(x * Double($0.width))]) }
    }

    @Test("the picture of each moment is found, and masked", arguments: [0, 7, 24, 25, 60, 99])
    func moments(index: Int) throws {
        try fill()
        let left = Polygon([Point(x: 0, y: 0), Point(x: 0.4, y: 0), Point(x: 0.4, y: 1), Point(x: 0, y: 1)])
        let view = view([try #require(left)])
        let wanted = Self.begin + .milliseconds(Int64(index) * 40 + 10)
        let shown = try #require(view.time(ofPictureAt: wanted))
        #expect(shown == Self.begin + .milliseconds(Int64(index) * 40))
        #expect(abs(luma(view) - (50 + index)) <= 3, "\(luma(view))")
        #expect(luma(view, x: 0.2) <= 16)
        #expect(view.time(ofPictureAt: wanted) == shown, "asked again, it is not decoded again")
    }

    @Test("what is before, long after, or was never there is refused")
    func refusals() throws {
        #expect(view().time(ofPictureAt: Self.begin) == nil, "nothing came")
        try fill()
        #expect(view().time(ofPictureAt: Self.begin - .seconds(1)) == nil)
        #expect(view().time(ofPictureAt: Self.begin + .milliseconds(4900)) != nil)
        #expect(view().time(ofPictureAt: Self.begin + .milliseconds(5100)) == nil)
    }

    @Test("a second address is read, kept out of dumps and part of the revision alone")
    func configuration() throws {
        let url = "rtsp://user:hunter2@127.0.0.1:8554/gate"
        let text = Fixture.changed(url, to: "\(url)\n    evidence_url: rtsp://user:hunter7@127.0.0.1:8554/main")
        let camera = try #require(try Fixture.decode(text).cameras.first)
        let before = try #require(try Fixture.decode(Fixture.minimal).cameras.first)
        #expect(before.evidenceAddress == nil)
        #expect(camera.evidenceAddress?.revealed == "rtsp://user:hunter7@127.0.0.1:8554/main")
        #expect(camera.revision != before.revision && camera.configurationHash == before.configurationHash)
        var dumped = ""
        dump(camera, to: &dumped)
        #expect(!dumped.contains("hunter"))
    }

    @Test(
        "an address that cannot be the second stream is a problem",
        arguments: [
            ("rtsp://user:hunter2@127.0.0.1:8554/gate", "is the same as url"), ("./main.mp4", "is a recorded file"),
            ("http://127.0.0.1/main", "the scheme http is not supported"), ("rtsp://", "has no host")
        ])
    func problems(value: String, problem: String) {
        let url = "rtsp://user:hunter2@127.0.0.1:8554/gate"
        let found = Fixture.problems(Fixture.changed(url, to: "\(url)\n    evidence_url: \(value)"))
        #expect(found.count == 1 && found[0].contains("cameras[0].evidence_url: \(problem)"), "\(found)")
        #expect(!"\(found)".contains("hunter"))
        let beside = Fixture.problems(
            Fixture.changed(url, to: "./gate.mp4\n    evidence_url: rtsp://127.0.0.1:8554/main"))
        #expect(beside.count == 1 && beside[0].contains("stands beside a recorded file in url"), "\(beside)")
    }
}
