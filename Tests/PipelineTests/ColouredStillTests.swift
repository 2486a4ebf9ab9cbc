import Evidence
import Foundation
import Ingest
import Journal
import Logging
import Media
import Scene
import TestSupport
import Testing

@testable import Pipeline

/// Stills have their colours though analysis decodes none.
@Suite("Stills of a camera of which brightness alone is decoded")
struct ColouredStillTests {
    private static let quiet = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    private static let begin = MediaTime("2026-11-22T01:00:00Z")!
    static let isThere = if case .ready = LumaDecoder.standing { true } else { false }
    static let requirement = Comment("needs scripts/luma-decoder.sh")

    private let scratch: ScratchFolder

    init() throws { scratch = try ScratchFolder() }

    /// Each picture is of another colour.
    private func footage() throws -> String {
        let path = scratch.file("colours.ts"), size = PictureSize(width: 96, height: 64)
        var writer = try VideoWriter(path: path, form: .camera(.h264, keyframeDistance: 25), size: size, frameRate: 25)
        for index in 0..<120 {
            var canvas = try Canvas(size: size, luma: UInt8(60 + index))
            canvas.withPlanes { planes in
                for row in 0..<32 {
                    for column in 0..<48 {
                        planes.blueDifference[row * planes.chromaStride + column] = UInt8(40 + index)
                        planes.redDifference[row * planes.chromaStride + column] = UInt8(220 - index)
                    }
                }
            }
            try writer.append(canvas, at: .seconds(Double(index) / 25))
        }
        try writer.finish()
        return path
    }

    private static let left = Polygon([Point(x: 0, y: 0), Point(x: 0.4, y: 0), Point(x: 0.4, y: 1), Point(x: 0, y: 1)])!

    private func decision(_ index: Int, at time: MediaTime) -> AlertDecision {
        AlertDecision(
            id: "alert-\(index)", version: 1, state: .opened, camera: CameraID("gate")!,
            place: CameraPlace(
                site: "1", area: nil, grid: nil, gbID: nil, location: nil, cameraName: "gate", cameraClass: .c),
            rule: RuleID("path")!, ruleRevision: "r", kind: .line, occurrence: .crossed, anchor: .foot, start: time,
            last: time, end: nil, count: 1, findings: [], measures: [:], summary: .init(zh: "", en: ""),
            provenance: .init(model: "m", modelHash: "h", configurationHash: "c"))
    }

    private enum Want { case whole, luma, lumaWithoutView }

    /// Stills of some pictures, by their number, as the daemon makes them.
    private func stills(_ want: Want, masks: [Polygon] = []) throws -> [Int: [AlertReception.Evidence]] {
        let tap = PacketTap(PacketRing.History(span: .milliseconds(500), bytes: 8 << 20))
        let view = EvidenceView(.colours, tap: tap, privacyMasks: masks, logger: Self.quiet)
        let store = EvidenceStore(folder: scratch.path)
        let stills = AlertStills(
            store: store, restoring: [], views: want == .lumaWithoutView ? [] : [view], logger: Self.quiet)
        var made: [Int: [AlertReception.Evidence]] = [:], index = 0, colourless = 0
        let receiver = EachMoment { picture, time in
            defer { index += 1 }
            colourless += picture.hasColours ? 0 : 1
            guard index % 19 == 18 else { return }
            if !masks.isEmpty { try? picture.blacken(PrivacyMask(masks)) }
            made[index] = stills.evidence(
                for: decision(index, at: time), picture: picture, overlay: Overlay(), at: time)
        }
        var policy = DecodePolicy(.strict)
        policy.planes = want == .whole ? .all : .luma
        _ = try Footage(path: footage(), start: Self.begin, policy: policy).read(into: receiver, tap: tap)
        #expect(index == 120)
        // A still has its decoder go on to the next keyframe, the 76th picture and the 101st.
        #expect(colourless == [.whole: 0, .luma: 7 + 1 + 14, .lumaWithoutView: 70][want])
        return made
    }

    @Test("they are those of a camera that is decoded whole, to the byte", .enabled(if: isThere, requirement))
    func same() throws {
        let (whole, luma) = (try stills(.whole), try stills(.luma))
        #expect(whole.count == 6 && whole.values.allSatisfy { $0.count == 2 })
        #expect(luma == whole, "moment, size, digest, stream")
        let grey = try stills(.lumaWithoutView)
        #expect(grey[18] == whole[18], "before the GOP was known everything was decoded")
        #expect(grey[94]?.map(\.sha256) != whole[94]?.map(\.sha256), "else nothing was compared")
    }

    @Test("privacy masks are black in them", .enabled(if: isThere, requirement))
    func masked() throws {
        let (whole, luma) = (try stills(.whole, masks: [Self.left]), try stills(.luma, masks: [Self.left]))
        #expect(luma == whole)
        #expect(try stills(.luma)[94] != luma[94])
    }

    @Test(
        "where the packets are gone the picture itself is taken, and the moment is right",
        .enabled(if: isThere, requirement))
    func gone() throws {
        let tap = PacketTap(PacketRing.History(span: .milliseconds(500), bytes: 8 << 20))
        let view = EvidenceView(.colours, tap: tap, privacyMasks: [], logger: Self.quiet)
        #expect(view.time(ofPictureAt: Self.begin) == nil)
        #expect(
            EvidenceView.Source.colours.earliest == .zero && EvidenceView.Source.secondStream.earliest == .seconds(1))
    }
}

/// Calls a closure for each picture.
private final class EachMoment: PictureReceiver {
    private let body: (inout Picture, MediaTime) -> Void
    let attention = PictureAttention.quiet

    init(_ body: @escaping (inout Picture, MediaTime) -> Void) { self.body = body }

    func sessionBegan(_ stream: StreamDescription, anchor: MediaTime) {}
    func receive(_ picture: inout Picture, at time: MediaTime) { body(&picture, time) }
    func sessionEnded(_ failure: SessionFailure, at time: MediaTime?) {}
}
