/// What can be wrong with a camera's picture as a whole (画面健康), apart from anything that moves in it.
package enum SceneCondition: String, Sendable, Codable, CaseIterable {
    /// Most of the picture is hidden by something close (遮挡).
    case covered
    /// Too dark to tell objects from ground (过暗).
    case tooDark = "too_dark"
    /// So bright that the ground's texture is lost (过亮).
    case tooBright = "too_bright"
    /// Much less sharp than the scene used to be (虚焦).
    case blurred
    /// The camera looks at something else than it learnt (画面移位).
    case moved
    /// The same picture again and again while its time goes on (画面冻结).
    case frozen
    /// The light changed suddenly over most of the picture; passes by itself (光照突变).
    case lightingJump = "lighting_jump"
    /// The camera switched between colour and infra-red; passes by itself (红外切换).
    case infraredSwitch = "infrared_switch"
    /// No picture comes at all (信号丢失).
    case signalLost = "signal_lost"
}

/// Which conditions hold on one analysed frame, each with the moment it began.
///
/// A value that is copied without allocating; it changes only when a condition begins or ends.
package struct SceneHealth: Hashable, Sendable {
    private var since: [MediaTime?]

    package static let good = SceneHealth()

    private init() { since = Array(repeating: nil, count: SceneCondition.allCases.count) }

    /// When the condition began, as far back as it can be dated; nil while it does not hold.
    package func beginning(of condition: SceneCondition) -> MediaTime? { since[Self.index(condition)] }

    package func holds(_ condition: SceneCondition) -> Bool { since[Self.index(condition)] != nil }

    package var isGood: Bool { since.allSatisfy { $0 == nil } }

    /// In the order of `SceneCondition.allCases`.
    package var conditions: [SceneCondition] { SceneCondition.allCases.filter(holds) }

    package mutating func set(_ condition: SceneCondition, since beginning: MediaTime?) {
        since[Self.index(condition)] = beginning
    }

    private static func index(_ condition: SceneCondition) -> Int {
        switch condition {
        case .covered: 0
        case .tooDark: 1
        case .tooBright: 2
        case .blurred: 3
        case .moved: 4
        case .frozen: 5
        case .lightingJump: 6
        case .infraredSwitch: 7
        case .signalLost: 8
        }
    }
}
