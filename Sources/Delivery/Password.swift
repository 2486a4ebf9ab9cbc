/// A password that never prints itself.
package struct Password: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    let revealed: String

    package init(_ text: String) {
        revealed = text
    }

    package var description: String { "…" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
