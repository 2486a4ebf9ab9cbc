import Glibc
import Media
package import Scene

/// The host of an address, asked of the system's resolver only after a connection has failed.
package struct HostName {
    package let text: String

    /// - Returns: nil where the address names a file or no host.
    package init?(of address: StreamAddress) {
        guard let host = address.host else { return nil }
        text = host
    }

    /// Whether the name resolves. Blocks as long as the system's resolver does.
    package var isKnown: Bool {
        var result: UnsafeMutablePointer<addrinfo>?
        defer { if result != nil { freeaddrinfo(result) } }
        return getaddrinfo(text, nil, nil, &result) == 0
    }
}
