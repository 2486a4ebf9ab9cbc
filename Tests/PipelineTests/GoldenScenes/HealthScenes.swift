import Scene

/// The picture as a whole in trouble: one scene for each condition, watched also for all the others.
extension GoldenScene {
    static let health: [GoldenScene] = [
        trouble(
            "scene-covered", .covered, during: 6..<13, seconds: 18, as: .covered,
            "Something plain is held before the lens from 6 s to 13 s."),
        trouble(
            "scene-too-dark", .light(20), during: 6..<12, seconds: 17, as: .tooDark, besides: [.lightingJump],
            "The light goes out but for a glimmer from 6 s to 12 s."),
        trouble(
            "scene-too-bright", .light(1536), during: 6..<12, seconds: 17, as: .tooBright, besides: [.lightingJump],
            "A lamp shines into the lens from 6 s to 12 s."),
        trouble(
            "scene-blurred", .blurred, during: 6..<13, seconds: 18, as: .blurred,
            "The lens is out of focus from 6 s to 13 s."),
        trouble(
            "scene-moved", .moved, during: 6..<13, seconds: 18, as: .moved,
            "The camera is turned away from 6 s to 13 s."),
        trouble(
            "scene-frozen", .frozen, during: 6..<17, seconds: 20, as: .frozen,
            "The same picture comes again and again from 6 s to 17 s."),
        trouble(
            "scene-lighting-jump", .light(384), during: 6..<9, seconds: 13, as: .lightingJump,
            "A lamp makes the picture half as bright again from 6 s to 9 s."),
        trouble(
            "scene-infrared-switch", .infrared, during: 6..<18, seconds: 18, as: .infraredSwitch,
            "The camera goes over to infra-red at 6 s: outlines stay, light and dark change places."),
        GoldenScene(
            name: "scene-usual", seconds: 12, story: "A noisy view in which one walks through.",
            ground: .view(.none, during: 0..<0), figures: [.rightwards(row: 0.7, from: 4).lit(240)],
            fences: [
                .silent(
                    "any", "kind: scene_health, conditions: [\(all(but: []))], seconds: 0",
                    because: "nothing is wrong with the picture")
            ])
    ]

    /// - Parameter besides: what may hold too, so that nobody watches for it.
    private static func trouble(
        _ name: String, _ trouble: GoldenGround.Trouble, during: Range<Double>, seconds: Double,
        as condition: SceneCondition, besides: [SceneCondition] = [], _ story: String
    ) -> GoldenScene {
        let end = end(of: condition, during)
        return GoldenScene(
            name: name, seconds: seconds, story: story, ground: .view(trouble, during: during),
            fences: [
                .fence(
                    "tamper", "kind: scene_health, conditions: [\(condition.rawValue)], seconds: 1",
                    [.held(condition.occurrence, from: during.lowerBound, to: end, give: 0.6)],
                    because: "that is what the condition says"),
                .silent(
                    "others", "kind: scene_health, conditions: [\(all(but: [condition] + besides))], seconds: 0",
                    because: "nothing else is wrong")
            ])
    }

    /// A state ends when the view has been in order for a while; a change is over some seconds after it, and where the
    /// light goes back, that is another change in the same alert.
    private static func end(of condition: SceneCondition, _ during: Range<Double>) -> Double {
        switch condition {
        case .lightingJump: during.upperBound + 2
        case .infraredSwitch: during.lowerBound + 5
        case .frozen: during.upperBound
        default: during.upperBound + 1
        }
    }

    private static func all(but left: [SceneCondition]) -> String {
        SceneCondition.allCases.filter { $0 != .signalLost && !left.contains($0) }.map(\.rawValue)
            .joined(separator: ", ")
    }
}
