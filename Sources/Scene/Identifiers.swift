/// Name of a camera within a site, as the configuration gives it.
package struct CameraID: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    package let text: String

    /// - Returns: nil unless `text` is 1…64 of `A–Z a–z 0–9 . _ -` and does not begin with a dot,
    ///   so that it may stand in paths, subjects and metric labels.
    package init?(_ text: String) {
        guard isPlainName(text) else { return nil }
        self.text = text
    }

    package static func < (left: Self, right: Self) -> Bool { left.text < right.text }
    package var description: String { text }

    package init(from decoder: any Decoder) throws {
        self = try decodePlainName(decoder, Self.init, noun: "camera id")
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

/// Name of a rule (fence) within a camera, as the configuration gives it.
package struct RuleID: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    package let text: String

    /// - Returns: nil unless `text` fulfils what ``CameraID`` asks.
    package init?(_ text: String) {
        guard isPlainName(text) else { return nil }
        self.text = text
    }

    private init(builtIn text: String) { self.text = text }

    /// The rule every camera has without configuration: signal lost and back.
    package static let signal = RuleID(builtIn: "signal")

    package static func < (left: Self, right: Self) -> Bool { left.text < right.text }
    package var description: String { text }

    package init(from decoder: any Decoder) throws {
        self = try decodePlainName(decoder, Self.init, noun: "rule id")
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

/// Number of a track within one camera session. It names a moving region for as long as it is followed, nothing more.
package struct TrackID: Hashable, Comparable, Sendable, Codable {
    package let number: UInt32

    @inlinable package init(_ number: UInt32) { self.number = number }

    @inlinable package static func == (left: Self, right: Self) -> Bool { left.number == right.number }
    @inlinable package static func < (left: Self, right: Self) -> Bool { left.number < right.number }

    package init(from decoder: any Decoder) throws {
        number = try decoder.singleValueContainer().decode(UInt32.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(number)
    }
}

private func isPlainName(_ text: String) -> Bool {
    let bytes = text.utf8
    guard (1...64).contains(bytes.count), bytes.first != UInt8(ascii: ".") else { return false }
    return bytes.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

private func decodePlainName<Name>(_ decoder: any Decoder, _ make: (String) -> Name?, noun: String) throws -> Name {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let name = make(text) else {
        throw DecodingError.dataCorruptedError(in: container, debugDescription: "\"\(text)\" is not a \(noun)")
    }
    return name
}
