import Glibc
import Media
package import Scene

/// The host of an address, asked of the system's resolver only after a connection has failed.
package struct HostName {
    package let text: String

    /// - Returns: nil where the address names a file or no host.
    package init?(of address: StreamAddress) {
        guard address.filePath == nil, let start = address.revealed.firstRange(of: "://")?.upperBound else { return nil }
        let authority = address.revealed[start...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let host = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority[...]
        let name =
            host.first == "["
            ? host.dropFirst().prefix { $0 != "]" }
            : host.prefix { $0 != ":" }
        guard !name.isEmpty else { return nil }
        text = String(name)
    }

    /// Whether the name resolves. Blocks as long as the system's resolver does.
    package var isKnown: Bool {
        var result: UnsafeMutablePointer<addrinfo>?
        defer { if result != nil { freeaddrinfo(result) } }
        return getaddrinfo(text, nil, nil, &result) == 0
    }
}
