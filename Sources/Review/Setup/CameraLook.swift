import Evidence
package import Foundation
package import Ingest
package import Media
package import Pipeline
package import Scene

/// One look at a camera or a file for a person who sets it up: what comes, and a still to draw fences by.
package struct CameraLook: Sendable {
    package let report: StreamProbe.Report

    /// Opens the stream, measures it for some seconds, and writes the first sound picture with a 0–1 grid.
    ///
    /// - Parameters:
    ///   - address: `rtsp://…`, or a path.
    ///   - still: where the JPEG goes, or nil.
    /// - Throws: `SessionFailure`, or why the still cannot be written.
    package init(_ address: StreamAddress, transport: StreamTransport = .tcp, seconds: Int, still: URL?) throws {
        report = try Self.look(address, transport, .seconds(seconds), still: still) { _ in Overlay.grid }
    }

    /// Writes a camera's still with its fences and the figures of its perspective, privacy masks already black.
    package static func drawFences(of camera: CameraConfiguration, to still: URL) throws {
        _ = try look(camera.address, camera.transport, .milliseconds(1), still: still) { picture in
            try picture.blacken(PrivacyMask(camera.privacyMasks))
            return AlertOverlay.setup(of: camera, size: picture.size)
        }
    }

    private static func look(
        _ address: StreamAddress, _ transport: StreamTransport, _ span: Duration, still: URL?,
        overlay: (inout Picture) throws -> Overlay
    ) throws -> StreamProbe.Report {
        try StreamProbe.run(address, options: DemuxerOptions(transport: transport), measuring: span) { picture in
            guard let still else { return }
            var renderer = StillRenderer()
            let drawn = try overlay(&picture)
            try Data(renderer.jpeg(of: picture, overlay: drawn)).write(to: still, options: .atomic)
        }
    }

    /// The findings as `name: value` lines.
    package var lines: [String] {
        let distances = Set(report.keyframeDistances).sorted().map(String.init).joined(separator: ", ")
        let span = report.longestKeyframeSpan.map { String(format: "%.2f s", $0.seconds) }
        return [
            "codec: \(report.stream.codec)", "size: \(report.stream.size)",
            "frames a second: \(number(report.measuredFrameRate)) measured, \(number(report.stream.nominalFrameRate)) stated",
            "GOP: \(distances.isEmpty ? "not seen in this time" : distances + " pictures, longest " + (span ?? "unknown"))",
            "bit rate: \(report.bitRate.map { String(format: "%.0f kbit/s", $0 / 1000) } ?? "unknown")",
            "camera clock: \(report.senderClock.map(\.description) ?? "no sender report seen")",
            "damaged: \(report.counters.corruptPackets) packets, \(report.counters.corruptPictures) pictures"
        ]
    }

    private func number(_ value: Double?) -> String { value.map { String(format: "%.2f", $0) } ?? "none" }
}
