import Crypto
package import Foundation

/// SHA-256 of what comes in pieces: files too large to be read at once.
package struct RunningDigest {
    private var hash = SHA256()

    package init() {}

    package mutating func add(_ data: Data) { hash.update(data: data) }

    /// 64 lower-case hexadecimal digits of all that came.
    package var hex: String { Digest.hex(Array(hash.finalize())) }
}
