import Alerts
import Delivery
import Evidence
import Ingest
import Journal
package import Logging
import Media
package import Scene
import ServiceLifecycle

/// The daemon's heart: runs the cameras, the dispatcher and retention of one site until it is asked to stop, and takes
/// another configuration while it runs.
package actor SiteSupervisor: Service {
    /// What the supervisor takes from outside.
    package struct Surroundings: Sendable {
        package var library: ModelLibrary
        package var environment: @Sendable (String) -> String?
        package var clock: @Sendable () -> MediaTime
        package var logger: Logger
        /// How fast load is shed and comes back.
        package var loadPace = LoadShedder.Pace()

        package init(
            library: ModelLibrary, environment: @escaping @Sendable (String) -> String?,
            clock: @escaping @Sendable () -> MediaTime, logger: Logger
        ) {
            self.library = library
            self.environment = environment
            self.clock = clock
            self.logger = logger
        }
    }

    /// Between two looks at what retention may remove.
    private static let retentionInterval: Duration = .seconds(600)
    /// Quarters of a second that alerts in memory are waited for at the end.
    private static let lastChances = 20

    /// Path of the configuration, read again at each reload.
    package nonisolated let file: String
    package nonisolated let started: MediaTime
    let surroundings: Surroundings
    let rooms: SiteRooms
    private let dispatcher: Dispatcher
    var configuration: SiteConfiguration
    var stations: [CameraID: CameraStation] = [:]
    /// What people have ordered, as the journal holds it.
    var orders = ArmingOrders()
    /// What the cameras cost, and what is done where that is too much.
    var load: SiteLoad
    private var isStopping = false
    private var lastReload: Task<ReloadOutcome, Never>?

    /// Opens the journal; nothing runs before ``run()``.
    /// - Throws: `JournalError`.
    package init(file: String, configuration: SiteConfiguration, surroundings: Surroundings) throws {
        self.file = file
        self.configuration = configuration
        self.surroundings = surroundings
        load = SiteLoad(configuration, pace: surroundings.loadPace)
        started = surroundings.clock()
        let journal = try AlertJournal(folder: configuration.dataFolder, clock: surroundings.clock)
        rooms = SiteRooms(
            journal: journal, store: EvidenceStore(folder: configuration.dataFolder),
            sinks: SharedSinks(configuration.sinks.map(\.id)),
            wakeGate: WakeGate(limit: configuration.wakeLimit),
            clock: surroundings.clock, logger: surroundings.logger)
        dispatcher = Dispatcher(
            journal: journal, sinks: configuration.sinks,
            environment: SinkEnvironment(clock: surroundings.clock),
            logger: surroundings.logger)
    }

    /// Watches until the service group asks to stop; then ends the cameras, the relays and the journal, in this order.
    /// - Throws: `JournalError`, `ModelError`.
    package func run() async throws {
        let watch = JournalWatch(rooms: rooms)
        watch.begin()
        try await watch.waitUntilWritable()
        try rooms.journal.record(.started, detail: ["version": SnowlineVersion.text])
        try rooms.journal.configureSinks(configuration.sinks.map(\.id))
        try recordLoaded()
        try restoreOrders()
        rooms.store.removeUnfinished()
        tellDecoder()
        for camera in configuration.cameras {
            try start(try assembly(camera, localTime: configuration.localTime))
        }
        // Removed from the configuration while no daemon ran.
        let watched = Set(configuration.cameras.map(\.id))
        try rooms.closeEpisodes(localTime: configuration.localTime) { !watched.contains($0) }
        try await withThrowingTaskGroup { group in
            group.addTask { try await self.dispatcher.run() }
            group.addTask { await self.keepRetention() }
            group.addTask { await self.keepAccount() }
            group.addTask { await self.keepLoad() }
            group.addTask { await watch.run() }
            group.addTask { try await gracefulShutdown() }
            // Whichever ends first: the request to stop, a dispatcher that cannot go on, or cancellation because
            // another service of the group could not.
            let ended = await group.nextResult()
            group.cancelAll()
            await self.stopCameras()
            try ended?.get()
        }
        try await finishJournal(watch)
    }

    private func tellDecoder() {
        switch LumaDecoder.standing {
        case .ready(let path):
            rooms.logger.info("colours are decoded for stills alone", metadata: ["decoder": "\(path)"])
        case .missing(let reason):
            rooms.logger.warning(
                "the colours of every H.264 picture are decoded, which takes an eighth longer",
                metadata: ["reason": "\(reason)", "mend": "run scripts/luma-decoder.sh, then install again"])
        }
    }

    /// What waits in memory has a last chance; then the journal is closed.
    private func finishJournal(_ watch: JournalWatch) async throws {
        for _ in 0..<Self.lastChances where rooms.journal.health.spilledAlerts > 0 {
            await Task { try? await Task.sleep(for: .milliseconds(250)) }.value
        }
        watch.tellWhatIsLost()
        do { try rooms.journal.record(.stopped) } catch let error as JournalError where error.mayPass {
            rooms.logger.error("end not journaled", metadata: ["error": "\(error)"])
        }
        try rooms.journal.close()
    }

    /// Reads the configuration file again. A file with problems, or one that changes what only a restart can change,
    /// is refused and everything goes on as before; else only the cameras that differ are started anew.
    ///
    /// Reloads take turns: two at once could have the old and the new feed of a camera write side by side.
    package func reload() async -> ReloadOutcome {
        let earlier = lastReload
        let reload = Task {
            _ = await earlier?.value
            return await reloadNow()
        }
        lastReload = reload
        return await reload.value
    }

    private func reloadNow() async -> ReloadOutcome {
        do {
            let fresh = try SiteConfiguration.load(
                path: file, environment: surroundings.environment, modelNames: surroundings.library.names)
            let changes = SiteConfiguration.changes(from: configuration, to: fresh)
            guard changes.needsRestart.isEmpty else {
                let keys = changes.needsRestart.joined(separator: ", ")
                return try refuse(["\(file): \(keys) cannot change while the daemon runs; restart it"])
            }
            let assemblies = try fresh.cameras.map { try assembly($0, localTime: fresh.localTime) }
            try await apply(fresh, changes, assemblies)
            return .applied(changes)
        } catch let error as ConfigurationError {
            return (try? refuse(error.lines)) ?? .refused(problems: error.lines)
        } catch {
            return (try? refuse(["\(error)"])) ?? .refused(problems: ["\(error)"])
        }
    }

    private func refuse(_ problems: [String]) throws -> ReloadOutcome {
        for problem in problems {
            rooms.logger.error("configuration refused, the old one stays", metadata: ["problem": "\(problem)"])
        }
        try rooms.journal.record(.configurationRefused, detail: ["problems": "\(problems.count)"])
        return .refused(problems: problems)
    }

    private func apply(_ fresh: SiteConfiguration, _ changes: SiteChanges, _ assemblies: [CameraAssembly]) async throws
    {
        configuration = fresh
        rooms.wakeGate.limit = fresh.wakeLimit
        rooms.sinks.ids = fresh.sinks.map(\.id)
        try await dispatcher.reload(fresh.sinks)
        for id in changes.removed + changes.changed { await stop(id, isRemoved: changes.removed.contains(id)) }
        try keepAccounts()
        for assembly in assemblies where stations[assembly.camera.id] == nil { try start(assembly) }
        load.reload(fresh)
        tellVerdict()
        try recordLoaded()
        rooms.logger.notice(
            "configuration loaded",
            metadata: [
                "added": "\(changes.added.count)", "removed": "\(changes.removed.count)",
                "changed": "\(changes.changed.count)", "kept": "\(changes.kept.count)"
            ])
    }

    private func recordLoaded() throws {
        let hashes = configuration.cameras.map { "\($0.id) \($0.configurationHash)" }.sorted()
        try rooms.journal.record(
            .configurationLoaded,
            detail: [
                "cameras": "\(configuration.cameras.count)", "sinks": "\(configuration.sinks.count)",
                "hash": Digest.sha256Hex(hashes.joined(separator: "\n"))
            ])
    }

    private func assembly(_ camera: CameraConfiguration, localTime: LocalTime) throws -> CameraAssembly {
        try CameraAssembly(camera, library: surroundings.library, localTime: localTime)
    }

    private func start(_ assembly: CameraAssembly) throws {
        guard !isStopping else { return }
        let station = try CameraStation(
            assembly, orders: orders, calendar: configuration.calendar, clips: configuration.clips, in: rooms)
        stations[assembly.camera.id] = station
        station.start()
    }

    private func stop(_ id: CameraID, isRemoved: Bool) async {
        guard let station = stations.removeValue(forKey: id) else { return }
        await station.stop()
        guard isRemoved else { return }
        do { try rooms.closeEpisodes(localTime: configuration.localTime) { $0 == id } } catch {
            rooms.logger.error(
                "episodes of a removed camera not closed", metadata: ["camera": "\(id)", "error": "\(error)"])
        }
    }

    private func stopCameras() async {
        isStopping = true
        await withTaskGroup { group in
            for station in stations.values { group.addTask { await station.stop() } }
        }
        stations.removeAll()
    }

    /// Beside the actor, so that a long sweep holds up neither status nor reload.
    private nonisolated func keepRetention() async {
        while !Task.isCancelled {
            await RetentionSweep(rooms: rooms, retention: configuration.retention).run()
            try? await Task.sleep(for: Self.retentionInterval)
        }
    }

    /// Where everything stands now.
    /// - Throws: `JournalError`.
    package func status() async throws -> SiteStatus {
        let sinks = try await dispatcher.snapshot()
        let now = surroundings.clock()
        return SiteStatus(
            configuration: configuration, started: started, now: now,
            cameras: configuration.cameras.compactMap { stations[$0.id] }.map { CameraStanding($0, load, at: now) },
            sinks: sinks, orders: orders.inForce(at: now), journal: rooms.journal, load: load)
    }

    /// Whether alerts can be journaled: asked by a write.
    package func isJournalWritable() -> Bool {
        (try? rooms.journal.checkWritable()) != nil
    }

    /// What no metric has taken yet.
    func takeLatencies() async -> SiteLatencies {
        var latencies = SiteLatencies()
        for station in stations.values {
            let fresh = station.counters.takeLatencies()
            latencies.journal += fresh.journal
            latencies.catchUp[station.camera.cameraClass, default: []] += fresh.catchUp
        }
        latencies.delivery = await dispatcher.takeLatencies()
        return latencies
    }
}

/// Milliseconds that things took.
struct SiteLatencies: Sendable {
    /// From the picture that decided an opened alert until it was journaled.
    var journal: [Int64] = []
    /// From the same picture until a sink had the alert, by sink.
    var delivery: [String: [Int64]] = [:]
    /// From the wish to decode what a dense camera had kept until it was done.
    var catchUp: [CameraClass: [Int64]] = [:]
}

package enum ReloadOutcome: Sendable, Hashable {
    case applied(SiteChanges)
    /// The old configuration stays in force; one sentence a problem.
    case refused(problems: [String])
}
