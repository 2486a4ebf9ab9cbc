import Crypto
import Foundation
import GRDB

/// Fields spelled so that no two lists of fields give the same bytes, hashed as they come: each is
/// `<length in bytes>:<bytes>,` (a netstring), an absent one `-,`.
struct CanonicalHash {
    private var hash = SHA256()

    mutating func add(_ text: String?) {
        guard var text else { return add(raw: "-,") }
        text.withUTF8 { bytes in
            add(raw: "\(bytes.count):")
            hash.update(bufferPointer: UnsafeRawBufferPointer(bytes))
        }
        add(raw: ",")
    }

    mutating func add(_ number: Int64) { add("\(number)") }

    /// The 32 bytes of SHA-256.
    func finished() -> [UInt8] { Array(hash.finalize()) }

    private mutating func add(raw: String) {
        var raw = raw
        raw.withUTF8 { hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }
    }
}

enum Hexadecimal {
    static func text(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}

extension Row {
    /// Values of a file that may be damaged: what is not of its type is an error, never a crash.
    func text(_ column: String) throws -> String { try decode(String.self, forColumn: column) }

    func number(_ column: String) throws -> Int64 { try decode(Int64.self, forColumn: column) }

    func textOrNil(_ column: String) throws -> String? { try decode(String?.self, forColumn: column) }

    func bytes(_ column: String) throws -> [UInt8] {
        Array(try decode(Data.self, forColumn: column))
    }
}
