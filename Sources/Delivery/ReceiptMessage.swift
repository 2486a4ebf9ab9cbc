package import Foundation
package import Journal
package import Scene

/// What the dispatch side sends back, by `POST /v1/receipts` or on a NATS subject: which alert versions it has, and
/// what people decided of them.
///
/// ```json
/// {"receipts": ["h4k….1"], "verdicts": [{"alert": "h4k…", "verdict": "false", "cause": "rain", "who": "desk 3"}]}
/// ```
package struct ReceiptMessage: Hashable, Sendable {
    package static let bytesLimit = 64 << 10
    package static let entryLimit = 1000

    package var receipts: [DeliveryReceipt]
    package var verdicts: [AlertVerdict]

    package init(receipts: [DeliveryReceipt] = [], verdicts: [AlertVerdict] = []) {
        self.receipts = receipts
        self.verdicts = verdicts
    }

    /// - Parameter sink: the sink on whose way back it came; nil confirms for all.
    /// - Throws: ``SinkProblem`` that names what is wrong.
    package init(json: Data, sink: String? = nil) throws {
        guard json.count <= Self.bytesLimit else {
            throw SinkProblem(
                "receipts of \(json.count) bytes; at most \(Self.bytesLimit) in one message, send several")
        }
        // The decoder would pass over what it does not know: a word spelt wrong, or something that has no place here.
        if let problem = Self.unknownKey(in: json) { throw SinkProblem(problem) }
        let wire: Wire
        do { wire = try JSONDecoder().decode(Wire.self, from: json) } catch {
            throw SinkProblem(Self.problem(error))
        }
        let ids = wire.receipts ?? []
        let verdicts = wire.verdicts ?? []
        guard ids.count + verdicts.count <= Self.entryLimit else {
            throw SinkProblem(
                "\(ids.count + verdicts.count) receipts and verdicts; at most \(Self.entryLimit) in one message")
        }
        receipts = try ids.map { id in
            guard let receipt = DeliveryReceipt(id: id, sink: sink ?? wire.sink) else {
                throw SinkProblem("receipts: \"\(id.prefix(64))\" is not <alert id>.<version>, the id of a message")
            }
            return receipt
        }
        for (index, verdict) in verdicts.enumerated() {
            if let problem = verdict.problem { throw SinkProblem("verdicts[\(index)].\(problem)") }
        }
        self.verdicts = verdicts
    }

    private struct Wire: Decodable {
        let receipts: [String]?
        let verdicts: [AlertVerdict]?
        let sink: String?
    }

    private static func unknownKey(in json: Data) -> String? {
        guard let object = (try? JSONSerialization.jsonObject(with: json)) as? [String: Any] else { return nil }
        if let key = object.keys.sorted().first(where: { !["receipts", "verdicts", "sink"].contains($0) }) {
            return "\(key.prefix(64)): not known; there are receipts, verdicts and sink"
        }
        let known = ["alert", "verdict", "cause", "why", "who", "time"]
        for (index, verdict) in (object["verdicts"] as? [[String: Any]] ?? []).enumerated() {
            guard let key = verdict.keys.sorted().first(where: { !known.contains($0) }) else { continue }
            return "verdicts[\(index)].\(key.prefix(64)): not known; there are \(known.joined(separator: ", "))"
        }
        return nil
    }

    private static func problem(_ error: any Error) -> String {
        let form = "not the JSON object {\"receipts\": […], \"verdicts\": […]}"
        guard let error = error as? DecodingError else { return form }
        switch error {
        case .keyNotFound(let key, let context): return "\(path(context.codingPath + [key])): missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            return context.codingPath.isEmpty
                ? form : "\(path(context.codingPath)): not one of the values that docs/bus.md lists"
        @unknown default: return form
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        var text = ""
        for key in keys {
            if let index = key.intValue {
                text += "[\(index)]"
            } else {
                text += (text.isEmpty ? "" : ".") + key.stringValue.prefix(64)
            }
        }
        return text
    }
}

/// What a message did to the journal.
package struct ReceiptReport: Hashable, Sendable, Codable {
    package var confirmed: Int
    package var repeated: Int
    package var verdicts: Int
    /// Ids of messages and alerts that the journal does not hold.
    package var unknown: [String]
}

extension AlertJournal {
    /// Journals what came back.
    package func take(_ message: ReceiptMessage) throws -> ReceiptReport {
        let outcome = try confirm(message.receipts)
        var report = ReceiptReport(
            confirmed: outcome.confirmed, repeated: outcome.repeated, verdicts: 0, unknown: outcome.unknown.map(\.id))
        for verdict in message.verdicts {
            if try record(verdict) { report.verdicts += 1 } else { report.unknown.append(verdict.alert) }
        }
        return report
    }
}
