import Journal
package import Scene

/// Alert ids: the same footage and configuration give the same id, on any server, at any speed.
package enum AlertIdentity {
    /// Characters of an id: 130 bits of the digest.
    package static let length = 26

    /// - Parameters:
    ///   - second: the episode's start in media time, as whole seconds since the epoch.
    ///   - ordinal: 0 for the first episode of the rule that starts in this second.
    package static func id(camera: CameraID, rule: RuleID, revision: String, second: Int64, ordinal: Int) -> String {
        let name = "v1|\(camera.text)|\(rule.text)|\(revision)|\(second)|\(ordinal)"
        return String(Digest.base32(Digest.sha256(name)).prefix(length))
    }
}

/// Counts the episodes of a rule that start in the same second (enter and leave at once; a timeline that was set back).
struct EpisodeOrdinals: Sendable {
    private struct Slot: Hashable {
        let rule: RuleID
        let revision: String
        let second: Int64
    }

    /// When this many seconds are remembered the older half is forgotten. An episode of a forgotten second could only
    /// come if the timeline were set back; the journal would then refuse the id it would get.
    private static let slotLimit = 4096
    /// A restored id is looked for among this many ordinals.
    private static let searchLimit = 256

    private var next: [Slot: Int] = [:]

    mutating func take(rule: RuleID, revision: String, second: Int64) -> Int {
        let slot = Slot(rule: rule, revision: revision, second: second)
        let ordinal = next[slot, default: 0]
        next[slot] = ordinal + 1
        forgetOldest()
        return ordinal
    }

    /// Notes the ordinal that an id from the journal has taken.
    mutating func restore(_ decision: AlertDecision) {
        let second = decision.start.wholeSecond
        let ordinal = (0..<Self.searchLimit).first { ordinal in
            decision.id
                == AlertIdentity.id(
                    camera: decision.camera, rule: decision.rule, revision: decision.ruleRevision, second: second,
                    ordinal: ordinal)
        }
        guard let ordinal else { return }
        let slot = Slot(rule: decision.rule, revision: decision.ruleRevision, second: second)
        next[slot] = max(next[slot, default: 0], ordinal + 1)
    }

    private mutating func forgetOldest() {
        guard next.count > Self.slotLimit else { return }
        let seconds = next.keys.map(\.second).sorted()
        let middle = seconds[seconds.count / 2]
        next = next.filter { $0.key.second >= middle }
    }
}
