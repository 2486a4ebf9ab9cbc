import Crypto
package import Foundation

/// SHA-256 of bytes or text, for evidence, configuration hashes and alert ids.
package enum Digest {
    /// The 32 bytes of the digest.
    package static func sha256(_ data: Data) -> [UInt8] {
        Array(SHA256.hash(data: data))
    }

    /// The 32 bytes of the digest of the text's UTF-8.
    package static func sha256(_ text: String) -> [UInt8] {
        sha256(Data(text.utf8))
    }

    /// The digest as 64 lower-case hexadecimal digits.
    package static func sha256Hex(_ data: Data) -> String {
        hex(sha256(data))
    }

    package static func sha256Hex(_ text: String) -> String {
        hex(sha256(text))
    }

    /// Lower-case base32 (RFC 4648 alphabet) without padding.
    package static func base32(_ bytes: [UInt8]) -> String {
        let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)
        var text: [UInt8] = []
        var buffer: UInt32 = 0
        var bits = 0
        for byte in bytes {
            buffer = (buffer << 8 | UInt32(byte)) & 0xFFFF
            bits += 8
            while bits >= 5 {
                bits -= 5
                text.append(alphabet[Int(buffer >> UInt32(bits) & 31)])
            }
        }
        if bits > 0 { text.append(alphabet[Int(buffer << UInt32(5 - bits) & 31)]) }
        return String(decoding: text, as: UTF8.self)
    }

    static func hex(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count * 2)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
