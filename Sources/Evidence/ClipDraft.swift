import Glibc
package import Scene

/// A clip's file while it is written: under another name until it is whole and on the disk.
package struct ClipDraft: Hashable, Sendable {
    /// Where it is to be, relative to the data folder.
    package let relative: String
    /// Where it is written.
    package let unfinishedPath: String
    fileprivate let path: String
    fileprivate let directory: String
}

extension EvidenceStore {
    /// Where the clip of that name is once it is whole, relative to the data folder.
    package static func clipPath(camera: CameraID, at time: MediaTime, name: String) -> String {
        "\(clips)/\(camera)/\(time.description.prefix(10))/\(name).mp4"
    }

    /// Prepares the folder of a clip.
    /// - Parameter name: as for stills.
    package func draft(camera: CameraID, at time: MediaTime, name: String) throws(EvidenceError) -> ClipDraft {
        let relative = Self.clipPath(camera: camera, at: time, name: name)
        guard Self.isPlain(name) else {
            throw EvidenceError(path: relative, text: "the name is not 1…128 plain characters")
        }
        let path = "\(folder)/\(relative)"
        let directory = String(path[..<path.lastIndex(of: "/")!])
        try makeDirectory(directory)
        try checkSpace(directory, relative)
        return ClipDraft(
            relative: relative, unfinishedPath: path + Self.unfinishedSuffix, path: path, directory: directory)
    }

    /// Waits until the clip is on the disk and gives it its name. A file of that name is replaced.
    package func keep(_ draft: ClipDraft) throws(EvidenceError) {
        let file = open(draft.unfinishedPath, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw EvidenceError(path: draft.relative) }
        fchmod(file, 0o640)
        let isSafe = fsync(file) == 0
        let failure = EvidenceError(path: draft.relative)
        close(file)
        guard isSafe else { throw failure }
        try Self.settle(draft.unfinishedPath, draft.path, in: draft.directory)
    }

    package func discard(_ draft: ClipDraft) { unlink(draft.unfinishedPath) }

    /// The file's place on the disk.
    package func path(of relative: String) -> String { "\(folder)/\(relative)" }
}
