package import Evidence
package import Rules
package import Scene

/// What is drawn on an annotated still: fences, the boxes and trails of tracks, and the points that decided.
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

    /// What a person drew and measured, as `check --draw` shows it: the fences, and standing figures that tell whether
    /// the perspective fits.
    package static func setup(of camera: CameraConfiguration, size: PictureSize) -> Overlay {
        Overlay(
            items: (camera.perspective.map { figures(of: $0, size: size) } ?? [])
                + camera.rules.flatMap { items(of: $0) })
    }

    /// A bar as tall as a person at both references (red) and on three rows between, from left to right, each with its
    /// metres; the horizon where it lies in the picture.
    private static func figures(of perspective: Perspective, size: PictureSize) -> [Overlay.Item] {
        let steps = 4
        var items = (0...steps).flatMap { step -> [Overlay.Item] in
            let share = Double(step) / Double(steps)
            let row = perspective.far.row + share * (perspective.near.row - perspective.far.row)
            let height = perspective.personHeight(atRow: row)
            let width = 0.3 * height * Double(size.height) / Double(size.width)
            let box = Box(x: 0.14 + 0.72 * share - width / 2, y: row - height, width: width, height: height)
            let colour: Overlay.Colour = step == 0 || step == steps ? .object : .track
            return [
                Overlay.Item(.box(box), colour), Overlay.Item(.tag("\(perspective.personHeight) m", on: box), colour)
            ]
        }
        if let horizon = perspective.horizon, horizon > 0 {
            items.append(Overlay.Item(.trail([Point(x: 0, y: horizon), Point(x: 1, y: horizon)]), .track))
            items.append(Overlay.Item(.label("horizon", at: Point(x: 0, y: horizon)), .track))
        }
        return items
    }

    static func items(of fence: FenceRule, colour: Overlay.Colour = .fence) -> [Overlay.Item] {
        let shapes = fence.shapes
        var items = shapes.indices.flatMap { stage in
            Overlay.fence(
                shapes[stage], name: shapes.count > 1 ? "\(fence.id) \(stage + 1)" : fence.id.text,
                counting: fence.countedDirection(stage: stage), colour: colour)
        }
        if case .wrongWay(let rule) = fence.watch {
            items.append(Overlay.Item(.path([rule.from, rule.to]), colour))
            items.append(Overlay.Item(.label("allowed", at: rule.to), colour))
        }
        return items
    }

    private static func trail(of track: TrackID, in trails: TrackTrails) -> [Overlay.Item] {
        let feet = (trails.paths[track] ?? []).map(\.box.foot)
        return feet.count > 1 ? [Overlay.Item(.path(feet), .track)] : []
    }
}

extension FenceRule {
    /// The one direction that a line counts; nil where it counts both, and for zones.
    fileprivate func countedDirection(stage: Int) -> CrossingDirection? {
        let line: LineRule? =
            switch watch {
            case .line(let line): line
            case .sequence(let sequence):
                if case .line(let line) = sequence.stages[stage] { line } else { nil }
            case .zone, .dwell, .appear, .wrongWay, .speed, .stopped, .leftObject, .removedObject, .occupancy,
                .density, .motion, .sceneHealth, .manual:
                nil
            }
        return switch line?.directions {
        case .leftToRight: .leftToRight
        case .rightToLeft: .rightToLeft
        case .any, nil: nil
        }
    }
}
