import Foundation
import Glibc
import Ingest
import Journal
import Logging
import Scene

/// What a site's cameras cost and what is done where that is too much: keeps what ``LoadMeter`` and ``LoadShedder`` are
/// told, and does what they say. Confined to the supervisor.
struct SiteLoad {
    private(set) var meter = LoadMeter()
    private(set) var shedder: LoadShedder
    private(set) var usedCores = 0.0
    private(set) var estimate: LoadEstimate
    private var records: [CameraID: CostRecord]
    private var processorBefore: (microseconds: Int64, steady: Duration)?
    private var wasTooMuch: Bool?
    /// When each camera was seen to stream for the first time.
    private var firstStreaming: [CameraID: Duration] = [:]
    private let settling: Duration

    init(_ configuration: SiteConfiguration, pace: LoadShedder.Pace) {
        shedder = LoadShedder(pace)
        settling = pace.settling
        records = CostRecords.read(folder: configuration.dataFolder)
        estimate = LoadEstimate(configuration.cameras, cores: configuration.coreBudget, records: records)
    }

    /// Measures, decides, and hands each camera its step.
    /// - Returns: what changed, in the order in which it is to be told.
    mutating func follow(_ stations: [CameraStation], _ configuration: SiteConfiguration) -> [LoadShedder.Change] {
        let steady = Self.steady
        let statuses = Dictionary(uniqueKeysWithValues: stations.map { ($0.camera.id, $0.feed.status) })
        meter.follow(statuses.mapValues { LoadMeter.Sample($0) }, at: steady)
        measureProcess(at: steady)
        noteBeginnings(statuses, at: steady)
        estimateAnew(stations, statuses, configuration)
        let changes: [LoadShedder.Change]
        if configuration.load.shed == .on {
            changes = shedder.follow(reading(stations, statuses, configuration, at: steady))
        } else {
            changes = shedder.switchOff()
        }
        for station in stations {
            station.feed.keepEverything(configuration.load.shed == .off)
            let step = shedder.step(of: station.camera.id)
            if statuses[station.camera.id]?.loadStep != step { station.feed.lighten(to: step) }
        }
        return changes
    }

    /// Whether the verdict on the list of cameras is another than the one told last.
    mutating func takeVerdict() -> LoadEstimate? {
        // A list on the verge must not be told of again and again.
        let isTooMuch = wasTooMuch == true ? estimate.needed > estimate.cores * 0.95 : estimate.isTooMuch
        guard isTooMuch != wasTooMuch else { return nil }
        wasTooMuch = isTooMuch
        return estimate
    }

    /// A changed list of cameras is judged anew, and told of.
    mutating func reload(_ configuration: SiteConfiguration) {
        wasTooMuch = nil
        estimate = LoadEstimate(
            configuration.cameras, cores: configuration.coreBudget, records: records, measured: meter.fullCores)
    }

    /// Keeps what was measured for the next start.
    func save(folder: String) throws { try CostRecords.write(records, folder: folder) }

    private mutating func noteBeginnings(_ statuses: [CameraID: CameraFeed.Status], at steady: Duration) {
        firstStreaming = firstStreaming.filter { statuses[$0.key] != nil }
        for (id, status) in statuses where firstStreaming[id] == nil {
            if case .streaming = status.phase { firstStreaming[id] = steady }
        }
    }

    private mutating func measureProcess(at steady: Duration) {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        let microseconds = Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
        defer { processorBefore = (microseconds, steady) }
        guard let before = processorBefore, steady > before.steady else { return }
        usedCores = Double(microseconds - before.microseconds) / ((steady - before.steady) / .microseconds(1))
    }

    private mutating func estimateAnew(
        _ stations: [CameraStation], _ statuses: [CameraID: CameraFeed.Status], _ configuration: SiteConfiguration
    ) {
        for station in stations {
            guard let cores = meter.fullCores[station.camera.id], let status = statuses[station.camera.id],
                case .streaming(let stream) = status.phase
            else { continue }
            let rate = stream.nominalFrameRate ?? DecodeCost.Stream.usual.rate
            records[station.camera.id] = CostRecord(
                DecodeCost.Stream(codec: stream.codec, size: stream.size, rate: rate), mode: station.camera.decode,
                cores: cores)
        }
        records = records.filter { configuration.camera($0.key) != nil }
        estimate = LoadEstimate(
            configuration.cameras, cores: configuration.coreBudget, records: records, measured: meter.fullCores)
    }

