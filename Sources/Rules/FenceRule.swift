package import Scene

/// One electronic fence of one camera, ready to be watched: what is drawn, which point of an object counts,
/// and what its kind asks for.
package struct FenceRule: Hashable, Sendable {
    /// What a fence watches for. One case here, one file in `Kinds/`.
    package enum Watch: Hashable, Sendable {
        case line(LineRule)
        case zone(ZoneRule)
    }

    package let id: RuleID
    package let anchor: Anchor
    package let watch: Watch
    /// Changes whenever what the rule decides may change; part of an alert's identity. Set by the configuration.
    package let revision: String

    package init(id: RuleID, anchor: Anchor, watch: Watch, revision: String = "") {
        self.id = id
        self.anchor = anchor
        self.watch = watch
        self.revision = revision
    }

    package var kind: RuleKind {
        switch watch {
        case .line: .line
        case .zone: .zone
        }
    }

    package var shape: FenceShape {
        switch watch {
        case .line(let line): .polyline(line.line)
        case .zone(let zone): .polygon(zone.area)
        }
    }

    /// Everything that decides, in one fixed spelling: two rules with the same text raise the same events.
    /// The configuration makes the revision from it.
    package var canonicalText: String {
        let head = "rule=\(id.text);kind=\(kind.rawValue);anchor=\(anchor.rawValue);"
        switch watch {
        case .line(let line): return head + line.canonicalText
        case .zone(let zone): return head + zone.canonicalText
        }
    }
}

/// The points as a rule's canonical text spells them.
func canonicalPoints(_ points: [Point]) -> String {
    "points=" + points.map { "\($0.x),\($0.y)" }.joined(separator: " ")
}
