import Alerts
import Journal
import Scene
import Testing

@Suite struct RestartTests {
    /// The newest decision of each alert, as the journal would give them.
    private func restorable(_ versions: [AlertDecision]) -> [AlertDecision] {
        Dictionary(grouping: versions, by: \.id).values.compactMap { $0.max { $0.version < $1.version } }
    }

    /// Frames with events as rules make them: conditions alternate between began and ended.
    private func stream(seed: UInt64) -> [(time: MediaTime, events: [RuleEvent])] {
        var random = SplitMix64(seed: seed)
        var second = 0.0
        var isOccupied = false
        var isLost = false
        return (0..<120).map { _ in
            second +=
                Double.random(in: 0.04...1, using: &random) * (Int.random(in: 0..<12, using: &random) == 0 ? 15 : 1)
            var events: [RuleEvent] = []
            for _ in 0..<Int.random(in: 0...2, using: &random) {
                switch Int.random(in: 0..<6, using: &random) {
                case 0: events.append(crossing(second, Bool.random(using: &random) ? .leftToRight : .rightToLeft))
                case 1: events.append(passing(.entered, second - 0.01))
                case 2: events.append(passing(.left, second))
                case 3:
                    isLost.toggle()
                    events.append(signal(isLost ? .began : .ended, second))
                default:
                    isOccupied.toggle()
                    events.append(occupied(isOccupied ? .began : .ended, second - 0.02))
                }
            }
            return (seconds(second), events)
        }
    }

    @Test(arguments: 0..<60)
    func anySplitGivesTheSameDecisions(seed: UInt64) throws {
        let settings = EpisodeSettings(restoreWindow: .seconds(1e6))
        let frames = stream(seed: seed)
        var whole = book(settings: settings)
        let expected = frames.flatMap { whole.handle($0.events, at: $0.time) } + whole.finish()
        var random = SplitMix64(seed: seed ^ 0xABCD)
        var part = book(settings: settings)
        var versions: [AlertDecision] = []
        for frame in frames {
            if Int.random(in: 0..<10, using: &random) == 0 {
                part = book(settings: settings, restoring: restorable(versions).shuffled(using: &random))
            }
            versions += part.handle(frame.events, at: frame.time)
        }
        versions += part.finish()
        #expect(try versions.map(DecisionCoder.text) == expected.map(DecisionCoder.text), "seed \(seed)")
    }

    @Test(arguments: 0..<60)
    func episodesObeyTheirLaws(seed: UInt64) {
        var book = book()
        let frames = stream(seed: seed)
        let versions = frames.flatMap { book.handle($0.events, at: $0.time) } + book.finish()
        for (id, episode) in Dictionary(grouping: versions, by: \.id) {
            #expect(episode.map(\.version) == Array(1...episode.count), "seed \(seed) \(id)")
            #expect(episode.first?.state == .opened)
            #expect(episode.last?.state == .closed)
            #expect(episode.dropFirst().dropLast().allSatisfy { $0.state == .updated && $0.end == nil })
            #expect(Set(episode.map { "\($0.rule) \($0.occurrence)" }).count == 1)
            #expect(episode.allSatisfy { $0.findings.count == min($0.count, AlertDecision.findingLimit) })
        }
        let counted = versions.filter { $0.state == .closed }.reduce(0) { $0 + $1.count }
        #expect(counted == frames.flatMap(\.events).filter { $0.phase != .ended }.count, "seed \(seed)")
    }

    @Test func conditionFoundAgainKeepsItsID() throws {
        var before = book()
        let opened = before.handle([occupied(.began, 5)], at: seconds(5))
        // kill -9; back two minutes later, and the zone is seen occupied after the background has settled.
        var after = book(restoring: opened)
        var versions = after.tick(at: seconds(125))
        versions += after.handle([occupied(.began, 150)], at: seconds(150))
        #expect(versions.outline == ["updated 2"])
        #expect(versions[0].id == opened[0].id)
        #expect(versions[0].count == 2)
        #expect(after.tick(at: seconds(500)).isEmpty)
    }

    @Test func conditionNotFoundAgainClosesAtItsLastFinding() {
        var before = book()
        let opened = before.handle([occupied(.began, 5)], at: seconds(5))
        var after = book(restoring: opened)
        var versions = after.tick(at: seconds(100))
        versions += after.tick(at: seconds(130))
        #expect(versions.isEmpty)
        versions += after.tick(at: seconds(130.1))
        #expect(versions.outline == ["closed 2"])
        #expect(versions[0].end == seconds(5))
        #expect(after.tick(at: seconds(200)).isEmpty)
    }

    @Test func episodeOfAChangedRuleClosesAtOnce() {
        var before = book()
        let opened = before.handle([occupied(.began, 5)], at: seconds(5))
        var after = book(watchedCamera(revision: "r2"), restoring: opened)
        #expect(after.openEpisodes.map(\.id) == opened.map(\.id))
        let versions = after.handle([occupied(.began, 6)], at: seconds(6))
        #expect(versions.outline == ["closed 2", "opened 1"])
        #expect(versions[0].id == opened[0].id)
        #expect(versions[0].ruleRevision == "r1")
        #expect(versions[1].ruleRevision == "r2")
    }

    @Test func takenOrdinalsStayTaken() {
        var before = book()
        var versions = before.handle([passing(.entered, 1)], at: seconds(1))
        versions += before.finish()
        var after = book(restoring: restorable(versions))
        let next = after.handle([passing(.entered, 1.5)], at: seconds(2))
        #expect(next[0].id != versions[0].id)
    }

    @Test func otherCamerasAreNotRestored() {
        var before = book()
        let opened = before.handle([occupied(.began, 5)], at: seconds(5))
        var other = watchedCamera()
        other.id = CameraID("north")!
        #expect(book(other, restoring: opened).openEpisodes.isEmpty)
    }
}
