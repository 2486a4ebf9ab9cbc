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

    /// What a question to an RTSP camera needs: where to connect, what to ask for, and the login as it was meant.
    struct RTSPPlace: Sendable {
        let host: String
        let port: UInt16
        /// Without login.
        let uri: String
        let user: String?
        let password: String
    }

    /// Nil where the address cannot be taken apart, or holds what would end a line.
    var rtspPlace: RTSPPlace? {
        guard let host, let parts = split(), !revealed.utf8.contains(where: { $0 < 33 || $0 == 127 }) else {
            return nil
        }
        let authority = parts.place.prefix { !Self.endsAuthority($0) }
        let rest = authority.first == "[" ? authority.drop { $0 != "]" }.dropFirst() : authority.drop { $0 != ":" }
        guard rest.isEmpty || rest.first == ":" else { return nil }
        let named = rest.dropFirst()
        guard let port = named.isEmpty ? 554 : UInt16(named), port > 0 else { return nil }
        let colon = parts.login.firstIndex(of: ":")
        let user = Self.decoded(colon.map { parts.login[..<$0] } ?? parts.login)
        let password = Self.decoded(colon.map { parts.login[parts.login.index(after: $0)...] } ?? "")
        guard let user, let password else { return nil }
        return RTSPPlace(
            host: host, port: port, uri: "rtsp://\(parts.place)", user: parts.login.isEmpty ? nil : user,
            password: password)
    }

    /// Without percent signs. Nil for what cannot stand in a header.
    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = byte == 37 && rest.count >= 2 ? String(decoding: rest.prefix(2), as: UTF8.self) : ""
            if let value = digits.first?.isHexDigit == true ? UInt8(digits, radix: 16) : nil {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return bytes.contains { $0 < 32 || $0 == 127 } ? nil : String(decoding: bytes, as: UTF8.self)
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
