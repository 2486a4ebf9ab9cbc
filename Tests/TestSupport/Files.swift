import Foundation

/// The few things tests do with files, so that they need no Foundation of their own.
package enum Files {
    package static func read(_ path: String) -> [UInt8]? {
        FileManager.default.contents(atPath: path).map { [UInt8]($0) }
    }

    package static func write(_ bytes: [UInt8], to path: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    package static func names(in folder: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    }

    package static func setModified(_ path: String, secondsSinceEpoch: Int) {
        let date = Date(timeIntervalSince1970: TimeInterval(secondsSinceEpoch))
        try? FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: path)
    }
}

extension Files {
    /// A text file of the project itself, by its path from the package root.
    package static func text(inProject path: String) -> String? {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try? String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }
}
