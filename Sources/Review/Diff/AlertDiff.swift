package import Scene

/// What two runs over one footage raised differently: gained, lost, moved in time. A pure value.
///
/// Alerts of one camera, rule and occurrence are paired nearest start first, one to one, where both spans overlap or the
/// starts lie within ``window``; a pair is moved where start or end differ by more than ``tolerance``. Directions must
/// agree where both have one.
package struct AlertDiff: Sendable {
    package static let window = MediaSpan.seconds(5)
    package static let tolerance = MediaSpan.milliseconds(200)

    package enum Kind: String, Sendable, Encodable, CaseIterable {
        case gained
        case lost
        case moved
    }

    package struct Change: Sendable {
        package let footage: String
        package let kind: Kind
        /// Nil for what is gained.
        package let before: AlertDecision?
        /// Nil for what is lost.
        package let after: AlertDecision?

        package var decision: AlertDecision {
            guard let either = after ?? before else { preconditionFailure("a change of nothing") }
            return either
        }

        /// By how much the start moved; nil where there is no pair.
        package var shift: MediaSpan? {
            guard let before, let after else { return nil }
            return after.start - before.start
        }
    }

    package struct Tally: Hashable, Sendable, Encodable {
        package let camera: CameraID
        package let rule: RuleID
        package internal(set) var same = 0
        package internal(set) var gained = 0
        package internal(set) var lost = 0
        package internal(set) var moved = 0
    }

    /// By footage in the order given, then by time and rule.
    package private(set) var changes: [Change] = []
    /// By camera and rule; rules that raised nothing in either run are not listed.
    package private(set) var tallies: [Tally] = []

    package init() {}

    package var isEmpty: Bool { changes.isEmpty }
    package var sameCount: Int { tallies.reduce(0) { $0 + $1.same } }
    package func count(_ kind: Kind) -> Int { changes.count { $0.kind == kind } }

    /// Adds one footage.
    /// - Parameters:
    ///   - before, after: every version of every alert of one run, or only the newest.
    package mutating func add(footage: String, before: [AlertDecision], after: [AlertDecision]) {
        let (old, new) = (Self.newest(before), Self.newest(after))
        var found: [Change] = []
        for key in Set(old.map(Self.key)).union(new.map(Self.key)).sorted() {
            let (ours, theirs) = (old.filter { Self.key($0) == key }, new.filter { Self.key($0) == key })
            let pairs = Self.pairs(ours, theirs)
            var same = 0
            for (one, other) in pairs {
                if Self.hasMoved(ours[one], theirs[other]) {
                    found.append(Change(footage: footage, kind: .moved, before: ours[one], after: theirs[other]))
                } else {
                    same += 1
                }
            }
            let (usedOld, usedNew) = (Set(pairs.map(\.0)), Set(pairs.map(\.1)))
            found += ours.indices.filter { !usedOld.contains($0) }.map {
                Change(footage: footage, kind: .lost, before: ours[$0], after: nil)
            }
            found += theirs.indices.filter { !usedNew.contains($0) }.map {
                Change(footage: footage, kind: .gained, before: nil, after: theirs[$0])
            }
            note(same: same, of: ours.first ?? theirs.first)
        }
        for change in found { note(change) }
        changes += found.sorted { Self.order($0) < Self.order($1) }
    }

    private mutating func note(same: Int, of decision: AlertDecision?) {
        guard let decision else { return }
        tallies[slot(decision)].same += same
    }

    private mutating func note(_ change: Change) {
        let slot = slot(change.decision)
        switch change.kind {
        case .gained: tallies[slot].gained += 1
        case .lost: tallies[slot].lost += 1
        case .moved: tallies[slot].moved += 1
        }
    }

    private mutating func slot(_ decision: AlertDecision) -> Int {
        if let index = tallies.firstIndex(where: { $0.camera == decision.camera && $0.rule == decision.rule }) {
            return index
        }
        tallies.append(Tally(camera: decision.camera, rule: decision.rule))
        tallies.sort { ($0.camera.text, $0.rule.text) < ($1.camera.text, $1.rule.text) }
        return slot(decision)
    }

    /// The newest version of each alert, oldest start first.
    static func newest(_ decisions: [AlertDecision]) -> [AlertDecision] {
        var newest: [String: AlertDecision] = [:]
        for decision in decisions where (newest[decision.id]?.version ?? 0) <= decision.version {
            newest[decision.id] = decision
        }
        return newest.values.sorted { ($0.start, $0.id) < ($1.start, $1.id) }
    }

    private static func key(_ decision: AlertDecision) -> String {
        "\(decision.camera.text) \(decision.rule.text) \(decision.occurrence.rawValue)"
    }

    private static func order(_ change: Change) -> (MediaTime, String, String) {
        (change.decision.start, change.decision.rule.text, change.decision.id)
    }

    private static func pairs(_ old: [AlertDecision], _ new: [AlertDecision]) -> [(Int, Int)] {
        var candidates: [(distance: Int64, old: Int, new: Int)] = []
        for (one, ours) in old.enumerated() {
            for (other, theirs) in new.enumerated() where belong(ours, theirs) {
                candidates.append((abs((ours.start - theirs.start).microseconds), one, other))
            }
        }
        var (usedOld, usedNew) = (Set<Int>(), Set<Int>())
        var pairs: [(Int, Int)] = []
        for candidate in candidates.sorted(by: { ($0.distance, $0.old, $0.new) < ($1.distance, $1.old, $1.new) })
        where !usedOld.contains(candidate.old) && !usedNew.contains(candidate.new) {
            usedOld.insert(candidate.old)
            usedNew.insert(candidate.new)
            pairs.append((candidate.old, candidate.new))
        }
        return pairs
    }

    private static func belong(_ one: AlertDecision, _ other: AlertDecision) -> Bool {
        if let ours = one.findings.first?.direction, let theirs = other.findings.first?.direction, ours != theirs {
            return false
        }
        let overlap = one.start <= finish(other) && other.start <= finish(one)
        return overlap || abs((one.start - other.start).microseconds) <= window.microseconds
    }

    private static func hasMoved(_ one: AlertDecision, _ other: AlertDecision) -> Bool {
        let ends = abs((finish(one) - finish(other)).microseconds)
        return max(abs((one.start - other.start).microseconds), ends) > tolerance.microseconds
    }

    /// The newest finding: an episode's own end lies a fixed time of quiet behind it.
    private static func finish(_ decision: AlertDecision) -> MediaTime { decision.last }
}
