/// How the programs end; others script against these.
package enum ProgramExit: Int32, Sendable {
    case done = 0
    /// `check` found problems, `--expect` differs.
    case findings = 1
    case usage = 2
    /// Some footage was unreadable; the rest is done.
    case footage = 3
}

package enum SnowlineVersion {
    package static let text = "0.1.0"
}
