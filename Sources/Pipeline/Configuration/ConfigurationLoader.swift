import Foundation
import Yams

/// What reading a configuration needs of the world.
package struct ConfigurationSurroundings: Sendable {
    /// Folder of the file, absolute: relative paths of the configuration start here.
    package var folder: String
    /// Value of an environment variable, for `env:NAME`.
    package var environment: @Sendable (String) -> String?
    /// The folders in `Models/` that hold a model.
    package var modelNames: [String]
    /// Told of each variable that `env:NAME` names and that is not set; nil where that is a problem (the daemon).
    package var noteMissingVariable: (@Sendable (String) -> Void)?

    package init(
        folder: String, environment: @escaping @Sendable (String) -> String?, modelNames: [String],
        noteMissingVariable: (@Sendable (String) -> Void)? = nil
    ) {
        self.folder = folder
        self.environment = environment
        self.modelNames = modelNames
        self.noteMissingVariable = noteMissingVariable
    }
}

extension SiteConfiguration {
    /// Reads a file and checks everything in it.
    ///
    /// - Parameters:
    ///   - path: of the file; problems name it by its last part.
    ///   - environment: value of a variable; the process's own if left out.
    ///   - modelNames: the folders in `Models/`.
    ///   - noteMissingVariable: for commands that watch and deliver nothing: told of variables that are not set.
    /// - Throws: every problem at once.
    package static func load(
        path: String,
        environment: @escaping @Sendable (String) -> String? = { ProcessInfo.processInfo.environment[$0] },
        modelNames: [String], noteMissingVariable: (@Sendable (String) -> Void)? = nil
    ) throws(ConfigurationError) -> SiteConfiguration {
        let url = URL(fileURLWithPath: path)
        let file = url.lastPathComponent
        let surroundings = ConfigurationSurroundings(
            folder: url.deletingLastPathComponent().standardizedFileURL.path, environment: environment,
            modelNames: modelNames, noteMissingVariable: noteMissingVariable)
        return try decode(try readText(url, file: file), file: file, in: surroundings)
    }

    /// Checks the text of a configuration.
    /// - Parameter file: how problems name it.
    /// - Throws: every problem at once.
    package static func decode(
        _ text: String, file: String, in surroundings: ConfigurationSurroundings
    ) throws(ConfigurationError) -> SiteConfiguration {
        let log = ProblemLog()
        if let root = composedRoot(text, log: log) {
            let reader = SiteReader(surroundings: surroundings)
            if let configuration = reader.read(root), log.isEmpty { return configuration }
        }
        if log.isEmpty { log.add(line: nil, path: "", "cannot be used") }
        throw ConfigurationError(file: file, problems: log.sorted)
    }

    private static func readText(_ url: URL, file: String) throws(ConfigurationError) -> String {
        func fail(_ text: String) -> ConfigurationError {
            ConfigurationError(file: file, problems: [ConfigurationProblem(line: nil, path: "", text: text)])
        }
        guard let handle = try? FileHandle(forReadingFrom: url) else {
            let exists = FileManager.default.fileExists(atPath: url.path)
            throw fail(exists ? "cannot be opened; check its permissions" : "no such file; check the path")
        }
        defer { try? handle.close() }
        guard let data = try? handle.read(upToCount: fileLimitBytes + 1) else {
            throw fail("cannot be read; give a file, not a folder")
        }
        guard data.count <= fileLimitBytes else { throw fail("has more than \(fileLimitBytes) bytes; split the site") }
        guard let text = String(data: data, encoding: .utf8) else { throw fail("is not UTF-8 text; save it as UTF-8") }
        return text
    }

    private static func composedRoot(_ text: String, log: ProblemLog) -> ConfigurationNode? {
        if text.utf8.count > fileLimitBytes {
            log.add(line: nil, path: "", "has more than \(fileLimitBytes) bytes; split the site")
            return nil
        }
        // Refused before parsing, so that no chain of references can be unfolded.
        for line in linesWithReferences(text) {
            log.add(line: line, path: "", "YAML anchors and aliases (& and *) are not supported; write the value out")
        }
        guard log.isEmpty else { return nil }
        do {
            guard let node = try Yams.compose(yaml: text) else {
                log.add(line: nil, path: "", "is empty; begin with docs/configuration.md")
                return nil
            }
            return ConfigurationNode(node: node, path: "", log: log)
        } catch let error as YamlError {
            let (line, problem) = described(error)
            log.add(line: line, path: "", problem)
        } catch {
            log.add(line: nil, path: "", "is not YAML")
        }
        return nil
    }

    /// Only the parser's own words and the place: its full description quotes the file, secrets and all.
    private static func described(_ error: YamlError) -> (line: Int?, text: String) {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            (mark.line, "is not YAML: \(problem)")
        case .reader(let problem, _, _, _):
            (nil, "is not YAML: \(problem)")
        case .duplicatedKeysInMapping(let duplicates, let context):
            (
                context.mark.line,
                "\(duplicates.sorted().joined(separator: ", ")) is given more than once in one mapping; keep one"
            )
        default:
            (nil, "is not YAML")
        }
    }
}

/// Lines on which a YAML value begins with `&` or `*`: an anchor or an alias. Quoted texts and comments are skipped;
/// inside a text that goes on (`Tom &Jerry`, `?a=1&b=2`) the marks mean nothing and are let through.
func linesWithReferences(_ text: String) -> [Int] {
    var found: [Int] = []
    for (index, line) in text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
        if beginsReference(Array(line)) { found.append(index + 1) }
    }
    return found
}

private func beginsReference(_ line: [UInt8]) -> Bool {
    var quote: UInt8?
    var mayBegin = true
    for (index, byte) in line.enumerated() {
        if let open = quote {
            if byte == open, !(open == UInt8(ascii: "\"") && line[index - 1] == UInt8(ascii: "\\")) { quote = nil }
            continue
        }
        switch byte {
        case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"):
            if index > 0, !mayBegin { mayBegin = ":-?".utf8.contains(line[index - 1]) }
        case UInt8(ascii: "#") where mayBegin || index > 0 && line[index - 1] == UInt8(ascii: " "):
            return false
        case UInt8(ascii: "&") where mayBegin, UInt8(ascii: "*") where mayBegin:
            return true
        case UInt8(ascii: "\""), UInt8(ascii: "'"):
            if mayBegin { quote = byte }
            mayBegin = false
        case UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: ","):
            mayBegin = true
        default:
            mayBegin = false
        }
    }
    return false
}
