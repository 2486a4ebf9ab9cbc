package import Scene

/// Frames with events as rules make them: conditions alternate between began and ended, some frames are long apart.
package enum EpisodeStream {
    package static let camera = CameraID("south-gate")!

    package static func frames(seed: UInt64, count: Int) -> [(time: MediaTime, events: [RuleEvent])] {
        var random = SeededRandom(seed: seed)
        var second = 1000.0
        var isOccupied = false
        return (0..<count).map { _ in
            second +=
                Double.random(in: 0.04...1, using: &random) * (Int.random(in: 0..<12, using: &random) == 0 ? 15 : 1)
            var events: [RuleEvent] = []
            for _ in 0..<Int.random(in: 0...2, using: &random) {
                switch Int.random(in: 0..<4, using: &random) {
                case 0: events.append(event("path", .line, .crossed, .instant, second))
                case 1: events.append(event("lawn", .zone, .entered, .instant, second))
                default:
                    isOccupied.toggle()
                    events.append(event("lawn", .zone, .occupied, isOccupied ? .began : .ended, second))
                }
            }
            return (MediaTime.epoch + .seconds(second), events)
        }
    }

    private static func event(
        _ rule: String, _ kind: RuleKind, _ occurrence: Occurrence, _ phase: RuleEvent.Phase, _ second: Double
    ) -> RuleEvent {
        let time = MediaTime.epoch + .seconds(second)
        return RuleEvent(
            rule: RuleID(rule)!, kind: kind, occurrence: occurrence, phase: phase, time: time, decidedAt: time,
            direction: occurrence == .crossed ? .leftToRight : nil, measures: ["dwell_s": 1])
    }
}
