import Foundation
import Journal
import Scene

/// A data folder of its own for one test.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "snowline-journal-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    func mode(_ name: String = "") throws -> Int? {
        let attributes = try FileManager.default.attributesOfItem(atPath: path + "/" + name)
        return (attributes[.posixPermissions] as? NSNumber)?.intValue
    }
}

func sampleAlert(
    id: String = "a", version: Int = 1, state: AlertState = .opened, camera: String = "south-gate",
    cameraClass: CameraClass = .b, start: MediaTime = MediaTime(microseconds: 52_000_000), evidenceBytes: Int = 0,
    measures: [String: Double] = ["dwell_s": 1.5], severity: Int? = nil
) -> Alert {
    let place = CameraPlace(
        site: "530302", area: "530302", grid: nil, gbID: nil, location: [103.8, 25.5], cameraName: "南门",
        cameraClass: cameraClass)
    let evidence = AlertReception.Evidence(
        kind: .clean, path: "stills/\(id)-\(version).jpg", sha256: String(repeating: "0", count: 64),
        bytes: evidenceBytes, width: 704, height: 576, mediaTime: start)
    return Alert(
        decision: AlertDecision(
            id: id, version: version, state: state, camera: CameraID(camera)!, place: place, rule: RuleID("lawn")!,
            ruleRevision: "r1", kind: .zone, occurrence: .occupied, anchor: .foot, start: start,
            last: start, end: state == .closed ? start : nil, isHolding: state != .closed, count: 1,
            findings: [
                .init(
                    time: start, occurrence: .occupied, direction: nil, track: TrackID(7),
                    box: Box(x: 0.1, y: 0.2, width: 0.05, height: 0.1), point: Point(x: 0.125, y: 0.3))
            ],
            measures: measures, summary: .init(zh: "有目标/进入", en: "something/inside"),
            severity: severity, provenance: .init(model: "visible", modelHash: "m", configurationHash: "c")),
        reception: AlertReception(
            serverTime: start, latencyMilliseconds: 12, sequence: 0,
            evidence: evidenceBytes > 0 ? [evidence] : [], isReplay: false))
}
