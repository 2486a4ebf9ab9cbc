import Foundation
import Testing

@Suite("documents say what is there")
struct DocumentTests {
    @Test func linksResolve() throws {
        for path in RepositoryTree.documents {
            let folder = path.contains("/") ? path.prefix(upTo: path.lastIndex(of: "/")!) + "/" : ""
            for link in links(in: try RepositoryTree.text(path)) {
                let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
                let target = parts[0].isEmpty ? path : normalized(folder + parts[0])
                #expect(RepositoryTree.exists(target), "\(path): the link \(link) leads nowhere")
                if parts.count == 2, target.hasSuffix(".md"), RepositoryTree.exists(target) {
                    let anchors = try headings(target).map { slug($0) }
                    #expect(anchors.contains(String(parts[1])), "\(path): no heading for the link \(link)")
                }
            }
        }
    }

    @Test(.enabled(if: RepositoryTree.exists("docs/architecture.md")))
    func whereToAddPathsExist() throws {
        let section = try RepositoryTree.lines("docs/architecture.md")
            .drop { !($0.hasPrefix("#") && $0.lowercased().contains("where to add")) }.dropFirst()
            .prefix { !$0.hasPrefix("#") }
        let paths = section.flatMap { codeSpans($0) }.filter { $0.contains("/") && !$0.contains(" ") }
        #expect(!paths.isEmpty, "docs/architecture.md needs a section \"Where to add\" with paths in it")
        for path in paths {
            // `Sources/Rules/Kinds/<Kind>Rule.swift` names a file to come: its folder must be there.
            let fixed = path.split(separator: "/").prefix {
                !$0.contains("<") && !$0.contains("*") && !$0.contains("…")
            }
            #expect(RepositoryTree.exists(fixed.joined(separator: "/")), "docs/architecture.md: \(path) is not there")
        }
    }

    /// Headings of docs/troubleshooting.md in code quotes are messages; `…` stands for their variable parts.
    @Test(.enabled(if: RepositoryTree.exists("docs/troubleshooting.md")))
    func messageHeadingsAreMessagesOfTheProgram() throws {
        let sources = try RepositoryTree.swiftFiles(below: ["Sources"]).map(RepositoryTree.text).joined()
        let messages = try headings("docs/troubleshooting.md").flatMap { codeSpans($0) }
        #expect(!messages.isEmpty, "docs/troubleshooting.md needs headings that are messages, in code quotes")
        for message in messages {
            for part in message.split(separator: "…").map({ $0.trimmingCharacters(in: .whitespaces) })
            where part.count >= 6 {
                #expect(sources.contains(part), "docs/troubleshooting.md: no program says \"\(part)\"")
            }
        }
    }

    @Test func everyGoalOfTheMakefileCallsAScriptThatExists() throws {
        let calls = try RepositoryTree.lines("Makefile").filter { $0.hasPrefix("\t@") && $0.hasSuffix(".sh") }
        #expect(calls.count >= 10)
        for call in calls {
            let path = String(call.dropFirst(2))
            #expect(
                FileManager.default.isExecutableFile(atPath: RepositoryTree.root.appending(path: path).path()),
                "\(path)")
        }
    }

    @Test func linksAndHeadingsAreRead() {
        #expect(
            links(in: "see [a](docs/a.md#b) and ![p](x.png) but [w](https://example.org)") == ["docs/a.md#b", "x.png"])
        #expect(slug("Where to add: a `rule` kind (closed)") == "where-to-add-a-rule-kind-closed")
        #expect(normalized("docs/../README.md") == "README.md")
    }

    /// Targets of Markdown links that lie in this repository; code blocks are left out.
    private func links(in text: String) -> [String] {
        var isCode = false
        return text.split(separator: "\n").flatMap { line -> [String] in
            if line.drop(while: { $0 == " " }).hasPrefix("```") { isCode.toggle() }
            guard !isCode else { return [] }
            return line.split(separator: "](", omittingEmptySubsequences: false).dropFirst().compactMap { rest in
                guard let end = rest.firstIndex(of: ")") else { return nil }
                let target = String(rest[..<end])
                return target.contains("://") || target.hasPrefix("mailto:") ? nil : target
            }
        }
    }

    private func headings(_ path: String) throws -> [Substring] {
        try RepositoryTree.lines(path).filter { $0.hasPrefix("#") }.map { $0.drop { $0 == "#" || $0 == " " } }
    }

    private func codeSpans(_ line: Substring) -> [Substring] {
        line.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            .filter { $0.offset % 2 == 1 }.map(\.element)
    }

    /// The anchor that a heading gets where Markdown is shown.
    private func slug(_ heading: some StringProtocol) -> String {
        let kept = heading.lowercased().filter { $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" || $0 == "_" }
        return kept.replacing(" ", with: "-")
    }

    private func normalized(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == "..", !parts.isEmpty { parts.removeLast() } else { parts.append(part) }
        }
        return parts.joined(separator: "/")
    }
}
