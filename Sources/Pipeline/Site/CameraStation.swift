import Alerts
import Evidence
import Foundation
import Ingest
import Journal
import Logging
import Media
import Rules
import Scene

/// One running camera of the daemon: its feed and what it counts.
struct CameraStation: Sendable {
    let assembly: CameraAssembly
    let feed: CameraFeed
    let desk: CameraDesk
    let counters: CameraCounters
    let duty: CameraDuty
    private let clips: AlertClips
    /// The second stream and where its packets are; nil for a camera with one.
    private let evidence: (feed: EvidenceFeed, tap: PacketTap)?
    private let rooms: SiteRooms

    var camera: CameraConfiguration { assembly.camera }

    /// Prepares the camera from what the journal holds of it; it runs once ``start()`` is called.
    /// - Throws: `JournalError`.
    init(
        _ assembly: CameraAssembly, orders: ArmingOrders, calendar: SiteCalendar, clips settings: ClipSettings? = nil,
        in site: SiteRooms
    ) throws {
        let camera = assembly.camera
        let counters = CameraCounters()
        let decisions = try site.journal.reader.decisions(toRestore: camera.id)
        let open = try site.journal.reader.alerts(AlertFilter(camera: camera.id, onlyOpen: true))
        let duty = assembly.makeDuty(
            orders, calendar: calendar, accountedUntil: try site.journal.reader.accountedUntil(camera: camera.id),
            now: site.clock())
        var logger = site.logger
        logger[metadataKey: "camera"] = "\(camera.id)"
        let cameraLogger = logger
        self.assembly = assembly
        self.counters = counters
        self.duty = duty
        rooms = site
        let clips = site.clips(
            camera, settings, restoring: try open + site.journal.reader.closedAwaitingClip(camera: camera.id),
            counters: counters, logger: cameraLogger)
        self.clips = clips
        let evidence = site.evidence(camera, tap: clips.tap)
        self.evidence = evidence
        let tap = site.analysedTap(hasSecondStream: evidence != nil, clips: clips.tap)
        var views =
            evidence.map {
                [EvidenceView(.secondStream, tap: $0.tap, privacyMasks: camera.privacyMasks, logger: cameraLogger)]
            } ?? []
        if let tap {
            views.append(EvidenceView(.colours, tap: tap, privacyMasks: camera.privacyMasks, logger: cameraLogger))
        }
        let desk = CameraDesk(
            CameraPipeline(
                camera: camera.id, rules: camera.rules,
                analysis: assembly.makeAnalysis(raised: try site.raised(by: camera)),
                book: assembly.makeBook(restoring: decisions),
                outlet: JournalOutlet(
                    camera: camera.id, journal: site.journal, sinks: site.sinks, store: site.store, restoring: open,
                    clips: clips, views: views, clock: site.clock, counters: counters, logger: cameraLogger),
                counters: counters, duty: duty, clock: site.clock, logger: cameraLogger))
        self.desk = desk
        // Stills have their colours from the views.
        var policy = assembly.decodePolicy
        policy.planes = .luma
        feed = CameraFeed(
            CameraFeed.Settings(
                camera: camera.id, address: camera.address, transport: camera.transport,
                policy: policy),
            clock: site.clock, logger: site.logger, wakeGate: site.wakeGate, tap: tap
        ) { desk }
    }

    func start() {
        clips.resume()
        evidence?.feed.start()
        feed.start()
    }

    /// Nil for a camera with one stream.
    var evidenceStatus: SiteStatus.Evidence? {
        evidence.map { SiteStatus.Evidence($0.feed.status, keptBytes: $0.tap.ring?.holding.bytes ?? 0) }
    }

    /// Ends the feed; alerts that wait for an unwritable journal are given up only then.
    func stop() async {
        counters.stop()
        await feed.stop()
        await evidence?.feed.stop()
        desk.close()
        await rooms.clipWorkers.finish(clips)
        rooms.write([duty])
    }
}

extension SiteConfiguration {
    /// Dense cameras that may catch up at one time.
    var wakeLimit: Int { decode.wakes ?? ProcessInfo.processInfo.activeProcessorCount }
}

/// What all cameras of a site share.
struct SiteRooms: Sendable {
    let journal: AlertJournal
    let store: EvidenceStore
    let sinks: SharedSinks
    /// Bounds how many dense cameras catch up at one time.
    let wakeGate: WakeGate
    let clipWorkers = ClipWorkers()
    let clock: @Sendable () -> MediaTime
    let logger: Logger
}

