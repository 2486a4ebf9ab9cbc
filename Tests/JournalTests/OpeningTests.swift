import Foundation
import GRDB
import Scene
import Testing

@testable import Journal

@Suite struct OpeningTests {
    @Test func filesAreForTheOwnerOnly() throws {
        let folder = try TemporaryFolder()
        let inner = folder.path + "/data"
        let journal = try AlertJournal(folder: inner)
        try journal.append([sampleAlert()], sinks: [])
        #expect(try folder.mode("data") == 0o700)
        for name in ["journal.sqlite", "journal.sqlite-wal", "journal.sqlite-shm", "lock"] {
            #expect(try folder.mode("data/" + name) == 0o600, "\(name)")
        }
    }

    @Test func commitsAreFullySynchronous() throws {
        let folder = try TemporaryFolder()
        let journal = try AlertJournal(folder: folder.path)
        let settings = try journal.pool.writeWithoutTransaction { database in
            try ["synchronous", "foreign_keys", "journal_mode", "auto_vacuum"].map { name in
                try String.fetchOne(database, sql: "PRAGMA \(name)")
            }
        }
        #expect(settings == ["2", "1", "wal", "2"])
    }

    @Test func secondDaemonIsTurnedAwayAndReadersAreNot() throws {
        let folder = try TemporaryFolder()
        let journal = try AlertJournal(folder: folder.path)
        try journal.append([sampleAlert()], sinks: [])
        let error = #expect(throws: JournalError.self) { try AlertJournal(folder: folder.path) }
        #expect("\(try #require(error))".contains("in use by another snowlined (process \(getpid()))"))
        #expect(try JournalReader(folder: folder.path).alerts().count == 1)
        try journal.close()
        #expect(try JournalReader(folder: folder.path).alerts().count == 1)
        #expect(try AlertJournal(folder: folder.path).reader.alerts().count == 1)
    }

    @Test func missingAndNewerJournalsAreSaid() throws {
        let folder = try TemporaryFolder()
        #expect(throws: JournalError.missing(path: folder.path + "/journal.sqlite")) {
            try JournalReader(folder: folder.path)
        }
        let journal = try AlertJournal(folder: folder.path)
        try journal.pool.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('99 from the future')") }
        try journal.close()
        #expect(throws: JournalError.tooNew(path: folder.path + "/journal.sqlite")) {
            try AlertJournal(folder: folder.path)
        }
    }

    @Test func folderThatCannotBeMadeIsSaid() throws {
        let error = #expect(throws: JournalError.self) { try AlertJournal(folder: "/proc/none/data") }
        #expect("\(try #require(error))".hasPrefix("journal /proc/none/data cannot be used"))
    }
}
