import Foundation

/// The annotated footage beside the project; tests that need it are skipped without it.
package enum Corpus {
    package static let path: String = {
        if let given = ProcessInfo.processInfo.environment["SNOWLINE_CORPUS"] { return given }
        return URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("shared/corpus").path
    }()

    package static let isAvailable = FileManager.default.fileExists(atPath: "\(path)/README.md")
    package static let requirement = "needs the annotated footage (SNOWLINE_CORPUS, default ../shared/corpus)"

    package static func footage(_ name: String) -> String { "\(path)/\(name)/input.mp4" }
}
