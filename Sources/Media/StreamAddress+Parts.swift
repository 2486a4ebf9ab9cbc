package import Scene

extension StreamAddress {
    /// The path where the address names a recorded file (`file:///…`, `file:…` or a plain path), else nil.
    package var filePath: String? {
        if revealed.hasPrefix("file://") { return String(revealed.dropFirst("file://".count)) }
        if revealed.hasPrefix("file:") { return String(revealed.dropFirst("file:".count)) }
        return scheme == nil ? revealed : nil
    }

    /// The host without login, port and brackets; nil where the address names a file.
    package var host: String? {
        guard filePath == nil, let parts = split() else { return nil }
        let place = parts.place.prefix { !Self.endsAuthority($0) }
        let name = place.first == "[" ? place.dropFirst().prefix { $0 != "]" } : place.prefix { $0 != ":" }
        return name.isEmpty ? nil : String(name)
    }

    /// The address as FFmpeg reads it: passwords are often typed with `/`, `?` or `#` as they are.
    var withEncodedLogin: String {
        guard let parts = split(), !parts.login.isEmpty else { return revealed }
        let login = parts.login.reduce(into: "") { encoded, character in
            switch character {
            case "/": encoded += "%2F"
            case "?": encoded += "%3F"
            case "#": encoded += "%23"
            case "@": encoded += "%40"
            default: encoded.append(character)
            }
        }
        return "\(parts.scheme)\(login)@\(parts.place)"
    }

    private static func endsAuthority(_ character: Character) -> Bool {
        character == "/" || character == "?" || character == "#"
    }

    private func split() -> (scheme: Substring, login: Substring, place: Substring)? {
        guard let start = revealed.firstRange(of: "://")?.upperBound else { return nil }
        let scheme = revealed[..<start], rest = revealed[start...]
        let authority = rest.prefix { !Self.endsAuthority($0) }
        var at = authority.lastIndex(of: "@")
        if at == nil, let colon = authority.firstIndex(of: ":"), authority.first != "[" {
            // Either host and port, then a path that may hold an '@'; or a login cut short by a '/' in the password.
            let isPort = authority[authority.index(after: colon)...].allSatisfy(\.isWholeNumber)
            if !isPort { at = rest.lastIndex(of: "@") }
        }
        guard let at else { return (scheme, rest[..<rest.startIndex], rest) }
        return (scheme, rest[..<at], rest[rest.index(after: at)...])
    }
}
