import Foundation

/// What the operator can live with: so many false alerts, and events that must be found.
package struct NuisanceBudget: Hashable, Sendable {
    /// An event of the annotation by footage, fence and its start.
    package struct Event: Hashable, Sendable, CustomStringConvertible {
        package let footage: String
        package let rule: String
        package let start: Double

        package var description: String { "\(footage)/\(rule)@\(shortNumber(start))" }
    }

    /// How far a start may be from the annotated one, in seconds.
    static let slack = 0.05

    package let falsePerDay: Double
    package let mustFind: Set<Event>

    /// - Parameter mustFind: `all`, or events as `FOOTAGE/RULE@SECONDS` (the start of the event).
    /// - Throws: ``CorpusError`` for the first event that the annotation does not have or does not ask for.
    package init(falsePerDay: Double, mustFind: [String], rows: [FenceScore]) throws {
        self.falsePerDay = falsePerDay
        var events: Set<Event> = []
        for text in mustFind {
            if text == "all" {
                events.formUnion(rows.flatMap(Self.needed))
            } else {
                events.insert(try Self.event(text, rows))
            }
        }
        self.mustFind = events
    }

    /// False alerts that the footage of a score may hold.
    package func allowed(judgedSeconds: Double) -> Double { falsePerDay * judgedSeconds / 86_400 }

    /// Events that must be found and were not.
    package func missed(_ rows: [FenceScore]) -> [Event] {
        guard !mustFind.isEmpty else { return [] }
        return rows.flatMap { row in
            row.missed.map { Event(footage: row.footage, rule: row.fence.id, start: $0) }
        }.filter(mustFind.contains)
    }

    private static func needed(_ row: FenceScore) -> [Event] {
        row.needed.map { Event(footage: row.footage, rule: row.fence.id, start: $0) }
    }

    private static func event(_ text: String, _ rows: [FenceScore]) throws -> Event {
        let sides = text.split(separator: "@", maxSplits: 1).map(String.init)
        let place = sides.first?.split(separator: "/", maxSplits: 1).map(String.init) ?? []
        guard sides.count == 2, place.count == 2, let start = Double(sides[1]) else {
            throw CorpusError(
                place: "--must-find \(text)", detail: "give all, or FOOTAGE/FENCE@SECONDS like gate/yard@12.5")
        }
        guard let row = rows.first(where: { $0.footage == place[0] && $0.fence.id == place[1] }) else {
            throw CorpusError(place: "--must-find \(text)", detail: "the corpus has no such fence")
        }
        guard let found = needed(row).first(where: { abs($0.start - start) <= slack }) else {
            let known = needed(row).map { shortNumber($0.start) }.joined(separator: ", ")
            throw CorpusError(
                place: "--must-find \(text)",
                detail: "no event that counts begins there; the fence has: \(known.isEmpty ? "none" : known)")
        }
        return found
    }
}
