import Foundation
import Journal
package import Scene

/// Decisions that `replay --alerts` (or a sink's file, or `alerts list --json`) wrote, one JSON object a line.
package enum DecisionFile {
    /// Larger files are refused, in bytes.
    package static let limit = 1 << 28

    /// - Throws: ``CorpusError`` with file, line and what is wrong with it.
    package static func read(_ path: String) throws -> [AlertDecision] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CorpusError(place: path, detail: "cannot be read; give what replay --alerts wrote")
        }
        guard data.count <= limit else {
            throw CorpusError(place: path, detail: "has \(data.count) bytes; at most \(limit) are read, split the file")
        }
        return try data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated().compactMap {
            number, line in
            guard line.contains(where: { $0 != 0x20 && $0 != 0x0d }) else { return nil }
            do {
                return try DecisionCoder.decode(Line.self, from: Data(line)).decision
            } catch {
                throw CorpusError(
                    place: "\(path):\(number + 1)",
                    detail: "not a line of replay --alerts; each is a JSON object with \"decision\"")
            }
        }
    }

    private struct Line: Decodable { let decision: AlertDecision }
}
