package import Evidence
package import Rules
package import Scene

/// What is drawn on an annotated still or film: fences, the boxes and trails of tracks, and the points that decided.
package enum AlertOverlay {
    /// The picture of an alert: the fences that raised it, its findings, and the trails of their tracks.
    package static func make(
        camera: CameraID, decisions: [AlertDecision], rules: [RuleID: FenceRule], trails: TrackTrails,
        at time: MediaTime
    ) -> Overlay {
        var overlay = Overlay()
        for rule in Set(decisions.map(\.rule)).sorted() {
            if let fence = rules[rule] { overlay.items += items(of: fence) }
        }
        for finding in decisions.compactMap(\.findings.last) {
            if let track = finding.track { overlay.items += trail(of: track, in: trails) }
            if let box = finding.box { overlay.items.append(Overlay.Item(.box(box), .object)) }
            if let point = finding.point { overlay.items.append(Overlay.Item(.mark(point), .mark)) }
        }
        let names = Set(decisions.map { "\($0.rule) \($0.occurrence.rawValue)" }).sorted().joined(separator: ", ")
        overlay.caption = ["\(camera): \(names)", time.description]
        return overlay
    }

    /// All fences of a camera and all that is followed, for a film.
    package static func everything(
        camera: CameraID, rules: [FenceRule], trails: TrackTrails, notes: [String], at time: MediaTime
    ) -> Overlay {
        var overlay = Overlay(items: rules.flatMap(items))
        for id in trails.paths.keys.sorted() {
            overlay.items += trail(of: id, in: trails)
            if let newest = trails.paths[id]?.last {
                overlay.items.append(Overlay.Item(.box(newest.box), .object))
            }
        }
        overlay.caption = ["\(camera) \(time)"] + notes
        return overlay
    }

    /// The fences alone, as `check --draw` shows them.
    package static func fences(of rules: [FenceRule]) -> Overlay {
        Overlay(items: rules.flatMap(items))
    }

    private static func items(of fence: FenceRule) -> [Overlay.Item] {
        Overlay.fence(fence.shape, name: fence.id.text, counting: fence.countedDirection)
    }

    private static func trail(of track: TrackID, in trails: TrackTrails) -> [Overlay.Item] {
        let feet = (trails.paths[track] ?? []).map(\.box.foot)
        return feet.count > 1 ? [Overlay.Item(.path(feet), .track)] : []
    }
}

extension FenceRule {
    /// The one direction that a line counts; nil where it counts both, and for zones.
    fileprivate var countedDirection: CrossingDirection? {
        switch watch {
        case .line(let line):
            switch line.directions {
            case .leftToRight: .leftToRight
            case .rightToLeft: .rightToLeft
            case .any: nil
            }
        case .zone: nil
        }
    }
}
