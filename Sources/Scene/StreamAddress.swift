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

    /// Hides the user part and the query. Cameras' passwords hold any character, also unescaped: what could be part of
    /// one is hidden, even where that hides the host too.
    package static func redacted(_ text: String) -> String {
        guard let schemeEnd = schemeEnd(text) else { return text }
        let authorityStart = text.index(schemeEnd, offsetBy: 3)
        let rest = text[authorityStart...]
        let at = userEnd(rest)
        let query = rest.firstIndex(of: "?")
        // A '?' before the '@': a password with '?', or a query with '@'. Nobody can tell, so neither shows.
        if let at, let query, query < at { return text[..<authorityStart] + "***" }
        let visible = at.map { rest[rest.index(after: $0)...] } ?? rest
        let shown = query.map { visible[..<$0] + "?***" } ?? visible
        return text[..<authorityStart] + (at == nil ? "" : "***@") + shown
    }

    /// The last '@', unless it can only belong to a path: a password may itself hold '@' and '/'.
    private static func userEnd(_ rest: Substring) -> String.Index? {
        guard let last = rest.lastIndex(of: "@") else { return nil }
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let isSuspect = authority.contains("@") || rest[..<last].contains(":") || rest[..<last].contains("?")
        return isSuspect ? last : nil
    }

    private static func schemeEnd(_ text: String) -> String.Index? {
        var index = text.startIndex
        while index < text.endIndex, text[index] != ":" { index = text.index(after: index) }
        guard index > text.startIndex, text[index...].hasPrefix("://") else { return nil }
        return index
    }
}
