import Delivery
import Foundation
import Journal
package import Logging
package import Scene

/// Sends the alerts of a replay through a site's sinks, marked as such: journaled first, as the daemon does it, in a
/// folder of their own.
///
/// The folder tells a replay that is sent again from one that goes on: what it holds is sent under the names it has, and
/// only what has not been delivered. A receiver that was down gets the rest by the same command.
package struct Republication: Sendable {
    /// How long nothing may be delivered before what is left is given up.
    package static let usualPatience: Duration = .seconds(60)

    private static let look: Duration = .milliseconds(50)

    /// What became of the versions, by sink.
    package struct Report: Hashable, Sendable {
        package struct Sink: Hashable, Sendable {
            package let id: String
            /// As the configuration calls it: `webhook`, `nats` ….
            package let kind: String
            /// Versions that its receiver has.
            package let delivered: Int
            /// Of those, the ones that it had before: this folder was sent from once already.
            package let deliveredBefore: Int
            package let undelivered: [Undelivered]
            /// Why something is left: what keeps the whole sink from being used, or what it said last.
            package let problem: String?
        }

        package struct Undelivered: Hashable, Sendable {
            /// `<alert id>.<version>`.
            package let id: String
            package let detail: String
        }

        /// Alert versions of the replay.
        package let versions: Int
        /// In the order of the configuration.
        package let sinks: [Sink]

        package var isWhole: Bool { sinks.allSatisfy(\.undelivered.isEmpty) }
    }

    private let journal: AlertJournal
    private let sinks: [SinkConfiguration]
    private let patience: Duration
    private let clock: @Sendable () -> MediaTime
    private let logger: Logger

    /// Opens the folder, before anything is replayed.
    ///
    /// - Parameters:
    ///   - folder: where the journal of this replay is, or will be.
    ///   - chosen: ids of the sinks to send to; empty for all.
    /// - Throws: ``RepublicationProblem`` for a folder that is a daemon's, and where there is no such sink;
    ///   `JournalError`.
    package init(
        folder: String, site: SiteConfiguration, only chosen: [String] = [], patience: Duration = Self.usualPatience,
        clock: @escaping @Sendable () -> MediaTime = { .now }, logger: Logger
    ) throws {
        let known = site.sinks.map(\.id)
        guard !known.isEmpty else { throw RepublicationProblem("the site has no sinks; add one below `sinks`") }
        if let stranger = chosen.first(where: { !known.contains($0) }) {
            throw RepublicationProblem(
                "the site has no sink \(stranger); there are \(known.joined(separator: ", "))")
        }
        if let problem = Self.problem(with: folder, beside: site.dataFolder) { throw problem }
        journal = try AlertJournal(folder: folder, clock: clock)
        sinks = site.sinks.filter { chosen.isEmpty || chosen.contains($0.id) }.map(\.forReplay)
        self.patience = patience
        self.clock = clock
        self.logger = logger
        guard try journal.reader.alerts(AlertFilter(limit: 1)).allSatisfy(\.reception.isReplay) else {
            try? journal.close()
            throw RepublicationProblem("\(folder): its journal holds alerts of a daemon; give a folder of its own")
        }
    }

    /// Made in the data folder by every daemon (`ControlToken`).
    private static let daemonFile = "control.token"

    /// What makes it no place for a replay, or for what is kept of one; nil where nothing does.
    package static func problem(with folder: String, beside dataFolder: String) -> RepublicationProblem? {
        guard realPath(folder) != realPath(dataFolder) else {
            return RepublicationProblem("\(folder): this is the daemon's data folder; give a folder of its own")
        }
        guard !FileManager.default.fileExists(atPath: folder + "/" + daemonFile) else {
            return RepublicationProblem("\(folder): this is the data folder of a daemon; give a folder of its own")
        }
        return nil
    }

    /// Journals the versions, sends them and waits until all are delivered or nothing more is to be expected. Closes the
    /// journal.
    ///
    /// - Parameters:
    ///   - versions: all of the replay's, each camera's in order.
    ///   - progress: called with the share that is delivered, 0…1, and how many that are over all sinks.
    /// - Throws: ``RepublicationProblem`` where the folder holds another replay; `JournalError`.
    package func send(
        _ versions: [Alert], progress: @escaping @Sendable (Double, Int) -> Void = { _, _ in }
    ) async throws -> Report {
        defer { try? journal.close() }
        try keep(versions)
        let before = try standings()
        let dispatcher = Dispatcher(journal: journal, sinks: sinks, logger: logger)
        let statuses = try await withThrowingTaskGroup(of: [SinkStatus].self) { group in
            group.addTask {
                // Ends when it is cancelled, or at once where the journal cannot be written.
                try await dispatcher.run()
                return []
            }
            group.addTask { try await wait(for: dispatcher, of: versions.count * sinks.count, progress) }
            let statuses = try await group.next() ?? []
            group.cancelAll()
            try await group.waitForAll()
            return statuses
        }
        return try report(versions.count, before, statuses)
    }

    /// Puts the versions into the journal, all at one moment, unless they are there from an earlier time.
    private func keep(_ versions: [Alert]) throws {
        let ids = sinks.map(\.id)
        let held = Set(try journal.reader.alerts().flatMap { try journal.reader.alert(id: $0.decision.id) }.map(\.name))
        guard held.isEmpty else {
            guard held == Set(versions.map(\.name)) else { throw strangers }
            // Decisions that differ under the same names are refused by the journal itself.
            do { try journal.append(versions, sinks: ids) } catch JournalError.conflict { throw strangers }
            let known = try journal.reader.outbox().filter { $0.pending + $0.superseded + $0.confirmed > 0 }.map(\.sink)
            if let new = ids.first(where: { !known.contains($0) }) {
                throw RepublicationProblem(
                    "\(journal.folder): what it holds was not journaled for sink \(new); give a new folder")
            }
            return
        }
        try journal.configureSinks(ids)
        let now = clock()
        try journal.append(versions.map { $0.republished(at: now) }, sinks: ids)
    }

    private var strangers: RepublicationProblem {
        RepublicationProblem(
            "\(journal.folder): it holds the alerts of another replay; give each replay a folder of its own")
    }

    /// Returns when everything has been delivered, when nothing has been for too long, or when all that is left has been
    /// refused.
    /// - Returns: where the sinks stand then.
    private func wait(
        for dispatcher: Dispatcher, of total: Int, _ progress: @Sendable (Double, Int) -> Void
    ) async throws -> [SinkStatus] {
        var newest = (count: -1, at: ContinuousClock.now)
        while true {
            let standings = try standings()
            let delivered = standings.values.reduce(0) { $0 + $1.confirmed }
            progress(total > 0 ? Double(delivered) / Double(total) : 1, delivered)
            let statuses = try await dispatcher.snapshot()
            guard standings.values.contains(where: { $0.pending > 0 }) else { return statuses }
            if delivered > newest.count { newest = (delivered, .now) }
            // A sink that has not been set up yet stands as removed.
            let isUp = !statuses.contains { $0.state == .removed }
            let isOver = isUp && statuses.allSatisfy { $0.pending == 0 || $0.isBeyondHope }
            guard !isOver, .now - newest.at < patience else { return statuses }
            try await Task.sleep(for: Self.look)
        }
    }

    private func standings() throws -> [String: OutboxStanding] {
        let ids = Set(sinks.map(\.id))
        let all = try journal.reader.outbox().filter { ids.contains($0.sink) }
        return Dictionary(uniqueKeysWithValues: all.map { ($0.sink, $0) })
    }

    private func report(
        _ versions: Int, _ before: [String: OutboxStanding], _ statuses: [SinkStatus]
    ) throws -> Report {
        let compared = try journal.reader.reconcile(at: clock())
        let undelivered = Dictionary(grouping: compared.differences) { $0.sink ?? "" }
        return Report(
            versions: versions,
            sinks: sinks.map { sink in
                let left = undelivered[sink.id] ?? []
                let status = left.isEmpty ? nil : statuses.first { $0.id == sink.id }
                return Report.Sink(
                    id: sink.id, kind: sink.kind.rawValue, delivered: versions - left.count,
                    deliveredBefore: before[sink.id]?.confirmed ?? 0,
                    undelivered: left.map { Report.Undelivered(id: $0.id, detail: $0.detail) },
                    problem: status.flatMap { $0.state.reason ?? $0.lastError })
            })
    }

    /// With all links followed, as far as it is there.
    private static func realPath(_ path: String) -> String {
        URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath().path
    }
}

/// Why a replay is not sent, and what to do.
package struct RepublicationProblem: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}

extension SinkStatus {
    /// Nothing that waits for it will be delivered by waiting.
    fileprivate var isBeyondHope: Bool {
        switch state {
        case .disabled, .unusable: true
        case .removed: false
        case .working, .backingOff: refused == pending
        }
    }
}

extension Alert {
    /// `<alert id>.<version>`.
    fileprivate var name: String { "\(decision.id).\(decision.version)" }

    /// As it is journaled at this moment.
    fileprivate func republished(at now: MediaTime) -> Alert {
        var alert = self
        let decided = reception.serverTime - .milliseconds(reception.latencyMilliseconds)
        alert.reception.serverTime = now
        alert.reception.latencyMilliseconds = (now - decided).microseconds / 1000
        alert.reception.isReplay = true
        return alert
    }
}
