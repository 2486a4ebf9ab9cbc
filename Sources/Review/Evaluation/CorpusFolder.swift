package import Foundation

/// One folder of an annotated corpus: the footage, what is known of it, and its fences with their true events.
///
/// Only the picture size, frame rate and nuisance tags of `meta.json` are read, and of the tags only whether the
/// footage is thermal: nothing else may influence analysis.
package struct CorpusFolder: Sendable {
    package let name: String
    package let folder: URL
    package let footage: URL
    package let isThermal: Bool
    /// What makes the footage hard, as its annotation says; only for the tables of a report.
    package let nuisance: [String]
    package var hasGroundTruthMasks: Bool { maskTruth != nil }
    /// Nil where nobody marked what moves.
    package let maskTruth: MaskTruth?
    /// Empty where the folder has no `fences.json`.
    package let fences: [AnnotatedFence]

    /// Reads all folders of `corpus` that hold a `meta.json`, sorted by name; others are ignored.
    /// - Throws: ``CorpusError`` naming the file and what is wrong with it.
    package static func folders(in corpus: URL) throws -> [CorpusFolder] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: corpus.path)
        } catch {
            throw CorpusError(place: corpus.path, detail: "cannot list the corpus; give a folder of footage folders")
        }
        return try names.sorted().compactMap { name in
            let folder = corpus.appendingPathComponent(name, isDirectory: true)
            guard FileManager.default.fileExists(atPath: folder.appendingPathComponent("meta.json").path) else {
                return nil
            }
            return try CorpusFolder(name: name, folder: folder)
        }
    }

    private init(name: String, folder: URL) throws {
        let metaFile = folder.appendingPathComponent("meta.json")
        let meta: Meta = try Self.decode(metaFile)
        self.name = name
        self.folder = folder
        footage = folder.appendingPathComponent(meta.videoFile ?? "input.mp4")
        nuisance = meta.nuisance ?? []
        isThermal = nuisance.contains("thermal")
        maskTruth = meta.groundtruthFile.map { file in
            let range = meta.frameRange ?? []
            let frames = range.count == 2 && range[0] <= range[1] ? range[0]...range[1] : 0...Int.max
            return MaskTruth(file: folder.appendingPathComponent(file), frames: frames)
        }
        let fenceFile = folder.appendingPathComponent("fences.json")
        fences = FileManager.default.fileExists(atPath: fenceFile.path) ? try Self.decode(fenceFile) : []
        guard Set(fences.map(\.id)).count == fences.count else {
            throw CorpusError(place: fenceFile.path, detail: "two fences have one id; give each its own")
        }
    }

    private struct Meta: Decodable {
        let videoFile: String?
        let nuisance: [String]?
        let groundtruthFile: String?
        let frameRange: [Int]?

        enum CodingKeys: String, CodingKey {
            case nuisance
            case videoFile = "video_file"
            case groundtruthFile = "groundtruth_file"
            case frameRange = "frame_range"
        }
    }

    private static func decode<Value: Decodable>(_ file: URL) throws -> Value {
        do {
            return try JSONDecoder().decode(Value.self, from: Data(contentsOf: file))
        } catch let error as DecodingError {
            throw CorpusError(place: file.path, detail: "not as expected: \(error.summary)")
        } catch {
            throw CorpusError(place: file.path, detail: "cannot be read")
        }
    }
}

/// A problem of the corpus itself: which file, and what is wrong.
package struct CorpusError: Error, CustomStringConvertible {
    package let place: String
    package let detail: String

    package var description: String { "\(place): \(detail)" }
}

extension DecodingError {
    fileprivate var summary: String {
        switch self {
        case .keyNotFound(let key, let context): "\(Self.path(context)): no \"\(key.stringValue)\""
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            "\(Self.path(context)): \(context.debugDescription)"
        @unknown default: String(describing: self)
        }
    }

    private static func path(_ context: Context) -> String {
        context.codingPath.isEmpty ? "top level" : context.codingPath.map(\.stringValue).joined(separator: ".")
    }
}