    private func reading(
        _ stations: [CameraStation], _ statuses: [CameraID: CameraFeed.Status], _ configuration: SiteConfiguration,
        at steady: Duration
    ) -> LoadShedder.Reading {
        let costs = Dictionary(uniqueKeysWithValues: estimate.cameras.map { ($0.id, $0.cores) })
        let cameras = stations.map { station -> (CameraID, LoadShedder.Camera) in
            let id = station.camera.id
            let status = statuses[id]
            let measure = meter.measures[id]
            let isStreaming = if case .streaming = status?.phase { true } else { false }
            // Where keyframes alone are wanted, all else is left out on purpose.
            let isWhole = (status?.loadStep ?? .full) <= .analysis
            let isBehind =
                isWhole
                && ((status?.counters.behind ?? .zero) > LoadShedder.behindMost || (measure?.dropped ?? 0) > 0)
            let isSettling = firstStreaming[id].map { steady - $0 < settling } ?? true
            return (
                id,
                LoadShedder.Camera(
                    cameraClass: station.camera.cameraClass, mode: station.camera.decode, fullCores: costs[id] ?? 0,
                    usedCores: measure?.usedCores ?? 0, isBehind: isBehind && isStreaming, isStreaming: isStreaming,
                    isSettling: isStreaming && isSettling)
            )
        }
        return LoadShedder.Reading(
            time: steady, usedCores: usedCores, budget: configuration.coreBudget,
            cameras: Dictionary(uniqueKeysWithValues: cameras))
    }

    /// By a clock that nobody sets.
    private static var steady: Duration {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
    }
}

extension SiteSupervisor {
    /// Between two looks at the load.
    private static var loadInterval: Duration { .seconds(1) }
    /// Looks after which what was measured is written down.
    private static var looksPerSaving: Int { 60 }

    /// Looks at the load until the site is stopped.
    func keepLoad() async {
        tellVerdict()
        var looks = 0
        while !Task.isCancelled {
            guard (try? await Task.sleep(for: Self.loadInterval)) != nil else { break }
            for change in load.follow(Array(stations.values), configuration) { tell(change) }
            looks += 1
            if looks % Self.looksPerSaving == 0 {
                saveCosts()
                tellVerdict()
            }
        }
        saveCosts()
    }

    /// Says whether the machine can do what is asked of it: at the start, after a reload and when that changes.
    func tellVerdict() {
        guard let estimate = load.takeVerdict() else { return }
        let numbers = ["needed": LoadEstimate.short(estimate.needed), "cores": LoadEstimate.short(estimate.cores)]
        if estimate.isTooMuch {
            rooms.logger.warning(
                "the cameras need more than this machine has", metadata: ["load": "\(estimate.sentence)"])
        } else {
            rooms.logger.notice("the machine is enough for the cameras", metadata: ["load": "\(estimate.sentence)"])
        }
        do { try rooms.journal.record(estimate.isTooMuch ? .loadTooMuch : .loadFits, detail: numbers) } catch {
            rooms.logger.error("change cannot be journaled", metadata: ["error": "\(error)"])
        }
    }

    private func tell(_ change: LoadShedder.Change) {
        let isLess = change.to > change.from
        let detail = [
            "from": change.from.name, "to": change.to.name, "reason": change.reason.rawValue,
            "used": LoadEstimate.short(load.usedCores), "needed": LoadEstimate.short(load.estimate.needed),
            "cores": LoadEstimate.short(load.estimate.cores)
        ]
        var metadata = detail.mapValues { Logger.MetadataValue.string($0) }
        metadata["camera"] = "\(change.camera)"
        if isLess {
            rooms.logger.warning("less is done for a camera: the machine has too much to do", metadata: metadata)
        } else {
            rooms.logger.notice("more is done for a camera again", metadata: metadata)
        }
        do {
            try rooms.journal.record(isLess ? .loadShed : .loadReturned, camera: change.camera, detail: detail)
        } catch {
            rooms.logger.error("change cannot be journaled", metadata: ["error": "\(error)"])
        }
    }

    private func saveCosts() {
        do { try load.save(folder: configuration.dataFolder) } catch {
            rooms.logger.warning("costs of the cameras not kept", metadata: ["error": "\(error)"])
        }
    }
}
