import CFFmpeg

/// User name and password, and what the camera wants them proven by: Basic (RFC 7617) or Digest (RFC 7616, 2617).
struct RTSPLogin: Sendable {
    enum Digest: String, Sendable { case md5 = "MD5", sha256 = "SHA-256" }

    enum Challenge: Sendable, Hashable {
        case basic
        case digest(
            realm: String, nonce: String, opaque: String?, algorithm: Digest, namesAlgorithm: Bool, hasQuality: Bool)
    }

    let user: String
    let password: String
    private(set) var challenge: Challenge?
    private var count: UInt32 = 0

    init(user: String, password: String) {
        self.user = user
        self.password = password
    }

    /// Takes the strongest of the challenges that is known.
    /// - Returns: false where none is.
    mutating func take(_ values: [String]) -> Bool {
        let known = values.compactMap(Self.read)
        let best =
            known.first { if case .digest(_, _, _, .sha256, _, _) = $0 { true } else { false } }
            ?? known.first { $0 != .basic } ?? known.first
        guard let best else { return false }
        challenge = best
        count = 0
        return true
    }

    /// The value of the header `Authorization`; nil while nothing was asked for.
    /// - Parameter clientNonce: for the camera's quality of protection, anything that does not repeat.
    mutating func authorization(_ method: String, _ uri: String, clientNonce: String) -> String? {
        switch challenge {
        case nil: return nil
        case .basic: return "Basic " + Self.base64(Array("\(user):\(password)".utf8))
        case .digest(let realm, let nonce, let opaque, let algorithm, let namesAlgorithm, let hasQuality):
            func hash(_ text: String) -> String { Self.hash(text, algorithm) }
            let (first, second) = (hash("\(user):\(realm):\(password)"), hash("\(method):\(uri)"))
            var fields = [
                "username=\"\(Self.escaped(user))\"", "realm=\"\(Self.escaped(realm))\"", "nonce=\"\(nonce)\"",
                "uri=\"\(uri)\""
            ]
            if hasQuality {
                count += 1
                let number = Self.hex(withUnsafeBytes(of: count.bigEndian) { Array($0) })
                let response = hash("\(first):\(nonce):\(number):\(clientNonce):auth:\(second)")
                fields += ["response=\"\(response)\"", "qop=auth", "nc=\(number)", "cnonce=\"\(clientNonce)\""]
            } else {
                fields.append("response=\"\(hash("\(first):\(nonce):\(second)"))\"")
            }
            if namesAlgorithm { fields.append("algorithm=\(algorithm.rawValue)") }
            if let opaque { fields.append("opaque=\"\(opaque)\"") }
            return "Digest " + fields.joined(separator: ", ")
        }
    }

    private static func read(_ value: String) -> Challenge? {
        let words = value.split(separator: " ", maxSplits: 1)
        guard let scheme = words.first?.lowercased() else { return nil }
        if scheme == "basic" { return .basic }
        guard scheme == "digest", words.count == 2 else { return nil }
        let fields = parameters(words[1])
        guard let realm = fields["realm"], let nonce = fields["nonce"] else { return nil }
        let named = fields["algorithm"]?.uppercased()
        guard let algorithm = Digest(rawValue: named ?? "MD5") else { return nil }
        let qualities = fields["qop"]?.split(separator: ",").map { $0.trimmed.lowercased() }
        if let qualities, !qualities.contains("auth") { return nil }
        return .digest(
            realm: realm, nonce: nonce, opaque: fields["opaque"], algorithm: algorithm, namesAlgorithm: named != nil,
            hasQuality: qualities != nil)
    }

    /// `name="value", name=value` with names in lower case.
    private static func parameters(_ text: Substring) -> [String: String] {
        var found: [String: String] = [:]
        var rest = text
        while let equals = rest.firstIndex(of: "=") {
            let name = rest[..<equals].drop { $0 == "," || $0.isWhitespace }.trimmed.lowercased()
            rest = rest[rest.index(after: equals)...].drop { $0.isWhitespace }
            var value = ""
            if rest.first == "\"" {
                rest.removeFirst()
                while let character = rest.popFirst(), character != "\"" {
                    value.append(character == "\\" ? rest.popFirst() ?? "\\" : character)
                }
            } else {
                let bare = rest.prefix { $0 != "," }
                value = String(bare.trimmed)
                rest = rest[bare.endIndex...]
            }
            found[name] = value
        }
        return found
    }

    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { all, character in
            if character == "\"" || character == "\\" { all.append("\\") }
            all.append(character)
        }
    }

    private static func hash(_ text: String, _ algorithm: Digest) -> String {
        let bytes = Array(text.utf8)
        switch algorithm {
        case .md5:
            var sum = [UInt8](repeating: 0, count: 16)
            av_md5_sum(&sum, bytes, bytes.count)
            return hex(sum)
        case .sha256:
            guard let context = av_sha_alloc() else { fatalError("out of memory for a digest") }
            defer { av_free(UnsafeMutableRawPointer(context)) }
            var sum = [UInt8](repeating: 0, count: 32)
            av_sha_init(context, 256)
            av_sha_update(context, bytes, bytes.count)
            av_sha_final(context, &sum)
            return hex(sum)
        }
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef")
        return bytes.reduce(into: "") { text, byte in
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        let capacity = (bytes.count + 2) / 3 * 4 + 1
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: capacity) { out in
            av_base64_encode(out.baseAddress, Int32(capacity), bytes, Int32(bytes.count))
            return String(cString: out.baseAddress!)
        }
    }
}
