import Foundation
import Journal
package import Pipeline
import Scene

/// A folder that tells all of one alert without a network: `index.html`, `alert.json`, `stills/…` and `clip.mp4`.
package struct AlertFolder: Sendable {
    /// Files of evidence of one folder; an alert has a clip and two stills for each of its first eight versions.
    package static let fileLimit = 64

    private let record: AlertRecord
    private let calendar: SiteCalendar
    private let dataFolder: String

    /// - Parameters:
    ///   - calendar: the site's, for times.
    ///   - dataFolder: where the paths of the evidence begin.
    package init(_ record: AlertRecord, calendar: SiteCalendar, dataFolder: String) {
        self.record = record
        self.calendar = calendar
        self.dataFolder = dataFolder
    }

    /// Writes all of it, the page last.
    /// - Returns: what became of each file that the alert names.
    /// - Throws: ``AlertFolderError`` where the folder holds something already; an error of Foundation that names what
    ///   cannot be written.
    package func write(to folder: String) throws -> [EvidenceCopy] {
        try Self.prepare(folder)
        let copies = try copyEvidence(to: folder)
        try Data((try json(copies) + "\n").utf8).write(to: URL(fileURLWithPath: folder + "/alert.json"))
        let page = AlertPage(record, calendar: calendar, copies: copies, folder: folder)
        try page.page().write(to: folder + "/index.html")
        return copies
    }

    private static func prepare(_ folder: String) throws {
        let files = FileManager.default
        var isFolder: ObjCBool = false
        if files.fileExists(atPath: folder, isDirectory: &isFolder) {
            guard isFolder.boolValue else {
                throw AlertFolderError(path: folder, what: "is a file; name a folder that does not exist yet")
            }
            guard try files.contentsOfDirectory(atPath: folder).isEmpty else {
                throw AlertFolderError(
                    path: folder, what: "the folder is not empty; name one that does not exist yet, or empty it")
            }
        }
        try files.createDirectory(
            atPath: folder + "/stills", withIntermediateDirectories: true, attributes: [.posixPermissions: 0o750])
    }

    private func copyEvidence(to folder: String) throws -> [EvidenceCopy] {
        var (clips, stills) = (0, 0)
        return try record.evidence.enumerated().map { number, entry in
            guard number < Self.fileLimit else { return .leftOut(entry) }
            let name: String
            if entry.kind == .clip {
                clips += 1
                name = clips == 1 ? "clip.mp4" : "clip-\(clips).mp4"
            } else {
                // Named anew: what the journal says is no name to write to.
                stills += 1
                name = "stills/\(stills)-\(entry.kind.rawValue).jpg"
            }
            return try EvidenceCopy(entry, of: dataFolder, as: name, in: folder)
        }
    }

    private struct Content: Encodable {
        let id: String
        let versions: [Alert]
        let verdicts: [AlertVerdict]
        let delivery: [AlertDelivery]
        let hold: LegalHold?
        let files: [EvidenceCopy]
    }

    private func json(_ copies: [EvidenceCopy]) throws -> String {
        try DecisionCoder.text(
            Content(
                id: record.newest.decision.id, versions: record.versions, verdicts: record.verdicts,
                delivery: record.deliveries, hold: record.hold, files: copies))
    }
}

/// A folder that an alert cannot be written to.
package struct AlertFolderError: Error, Hashable, Sendable, CustomStringConvertible {
    let path: String
    /// What is wrong and what to do.
    let what: String

    package var description: String { "\(path): \(what)" }
}
