import GRDB
import Scene

/// The canonical bytes of what the chain's entries stand for, as digests. docs/alerts.md describes them; they never
/// change for a kind once released.
enum ChainContent {
    static func alert(
        id: String, version: Int64, camera: String, sequence: Int64, decision: String, reception: String
    ) -> [UInt8] {
        var canonical = CanonicalHash()
        canonical.add(id)
        canonical.add(version)
        canonical.add(camera)
        canonical.add(sequence)
        canonical.add(decision)
        canonical.add(reception)
        return canonical.finished()
    }

    static func change(time: Int64, kind: String, camera: String?, detail: String) -> [UInt8] {
        var canonical = CanonicalHash()
        canonical.add(time)
        canonical.add(kind)
        canonical.add(camera)
        canonical.add(detail)
        return canonical.finished()
    }

    /// - Parameter row: of `verdict`, with all columns.
    static func verdict(_ row: Row) throws -> [UInt8] {
        var canonical = CanonicalHash()
        for column in ["id", "camera", "rule", "rule_revision", "verdict", "cause", "why", "reviewer"] {
            canonical.add(try row.textOrNil(column))
        }
        canonical.add(try row.number("time"))
        return canonical.finished()
    }

    /// - Parameter row: of `alert_version`, with all columns.
    static func alert(_ row: Row) throws -> [UInt8] {
        try alert(
            id: row.text("id"), version: row.number("version"), camera: row.text("camera"),
            sequence: row.number("sequence"), decision: row.text("decision"), reception: row.text("reception"))
    }

    /// - Parameter row: of `change`, with all columns.
    static func change(_ row: Row) throws -> [UInt8] {
        try change(
            time: row.number("time"), kind: row.text("kind"), camera: row.textOrNil("camera"),
            detail: row.text("detail"))
    }

    static func own(_ content: String) -> [UInt8] {
        var canonical = CanonicalHash()
        canonical.add(content)
        return canonical.finished()
    }
}
