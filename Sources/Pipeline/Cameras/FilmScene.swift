import Alerts
import Evidence
import Rules
import Scene
import Vision

/// What an annotated film knows of its camera beyond the trails: the newest observation and the latest crossings.
struct FilmScene {
    /// How long a fence shows that it was just crossed.
    private static let crossingShown = MediaSpan.milliseconds(1500)
    /// Open alerts that are listed; the rest is counted.
    private static let alertLimit = 3
    /// Speed is measured over the last so much of a trail, and not told of a shorter one.
    private static let speedSpan = MediaSpan.milliseconds(800)

    private var newest: Observation?
    private var crossed: [RuleID: MediaTime] = [:]

    mutating func note(_ observation: Observation, _ events: [RuleEvent]) {
        newest = observation
        for event in events where event.phase == .instant { crossed[event.rule] = event.decidedAt }
    }

    struct Surroundings {
        let camera: CameraID
        let rules: [FenceRule]
        let trails: TrackTrails
        let view: AnalysisView?
        let episodes: [AlertDecision]
        let ground: (perspective: Perspective, size: PictureSize)?
    }

    func frame(_ around: Surroundings, at time: MediaTime) -> FilmFrame {
        var frame = FilmFrame(foreground: around.view?.foreground)
        let held = Set(around.episodes.filter(\.isHolding).map(\.rule))
        for rule in around.rules {
            let isFresh = crossed[rule.id].map { time - $0 <= Self.crossingShown } ?? false
            frame.items += AlertOverlay.items(
                of: rule, colour: isFresh ? .crossed : held.contains(rule.id) ? .held : .fence)
        }
        frame.items += (around.view?.regions ?? []).map { Overlay.Item(.thinBox($0), .region) }
        frame.items += (around.view?.candidates ?? []).map { Overlay.Item(.thinBox($0), .candidate) }
        for id in around.trails.paths.keys.sorted() { frame.items += items(of: id, around) }
        frame.lines = [stateLine(around, at: time), healthLine] + alertLines(around.episodes)
        while frame.lines.count < FilmFrame.lineLimit - 1 { frame.lines.append([]) }
        frame.lines.append(FilmFrame.legend)
        return frame
    }

    // MARK: On the picture

    private func items(of id: TrackID, _ around: Surroundings) -> [Overlay.Item] {
        guard let path = around.trails.paths[id], let last = path.last else { return [] }
        let colour: Overlay.Colour = last.isMeasured ? .track : .predicted
        var items: [Overlay.Item] = []
        if path.count > 1 { items.append(Overlay.Item(.trail(path.map(\.box.foot)), colour)) }
        items.append(Overlay.Item(.box(last.box), colour))
        items.append(Overlay.Item(.mark(last.box.foot), .mark))
        let speed = around.ground.flatMap { ground -> String? in
            guard let start = path.last(where: { last.time - $0.time >= Self.speedSpan }) else { return nil }
            return ground.perspective.speed(from: start, to: last, in: ground.size).map { " \(tenths($0)) m/s" }
        }
        items.append(Overlay.Item(.tag("\(id.number)" + (speed ?? ""), on: last.box), colour))
        return items
    }

    // MARK: In the strip

    private func stateLine(_ around: Surroundings, at time: MediaTime) -> [FilmFrame.Words] {
        var line = [FilmFrame.Words("\(around.camera) \(time)")]
        switch around.view?.state {
        case nil, .learning: line.append(FilmFrame.Words("learning the background", .candidate))
        case .flooded(let since): line.append(FilmFrame.Words("most of the picture changed, since \(since)", .held))
        case .watching where newest?.isSettled == false: line.append(FilmFrame.Words("not settled", .candidate))
        case .watching: line.append(FilmFrame.Words("settled", .crossed))
        }
        let (tracks, candidates) = (around.trails.paths.count, around.view?.candidates.count ?? 0)
        line.append(FilmFrame.Words("tracks \(tracks), candidates \(candidates)", .quiet))
        return line
    }

    private var healthLine: [FilmFrame.Words] {
        guard let health = newest?.health, !health.isGood else { return [FilmFrame.Words("picture good", .quiet)] }
        return health.conditions.map { condition in
            let since = health.beginning(of: condition).map { " since \($0)" } ?? ""
            return FilmFrame.Words("\(condition.rawValue)\(since)", .held)
        }
    }

    private func alertLines(_ episodes: [AlertDecision]) -> [[FilmFrame.Words]] {
        guard !episodes.isEmpty else { return [[FilmFrame.Words("no open alert", .quiet)]] }
        var lines = episodes.prefix(Self.alertLimit).map { episode in
            [
                FilmFrame.Words(
                    "\(episode.rule) \(episode.occurrence.rawValue) since \(episode.start), count \(episode.count)",
                    episode.isHolding ? .held : .crossed)
            ]
        }
        if episodes.count > Self.alertLimit {
            lines[lines.count - 1].append(FilmFrame.Words("and \(episodes.count - Self.alertLimit) more", .quiet))
        }
        return lines
    }

    private func tenths(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}
