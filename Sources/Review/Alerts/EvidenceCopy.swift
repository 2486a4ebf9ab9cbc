import Foundation
import Journal
package import Scene

/// A file of evidence beside the page of its alert: copied if it still is, byte for byte, what was journaled.
package struct EvidenceCopy: Hashable, Sendable, Encodable {
    package enum State: String, Sendable, Encodable, CaseIterable {
        case whole
        case missing
        /// It is there, and is not what was journaled.
        case changed
        /// It cannot be read.
        case unreadable
        /// Larger than evidence may be, or one of too many.
        case tooLarge = "too_large"
    }

    package let kind: AlertReception.Evidence.Kind
    /// Relative to the data folder.
    package let path: String
    package let sha256: String
    package let state: State
    /// Relative to the page; nil where nothing was copied.
    package let file: String?

    /// The largest that the configuration allows a clip, and the largest still.
    static let byteLimit = 1 << 30
    private static let chunk = 1 << 20

    private init(_ entry: AlertReception.Evidence, _ state: State, file: String? = nil) {
        kind = entry.kind
        path = entry.path
        sha256 = entry.sha256
        self.state = state
        self.file = file
    }

    /// One that nobody tried to copy.
    static func leftOut(_ entry: AlertReception.Evidence) -> Self { Self(entry, .tooLarge) }

    /// Copies and weighs in one reading. What is not what was journaled leaves nothing behind.
    /// - Parameters:
    ///   - file: where it goes, relative to `folder`, which has the folder of that name.
    /// - Throws: an error of Foundation that names the file that cannot be written.
    init(
        _ entry: AlertReception.Evidence, of dataFolder: String, as file: String, in folder: String
    ) throws {
        let (reader, trouble) = Self.open(entry, of: dataFolder)
        guard let reader else {
            self.init(entry, trouble)
            return
        }
        defer { try? reader.close() }
        let target = "\(folder)/\(file)"
        try Data().write(to: URL(fileURLWithPath: target), options: .withoutOverwriting)
        let writer = try FileHandle(forWritingTo: URL(fileURLWithPath: target))
        let state = try Self.copy(reader, to: writer, entry)
        try writer.close()
        if state != .whole { try FileManager.default.removeItem(atPath: target) }
        self.init(entry, state, file: state == .whole ? file : nil)
    }

    /// Only weighs it, where it is.
    init(weighing entry: AlertReception.Evidence, of dataFolder: String) {
        let (reader, trouble) = Self.open(entry, of: dataFolder)
        guard let reader else {
            self.init(entry, trouble)
            return
        }
        defer { try? reader.close() }
        self.init(entry, (try? Self.copy(reader, to: nil, entry)) ?? .unreadable)
    }

    /// - Returns: nil and why.
    private static func open(
        _ entry: AlertReception.Evidence, of dataFolder: String
    ) -> (reader: FileHandle?, trouble: State) {
        let source = "\(dataFolder)/\(entry.path)"
        guard entry.bytes <= byteLimit else { return (nil, .tooLarge) }
        guard isEvidencePath(entry.path), exists(source) else { return (nil, .missing) }
        // A pipe would be waited for, a link leads elsewhere.
        guard isPlainFile(source) else { return (nil, .unreadable) }
        return (FileHandle(forReadingAtPath: source), .unreadable)
    }

    /// Reads no more than one piece beyond what was journaled.
    /// - Throws: where it cannot be written.
    private static func copy(
        _ reader: FileHandle, to writer: FileHandle?, _ entry: AlertReception.Evidence
    ) throws -> State {
        var digest = RunningDigest()
        var count = 0
        while count <= entry.bytes {
            let piece: Data
            do { piece = try reader.read(upToCount: chunk) ?? Data() } catch { return .unreadable }
            guard !piece.isEmpty else { break }
            digest.add(piece)
            count += piece.count
            try writer?.write(contentsOf: piece)
        }
        return count == entry.bytes && digest.hex == entry.sha256 ? .whole : .changed
    }

    /// Below the data folder, whatever a journal that was changed may say.
    private static func isEvidencePath(_ path: String) -> Bool {
        !path.isEmpty && !path.hasPrefix("/") && !path.split(separator: "/").contains("..")
    }

    private static func exists(_ path: String) -> Bool { attributes(path) != nil }

    private static func isPlainFile(_ path: String) -> Bool {
        attributes(path)?[.type] as? FileAttributeType == .typeRegular
    }

    private static func attributes(_ path: String) -> [FileAttributeKey: Any]? {
        try? FileManager.default.attributesOfItem(atPath: path)
    }

    /// As a person reads it.
    package var sentence: String {
        switch state {
        case .whole: "\(path): is what was journaled"
        case .missing: "\(path): the file is gone; it was removed by retention or by hand"
        case .changed: "\(path): the file is not what was journaled (SHA-256); it is not used"
        case .unreadable: "\(path): the file cannot be read; check its permissions"
        case .tooLarge: "\(path): too large, or one file too many; it is not used"
        }
    }
}
