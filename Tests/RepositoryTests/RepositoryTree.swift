import Foundation

/// The files of this repository as the tests see them: what is written by people, not what builds and demos leave.
enum RepositoryTree {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Folders (relative to the root) that are made, not written; the same as in `.gitignore`.
    private static let made: Set<String> = [
        ".git", ".swiftpm", ".venv", "data", "demo/data", "demo/footage", "demo/stills"
    ]
    private static let textSuffixes: Set<String> = [
        "swift", "c", "h", "md", "sh", "py", "yaml", "yml", "json", "service", "conf", "txt", "modulemap"
    ]
    private static let textNames: Set<String> = ["Makefile", "NOTICE", "run", ".gitignore", ".swift-format"]

    /// Paths relative to the root of all text files, sorted.
    static let textFiles: [String] = {
        let found = FileManager.default.enumerator(at: root, includingPropertiesForKeys: [.isSymbolicLinkKey])
        var paths: [String] = []
        while let url = found?.nextObject() as? URL {
            let path = relative(url)
            let name = url.lastPathComponent
            if made.contains(path) || name.hasPrefix(".build") || name == "__pycache__" {
                found?.skipDescendants()
            } else if textSuffixes.contains(url.pathExtension) || textNames.contains(name) {
                paths.append(path)
            }
        }
        return paths.sorted()
    }()

    /// Swift files below the given folders; links (the kernels) count once, where they point.
    static func swiftFiles(below folders: [String]) -> [String] {
        textFiles.filter { path in
            path.hasSuffix(".swift") && folders.contains { path.hasPrefix($0 + "/") } && !isLink(path)
        }
    }

    static var documents: [String] {
        textFiles.filter { $0.hasSuffix(".md") }
    }

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    static func lines(_ path: String) throws -> [Substring] {
        try text(path).split(separator: "\n", omittingEmptySubsequences: false)
    }

    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appending(path: path).path(percentEncoded: false))
    }

    static func isLink(_ path: String) -> Bool {
        linkTarget(path) != nil
    }

    static func linkTarget(_ path: String) -> String? {
        try? FileManager.default.destinationOfSymbolicLink(
            atPath: root.appending(path: path).path(percentEncoded: false))
    }

    /// Names in a folder, sorted; empty where there is no such folder.
    static func names(in folder: String) -> [String] {
        let path = root.appending(path: folder).path(percentEncoded: false)
        return ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    }

    private static func relative(_ url: URL) -> String {
        let prefix = root.path(percentEncoded: false)
        let path = url.path(percentEncoded: false)
        let inside = path.hasPrefix(prefix) ? path.dropFirst(prefix.count) : path[...]
        return inside.split(separator: "/").joined(separator: "/")
    }
}
