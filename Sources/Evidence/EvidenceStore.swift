import Glibc
package import Scene

/// Evidence files below the data folder: `stills/<camera>/<yyyy-mm-dd>/<name>.jpg` and
/// `clips/<camera>/<yyyy-mm-dd>/<name>.mp4`, day by media time in UTC.
///
/// A file is there whole or not at all. Safe to call from many threads.
package final class EvidenceStore: Sendable {
    package struct Limits: Sendable {
        /// A bigger still is refused.
        package var fileBytes = 32 << 20
        /// With less left on the disk nothing is written: the journal must still have room.
        package var freeBytes: Int64 = 256 << 20

        package init() {}
    }

    package struct Pruned: Hashable, Sendable {
        package var files = 0
        package var bytes: Int64 = 0
        /// What stays, protected files included.
        package var remainingFiles = 0
        package var remainingBytes: Int64 = 0

        package init(files: Int = 0, bytes: Int64 = 0, remainingFiles: Int = 0, remainingBytes: Int64 = 0) {
            self.files = files
            self.bytes = bytes
            self.remainingFiles = remainingFiles
            self.remainingBytes = remainingBytes
        }
    }

    private static let stills = "stills"
    static let clips = "clips"
    private static let roots = [stills, clips]
    static let unfinishedSuffix = ".part"

    let folder: String
    private let limits: Limits

    /// - Parameter folder: the data folder; made when the first file is written.
    package init(folder: String, limits: Limits = Limits()) {
        self.folder = folder
        self.limits = limits
    }

    /// Writes a file and waits until it is on the disk. A file of the same name is replaced.
    /// - Parameter name: without folder and ending: 1…128 of `A–Z a–z 0–9 . _ -`, not beginning with a dot.
    /// - Returns: the path relative to the data folder.
    package func write(
        _ bytes: [UInt8], camera: CameraID, at time: MediaTime, name: String
    ) throws(EvidenceError) -> String {
        let relative = "\(Self.stills)/\(camera)/\(time.description.prefix(10))/\(name).jpg"
        guard Self.isPlain(name) else {
            throw EvidenceError(path: relative, text: "the name is not 1…128 plain characters")
        }
        guard bytes.count <= limits.fileBytes else {
            throw EvidenceError(path: relative, text: "\(bytes.count) bytes are over the limit of \(limits.fileBytes)")
        }
        let path = "\(folder)/\(relative)"
        let directory = String(path[..<path.lastIndex(of: "/")!])
        try makeDirectory(directory)
        try checkSpace(directory, relative)
        try writeWhole(bytes, to: path, in: directory)
        return relative
    }

    /// Deletes what is older than `oldest`, then the oldest until at most `byteLimit` bytes are left, by the time a
    /// file was written. Nothing protected goes; unfinished files of a crash and empty folders go too.
    /// - Parameter isProtected: asked with the path relative to the data folder.
    package func prune(
        writtenBefore oldest: MediaTime, byteLimit: Int64, isProtected: (String) -> Bool
    ) -> Pruned {
        let files = listing().sorted { ($0.written, $0.path) < ($1.written, $1.path) }
        var pruned = Pruned(remainingFiles: files.count, remainingBytes: files.reduce(0) { $0 + $1.bytes })
        for file in files {
            let isUnfinished = file.path.hasSuffix(Self.unfinishedSuffix)
            let isOld = file.written < oldest.microseconds
            guard isOld || pruned.remainingBytes > byteLimit else { break }
            if isUnfinished ? !isOld : isProtected(file.path) { continue }
            guard unlink("\(folder)/\(file.path)") == 0 else { continue }
            pruned.files += 1
            pruned.bytes += file.bytes
            pruned.remainingFiles -= 1
            pruned.remainingBytes -= file.bytes
        }
        removeEmptyFolders()
        return pruned
    }

    /// Deletes one file, named as ``write(_:camera:at:name:)`` returned it; nothing happens if it is gone already.
    package func remove(_ relative: String) {
        guard Self.roots.contains(where: { relative.hasPrefix("\($0)/") }),
            !relative.split(separator: "/").contains("..")
        else { return }
        unlink("\(folder)/\(relative)")
    }

    private struct File {
        let path: String
        let bytes: Int64
        let written: Int64
    }

    private func listing() -> [File] {
        folders().flatMap { day in
            Self.entries(of: "\(folder)/\(day)").compactMap { name in
                var status = stat()
                let path = "\(day)/\(name)"
                guard lstat("\(folder)/\(path)", &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
                let written = Int64(status.st_mtim.tv_sec) * 1_000_000 + Int64(status.st_mtim.tv_nsec) / 1000
                return File(path: path, bytes: Int64(status.st_size), written: written)
            }
        }
    }

    /// Removes what a program that was killed left unfinished. Nothing may be being written.
    package func removeUnfinished() {
        for day in folders() {
            for name in Self.entries(of: "\(folder)/\(day)") where name.hasSuffix(Self.unfinishedSuffix) {
                unlink("\(folder)/\(day)/\(name)")
            }
        }
    }

    /// All day folders, relative to the data folder.
    private func folders() -> [String] {
        Self.roots.flatMap { root in
            Self.entries(of: "\(folder)/\(root)").flatMap { camera in
                Self.entries(of: "\(folder)/\(root)/\(camera)").map { "\(root)/\(camera)/\($0)" }
            }
        }
    }

    private func removeEmptyFolders() {
        // rmdir refuses what is not empty; a writer that lost its folder makes it anew and tries again.
        for day in folders() { rmdir("\(folder)/\(day)") }
        for root in Self.roots {
            for camera in Self.entries(of: "\(folder)/\(root)") { rmdir("\(folder)/\(root)/\(camera)") }
        }
    }

    private static func entries(of directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    func makeDirectory(_ directory: String) throws(EvidenceError) {
        var made = ""
        for part in directory.split(separator: "/", omittingEmptySubsequences: false) {
            made += made.isEmpty && part.isEmpty ? "/" : made.isEmpty || made == "/" ? "\(part)" : "/\(part)"
            if mkdir(made, 0o750) != 0, errno != EEXIST, access(made, F_OK) != 0 { throw EvidenceError(path: made) }
        }
    }

    func checkSpace(_ directory: String, _ relative: String) throws(EvidenceError) {
        var system = statvfs()
        guard statvfs(directory, &system) == 0 else { return }
        let free = Int64(system.f_bavail) * Int64(system.f_frsize)
        guard free >= limits.freeBytes else {
            throw EvidenceError(
                path: relative,
                text: "the disk has \(free >> 20) MiB left, \(limits.freeBytes >> 20) are kept free; free some")
        }
    }

    private func writeWhole(_ bytes: [UInt8], to path: String, in directory: String) throws(EvidenceError) {
        let unfinished = "\(path)\(Self.unfinishedSuffix)"
        var file = open(unfinished, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o640)
        if file < 0, errno == ENOENT {
            try makeDirectory(directory)
            file = open(unfinished, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o640)
        }
        guard file >= 0 else { throw EvidenceError(path: path) }
        let isWritten = Self.writeAll(bytes, to: file) && fsync(file) == 0
        let failure = EvidenceError(path: path)
        guard close(file) == 0, isWritten else {
            unlink(unfinished)
            throw failure
        }
        try Self.settle(unfinished, path, in: directory)
    }

    /// Gives a file that is on the disk its name.
    static func settle(_ unfinished: String, _ path: String, in directory: String) throws(EvidenceError) {
        guard rename(unfinished, path) == 0 else { throw EvidenceError(path: path) }
        let parent = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard parent >= 0 else { throw EvidenceError(path: path) }
        defer { close(parent) }
        guard fsync(parent) == 0 else { throw EvidenceError(path: path) }
    }

    private static func writeAll(_ bytes: [UInt8], to file: Int32) -> Bool {
        bytes.withUnsafeBytes { buffer in
            var done = 0
            while done < buffer.count {
                let count = Glibc.write(file, buffer.baseAddress! + done, buffer.count - done)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                done += count
            }
            return true
        }
    }

    static func isPlain(_ name: String) -> Bool {
        let bytes = name.utf8
        guard (1...128).contains(bytes.count), bytes.first != UInt8(ascii: ".") else { return false }
        return bytes.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
    }
}

/// A file of evidence that could not be written.
package struct EvidenceError: Error, Sendable, Hashable, CustomStringConvertible {
    package let path: String
    package let text: String

    package init(path: String, text: String) {
        self.path = path
        self.text = text
    }

    /// From `errno`.
    init(path: String) {
        self.init(path: path, text: String(cString: strerror(errno)).lowercased())
    }

    package var description: String { "evidence \(path): \(text)" }
}
