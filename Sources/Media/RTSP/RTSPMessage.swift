/// A question to a camera (RFC 2326, 6).
struct RTSPRequest: Sendable {
    var method: String
    var uri: String
    var headers: [(String, String)] = []

    func text(number: Int, authorization: String?, session: String?) -> String {
        var lines = ["\(method) \(uri) RTSP/1.0", "CSeq: \(number)", "User-Agent: Snowline"]
        if let session { lines.append("Session: \(session)") }
        if let authorization { lines.append("Authorization: \(authorization)") }
        lines += headers.map { "\($0): \($1)" }
        return lines.joined(separator: "\r\n") + "\r\n\r\n"
    }
}

/// A camera's answer (RFC 2326, 7).
struct RTSPResponse: Sendable, Hashable {
    let status: Int
    let number: Int?
    /// Names in lower case, in the order they came.
    let headers: [(name: String, value: String)]
    var body = ""

    static func == (left: Self, right: Self) -> Bool {
        left.status == right.status && left.number == right.number && left.body == right.body
            && left.headers.elementsEqual(right.headers) { $0 == $1 }
    }

    func hash(into hasher: inout Hasher) { hasher.combine(status) }

    /// - Parameter head: everything up to the empty line.
    /// - Returns: nil for what is no answer.
    init?(head: String) {
        // Not by lines of text: CR LF is one character.
        let lines = head.utf8.split(separator: 10).map { Substring($0).trimmed }
        guard let first = lines.first else { return nil }
        let words = first.split(separator: " ", maxSplits: 2)
        guard words.count >= 2, words[0].hasPrefix("RTSP/"), let status = Int(words[1]), (100...999).contains(status)
        else { return nil }
        self.status = status
        headers = lines.dropFirst().compactMap { line in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            return (line[..<colon].trimmed.lowercased(), String(line[line.index(after: colon)...].trimmed))
        }
        number = headers.first { $0.name == "cseq" }.flatMap { Int($0.value) }
    }

    func value(of name: String) -> String? { headers.first { $0.name == name }?.value }
    func values(of name: String) -> [String] { headers.filter { $0.name == name }.map(\.value) }

    /// Bytes that follow the head.
    static func bodyLength(head: String) -> Int? {
        for line in head.utf8.split(separator: 10).map({ Substring($0) }) {
            let lower = line.lowercased()
            if lower.hasPrefix("content-length:") {
                return Int(Substring(lower.dropFirst("content-length:".count)).trimmed)
            }
        }
        return 0
    }

    /// Session number and seconds that a session lives unasked.
    var session: (name: String, seconds: Int)? {
        guard let value = value(of: "session") else { return nil }
        let parts = value.split(separator: ";").map(\.trimmed)
        guard let name = parts.first, !name.isEmpty else { return nil }
        let timeout = parts.dropFirst().first { $0.lowercased().hasPrefix("timeout=") }
        let seconds = timeout.flatMap { Int($0.dropFirst("timeout=".count)) } ?? 60
        return (String(name), min(max(seconds, 5), 3600))
    }

    /// Channels of RTP and RTCP within the connection; nil where the camera agreed to something else.
    var channels: (rtp: UInt8, rtcp: UInt8)? {
        guard let value = value(of: "transport") else { return nil }
        let parts = value.split(separator: ";").map { $0.trimmed.lowercased() }
        guard parts.first == "rtp/avp/tcp" else { return nil }
        guard let named = parts.first(where: { $0.hasPrefix("interleaved=") }) else { return (0, 1) }
        let numbers = named.dropFirst("interleaved=".count).split(separator: "-").compactMap { UInt8($0) }
        guard let rtp = numbers.first else { return nil }
        return (rtp, numbers.count > 1 ? numbers[1] : rtp &+ 1)
    }
}

extension Substring {
    var trimmed: Substring {
        var part = self
        while let first = part.first, first.isWhitespace { part.removeFirst() }
        while let last = part.last, last.isWhitespace { part.removeLast() }
        return part
    }
}
