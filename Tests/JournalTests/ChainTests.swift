import Foundation
import GRDB
import Scene
import TestSupport
import Testing

@testable import Journal

@Suite(.timeLimit(.minutes(3))) struct ChainTests {
    let folder: TemporaryFolder
    let clock = TestClock()
    let journal: AlertJournal

    init() throws {
        folder = try TemporaryFolder()
        journal = try AlertJournal(folder: folder.path, clock: { [clock] in clock.now })
    }

    private func verify(key: ChainPublicKey? = nil, expected: ChainHead? = nil) throws -> ChainReport {
        try ChainVerification.run(folder: folder.path, key: key, expected: expected)
    }

    private func change(_ sql: String) throws { try journal.pool.write { try $0.execute(sql: sql) } }

    private func order(_ camera: String, _ why: String) -> ArmingOrder {
        ArmingOrder(act: .disarm, camera: CameraID(camera), since: clock.now, who: "Wang", why: why)
    }

    /// One or more of everything that is chained.
    private func fill() throws {
        for number in 0..<8 {
            try journal.append([sampleAlert(id: "a\(number)", camera: "c\(number % 2)")], sinks: ["dispatch"])
            try journal.append(
                [sampleAlert(id: "a\(number)", version: 2, state: .closed, camera: "c\(number % 2)")], sinks: [])
            clock.advance(seconds: 1)
        }
        try journal.record(.configurationLoaded, detail: ["hash": "9c0f"])
        try journal.record([order("c0", "gate repaired"), order("c1", "gate repaired")])
        try journal.record([order("c0", "still repaired")])
        _ = try journal.record(AlertVerdict(alert: "a1", judgement: .refuted, cause: .rain, who: "desk 3"))
        _ = try journal.hold("a2", who: "Li", why: "police request")
        _ = try journal.hold("a3", who: "Li", why: "police request")
        _ = try journal.release("a3", who: "Li", why: "handed over")
    }

    @Test func everythingThatIsChainedIsSound() throws {
        try fill()
        let report = try verify()
        #expect(report.isSound, "\(report.findings)")
        // begun, key; 16 versions; 1 + 3 changes; 3 orders; 1 verdict; 3 of holds.
        #expect(report.entries == 29)
        #expect(report.head.hasPrefix("29:"))
        #expect(report.publicKey == ChainPublicKey.read(folder: folder.path)?.text)
    }

    @Test(arguments: [
        ("UPDATE alert_version SET decision = replace(decision, '南', '北') WHERE id = 'a1' AND version = 2", "a1.2"),
        ("UPDATE alert_version SET reception = replace(reception, '12', '13') WHERE id = 'a4' AND version = 1", "a4.1"),
        ("UPDATE alert_version SET sequence = 99 WHERE id = 'a4' AND version = 1", "a4.1"),
        ("UPDATE alert_version SET verified = 1 WHERE id = 'a4' AND version = 1", "a4.1"),
        ("UPDATE alert_version SET verified = 0 WHERE id = 'a1' AND version = 2", "a1.2"),
        ("UPDATE episode SET is_open = 1 WHERE id = 'a5'", "a5"),
        ("UPDATE episode SET version = 1 WHERE id = 'a5'", "a5"),
        ("UPDATE episode SET camera = 'c7' WHERE id = 'a5'", "a5"),
        ("DELETE FROM alert_version WHERE id = 'a6' AND version = 2", "a6.2"),
        ("UPDATE change SET detail = replace(detail, '9c0f', '9c0e')", "change"),
        ("DELETE FROM change WHERE kind = 'configuration_loaded'", "change"),
        ("UPDATE verdict SET cause = 'snow'", "verdict"),
        ("UPDATE arming_order SET content = replace(content, 'Wang', 'Zhao')", "order"),
        ("DELETE FROM arming_order", "order"),
        ("DELETE FROM legal_hold", "hold of alert a2"),
        ("UPDATE legal_hold SET why = 'none'", "hold of alert a2"),
        ("UPDATE chain SET hash = zeroblob(32) WHERE number = 9", "entry 9"),
        ("UPDATE chain SET time = time + 1 WHERE number = 9", "entry 9"),
        ("UPDATE chain SET subject = 'a0.3' WHERE number = 4", "entry 4"),
        ("DELETE FROM chain WHERE number = 9", "entry 9"),
        ("DELETE FROM chain WHERE number = 29", "end of the chain"),
        ("DELETE FROM chain WHERE number > 20", "end of the chain"),
        ("INSERT INTO change (time, kind, detail) VALUES (1, 'armed', '{}')", "change"),
        ("UPDATE change SET link = 3 WHERE kind = 'configuration_loaded'", "change")
    ])
    func whatIsChangedIsFoundAndNamed(sql: String, name: String) throws {
        try fill()
        try change(sql)
        let report = try verify()
        #expect(!report.isSound)
        #expect(report.findings.contains { $0.place.contains(name) }, "\(report.findings)")
    }

    /// Whoever rewrites an entry and everything after it has to forge the note of the end too, and has no key for it.
    @Test func aChainThatIsRewrittenFromAnEntryOnIsFoundByTheNotedEnd() throws {
        try fill()
        let noted = try #require(ChainHead(try verify().head))
        try journal.pool.write { database in
            try database.execute(sql: "UPDATE alert_version SET decision = '{}' WHERE id = 'a7' AND version = 2")
            var head = ChainHead.origin
            for row in try Row.fetchAll(database, sql: "SELECT * FROM chain ORDER BY number") {
                var entry = try ChainEntry(row: row)
                if entry.subject == "a7.2" {
                    let alert = try #require(
                        try Row.fetchOne(
                            database, sql: "SELECT * FROM alert_version WHERE id = 'a7' AND version = 2"))
                    entry.digest = try ChainContent.alert(alert)
                }
                entry.hash = entry.expectedHash(after: head.hash)
                head = ChainHead(number: entry.number, hash: entry.hash)
                try database.execute(
                    sql: "UPDATE chain SET digest = ?, hash = ? WHERE number = ?",
                    arguments: [Data(entry.digest), Data(entry.hash), entry.number])
            }
        }
        #expect(try verify().findings.contains { $0.finding == "is not what was noted beside the journal" })
        // Without the note only an end that was kept elsewhere tells.
        try FileManager.default.removeItem(atPath: folder.path + "/chain.head")
        #expect(try verify(expected: noted).findings.contains { $0.finding.contains("the chain was rewritten") })
    }

    @Test func anotherKeyIsFound() throws {
        try fill()
        let other = try TemporaryFolder()
        _ = try AlertJournal(folder: other.path)
        let foreign = try #require(ChainPublicKey.read(folder: other.path))
        #expect(try verify(key: foreign).findings.map(\.place).contains("chain.head"))
        for name in ["chain.key", "chain.pub"] {
            try FileManager.default.removeItem(atPath: folder.path + "/" + name)
            try FileManager.default.copyItem(atPath: other.path + "/" + name, toPath: folder.path + "/" + name)
        }
        #expect(try !verify().isSound)
    }

    @Test func theKeyIsForItsOwnerOnlyAndKept() throws {
        #expect(try folder.mode("chain.key") == 0o600)
        #expect(try folder.mode("chain.head") == 0o600)
        let key = try #require(ChainPublicKey.read(folder: folder.path))
        try journal.close()
        let again = try AlertJournal(folder: folder.path)
        #expect(ChainPublicKey.read(folder: folder.path) == key)
        try again.close()
        // One that is no key is set aside, and the chain names the new one.
        try Data("no key".utf8).write(to: URL(fileURLWithPath: folder.path + "/chain.key"))
        try AlertJournal(folder: folder.path).close()
        let new = try #require(ChainPublicKey.read(folder: folder.path))
        #expect(new != key)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(names.contains { $0.hasPrefix("chain.key.damaged-") })
        let report = try verify()
        #expect(report.isSound, "\(report.findings)")
        #expect(report.entries == 3)
    }

    @Test func aJournalOfAnOlderVersionIsTakenUp() throws {
        try fill()
        try change("DELETE FROM chain")
        try change("UPDATE alert_version SET link = NULL")
        try change("UPDATE verdict SET link = NULL")
        try change("UPDATE change SET link = NULL")
        try change("DELETE FROM legal_hold")
        try journal.close()
        try FileManager.default.removeItem(atPath: folder.path + "/chain.head")
        try AlertJournal(folder: folder.path).close()
        let report = try verify()
        #expect(report.isSound, "\(report.findings)")
        // begun, key; 16 versions; 4 changes; 2 orders in force; 1 verdict.
        #expect(report.entries == 25)
    }

    @Test func whatTheIndexesAndNamesHideIsFound() throws {
        try fill()
        try change("UPDATE arming_order SET since = since + 256")
        #expect(try verify().findings.map(\.finding).contains("the order in force was changed"))
        try change("UPDATE arming_order SET since = since - 256")
        #expect(try verify().isSound)
        try change("CREATE TRIGGER quiet AFTER INSERT ON outbox BEGIN DELETE FROM outbox; END")
        #expect(try verify().findings.map(\.place) == ["table or index quiet"])
        try change("DROP TRIGGER quiet")
        // A column under another name reads as if it were not there.
        try change("ALTER TABLE episode RENAME COLUMN evidence_bytes TO evidence_byte")
        #expect(try verify().findings.map(\.place) == ["table or index episode"])
    }

    /// One byte of the file, wherever it is: either verification says so, or it was a byte that nothing chained shows.
    @Test func aFlippedByteAnywhereInTheFileIsFoundOrShowsNothing() throws {
        try fill()
        try journal.close()
        let path = folder.path + "/journal.sqlite"
        let sound = try Data(contentsOf: URL(fileURLWithPath: path))
        let shown = try Self.everything(folder.path)
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededRandom(seed: seed)
        var found = 0
        for _ in 0..<400 {
            var bytes = sound
            let place = Int.random(in: 0..<bytes.count, using: &random)
            bytes[place] ^= UInt8(1) << UInt8.random(in: 0..<8, using: &random)
            try bytes.write(to: URL(fileURLWithPath: path))
            for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
            let isSound = (try? verify())?.isSound ?? false
            if !isSound {
                found += 1
            } else {
                let other = try Self.everything(folder.path)
                #expect(Set(other).symmetricDifference(shown) == [], "seed \(seed), byte \(place)")
            }
        }
        #expect(found > 10)
    }

    /// All that the chain stands for, as it is read.
    private static func everything(_ folder: String) throws -> [String] {
        let queue = try JournalFile.openForReading(folder: folder)
        return try queue.read { database in
            try [
                "alert_version", "change", "verdict", "arming_order", "legal_hold", "chain", "chain_anchor", "episode"
            ].flatMap { table in
                let hidden = ["journaled", "evidence_bytes"]
                return try Row.fetchAll(database, sql: "SELECT * FROM \(table)").map { row in
                    "\(table) \(row.filter { !hidden.contains($0.0) }.map { "\($0.0)=\($0.1)" })"
                }.sorted()
            }
        }
    }

    @Test func canonicalTextsCannotBeMistakenForOneAnother() {
        func digest(_ fields: [String?]) -> [UInt8] {
            var canonical = CanonicalHash()
            for field in fields { canonical.add(field) }
            return canonical.finished()
        }
        let lists: [[String?]] = [
            ["ab", "c"], ["a", "bc"], ["abc"], ["ab,1:c"], ["", "abc"], [nil, "abc"], ["-", "abc"]
        ]
        #expect(Set(lists.map(digest)).count == lists.count)
        // `2:ab,1:c,` by sha256sum: what docs/alerts.md promises.
        #expect(
            Hexadecimal.text(digest(["ab", "c"])) == Digest.sha256Hex("2:ab,1:c,"))
        #expect(Hexadecimal.text(digest(["南", nil])) == Digest.sha256Hex("3:南,-,"))
    }
}
