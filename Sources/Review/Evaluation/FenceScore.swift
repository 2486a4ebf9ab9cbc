import Foundation
package import Scene

/// An alert as the scorers read it: one object for each crossing, one for each interval in which a zone is occupied.
package struct ScoredAlert: Sendable, Hashable {
    package let footage: String
    package let rule: String
    package let start: Double
    package let end: Double?
    package let direction: CrossingDirection?
    /// Where the object was, for a still; nothing that is scored.
    package let box: Box?

    package init(
        footage: String, rule: String, start: Double, end: Double?, direction: CrossingDirection?, box: Box? = nil
    ) {
        self.footage = footage
        self.rule = rule
        self.start = start
        self.end = end
        self.direction = direction
        self.box = box
    }
}

/// How the alerts of one fence compare with its marked events.
///
/// Zones: an event is found when an alert overlaps it, widened by the tolerance, and did not open more than 1 s
/// before; one alert answers one event, and the next too only across a gap of at most 2 s; more alerts on one event
/// are extra, the rest false. Lines: nearest first, one alert to one event, the direction must agree where both
/// state one. Only alerts that start inside the judged interval count; optional events are neither missed nor false.
package struct FenceScore: Sendable {
    /// Nobody is asked to know the background sooner than this after the first picture, in seconds.
    static let learningSeconds = 2.0
    private static let leastLineWindow = 0.7
    private static let leastZoneTolerance = 0.5
    private static let earlyOpenAllowance = 1.0
    private static let longestBridgedGap = 2.0
    private static let intervalSlack = 1e-6

    package let footage: String
    package let fence: AnnotatedFence
    package let eventCount: Int
    package let foundCount: Int
    /// Starts of the events that are asked for, and of those of them that were not found.
    package let needed: [Double]
    package let missed: [Double]
    package let alertCount: Int
    package let falseStarts: [Double]
    package let extraCount: Int
    package let delays: [Double]
    package let f1: Double

    var falseCount: Int { falseStarts.count }
    var recallShare: Double { eventCount > 0 ? Double(foundCount) / Double(eventCount) : 1 }
    var precisionShare: Double {
        alertCount > 0 ? Double(alertCount - falseCount - extraCount) / Double(alertCount) : 1
    }
    var judgedSeconds: Double { fence.judgedTo - fence.judgedFrom }
    var isFalselyAlarmedControl: Bool { eventCount == 0 && fence.kind == .zone && falseCount > 0 }

    package init(footage: String, fence: AnnotatedFence, alerts: [ScoredAlert]) {
        let live = alerts.filter {
            $0.start >= fence.judgedFrom - Self.intervalSlack && $0.start <= fence.judgedTo + Self.intervalSlack
        }
        let match = fence.kind == .line ? Self.matchLine(fence, live) : Self.matchZone(fence, live)
        let needed = fence.events.indices.filter {
            fence.events[$0].isOptional != true && !Self.isEarly(fence.events[$0], fence.kind)
        }
        let found = needed.filter { match.alertOfEvent[$0] != nil }
        let extra = fence.kind == .line ? 0 : match.used.count - Set(match.alertOfEvent.values).count
        self.footage = footage
        self.fence = fence
        eventCount = needed.count
        foundCount = found.count
        self.needed = needed.map { fence.events[$0].start }
        missed = needed.filter { match.alertOfEvent[$0] == nil }.map { fence.events[$0].start }
        alertCount = live.count
        falseStarts = live.indices.filter { !match.used.contains($0) }.map { decimal(live[$0].start, places: 2) }
        extraCount = max(0, extra)
        delays = match.delays.map { decimal($0, places: 2) }.sorted()
        let good = live.count - falseStarts.count - extraCount
        let precision = live.isEmpty ? 1 : Double(good) / Double(live.count)
        let recall = needed.isEmpty ? 1 : Double(found.count) / Double(needed.count)
        f1 = decimal(!live.isEmpty && good == 0 ? 0 : harmonicMean(precision, recall), places: 4)
    }

    private struct Match {
        var alertOfEvent: [Int: Int] = [:]
        var used: Set<Int> = []
        var delays: [Double] = []
    }

    private static func matchLine(_ fence: AnnotatedFence, _ live: [ScoredAlert]) -> Match {
        let window = max(fence.tolerance ?? 0.3, leastLineWindow)
        var pairs: [(distance: Double, event: Int, alert: Int)] = []
        for (index, event) in fence.events.enumerated() {
            for (number, alert) in live.enumerated() where agrees(alert, event) {
                let distance = abs(alert.start - (event.cross ?? event.start))
                if distance <= window { pairs.append((distance, index, number)) }
            }
        }
        var match = Match()
        for pair in pairs.sorted(by: { ($0.distance, $0.event, $0.alert) < ($1.distance, $1.event, $1.alert) })
        where match.alertOfEvent[pair.event] == nil && !match.used.contains(pair.alert) {
            let event = fence.events[pair.event]
            match.alertOfEvent[pair.event] = pair.alert
            match.used.insert(pair.alert)
            match.delays.append(live[pair.alert].start - (event.cross ?? event.start))
        }
        return match
    }

    private static func agrees(_ alert: ScoredAlert, _ event: AnnotatedFence.Event) -> Bool {
        guard let seen = alert.direction, let marked = event.direction.flatMap(CrossingDirection.init(rawValue:)) else {
            return true
        }
        return seen == marked
    }

    private static func matchZone(_ fence: AnnotatedFence, _ live: [ScoredAlert]) -> Match {
        let tolerance = max(fence.tolerance ?? 0.3, leastZoneTolerance)
        let first = fence.events.map { $0.firstTouch ?? $0.start }
        let last = fence.events.map { $0.lastTouch ?? $0.end ?? fence.judgedTo }
        var match = Match()
        var order: [Int] = []
        for number in live.indices.sorted(by: { (live[$0].start, $0) < (live[$1].start, $1) }) {
            let alert = live[number]
            let end = alert.end ?? fence.judgedTo
            let over = fence.events.indices.filter {
                alert.start <= last[$0] + tolerance && end >= first[$0] - tolerance
            }
            guard let earliest = over.first, alert.start >= first[earliest] - tolerance - earlyOpenAllowance else {
                continue
            }
            match.used.insert(number)
            let fresh = over.filter { match.alertOfEvent[$0] == nil }
            for event in fresh {
                guard event == fresh.first || first[event] - last[event - 1] <= longestBridgedGap else { break }
                match.alertOfEvent[event] = number
                order.append(event)
            }
        }
        match.delays = order.compactMap { event in
            match.alertOfEvent[event].map { live[$0].start - fence.events[event].start }
        }
        return match
    }

    private static func isEarly(_ event: AnnotatedFence.Event, _ kind: AnnotatedFence.Kind) -> Bool {
        switch kind {
        case .line: (event.cross ?? event.start) < learningSeconds
        case .zone: (event.end ?? .infinity) < learningSeconds + 0.5
        }
    }
}

func harmonicMean(_ precision: Double, _ recall: Double) -> Double {
    precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0
}

/// The decimal number of so many places that is nearest to the exact binary value, as printed by a correct `printf`.
func decimal(_ value: Double, places: Int) -> Double {
    Double(String(format: "%.\(places)f", value)) ?? value
}
