import Glibc

/// What can go wrong with a journal, as sentences an operator can act on.
package enum JournalError: Error, Hashable, CustomStringConvertible {
    /// Another daemon holds the data folder.
    case locked(folder: String, holder: String)
    /// The folder, its lock or the database file cannot be made or opened.
    case unusable(path: String, reason: String)
    /// The disk has no room, or a quota is used up.
    case full(path: String)
    /// The folder or its file system cannot be written.
    case readOnly(path: String)
    /// The disk answers with errors of its own.
    case failing(path: String, reason: String)
    /// The disk is well, and what was to be written is refused all the same.
    case refused(path: String, reason: String)
    /// SQLite finds the file damaged.
    case damaged(path: String, finding: String)
    /// The file was written by a newer version of Snowline.
    case tooNew(path: String)
    /// There is no journal where one is to be read.
    case missing(path: String)
    /// The same id and version was given again with another decision.
    case conflict(id: String, version: Int)
    /// The journal has been closed.
    case closed

    package var description: String {
        switch self {
        case .locked(let folder, let holder):
            "data folder \(folder) is in use by another snowlined\(holder); stop that one or give this one its own `data`"
        case .unusable(let path, let reason):
            "journal \(path) cannot be used: \(reason); check that the folder exists, is writable and has free space"
        case .full(let path):
            "journal \(path) cannot be written: the disk is full; free some space"
        case .readOnly(let path):
            "journal \(path) cannot be written: the folder or its file system is read-only; make it writable "
                + "(`mount -o remount,rw`, or see the kernel's log for why it was made so)"
        case .failing(let path, let reason):
            "journal \(path) cannot be read or written: \(reason); look after the disk (kernel log, SMART)"
        case .refused(let path, let reason):
            "journal \(path) does not take this: \(reason); tell the makers of Snowline"
        case .damaged(let path, let finding):
            "journal \(path) is damaged: \(finding); stop snowlined, keep a copy of journal.sqlite* aside, then restore "
                + "a backup or recover it with `sqlite3 journal.sqlite .recover`; "
                + "moving it away begins an empty journal, and alerts not yet delivered stay in the copy only"
        case .tooNew(let path):
            "journal \(path) was written by a newer snowline; install that version again or give another `data` folder"
        case .missing(let path):
            "journal \(path) does not exist; give the data folder of a site whose snowlined has run (--data or --site)"
        case .conflict(let id, let version):
            "alert \(id) version \(version) is already journaled with another decision; the first one is kept"
        case .closed:
            "the journal is closed"
        }
    }

    /// From `errno`.
    static func system(path: String, code: Int32) -> JournalError {
        switch code {
        case ENOSPC, EDQUOT: .full(path: path)
        case EROFS: .readOnly(path: path)
        case EIO: .failing(path: path, reason: FolderLock.reason(code))
        default: .unusable(path: path, reason: FolderLock.reason(code))
        }
    }

    var isRefusal: Bool {
        if case .refused = self { true } else { false }
    }

    /// Whether it may pass by itself or by what an operator does to the disk.
    package var mayPass: Bool {
        switch self {
        case .full, .readOnly, .failing: true
        default: false
        }
    }
}