extension SiteRooms {
    /// Kept of a second stream where no clips are made of it: a few keyframe distances, for stills.
    private static let stillHistory = PacketRing.History(
        span: .seconds(10), bytes: MediaLimits.evidenceRingBytes)

    /// - Parameter tap: of the camera's clips; one for stills alone where it has none.
    func evidence(_ camera: CameraConfiguration, tap: PacketTap?) -> (feed: EvidenceFeed, tap: PacketTap)? {
        guard let address = camera.evidenceAddress else { return nil }
        let tap = tap ?? PacketTap(Self.stillHistory)
        let feed = EvidenceFeed(
            CameraFeed.Settings(camera: camera.id, address: address, transport: camera.transport), tap: tap,
            clock: clock, logger: logger)
        return (feed, tap)
    }

    /// Kept of an analysed stream without clips whose colours are left out: what the newest picture is decoded from.
    private static let colourHistory = PacketRing.History(
        span: .milliseconds(500), bytes: MediaLimits.ringBytes)

    /// Where the packets of the analysed stream go; nil where nobody wants them.
    /// - Parameter clips: the tap of the camera's clips, which are of the second stream where there is one.
    func analysedTap(hasSecondStream: Bool, clips: PacketTap?) -> PacketTap? {
        if !hasSecondStream, let clips { return clips }
        guard case .ready = LumaDecoder.standing else { return nil }
        return PacketTap(Self.colourHistory)
    }

    func clips(
        _ camera: CameraConfiguration?, _ settings: ClipSettings?, restoring: [Alert], counters: CameraCounters,
        logger: Logger
    ) -> AlertClips {
        let (journal, sinks) = (journal, sinks)
        return AlertClips(
            camera, settings: settings, restoring: restoring,
            in: AlertClips.Surroundings(
                store: store, clock: clock, counters: counters, logger: logger,
                announce: { alert in
                    do {
                        counters.journaled(try journal.append([alert], sinks: sinks.ids))
                        return true
                    } catch JournalError.conflict {
                        logger.error(
                            "clip not told: the journal holds another version",
                            metadata: ["id": "\(alert.decision.id)"])
                        return true
                    } catch {
                        counters.journalFailed()
                        return false
                    }
                }),
            worker: camera == nil ? nil : clipWorkers)
    }

    /// What the rules with a cool-down had raised before they were started. A rule that decides otherwise now begins
    /// anew, like its alerts.
    func raised(by camera: CameraConfiguration) throws -> [RuleID: RaisedPast] {
        var pasts: [RuleID: RaisedPast] = [:]
        let now = clock()
        for rule in camera.rules where rule.conditions.coolDown > .zero || rule.conditions.rearm > .zero {
            let newest = try journal.reader.alerts(AlertFilter(camera: camera.id, rule: rule.id, limit: 8))
                .map(\.decision).filter { $0.ruleRevision == rule.revision }
            guard let last = newest.map(\.last).max() else { continue }
            // Of a clock that was ahead: the cool-down is never longer than it is.
            pasts[rule.id] = RaisedPast(
                last: min(last, now), holding: newest.filter(\.isHolding).map(\.occurrence),
                window: EpisodeSettings().restoreWindow)
        }
        return pasts
    }

    /// Closes the open episodes of the cameras that are watched no more.
    func closeEpisodes(localTime: LocalTime, where isUnwatched: (CameraID) -> Bool) throws {
        let open = try journal.reader.alerts(AlertFilter(onlyOpen: true))
        for (camera, alerts) in Dictionary(grouping: open, by: \.decision.camera) where isUnwatched(camera) {
            guard let newest = alerts.last?.decision else { continue }
            // No rules: nothing can go on, everything is closed.
            let watched = WatchedCamera(
                id: camera, place: newest.place, rules: [:], provenance: newest.provenance)
            var book = AlertBook(
                camera: watched, localTime: { localTime.text($0) }, restoring: alerts.map(\.decision))
            let counters = CameraCounters()
            let clips = clips(nil, nil, restoring: alerts, counters: counters, logger: logger)
            _ = clips.pump()
            let outlet = JournalOutlet(
                camera: camera, journal: journal, sinks: sinks, store: store, restoring: alerts, clips: clips,
                clock: clock, counters: counters, logger: logger)
            let decisions = book.finish()
            outlet.publish(decisions, decidedAt: decisions.map(\.last).max() ?? clock())
        }
    }
}
