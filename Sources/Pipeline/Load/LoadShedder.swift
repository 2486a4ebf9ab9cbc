package import Ingest
package import Scene

/// Decides how much is done for each camera while the machine has too much to do: a pure value that is told what was
/// measured, with its time, and says what changes.
///
/// Overload is either a site that uses nearly all of its cores, or cameras that are behind though their own thread has
/// not filled a core. It must last (``Pace``). Then the dearest camera of the lowest class goes down one step, and as
/// many more as it takes; no camera of a class goes down a second step before all of it have gone down the first, and
/// class B gives nothing before class C is paused, class A nothing before B. What was shed comes back in the opposite
/// order once there is room for it, after a wait that doubles when the overload is back soon: neither a steady overload
/// nor one that comes and goes makes the cameras flutter.
///
/// A camera that alone is more than one core can do (its thread is full and it is behind) goes down by itself: nothing
/// that others give up would help it.
package struct LoadShedder: Hashable, Sendable {
    package struct Camera: Hashable, Sendable {
        package var cameraClass: CameraClass
        package var mode: DecodeMode
        /// Cores that all of it takes, as far as that is known.
        package var fullCores: Double
        /// Cores that its thread uses now.
        package var usedCores: Double
        /// Behind by more than ``LoadShedder/behindMost``, or something was let go of for being behind, since the last reading.
        package var isBehind: Bool
        package var isStreaming: Bool
        /// It has only just begun: everything is decoded and learnt then, whatever its mode, and that passes by itself.
        package var isSettling: Bool

        package init(
            cameraClass: CameraClass, mode: DecodeMode = .strict, fullCores: Double, usedCores: Double,
            isBehind: Bool = false, isStreaming: Bool = true, isSettling: Bool = false
        ) {
            self.cameraClass = cameraClass
            self.mode = mode
            self.fullCores = fullCores
            self.usedCores = usedCores
            self.isBehind = isBehind
            self.isStreaming = isStreaming
            self.isSettling = isSettling
        }
    }

    package struct Reading: Hashable, Sendable {
        /// A steady clock's.
        package var time: Duration
        /// Cores that the whole process uses.
        package var usedCores: Double
        /// Cores that it may use.
        package var budget: Double
        package var cameras: [CameraID: Camera]

        package init(time: Duration, usedCores: Double, budget: Double, cameras: [CameraID: Camera]) {
            self.time = time
            self.usedCores = usedCores
            self.budget = budget
            self.cameras = cameras
        }

        /// The site begins: as long as a quarter of the cameras settle, a full machine says nothing of what they will cost.
        var isBeginning: Bool {
            4 * cameras.values.count { $0.isSettling } >= cameras.values.count { $0.isStreaming }
                && cameras.values.contains { $0.isSettling }
        }
    }

    package enum Reason: String, Hashable, Sendable {
        /// The site uses nearly all of its cores.
        case cores
        /// Cameras are behind though there seem to be cores: something else uses the machine.
        case behind
        /// The camera alone is more than one thread can do.
        case thread
        /// There is room again.
        case room
        /// Shedding was switched off.
        case off
    }

    package struct Change: Hashable, Sendable {
        package var camera: CameraID
        package var from: LoadStep
        package var to: LoadStep
        package var reason: Reason
    }

    /// Share of the cores above which the site is overloaded.
    package static let highShare = 0.92
    /// Shedding aims at this share, and nothing comes back that would go beyond it.
    package static let targetShare = 0.8
    package static let behindMost = MediaSpan.seconds(1)
    /// How long things must last.
    package struct Pace: Hashable, Sendable {
        /// An overload before anything is shed; and how long what was done is given to show.
        package var patience = Duration.seconds(5)
        /// Room before anything comes back.
        package var hold = Duration.seconds(30)
        /// How long a camera that has begun is decoded whole and learns its background at most, also where many begin at
        /// once.
        package var settling = Duration.seconds(20)

        package init() {}
    }

    package static let lastHold = Duration.seconds(600)
    /// An overload that comes this soon after something came back doubles the wait.
    package static let relapse = Duration.seconds(60)
    /// A thread is full above this share of a core.
    package static let fullThread = 0.85

    /// A camera that alone is too much: what it is held to, until when, and for how long next time.
    private struct Restraint: Hashable, Sendable {
        var floor: LoadStep
        var until: Duration
        var hold: Duration
    }

    package private(set) var steps: [CameraID: LoadStep] = [:]
    package private(set) var isOverloaded = false
    private var overloadedSince: Duration?
    private var roomSince: Duration?
    private var lastChange: Duration?
    private var lastReturn: Duration?
    private var lastOverload: Duration?
    private let pace: Pace
    private var hold: Duration
    private var fullSince: [CameraID: Duration] = [:]
    private var restraints: [CameraID: Restraint] = [:]

    package init(_ pace: Pace = Pace()) {
        self.pace = pace
        hold = pace.hold
    }

    package func step(of camera: CameraID) -> LoadStep { steps[camera] ?? .full }

    /// What changes with this reading, in the order in which it is to be told.
    package mutating func follow(_ reading: Reading) -> [Change] {
        forget(all: reading)
        var changes = restrain(reading)
        let isStarved = reading.cameras.values.contains {
            $0.isBehind && !$0.isSettling && $0.usedCores < Self.fullThread
        }
        let isFull = reading.usedCores >= reading.budget * Self.highShare
        isOverloaded = (isFull || isStarved) && !reading.isBeginning
        guard isOverloaded else {
            overloadedSince = nil
            return changes + giveBack(reading)
        }
        roomSince = nil
        lastOverload = reading.time
        let since = overloadedSince ?? reading.time
        overloadedSince = since
        guard reading.time - since >= pace.patience, hasShown(at: reading.time) else { return changes }
        changes += shed(reading, because: isFull ? .cores : .behind)
        return changes
    }

    /// Everything comes back at once: shedding was switched off.
    package mutating func switchOff() -> [Change] {
        let changes = steps.filter { $0.value != .full }.sorted { $0.key < $1.key }
            .map { Change(camera: $0.key, from: $0.value, to: .full, reason: .off) }
        self = LoadShedder(pace)
        return changes
    }

    // MARK: Down

    private mutating func shed(_ reading: Reading, because reason: Reason) -> [Change] {
        // Where something else uses the machine, what the site gets is all that there is.
        let budget = reason == .cores ? reading.budget : min(reading.budget, reading.usedCores)
        // What is used is never more than there is; how much more is wanted can only be believed, so half of it counts.
        let wanted = reading.cameras.reduce(0) { sum, entry in
            sum + (entry.value.isStreaming ? entry.value.cores(at: step(of: entry.key)) : 0)
        }
        let target = budget * Self.targetShare
        var excess = max(reading.usedCores - target, (wanted - target) / 2)
        var changes: [Change] = []
        repeat {
            guard let id = nextDown(reading), let camera = reading.cameras[id] else { break }
            let step = step(of: id)
            guard let below = step.below else { break }
            excess -= camera.cores(at: step) - camera.cores(at: below)
            changes.append(Change(camera: id, from: step, to: below, reason: reason))
            steps[id] = below
        } while excess > 0
        guard !changes.isEmpty else { return [] }
        if let lastReturn, reading.time - lastReturn <= Self.relapse {
            hold = min(hold * 2, Self.lastHold)
            self.lastReturn = nil
        }
        lastChange = reading.time
        return changes.merged
    }

    /// The dearest of those that have given least, of the lowest class that has anything left to give.
    private func nextDown(_ reading: Reading) -> CameraID? {
        for cameraClass in CameraClass.allCases.reversed() {
            let able = reading.cameras.filter {
                $0.value.cameraClass == cameraClass && $0.value.isStreaming && step(of: $0.key) != .paused
            }
            guard let least = able.keys.map({ step(of: $0) }).min() else { continue }
            return able.filter { step(of: $0.key) == least }
                .max { ($0.value.fullCores, $1.key) < ($1.value.fullCores, $0.key) }?.key
        }
        return nil
    }

    // MARK: Up

    private mutating func giveBack(_ reading: Reading) -> [Change] {
        if steps.isEmpty, let lastOverload, reading.time - lastOverload >= Self.lastHold { hold = pace.hold }
        guard let first = nextUp(reading), hasRoom(for: first, reading, used: reading.usedCores) else {
            roomSince = nil
            return []
        }
        let since = roomSince ?? reading.time
        roomSince = since
        guard reading.time - since >= hold, hasShown(at: reading.time) else { return [] }
        var used = reading.usedCores
        // Half of the room at a time: figures of what a camera will cost are not exact.
        let most = used + max(0, reading.budget * Self.targetShare - used) / 2
        var changes: [Change] = []
        while let id = nextUp(reading), hasRoom(for: id, reading, used: used), changes.isEmpty || used < most {
            let step = step(of: id)
            guard let above = step.above else { break }
            used += added(by: id, reading)
            steps[id] = above == .full ? nil : above
            changes.append(Change(camera: id, from: step, to: above, reason: .room))
        }
        lastChange = reading.time
        lastReturn = reading.time
        return changes.merged
    }

    /// The cheapest of those that have given most, of the highest class that has given anything.
    private func nextUp(_ reading: Reading) -> CameraID? {
        for cameraClass in CameraClass.allCases {
            let lowered = reading.cameras.filter {
                $0.value.cameraClass == cameraClass && step(of: $0.key) > (restraints[$0.key]?.floor ?? .full)
            }
            guard let most = lowered.keys.map({ step(of: $0) }).max() else { continue }
            return lowered.filter { step(of: $0.key) == most }
                .min { ($0.value.fullCores, $0.key) < ($1.value.fullCores, $1.key) }?.key
        }
        return nil
    }

    private func hasRoom(for id: CameraID, _ reading: Reading, used: Double) -> Bool {
        used + added(by: id, reading) <= reading.budget * Self.targetShare
    }

    private func added(by id: CameraID, _ reading: Reading) -> Double {
        guard let camera = reading.cameras[id], camera.isStreaming, let above = step(of: id).above else { return 0 }
        return camera.cores(at: above) - camera.cores(at: step(of: id))
    }

    private func hasShown(at time: Duration) -> Bool {
        lastChange.map { time - $0 >= pace.patience } ?? true
    }

    // MARK: One camera alone

    private mutating func restrain(_ reading: Reading) -> [Change] {
        var changes: [Change] = []
        for (id, restraint) in restraints where restraint.floor != .full && reading.time >= restraint.until {
            // The hold is kept for the next time.
            restraints[id]?.floor = .full
        }
        for (id, camera) in reading.cameras.sorted(by: { $0.key < $1.key }) {
            guard camera.isBehind, camera.usedCores >= Self.fullThread, camera.isStreaming, !camera.isSettling else {
                fullSince[id] = nil
                continue
            }
            let since = fullSince[id] ?? reading.time
            fullSince[id] = since
            guard reading.time - since >= pace.patience, let below = step(of: id).below else { continue }
            let step = step(of: id)
            steps[id] = below
            fullSince[id] = nil
            let hold = restraints[id].map { min($0.hold * 2, Self.lastHold) }
            let next = hold ?? pace.hold
            restraints[id] = Restraint(
                floor: below, until: reading.time + next, hold: next)
            changes.append(Change(camera: id, from: step, to: below, reason: .thread))
        }
        return changes
    }

    /// Cameras that are not there any more.
    private mutating func forget(all reading: Reading) {
        for id in steps.keys where reading.cameras[id] == nil { steps[id] = nil }
        for id in fullSince.keys where reading.cameras[id] == nil { fullSince[id] = nil }
        for id in restraints.keys where reading.cameras[id] == nil { restraints[id] = nil }
    }
}

extension LoadShedder.Camera {
    fileprivate func cores(at step: LoadStep) -> Double { fullCores * DecodeCost.share(at: step, mode: mode) }
}

extension [LoadShedder.Change] {
    /// One change of a camera that goes several steps at once.
    fileprivate var merged: Self {
        var result: Self = []
        for change in self {
            if let index = result.firstIndex(where: { $0.camera == change.camera }) {
                result[index].to = change.to
            } else {
                result.append(change)
            }
        }
        return result
    }
}

extension LoadStep {
    var below: LoadStep? { LoadStep(rawValue: rawValue + 1) }
    var above: LoadStep? { LoadStep(rawValue: rawValue - 1) }
}
