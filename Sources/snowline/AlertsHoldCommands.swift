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

/// Who asks for what of which alert, checked, and the journal it is written into.
struct HoldRequest: ParsableArguments {
    @Argument(help: "The alert's id.") var id: String
    @OptionGroup var reason: HoldReason
    @OptionGroup var place: JournalPlace

    /// - Parameters:
    ///   - write: puts it into the journal; false where there is nothing to do it to.
    ///   - missing: what is said then, with the data folder.
    func carryOut(
        _ done: String, _ write: (AlertJournal, _ who: String, _ why: String) throws -> Bool,
        missing: (_ folder: String) -> String
    ) throws {
        let words = try reason.words()
        let folder = try place.folder()
        let journal = try AlertJournal(beside: folder)
        guard try write(journal, words.who, words.why) else {
            say("snowline: \(missing(folder))")
            throw ProgramExit.findings.code
        }
        try journal.close()
        print("alert \(id) is \(done), by \(words.who): \(words.why)")
    }
}

struct AlertsHoldCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold", abstract: "Keep an alert and its evidence from retention until it is released.")

    @OptionGroup var request: HoldRequest

    func run() async throws {
        let id = request.id
        try request.carryOut("held") { journal, who, why in
            try journal.hold(id, who: who, why: why)
        } missing: {
            "no alert \(id) in \($0); see snowline alerts list"
        }
    }
}

struct AlertsReleaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release", abstract: "Give a held alert back to retention.")

    @OptionGroup var request: HoldRequest

    func run() async throws {
        let id = request.id
        try request.carryOut("released") { journal, who, why in
            try journal.release(id, who: who, why: why)
        } missing: {
            "alert \(id) is not held in \($0); see snowline alerts holds"
        }
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
