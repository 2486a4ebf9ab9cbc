import ArgumentParser
import Foundation
import Journal
import Pipeline

struct AlertsVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Compare the journal with its hash chain: has anything been changed?",
        discussion: """
            Needs no daemon and no network. Ends with 1 if something was changed, removed or cut off, and names it.
            Keep the end of the chain that it prints, and the public key, on another machine, and give them to the next
            verification: then a journal that was replaced as a whole is found too.
            """)

    @OptionGroup var place: JournalPlace
    @Option(help: "The public key (base64), as kept elsewhere; else chain.pub in the data folder.") var key: String?
    @Option(help: "An end of the chain, NUMBER:HASH, as an earlier verification printed it.") var head: String?
    @Flag(help: "Print one JSON object.") var json = false

    func run() async throws {
        let publicKey = try key.map { text in
            guard let key = ChainPublicKey(text) else {
                throw UsageTrouble(description: "--key: not an Ed25519 public key in base64 (chain.pub holds one)")
            }
            return key
        }
        let expected = try head.map { text in
            guard let head = ChainHead(text) else {
                throw UsageTrouble(description: "--head \(text): give NUMBER:HASH as snowline alerts verify prints it")
            }
            return head
        }
        let report = try ChainVerification.run(folder: try place.folder(), key: publicKey, expected: expected)
        print(json ? try DecisionCoder.text(report) : Self.lines(report).joined(separator: "\n"))
        if !report.isSound { throw ProgramExit.findings.code }
    }

    private static func lines(_ report: ChainReport) -> [String] {
        var lines = report.findings.map { "\($0.place): \($0.finding)" }
        if report.moreFindings > 0 { lines.append("and \(report.moreFindings) more findings") }
        lines.append(
            "\(report.entries) entries, \(report.removed) removed by retention under \(report.anchors) signed anchors: "
                + (report.isSound ? "sound" : "\(report.findings.count + report.moreFindings) findings"))
        lines.append("head \(report.head)")
        if let key = report.publicKey { lines.append("key \(key)") }
        return lines
    }
}
