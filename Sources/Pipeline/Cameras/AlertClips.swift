package import Evidence
package import Logging
package import Media
package import Scene
import Synchronization

/// The clips of one camera's alerts, from the packets that its stream leaves in a tap.
///
/// No alert waits for its clip: a version says how it stands with it (``ClipStanding``), and names the file once there is
/// one. What is not known when the alert closes comes with one more version after that, which changes nothing else.
/// The camera's thread only says what it decided; ``pump()`` writes, on the thread of a ``ClipWorker``.
package final class AlertClips: Sendable {
    /// What a version says of its alert's clip.
    package struct Telling: Sendable, Hashable {
        package var standing: ClipStanding?
        package var evidence: AlertReception.Evidence?
    }

    /// What the clips of a camera are made from and with.
    package struct Surroundings: Sendable {
        package var store: EvidenceStore
        package var clock: @Sendable () -> MediaTime
        package var counters: CameraCounters
        package var logger: Logger
        /// Journals a version; false where it could not, and it is tried again.
        package var announce: @Sendable (Alert) -> Bool
    }

    /// Clips of one camera that are written at one time.
    static let recordingLimit = 4

    private struct Entry {
        var window: ClipWindow?
        var telling: Telling
        /// Its closing version has been decided, and calls the clip `recording`.
        var isClosing = false
        /// The same version, once it is in the journal.
        var closed: Alert?
        var isAnswered: Bool { telling.standing?.state != .recording }
        var isDue: Bool { closed != nil && isAnswered }
    }

    private struct Wish {
        let decision: AlertDecision
        let ring: PacketRing
        let start: PacketRing.Start
        let treatment: ClipFile.Treatment
    }

    private struct State {
        var entries: [String: Entry] = [:]
        var wishes: [Wish] = []
        /// Of an earlier run that could not say what became of them.
        var unresolved: [Alert] = []
        /// Recordings of the worker.
        var running = 0
    }

    /// What is being written; the worker's.
    private final class Desk: @unchecked Sendable {
        var recordings: [(decision: AlertDecision, recording: ClipRecording, draft: ClipDraft, start: MediaTime)] = []
    }

    private let camera: CameraConfiguration?
    private let settings: ClipSettings?
    /// The newest packets of the camera; nil where it has no clips.
    package let tap: PacketTap?
    private let around: Surroundings
    private let worker: ClipWorkers?
    private let state: Mutex<State>
    private let desk = Mutex(Desk())

    /// - Parameters:
    ///   - camera: nil for one that is watched no more.
    ///   - settings: nil where new alerts get no clips.
    ///   - restoring: the newest version of alerts that are open in the journal, or closed and waiting for their clip.
    ///   - worker: nil where ``pump()`` is called by hand.
    package init(
        _ camera: CameraConfiguration?, settings: ClipSettings?, restoring: [Alert], in surroundings: Surroundings,
        worker: ClipWorkers?
    ) {
        var settings = settings
        if let wanted = settings, !(camera.map { wanted.classes.contains($0.cameraClass) } ?? false) { settings = nil }
        self.camera = camera
        self.settings = settings
        tap = settings.map { PacketTap($0.history) }
        around = surroundings
        self.worker = worker
        var state = State()
        for alert in restoring {
            guard let standing = alert.reception.clip else { continue }
            var entry = Entry(
                window: nil,
                telling: Telling(
                    standing: standing, evidence: alert.reception.evidence.first { $0.kind == .clip }))
            if alert.decision.state == .closed { (entry.isClosing, entry.closed) = (true, alert) }
            state.entries[alert.decision.id] = entry
            if standing.state == .recording { state.unresolved.append(alert) }
        }
        self.state = Mutex(state)
    }

    // MARK: The camera's thread

    /// What this version says; to be called once for each, in order.
    func tell(_ decision: AlertDecision, decidedAt: MediaTime) -> Telling {
        let telling = state.withLock { state in
            if decision.version == 1, decision.state == .opened { return open(decision, at: decidedAt, &state) }
            guard var entry = state.entries[decision.id] else { return Telling() }
            entry.window?.follow(decision)
            if decision.state == .closed {
                entry.isClosing = true
                state.entries[decision.id] = entry.isAnswered ? nil : entry
            } else {
                state.entries[decision.id] = entry
            }
            return entry.telling
        }
        wake()
        return telling
    }

    /// A version is in the journal: a closed one may be followed by one that names the clip.
    func journaled(_ alert: Alert) {
        guard alert.decision.state == .closed else { return }
        state.withLock { $0.entries[alert.decision.id]?.closed = alert }
        wake()
    }

    private func open(_ decision: AlertDecision, at decidedAt: MediaTime, _ state: inout State) -> Telling {
        guard let settings, let tap, let camera else { return Telling() }
        let window = ClipWindow(opening: decision, decidedAt: decidedAt, lengths: settings.lengths)
        var telling = Telling(standing: ClipStanding(.recording))
        let ring = tap.ring
        let hasMasks = !camera.privacyMasks.isEmpty
        let needsEncoding = hasMasks || !(ring?.parameters.isCopyable ?? true)
        if needsEncoding, settings.encoding == .never {
            telling.standing = ClipStanding(.absent, hasMasks ? .masked : .codec)
        } else if state.running + state.wishes.count >= Self.recordingLimit {
            telling.standing = ClipStanding(.absent, .busy)
        } else if let ring, let start = ring.start(atOrBefore: window.begin, latest: decidedAt) {
            let treatment: ClipFile.Treatment = needsEncoding ? .encoded(masks: camera.privacyMasks) : .copied
            state.wishes.append(Wish(decision: decision, ring: ring, start: start, treatment: treatment))
        } else {
            telling.standing = ClipStanding(.absent, .noPackets)
        }
        if let standing = telling.standing, standing.state == .absent { around.counters.clip(standing, bytes: 0) }
        state.entries[decision.id] = Entry(window: window, telling: telling)
        return telling
    }

    /// Whether the camera's clips are encoded anew, where there are any.
    var encodes: Bool {
        !(camera?.privacyMasks.isEmpty ?? true) || !(tap?.ring?.parameters.isCopyable ?? true)
    }

    private func wake() {
        guard let worker, hasWork else { return }
        (encodes ? worker.patient : worker.prompt).wake(self)
    }

    // MARK: The worker's thread

    var hasWork: Bool {
        state.withLock { state in
            state.running > 0 || !state.wishes.isEmpty || !state.unresolved.isEmpty
                || state.entries.values.contains(where: \.isDue)
        }
    }

    /// Goes on with what there is to write and to say.
    /// - Returns: whether there will be more without anybody asking.
    package func pump() -> Bool {
        work(isLast: false)
        return hasWork
    }

    /// Ends every clip where it is: the camera is being stopped. What is open is told by whoever restores it.
    package func finish() { work(isLast: true) }

    /// Begins with what an earlier run left open.
    func resume() { wake() }

    private func work(isLast: Bool) {
        desk.withLock { desk in
            let (wishes, unresolved) = state.withLock { state in
                defer { (state.wishes, state.unresolved) = ([], []) }
                state.running += state.wishes.count
                return (state.wishes, state.unresolved)
            }
            for alert in unresolved { resolve(alert) }
            for wish in wishes { begin(wish, desk) }
            desk.recordings.removeAll { entry in
                let window = state.withLock { $0.entries[entry.decision.id]?.window }
                guard let window else { return true }
                let step = entry.recording.pump(window, isLast: isLast)
                guard step != .going else { return false }
                settle(entry.decision, step, entry.draft, start: entry.start)
                return true
            }
            announce()
        }
    }

    private func begin(_ wish: Wish, _ desk: Desk) {
        guard let settings else { return }
        let decision = wish.decision
        do {
            let draft = try around.store.draft(camera: decision.camera, at: decision.start, name: decision.id)
            desk.recordings.append(
                (
                    decision,
                    ClipRecording(
                        ring: wish.ring, start: wish.start, path: draft.unfinishedPath, treatment: wish.treatment,
                        note: "\(decision.camera) \(wish.start.time)", byteLimit: Int(settings.megabytes * 1e6)),
                    draft, wish.start.time
                ))
        } catch {
            answer(decision.id, .init(.absent, .unwritable), nil, why: "\(error)")
        }
    }

    private func settle(_ decision: AlertDecision, _ step: ClipRecording.Step, _ draft: ClipDraft, start: MediaTime) {
        switch step {
        case .going: return
        case .failed(let reason, let detail):
            around.store.discard(draft)
            answer(decision.id, .init(.absent, reason), nil, why: detail)
        case .finished(let reason):
            do {
                try around.store.keep(draft)
                let evidence = try ClipEvidence.describe(draft.relative, in: around.store, start: start)
                answer(decision.id, .init(.kept, reason), evidence)
            } catch {
                around.store.discard(draft)
                answer(decision.id, .init(.absent, .unwritable), nil, why: "\(error)")
            }
        }
    }

    private func answer(
        _ id: String, _ standing: ClipStanding, _ evidence: AlertReception.Evidence?, why: String? = nil,
        isRunning: Bool = true
    ) {
        around.counters.clip(standing, bytes: Int64(evidence?.bytes ?? 0))
        if let why { around.logger.error("clip not kept", metadata: ["alert": "\(id)", "error": "\(why)"]) }
        state.withLock { state in
            if isRunning { state.running -= 1 }
            state.entries[id]?.telling = Telling(standing: standing, evidence: evidence)
        }
    }

    /// What became of a clip that an earlier run was writing: the file has its name only if it is whole.
    private func resolve(_ alert: Alert) {
        let decision = alert.decision
        let relative = EvidenceStore.clipPath(camera: decision.camera, at: decision.start, name: decision.id)
        let evidence = try? ClipEvidence.describe(relative, in: around.store, start: nil)
        answer(
            decision.id, ClipStanding(evidence == nil ? .absent : .kept, .interrupted), evidence, isRunning: false)
    }

    /// One more version of closed alerts, now that it is known what became of their clips.
    private func announce() {
        let due = state.withLock { $0.entries.values.filter(\.isDue) }
        for entry in due {
            guard let closed = entry.closed else { continue }
            guard around.announce(Self.version(after: closed, entry.telling, at: around.clock())) else { return }
            state.withLock { $0.entries[closed.decision.id] = nil }
        }
    }

    /// The closed alert once more, with what is known of its clip.
    private static func version(after closed: Alert, _ telling: Telling, at now: MediaTime) -> Alert {
        var alert = closed
        alert.decision.version += 1
        let decided = closed.reception.serverTime - .milliseconds(closed.reception.latencyMilliseconds)
        alert.reception.serverTime = now
        alert.reception.latencyMilliseconds = (now - decided).microseconds / 1000
        alert.reception.sequence = 0
        alert.reception.clip = telling.standing
        alert.reception.evidence =
            closed.reception.evidence.filter { $0.kind != .clip }
            + (telling.evidence.map { [$0] } ?? [])
        return alert
    }
}

/// The threads that write a site's clips.
package struct ClipWorkers: Sendable {
    /// For packets as they are.
    package let prompt = ClipWorker(name: "clips", isPatient: false)
    /// For what is encoded anew.
    package let patient = ClipWorker(name: "clip-encoder", isPatient: true)

    package init() {}

    /// Ends the camera's clips where they are.
    func finish(_ clips: AlertClips) async {
        guard clips.hasWork else { return }
        await (clips.encodes ? patient : prompt).run { clips.finish() }
    }
}
