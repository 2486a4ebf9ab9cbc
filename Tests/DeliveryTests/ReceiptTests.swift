import Delivery
import Foundation
import Journal
import Scene
import Testing

/// What the dispatch side sends back.
@Suite struct ReceiptTests {
    private func message(_ text: String) throws -> ReceiptMessage { try ReceiptMessage(json: Data(text.utf8)) }

    private func problem(_ text: String) -> String {
        do {
            _ = try message(text)
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test func receiptsAndVerdictsAreRead() throws {
        let read = try message(
            #"{"receipts":["abc.12"],"verdicts":[{"alert":"abc","verdict":"false","cause":"rain","who":"desk 3"}]}"#)
        #expect(read.receipts == [DeliveryReceipt(alert: "abc", version: 12)])
        #expect(read.verdicts == [AlertVerdict(alert: "abc", judgement: .refuted, cause: .rain, who: "desk 3")])
        #expect(try message("{}") == ReceiptMessage())
    }

    @Test(arguments: [
        ("[]", "not the JSON object"), (#"{"receipts":["abc"]}"#, "is not <alert id>.<version>"),
        (#"{"receipts":["abc.0"]}"#, "is not <alert id>.<version>"), (#"{"receipts":[".1"]}"#, "is not"),
        (#"{"receipts":[7]}"#, "receipts[0]: not one of"),
        (#"{"verdicts":[{"alert":"a","who":"x"}]}"#, "verdicts[0].verdict: missing"),
        (#"{"verdicts":[{"alert":"a","verdict":"maybe","who":"x"}]}"#, "verdicts[0].verdict: not one of"),
        (#"{"verdicts":[{"alert":"a","verdict":"true","cause":"rain","who":"x"}]}"#, "only a false alert has a cause"),
        (#"{"verdicts":[{"alert":"a","verdict":"true","who":""}]}"#, "verdicts[0].who")
    ]) func whatIsWrongIsNamed(text: String, expected: String) {
        #expect(problem(text).contains(expected), "\(problem(text))")
    }

    @Test func bounded() {
        let many = Array(repeating: "\"a.1\"", count: ReceiptMessage.entryLimit + 1).joined(separator: ",")
        #expect(problem("{\"receipts\":[\(many)]}").contains("at most 1000"))
        let large = String(repeating: " ", count: ReceiptMessage.bytesLimit)
        #expect(problem("{}\(large)").contains("at most 65536"))
    }

    @Test func theJournalKeepsVerdictsWithTheAlert() throws {
        let folder = try TemporaryFolder()
        let journal = try AlertJournal(folder: folder.path)
        try journal.append([sampleAlert(id: "abc")], sinks: ["bus", "other"])
        let report = try journal.take(
            try message(
                #"{"receipts":["abc.1","abc.2"],"verdicts":[{"alert":"abc","verdict":"true","who":"a"},"#
                    + #"{"alert":"nobody","verdict":"true","who":"a"}]}"#))
        #expect(report.confirmed == 2 && report.verdicts == 1 && report.unknown == ["abc.2", "nobody"])
        #expect(try journal.reader.alert(id: "abc").map(\.verified) == [true])
        #expect(try journal.reader.verdicts(alert: "abc").map(\.judgement) == [.confirmed])
        #expect(try journal.record(AlertVerdict(alert: "abc", judgement: .duplicate, who: "b")))
        #expect(try journal.reader.verdicts(camera: CameraID("south-gate")).map(\.who) == ["a", "b"])
    }

    @Test func oneSinksReceiptConfirmsThatSinkOnly() throws {
        let folder = try TemporaryFolder()
        let journal = try AlertJournal(folder: folder.path)
        try journal.append([sampleAlert(id: "abc")], sinks: ["bus", "other"])
        let message = try ReceiptMessage(json: Data(#"{"receipts":["abc.1"]}"#.utf8), sink: "bus")
        #expect(try journal.take(message).confirmed == 1)
        #expect(try journal.reader.outbox().map(\.pending) == [0, 1])
        #expect(try journal.take(message).repeated == 1)
    }
}
