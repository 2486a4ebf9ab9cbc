import ArgumentParser
import Foundation
import Journal
import Pipeline
import Scene

/// Who asks, and why; both go into the journal's chain.
struct HoldReason: ParsableArguments {
    @Option(help: "Why; kept in the journal.") var why: String
    @Option(help: "Who; kept in the journal. Else the user's name.") var who: String?

    func words() throws -> (who: String, why: String) {
        (try checked("--who", who ?? NSUserName()), try checked("--why", why))
    }

    private func checked(_ option: String, _ text: String) throws -> String {
        let words = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !words.isEmpty, words.count <= LegalHold.textLimit else {
            throw ValidationError("\(option): give 1…\(LegalHold.textLimit) characters")
        }
        return words
    }
}

struct AlertsHoldCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold", abstract: "Keep an alert and its evidence from retention until it is released.")

    @Argument(help: "The alert's id.") var id: String
    @OptionGroup var reason: HoldReason
    @OptionGroup var place: JournalPlace

    func run() async throws {
        let words = try reason.words()
        let folder = try place.folder()
        let journal = try AlertJournal(beside: folder)
        guard try journal.hold(id, who: words.who, why: words.why) else {
            say("snowline: no alert \(id) in \(folder); see snowline alerts list")
            throw ProgramExit.findings.code
        }
        try journal.close()
        print("alert \(id) is held, by \(words.who): \(words.why)")
    }
}

struct AlertsReleaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release", abstract: "Give a held alert back to retention.")

    @Argument(help: "The alert's id.") var id: String
    @OptionGroup var reason: HoldReason
    @OptionGroup var place: JournalPlace

    func run() async throws {
        let words = try reason.words()
        let folder = try place.folder()
        let journal = try AlertJournal(beside: folder)
        guard try journal.release(id, who: words.who, why: words.why) else {
            say("snowline: alert \(id) is not held in \(folder); see snowline alerts holds")
            throw ProgramExit.findings.code
        }
        try journal.close()
        print("alert \(id) is released, by \(words.who): \(words.why)")
    }
}

struct AlertsHoldsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "holds", abstract: "List the alerts that are held, oldest first.")

    @OptionGroup var place: JournalPlace
    @Flag(help: "One JSON object a line.") var json = false

    func run() async throws {
        for hold in try JournalReader(folder: place.folder()).holds() {
            print(json ? try DecisionCoder.text(hold) : "\(hold.since)  \(hold.alert)  by \(hold.who): \(hold.why)")
        }
    }
}
