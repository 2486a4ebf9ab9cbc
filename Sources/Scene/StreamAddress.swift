/// Where a camera's stream or a sink is found. User name and password stay inside: every description of the value
/// shows `***` in their place, and only ``revealed`` gives them out, to the call that opens the connection.
package struct StreamAddress: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    package let revealed: String

    package init(_ text: String) {
        revealed = text
    }

    package var description: String { Self.redacted(revealed) }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: ["address": description]) }

    /// `rtsp`, `rtsps`, `http`, `https`, `file`, or nil where the text has no scheme.
    package var scheme: String? {
        guard let end = Self.schemeEnd(revealed) else { return nil }
        return revealed[..<end].lowercased()
    }

    /// Hides the user part (everything between `://` and the last `@` before the path) and the query.
    package static func redacted(_ text: String) -> String {
        guard let schemeEnd = schemeEnd(text) else { return text }
        let authorityStart = text.index(schemeEnd, offsetBy: 3)
        let rest = text[authorityStart...]
        let authorityEnd = rest.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? rest.endIndex
        // A password may itself hold '/' or '?': then the '@' stands after them, and all before it is hidden too.
        let pathlessAt = rest[..<authorityEnd].lastIndex(of: "@")
        let at = pathlessAt ?? rest.lastIndex(of: "@").flatMap { rest[..<$0].contains(":") ? $0 : nil }
        let visible = at.map { rest[rest.index(after: $0)...] } ?? rest
        let query = visible.firstIndex(of: "?")
        let shown = query.map { visible[..<$0] + "?***" } ?? visible[...]
        return text[..<authorityStart] + (at == nil ? "" : "***@") + shown
    }

    private static func schemeEnd(_ text: String) -> String.Index? {
        var index = text.startIndex
        while index < text.endIndex, text[index] != ":" { index = text.index(after: index) }
        guard index > text.startIndex, text[index...].hasPrefix("://") else { return nil }
        return index
    }
}
