package import Evidence
import Foundation
import Journal
import Media
package import Scene

/// What a written clip says of itself.
package enum ClipEvidence {
    private static let chunk = 1 << 20

    /// Reads the file once for its packets and once for its digest.
    /// - Parameter start: media time of its first picture; nil for what the file says.
    package static func describe(
        _ relative: String, in store: EvidenceStore, start: MediaTime?
    ) throws -> AlertReception.Evidence {
        let path = store.path(of: relative)
        let clip = try ClipInspection(path: path)
        let said = clip.note?.split(separator: " ").last.flatMap { MediaTime(String($0)) }
        guard let begin = start ?? said else {
            throw EvidenceError(path: relative, text: "the clip does not say when it begins")
        }
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        defer { try? file.close() }
        var digest = RunningDigest()
        var bytes = 0
        while let data = try file.read(upToCount: chunk), !data.isEmpty {
            digest.add(data)
            bytes += data.count
        }
        return AlertReception.Evidence(
            kind: .clip, path: relative, sha256: digest.hex, bytes: bytes, width: clip.size.width,
            height: clip.size.height,
            mediaTime: begin, seconds: Double(clip.duration.microseconds / 1000) / 1000, codec: clip.codec)
    }
}
