import Delivery
package import Foundation
import Journal
import Logging
import Scene

/// What came of receipts and verdicts that somebody sent back.
package enum ReceiptsOutcome: Sendable, Hashable {
    /// One JSON object: what was confirmed, and what the journal does not hold.
    case taken(String)
    case malformed(String)
    case failed(String)
}

extension SiteSupervisor {
    /// Journals receipts and verdicts of `POST /v1/receipts`.
    /// - Parameter json: as docs/bus.md describes it; all of it is taken or none.
    package func take(receipts json: Data) -> ReceiptsOutcome {
        let message: ReceiptMessage
        do { message = try ReceiptMessage(json: json) } catch { return .malformed("\(error)") }
        do {
            return .taken(try DecisionCoder.text(try rooms.journal.take(message)) + "\n")
        } catch {
            rooms.logger.error("receipts not journaled", metadata: ["error": "\(error)"])
            return .failed("the journal cannot be written; see the log, and send them again")
        }
    }

    /// Puts alert versions back in line, as `POST /v1/resend` asks.
    package func resend(_ json: Data) -> ReceiptsOutcome {
        do {
            return .taken(try DecisionCoder.text(try rooms.journal.resend(ResendRequest(json: json))) + "\n")
        } catch let problem as ResendProblem {
            return .malformed("\(problem)")
        } catch {
            rooms.logger.error("nothing sent again", metadata: ["error": "\(error)"])
            return .failed("the journal cannot be written; see the log, and ask again")
        }
    }
}
