package import Scene

/// Which cameras of a sink go first: two lanes by severity (警情级别), each with class A cameras first.
///
/// A camera is in the first lane that any of its waiting alerts is in, with its whole line: so what is grave overtakes
/// what other cameras have to tell, and never what its own camera told before. Nothing of one camera overtakes anything,
/// no update its opening.
package enum DeliveryLane: Int, Sendable, CaseIterable {
    /// Severity 1 and 2, cameras of class A.
    case graveOfClassA
    case grave
    /// Everything else, cameras of class A.
    case plainOfClassA
    case plain

    /// The least grave severity of the first lane.
    package static let graveSeverity = 2

    package init(_ decision: AlertDecision) {
        let isGrave = decision.severity.map { $0 <= Self.graveSeverity } ?? false
        switch (isGrave, decision.place.cameraClass == .a) {
        case (true, true): self = .graveOfClassA
        case (true, false): self = .grave
        case (false, true): self = .plainOfClassA
        case (false, false): self = .plain
        }
    }
}
