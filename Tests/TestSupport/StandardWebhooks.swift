import Crypto
package import Foundation

/// The signature of the Standard Webhooks specification, written out (RFC 2104) independent of the code under test.
package enum StandardWebhooks {
    package static func signature(key: Data, id: String, timestamp: String, body: String) -> String {
        var block = [UInt8](key)
        block += [UInt8](repeating: 0, count: 64 - block.count)
        let inner = SHA256.hash(data: block.map { $0 ^ 0x36 } + Array("\(id).\(timestamp).\(body)".utf8))
        let outer = SHA256.hash(data: block.map { $0 ^ 0x5C } + Array(inner))
        return "v1," + Data(outer).base64EncodedString()
    }
}
