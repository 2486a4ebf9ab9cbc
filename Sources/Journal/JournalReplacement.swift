import Foundation
import GRDB
import Scene

/// Takes a damaged journal out of the way and begins another one with what can still be read.
enum JournalReplacement {
    /// `20261122T013102Z`.
    static func stamp(_ time: MediaTime) -> String {
        let text = time.description
        return text.prefix(19).filter { $0 != "-" && $0 != ":" } + "Z"
    }

    /// Renames the journal's files: `journal.sqlite.damaged-<time>` and its `-wal`, so that SQLite's own tools take them
    /// as they are.
    /// - Throws: ``JournalError`` where they cannot be renamed.
    static func setAside(folder: String, finding: String, at now: MediaTime) throws -> JournalSetAside {
        let path = folder + "/" + JournalFile.name
        let name = freeName(folder, stamp(now))
        // The log first: a journal without its log would open and miss what was acknowledged last.
        for suffix in ["-wal", ""] {
            let target = folder + "/" + name + suffix
            guard rename(path + suffix, target) == 0 || errno == ENOENT else {
                throw JournalError.system(path: path + suffix, code: errno)
            }
        }
        unlink(path + "-shm")
        // Of the old chain: its end stays readable beside the old file.
        copyNote(folder, name)
        AtomicFile.syncFolder(folder)
        return JournalSetAside(name: name, time: now, finding: finding)
    }

    private static func freeName(_ folder: String, _ stamp: String) -> String {
        let base = JournalFile.name + ".damaged-" + stamp
        let names = [base] + (2...99).map { "\(base)-\($0)" }
        return names.first { access(folder + "/" + $0, F_OK) != 0 } ?? base
    }

    private static func copyNote(_ folder: String, _ name: String) {
        let note = FileManager.default.contents(atPath: folder + "/" + ChainHeadNote.name)
        try? note?.write(to: URL(fileURLWithPath: folder + "/" + name + ".head"))
    }

    /// Opens a new journal and puts into it what can be read of the one that was set aside.
    /// - Throws: ``JournalError`` where no journal can be opened; damage of the old file is no error.
    static func open(
        folder: String, chain: Chain, saving aside: inout JournalSetAside, at now: MediaTime
    ) throws -> DatabasePool {
        let pool = try JournalFile.openForWriting(folder: folder)
        let path = folder + "/" + JournalFile.name
        try JournalFile.explained(path) {
            let follows = ["file": aside.name, "finding": aside.finding, "head": oldHead(folder, aside.name)]
            let content = try DecisionCoder.text(["follows": follows.compactMapValues { $0 }])
            chain.restart()
            try pool.write { try chain.begin(content: content, at: now, in: $0) }
            var salvage = JournalSalvage(pool: pool, chain: chain, now: now)
            try salvage.run(folder + "/" + aside.name)
            aside.savedVersions = salvage.versions
            aside.savedDeliveries = salvage.deliveries
            aside.refusedVersions = salvage.refused
            aside.unreadable = salvage.unreadable.sorted()
            let detail = try DecisionCoder.text(aside.words)
            try pool.write { database in
                try AlertJournal.insert(
                    .journalSetAside, camera: nil, detail: detail, time: now, chain: chain, at: now, in: database)
            }
        }
        return pool
    }

    private static func oldHead(_ folder: String, _ name: String) -> String? {
        guard let data = FileManager.default.contents(atPath: folder + "/" + name + ".head") else { return nil }
        return try? DecisionCoder.decode(SignedHead.self, from: data).head
    }
}

extension JournalSetAside {
    /// As the detail of a change, and for the log.
    package var words: [String: String] {
        [
            "file": name, "finding": finding, "saved_versions": "\(savedVersions)",
            "saved_deliveries": "\(savedDeliveries)", "refused_versions": "\(refusedVersions)",
            "unreadable": unreadable.joined(separator: " ")
        ]
    }
}
