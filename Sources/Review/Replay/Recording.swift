import Foundation
package import Ingest
package import Pipeline
import Scene

/// Recorded footage of one camera: a file, or a folder of files as a recorder (录像机) leaves them, gaps and all.
package struct Recording: Hashable, Sendable {
    /// Files of one folder; more are an error, not left out.
    package static let segmentLimit = 100_000

    /// What is taken for video in a folder; everything else lies beside it.
    private static let endings: Set<String> = [
        "mp4", "m4v", "mov", "mkv", "webm", "avi", "ts", "m2ts", "mts", "mpg", "mpeg", "ps", "flv", "dav", "264", "265",
        "h264", "h265", "mjpeg"
    ]

    /// As it was named.
    package let name: String
    /// In the order of time.
    package let segments: [FootageSegment]

    /// One file, which begins when the replay says.
    package init(file: String) { self.init(name: file, segments: [FootageSegment(path: file)]) }

    private init(name: String, segments: [FootageSegment]) {
        self.name = name
        self.segments = segments
    }

    /// - Parameters:
    ///   - path: of a file or a folder; of a folder the files at any depth.
    ///   - calendar: the site's, because recorders write the time on its clocks into names.
    /// - Throws: ``RecordingProblem`` for a folder that cannot be used.
    package init(path: String, calendar: SiteCalendar) throws(RecordingProblem) {
        guard Self.isFolder(path) else {
            self.init(file: path)
            return
        }
        let names = try Self.videoNames(in: path)
        let clock = SegmentName(calendar)
        let starts = names.map(clock.start)
        if let unknown = starts.firstIndex(of: nil), starts.contains(where: { $0 != nil }) {
            throw RecordingProblem(
                path: path,
                what: "the name of \(names[unknown]) does not say when it begins, those of others do; "
                    + "rename it like 20261122T093102.mp4, or take it out")
        }
        let segments = zip(names, starts).map { name, start in
            FootageSegment(path: path + "/" + name, start: start)
        }
        self.init(
            name: path, segments: segments.sorted { ($0.start ?? .epoch, $0.path) < ($1.start ?? .epoch, $1.path) })
    }

    /// The cameras that a folder has a folder of their own for.
    package static func cameras(in path: String, of site: SiteConfiguration) -> [CameraConfiguration] {
        guard isFolder(path) else { return [] }
        return site.cameras.filter { isFolder(path + "/" + $0.id.text) }
    }

    package static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }

    private static func videoNames(in path: String) throws(RecordingProblem) -> [String] {
        guard let walk = FileManager.default.enumerator(atPath: path) else {
            throw RecordingProblem(path: path, what: "the folder cannot be read; check its permissions")
        }
        var names: [String] = []
        for case let name as String in walk {
            let isHidden = name.split(separator: "/").contains { $0.hasPrefix(".") }
            let ending = (name as NSString).pathExtension.lowercased()
            guard !isHidden, endings.contains(ending), !isFolder(path + "/" + name) else { continue }
            names.append(name)
            guard names.count <= segmentLimit else {
                throw RecordingProblem(
                    path: path, what: "more than \(segmentLimit) files; replay a part of them at a time")
            }
        }
        guard !names.isEmpty else {
            throw RecordingProblem(path: path, what: "no video in this folder; give a file or a folder of recordings")
        }
        return names.sorted()
    }
}

/// A folder of recordings that cannot be used.
package struct RecordingProblem: Error, Hashable, Sendable, CustomStringConvertible {
    let path: String
    /// What is wrong and what to do.
    let what: String

    package var description: String { "\(path): \(what)" }
}
