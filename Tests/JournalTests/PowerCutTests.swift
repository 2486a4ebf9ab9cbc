import Foundation
import Journal
import Scene
import TestSupport
import Testing

/// What a power cut can leave: everything written before a file's last `fsync` is there; of what came after, each write
/// is there, is missing, or is there in part with noise.
@Suite(.timeLimit(.minutes(5))) struct PowerCutTests {
    private static let trials = 40

    @Test func nothingAcknowledgedIsLostByAPowerCutAtAnyMoment() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededRandom(seed: seed)
        let folder = try TemporaryFolder()
        let record = try WriteRecord(try recorded(in: folder, appends: 220))
        #expect(record.operations.count { $0.isAcknowledgement } > 800)
        // The log was folded into the file several times: its writes are among those that are cut.
        #expect(record.operations.count { $0.kind == .sync && $0.file == .journal } > 1)

        let cuts = (0..<Self.trials).map { _ in Int.random(in: 1...record.operations.count, using: &random) }.sorted()
        var disk = DiskModel()
        var done = 0
        var acknowledged: [String] = []
        for cut in cuts {
            for operation in record.operations[done..<cut] {
                disk.apply(operation)
                if operation.isAcknowledgement { acknowledged.append(operation.text) }
            }
            done = cut
            try check(disk.afterPowerCut(&random), acknowledged, keyFrom: folder, "seed \(seed), operation \(cut)")
        }
    }

    private func check(
        _ files: [RecordedFile: [UInt8]], _ acknowledged: [String], keyFrom source: TemporaryFolder,
        _ comment: String
    ) throws {
        let folder = try TemporaryFolder()
        for name in ["chain.key", "chain.pub"] {
            try FileManager.default.copyItem(atPath: source.path + "/" + name, toPath: folder.path + "/" + name)
        }
        for (file, bytes) in files where !bytes.isEmpty {
            try Data(bytes).write(to: URL(fileURLWithPath: folder.path + "/" + file.name))
        }
        let journal = try AlertJournal(folder: folder.path)
        #expect(journal.health.setAside.isEmpty, "\(comment)")
        for word in acknowledged {
            if word.hasPrefix("verdict ") {
                #expect(try journal.reader.verdicts(alert: String(word.dropFirst(8))).count == 1, "\(comment) \(word)")
            } else {
                let parts = word.split(separator: ".")
                let versions = try journal.reader.alert(id: String(parts[0])).map(\.decision.version)
                #expect(versions.contains(Int(parts[1])!), "\(comment) lost \(word)")
            }
        }
        for camera in ["c0", "c1", "c2"].compactMap(CameraID.init) {
            let alerts = try journal.reader.alerts(AlertFilter(camera: camera))
            let sequences = try alerts.flatMap { try journal.reader.alert(id: $0.decision.id) }
                .map(\.reception.sequence).sorted()
            #expect(sequences == Array(1..<Int64(sequences.count + 1)), "\(comment) \(camera)")
        }
        try journal.close()
        let report = try ChainVerification.run(folder: folder.path)
        #expect(report.isSound, "\(comment) \(report.findings)")
    }

    /// Runs the probe, which lies beside the test program.
    private func recorded(in folder: TemporaryFolder, appends: Int) throws -> Data {
        let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        let log = folder.path + "/record"
        let process = Process()
        process.executableURL = program.deletingLastPathComponent().appendingPathComponent("JournalPowerProbe")
        process.arguments = [folder.path, log, "\(appends)"]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return try Data(contentsOf: URL(fileURLWithPath: log))
    }
}

enum RecordedFile: UInt8, CaseIterable {
    case journal, log, head

    var name: String {
        switch self {
        case .journal: "journal.sqlite"
        case .log: "journal.sqlite-wal"
        case .head: "chain.head"
        }
    }
}

/// What the probe did to its files, in order.
struct WriteRecord {
    struct Operation {
        enum Kind: UInt8 { case write = 1, sync, truncate, acknowledgement }

        let kind: Kind
        let file: RecordedFile
        let offset: Int
        let bytes: [UInt8]

        var isAcknowledgement: Bool { kind == .acknowledgement }
        var text: String { String(decoding: bytes, as: UTF8.self) }
    }

    private(set) var operations: [Operation] = []

    init(_ data: Data) throws {
        let bytes = [UInt8](data)
        var at = 0
        while at + 14 <= bytes.count {
            let kind = try #require(Operation.Kind(rawValue: bytes[at]))
            let file = try #require(RecordedFile(rawValue: bytes[at + 1]))
            let offset = Self.number(bytes[(at + 2)..<(at + 10)])
            let length = Self.number(bytes[(at + 10)..<(at + 14)])
            operations.append(
                Operation(kind: kind, file: file, offset: offset, bytes: Array(bytes[(at + 14)..<(at + 14 + length)])))
            at += 14 + length
        }
        try #require(at == bytes.count)
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> Int {
        bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
    }
}

/// The files on the disk, and what of them is still on its way there.
struct DiskModel {
    private static let sector = 512

    private var durable: [RecordedFile: [UInt8]] = [:]
    private var pending: [RecordedFile: [WriteRecord.Operation]] = [:]

    mutating func apply(_ operation: WriteRecord.Operation) {
        switch operation.kind {
        case .write, .truncate: pending[operation.file, default: []].append(operation)
        case .sync:
            for waiting in pending[operation.file] ?? [] {
                Self.write(waiting, waiting.bytes, into: &durable[operation.file, default: []])
            }
            pending[operation.file] = []
        case .acknowledgement: break
        }
    }

    func afterPowerCut(_ random: inout SeededRandom) -> [RecordedFile: [UInt8]] {
        var files = durable
        for file in RecordedFile.allCases {
            for operation in pending[file] ?? [] {
                // The note of the chain's end is one block, which is there or not; the newest is the worst.
                let fate = file == .head ? 0 : Int.random(in: 0..<3, using: &random)
                if fate == 1 { continue }
                let bytes = fate == 0 ? operation.bytes : Self.garbled(operation.bytes, &random)
                Self.write(operation, bytes, into: &files[file, default: []])
            }
        }
        return files
    }

    private static func garbled(_ bytes: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var bytes = bytes
        for start in stride(from: 0, to: bytes.count, by: sector) where Bool.random(using: &random) {
            for index in start..<min(start + sector, bytes.count) {
                bytes[index] = UInt8.random(in: 0...255, using: &random)
            }
        }
        return bytes
    }

    private static func write(_ operation: WriteRecord.Operation, _ bytes: [UInt8], into file: inout [UInt8]) {
        if operation.kind == .truncate {
            if operation.offset < file.count {
                file.removeLast(file.count - operation.offset)
            } else {
                file += [UInt8](repeating: 0, count: operation.offset - file.count)
            }
            return
        }
        let end = operation.offset + bytes.count
        if file.count < end { file += [UInt8](repeating: 0, count: end - file.count) }
        file.replaceSubrange(operation.offset..<end, with: bytes)
    }
}
