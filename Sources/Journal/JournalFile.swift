import Foundation
import GRDB

/// Opens `journal.sqlite`: rights, connection settings, integrity, migrations.
enum JournalFile {
    static let name = "journal.sqlite"

    /// How long a connection waits for another process's lock before it reports "database is locked".
    private static let busyTimeoutSeconds = 10.0

    /// Pages (of 4 KiB) after which the write-ahead log is folded into the file: bounds it at about 8 MB.
    private static let checkpointPages = 2000

    static func prepareFolder(_ folder: String) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
            let explained = JournalError.system(path: folder, code: Int32(underlying?.code ?? 0))
            guard !explained.mayPass else { throw explained }
            throw JournalError.unusable(path: folder, reason: "the folder cannot be made (\(reason(error)))")
        }
    }

    /// Opens or makes the journal's file, checks and migrates it.
    /// - Throws: ``JournalError``; `damaged` where the file is no sound journal.
    static func openForWriting(folder: String) throws -> DatabasePool {
        let path = folder + "/" + name
        // Made here so that it never exists with wider rights; SQLite gives -wal and -shm the same.
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw JournalError.system(path: path, code: errno) }
        fchmod(descriptor, 0o600)
        close(descriptor)
        return try explained(path) {
            let pool = try openPool(path)
            try check(pool, path: path)
            guard try !pool.read(JournalSchema.migrator.hasBeenSuperseded) else {
                throw JournalError.tooNew(path: path)
            }
            try JournalSchema.migrator.migrate(pool)
            return pool
        }
    }

    /// Opens the journal that another process may be writing, without checking or migrating it.
    static func openBeside(folder: String) throws -> DatabasePool {
        let path = folder + "/" + name
        guard FileManager.default.fileExists(atPath: path) else { throw JournalError.missing(path: path) }
        return try explained(path) {
            let pool = try openPool(path)
            guard try pool.read(JournalSchema.migrator.hasCompletedMigrations) else {
                throw JournalError.unusable(path: path, reason: "it is of another version; start snowlined once")
            }
            return pool
        }
    }

    private static func openPool(_ path: String) throws -> DatabasePool {
        let pool = try DatabasePool(path: path, configuration: writing())
        // GRDB lowers this to NORMAL when it switches WAL on; then a power cut could take acknowledged alerts.
        try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        return pool
    }

    static func openForReading(folder: String) throws -> DatabaseQueue {
        let path = folder + "/" + name
        guard FileManager.default.fileExists(atPath: path) else { throw JournalError.missing(path: path) }
        return try explained(path) {
            var configuration = Configuration()
            configuration.readonly = true
            configuration.busyMode = .timeout(busyTimeoutSeconds)
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            let migrator = JournalSchema.migrator
            guard try !queue.read(migrator.hasBeenSuperseded) else { throw JournalError.tooNew(path: path) }
            guard try queue.read(migrator.hasCompletedMigrations) else {
                throw JournalError.unusable(path: path, reason: "it is older than this snowline; start snowlined once")
            }
            return queue
        }
    }

    private static func writing() -> Configuration {
        var configuration = Configuration()
        configuration.busyMode = .timeout(busyTimeoutSeconds)
        configuration.foreignKeysEnabled = true
        configuration.prepareDatabase { database in
            guard !database.configuration.readonly else { return }
            // Only takes hold in a new file: gives freed pages back to the disk step by step.
            try database.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL")
            try database.execute(sql: "PRAGMA wal_autocheckpoint = \(checkpointPages)")
        }
        return configuration
    }

    /// - Parameter isThorough: compares each index with its table too, which takes time with the size of the file.
    /// - Throws: ``JournalError/damaged(path:finding:)``.
    static func check(_ pool: any DatabaseReader, path: String, isThorough: Bool = false) throws {
        let pragma = isThorough ? "PRAGMA integrity_check(1)" : "PRAGMA quick_check(1)"
        let finding = try pool.read { try String.fetchOne($0, sql: pragma) } ?? "no answer"
        guard finding == "ok" else { throw JournalError.damaged(path: path, finding: finding) }
    }

    /// Turns SQLite's codes into the journal's own errors.
    static func explained<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
        do { return try body() } catch let error as DatabaseError { throw explanation(of: error, path: path) }
    }

    static func explanation(of error: DatabaseError, path: String) -> JournalError {
        let reason = error.message ?? "\(error.resultCode)"
        switch error.resultCode {
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: return .damaged(path: path, finding: reason)
        case .SQLITE_FULL: return .full(path: path)
        case .SQLITE_READONLY: return .readOnly(path: path)
        // A full disk shows as an I/O error where SQLite makes its shared memory or lengthens a file.
        case .SQLITE_IOERR, .SQLITE_CANTOPEN:
            if freeBytes(path) < leastFreeBytes { return .full(path: path) }
            if isReadOnly(path) { return .readOnly(path: path) }
            if error.resultCode == .SQLITE_IOERR { return .failing(path: path, reason: reason) }
            return .unusable(path: path, reason: reason)
        case .SQLITE_ERROR, .SQLITE_CONSTRAINT, .SQLITE_MISMATCH, .SQLITE_TOOBIG, .SQLITE_RANGE:
            return .refused(path: path, reason: reason)
        default: return .unusable(path: path, reason: reason)
        }
    }

    /// With less than this SQLite cannot make its shared memory (32 KiB) and lengthen its log.
    private static let leastFreeBytes: Int64 = 64 << 10

    private static func freeBytes(_ path: String) -> Int64 {
        var system = statvfs()
        guard statvfs(folder(of: path), &system) == 0 else { return .max }
        return Int64(system.f_bavail) * Int64(system.f_frsize)
    }

    private static func isReadOnly(_ path: String) -> Bool {
        access(folder(of: path), W_OK) != 0 || (access(path, F_OK) == 0 && access(path, W_OK) != 0)
    }

    private static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    }

    private static func reason(_ error: any Error) -> String {
        let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
        return underlying.map { FolderLock.reason(Int32($0.code)) } ?? "\(error.localizedDescription)"
    }
}
