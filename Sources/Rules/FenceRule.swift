package import Scene

/// One electronic fence of one camera, ready to be watched: what is drawn, which point of an object counts,
/// what its kind asks for and the conditions on it.
package struct FenceRule: Hashable, Sendable {
    /// What a fence watches for. One case here, one file in `Kinds/`.
    package enum Watch: Hashable, Sendable {
        case line(LineRule)
        case zone(ZoneRule)
        case dwell(DwellRule)
        case appear(AppearRule)
        case wrongWay(WrongWayRule)
        case speed(SpeedRule)
        case sequence(SequenceRule)
        case stopped(StoppedRule)
        case leftObject(LeftObjectRule)
        case removedObject(RemovedObjectRule)
        case occupancy(OccupancyRule)
        case density(DensityRule)
        case motion(MotionRule)
        case sceneHealth(SceneHealthRule)
        case manual
    }

    package let id: RuleID
    package let anchor: Anchor
    package let conditions: RuleConditions
    package let watch: Watch
    /// Changes whenever what the rule decides may change; part of an alert's identity. Set by the configuration.
    package let revision: String

    package init(
        id: RuleID, anchor: Anchor, watch: Watch, conditions: RuleConditions = RuleConditions(), revision: String = ""
    ) {
        self.id = id
        self.anchor = anchor
        self.conditions = conditions
        self.watch = watch
        self.revision = revision
    }

    package var kind: RuleKind {
        switch watch {
        case .line: .line
        case .zone: .zone
        case .dwell: .dwell
        case .appear: .appear
        case .wrongWay: .wrongWay
        case .speed: .speed
        case .sequence: .sequence
        case .stopped: .stopped
        case .leftObject: .leftObject
        case .removedObject: .removedObject
        case .occupancy: .occupancy
        case .density: .density
        case .motion: .motion
        case .sceneHealth: .sceneHealth
        case .manual: .manual
        }
    }

    /// What is drawn, in the order in which a sequence passes it; nothing for rules on the picture as a whole.
    package var shapes: [FenceShape] {
        switch watch {
        case .line(let rule): [.polyline(rule.line)]
        case .zone(let rule): [.polygon(rule.area)]
        case .dwell(let rule): [.polygon(rule.area)]
        case .appear(let rule): [.polygon(rule.area)]
        case .wrongWay(let rule): [.polygon(rule.area)]
        case .speed(let rule): [.polygon(rule.area)]
        case .sequence(let rule): rule.stages.map(\.shape)
        case .stopped(let rule): [.polygon(rule.area)]
        case .leftObject(let rule): [.polygon(rule.area)]
        case .removedObject(let rule): [.polygon(rule.area)]
        case .occupancy(let rule): [.polygon(rule.area)]
        case .density(let rule): [.polygon(rule.area)]
        case .motion(let rule): [.polygon(rule.area)]
        case .sceneHealth, .manual: []
        }
    }

    /// Everything that decides, in one fixed spelling: two rules with the same text raise the same events.
    /// The configuration makes the revision from it.
    package var canonicalText: String {
        "rule=\(id.text);kind=\(kind.rawValue);anchor=\(anchor.rawValue);" + conditions.canonicalText + parameters
    }

    private var parameters: String {
        switch watch {
        case .line(let rule): rule.canonicalText
        case .zone(let rule): rule.canonicalText
        case .dwell(let rule): rule.canonicalText
        case .appear(let rule): rule.canonicalText
        case .wrongWay(let rule): rule.canonicalText
        case .speed(let rule): rule.canonicalText
        case .sequence(let rule): rule.canonicalText
        case .stopped(let rule): rule.canonicalText
        case .leftObject(let rule): rule.canonicalText
        case .removedObject(let rule): rule.canonicalText
        case .occupancy(let rule): rule.canonicalText
        case .density(let rule): rule.canonicalText
        case .motion(let rule): rule.canonicalText
        case .sceneHealth(let rule): rule.canonicalText
        case .manual: ""
        }
    }
}

extension FenceRule {
    /// - Parameter aspect: width of the picture over its height.
    func makeWatcher(admission: ObjectAdmission, aspect: Double) -> any Watcher {
        switch watch {
        case .line(let rule): LineWatcher(rule: self, line: rule)
        case .zone(let rule): ZoneWatcher(rule: self, zone: rule)
        case .dwell(let rule): DwellWatcher(rule: self, dwell: rule)
        case .appear(let rule): AppearWatcher(rule: self, appear: rule)
        case .wrongWay(let rule): WrongWayWatcher(rule: self, wrongWay: rule, aspect: aspect)
        case .speed(let rule): SpeedWatcher(rule: self, speed: rule, ground: admission.ground)
        case .sequence(let rule): SequenceWatcher(rule: self, sequence: rule)
        case .stopped(let rule): StoppedWatcher(rule: self, stopped: rule)
        case .leftObject(let rule): LeftObjectWatcher(rule: self, left: rule, admission: admission)
        case .removedObject(let rule): RemovedObjectWatcher(rule: self, removed: rule, admission: admission)
        case .occupancy(let rule): OccupancyWatcher(rule: self, occupancy: rule)
        case .density(let rule): DensityWatcher(rule: self, density: rule, admission: admission)
        case .motion(let rule): MotionWatcher(rule: self, motion: rule, masks: admission.masks)
        case .sceneHealth(let rule): SceneHealthWatcher(rule: self, health: rule)
        case .manual: ManualWatcher(rule: self)
        }
    }
}

/// The points as a rule's canonical text spells them.
func canonicalPoints(_ points: [Point]) -> String {
    "points=" + points.map { "\($0.x),\($0.y)" }.joined(separator: " ")
}
