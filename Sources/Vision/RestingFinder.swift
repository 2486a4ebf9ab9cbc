internal import KernelAPI
internal import Scene

/// Finds what came to rest, or is gone, and keeps it in sight: still foreground → regions with a number, a nature and
/// the moment since which they are there. It only looks: no mask, track or background depends on it.
///
/// A region is born from pixels that kept their level as foreground for two seconds, or from a ghost that the background
/// takes over. From then on it lives by its own memory: on each look its samples are compared with what rests there and
/// with what was there before, in the light of the ground around it, whatever the background has learnt meanwhile. What
/// stands before it for a while does not end it.
///
/// Memory: ``StillPixels`` and 32 regions of 1 KiB; fixed when it is made. When all are in use the one that was found
/// first gives way.
final class RestingFinder {
    static let regionLimit = 32
    private static let graveLimit = 32

    /// Where a region was until lately.
    fileprivate struct Grave {
        let box: GridBox
        /// Since when what is left of it has been there.
        let since: MediaTime
        let until: MediaTime
    }

    /// What is remembered besides the planes.
    struct State {
        fileprivate var places: [RestingPlace?] = Array(repeating: nil, count: RestingFinder.regionLimit)
        fileprivate var graves: [Grave] = []
        fileprivate var nextNumber: UInt32 = 1
        fileprivate var lastLook: MediaTime?
        fileprivate var settledAt: MediaTime?
        fileprivate var lastSnapshot: MediaTime?
        /// What is there now, by the order of the slots.
        fileprivate(set) var regions: [RestingRegion] = []
        /// How many regions gave way to newer ones.
        fileprivate(set) var displaced = 0

        /// With room for all from the start: the first region comes on some picture in the middle of the watch.
        init() {
            graves.reserveCapacity(RestingFinder.graveLimit)
            regions.reserveCapacity(RestingFinder.regionLimit)
        }
    }

    let still: StillPixels
    private let layout: GridLayout
    private let kernels: KernelTable
    private let finder: RegionFinder
    private let spread: Plane<UInt64>
    private let outline: RestingOutline
    private let toPicture: (x: Double, y: Double)
    private let areaLeast: Int
    private let areaMost: Int
    private let ghostSpan: MediaSpan
    private let settledSpan: MediaSpan
    private let followsLight: Bool

    private static let interval = MediaSpan.milliseconds(190)
    /// A thing smaller than this share of the picture, or larger than that one, is none.
    private static let leastShare = 0.001
    private static let mostShare = 0.25
    private static let pixelsLeast = 16
    /// Grid pixels.
    private static let sideLeast = 5.0
    /// Of its box, in percent.
    private static let densityLeast = 25
    /// Of the warm pixels, in percent: the others are about to follow or to move on.
    private static let ripeShare = 85
    private static let ripeAge: UInt8 = 40
    private static let restLeast = MediaSpan.seconds(2)
    /// How long it may look like neither, where no track hides it.
    private static let patience = MediaSpan.seconds(4)
    private static let graveSpan = MediaSpan.seconds(10)
    private static let placedMost = MediaSpan.seconds(90_000)
    private static let takenMost = MediaSpan.seconds(120)
    private static let nothingMost = MediaSpan.seconds(20)
    private static let snapshotSpan = MediaSpan.seconds(20)
    /// What is missed sooner after the scene was learnt was only passing by.
    private static let sceneLeast = MediaSpan.seconds(5)
    /// What is missed is seen to be gone at once; later the ground around may have changed as well.
    private static let missedMost = MediaSpan.seconds(10)
    private static let lookLimit = 50
    // In 1/256 of the samples.
    private static let mostOfIt: Int32 = 180
    private static let partOfIt: Int32 = 77

    init(
        layout: GridLayout, model: DetectorModel, toPicture: (x: Double, y: Double), kernels: KernelTable
    ) {
        self.layout = layout
        self.kernels = kernels
        self.toPicture = toPicture
        still = StillPixels(layout: layout, kernels: kernels)
        finder = RegionFinder(layout: layout, kernels: kernels)
        spread = Plane(count: layout.wordCount, repeating: 0)
        followsLight = model.balance == .gain
        outline = RestingOutline(still)
        let pixels = Double(layout.width * layout.height)
        areaLeast = max(Self.pixelsLeast, Int(Self.leastShare * pixels))
        areaMost = Int(Self.mostShare * pixels)
        ghostSpan = .seconds(model.ghostSpan)
        settledSpan = .seconds(model.restHoldSpan)
    }

    var carriedPlanes: [any CarriedPlane] { still.carriedPlanes }

    /// What was learnt is forgotten; numbers go on counting.
    func forget(_ state: inout State) {
        still.forget()
        for slot in state.places.indices { state.places[slot] = nil }
        state.graves.removeAll(keepingCapacity: true)
        state.regions.removeAll(keepingCapacity: true)
        (state.lastLook, state.settledAt, state.lastSnapshot) = (nil, nil, nil)
    }

    /// The background has been learnt.
    func settle(_ background: BackgroundModel, at time: MediaTime, _ state: inout State) {
        still.rememberBackground(background.mean)
        (state.settledAt, state.lastSnapshot) = (time, time)
    }

    /// A look, if it is time for one.
    /// - Parameter foreground: cleaned, before the background learns from this picture.
    func look(
        _ image: Plane<UInt8>, foreground: Plane<UInt64>, _ background: BackgroundModel, at time: MediaTime,
        _ state: inout State
    ) {
        guard let last = state.lastLook else {
            state.lastLook = time
            return
        }
        guard time - last >= Self.interval else { return }
        state.lastLook = time
        let scene = RestingScene(image: image, foreground: foreground, background: background, layout: layout)
        let tenths = Int(((time - last).microseconds + 50_000) / 100_000)
        let warm = still.follow(image, foreground: foreground, mean: background.mean, tenths: tenths)
        for slot in state.places.indices where state.places[slot] != nil { examine(slot, scene, at: time, &state) }
        if warm >= areaLeast { findNew(scene, at: time, &state) }
        if let taken = state.lastSnapshot, time - taken >= Self.snapshotSpan {
            still.ageBackground(background.mean)
            state.lastSnapshot = time
        }
        list(at: time, &state)
    }

    /// The background takes over a piece that is a ghost: what was there is gone. To be called before it does so.
    func noteGhost(
        _ box: GridBox, _ image: Plane<UInt8>, foreground: Plane<UInt64>, _ background: BackgroundModel,
        at time: MediaTime, _ state: inout State, walk: RegionFinder.Walk
    ) {
        guard let settledAt = state.settledAt, min(box.width, box.height) >= Self.sideLeast else { return }
        var (pixels, claimed, ages) = (0, 0, 0)
        walk { places in
            pixels += places.count
            for place in places {
                if still.claim.base[place] != 0 { claimed += 1 }
                ages += Int(still.age.base[place])
            }
        }
        let since = time - max(ghostSpan, .milliseconds(Int64(100 * ages / max(1, pixels))))
        // The regions there judge for themselves; what stood there for a short while only is not missed.
        guard since - settledAt >= Self.sceneLeast, claimed * 3 < pixels, pixels >= areaLeast, pixels <= areaMost
        else { return }
        let slot = freeSlot(&state)
        let label = UInt8(slot + 1)
        walk { places in
            for place in places where still.claim.base[place] == 0 {
                still.level.base[place] = image.base[place]
                still.origin.base[place] = UInt8(truncatingIfNeeded: background.mean.base[place] >> 8)
                still.age.base[place] = StillPixels.ready
                still.claim.base[place] = label
            }
        }
        let scene = RestingScene(image: image, foreground: foreground, background: background, layout: layout)
        begin(slot, box, since: since, scene, at: time, &state)
        if outline.belongsToScene(state.places[slot]) {
            state.places[slot]?.judge(.taken)
        } else {
            release(slot, &state, keeping: false)
        }
    }

    // MARK: Life of a region

    private func examine(_ slot: Int, _ scene: RestingScene, at time: MediaTime, _ state: inout State) {
        guard let place = state.places[slot] else { return }
        let most =
            switch place.judgement {
            case .open, .placed: Self.placedMost
            case .taken: Self.takenMost
            case .nothing: Self.nothingMost
            }
        let vote = scene.vote(on: place, followsLight: followsLight)
        if vote.count == 0 || time - place.since > most {
            release(slot, &state, keeping: false)
        } else if vote.isThere(Self.mostOfIt) {
            state.places[slot]?.noteThere(at: time)
            if place.judgement == .open { judge(slot, scene, at: time, &state) }
            if time - place.since >= Self.restLeast { state.places[slot]?.isListed = true }
        } else if vote.isGone(Self.mostOfIt) {
            state.places[slot]?.goneLooks += 1
            if place.goneLooks >= 1 { end(slot, scene, at: time, &state) }
        } else if vote.isGone(Self.partOfIt), vote.now + vote.before >= vote.count * 4 / 5, place.judgement != .taken {
            state.places[slot]?.partLooks += 1
            // Two things that rested as one: what is left goes on by itself.
            if place.partLooks >= 2 { leaveRest(slot, scene, at: time, &state) }
        } else if scene.isHeld(place) {
            state.places[slot]?.seen = time
        } else if time - place.seen > Self.patience {
            leaveRest(slot, scene, at: time, &state)
        }
    }

    private func judge(_ slot: Int, _ scene: RestingScene, at time: MediaTime, _ state: inout State) {
        guard let place = state.places[slot] else { return }
        let border = outline.border(of: place, slot, scene)
        guard border.isVisible else { return }
        // While somebody stands there nothing is known to be gone.
        if border.judgement == .taken, scene.isHeld(place) { return }
        state.places[slot]?.lean(to: border.judgement, limit: Self.lookLimit)
        guard state.places[slot]?.judgement == .taken else { return }
        let isKnown = state.settledAt.map { place.since - $0 >= Self.sceneLeast } ?? false
        if !isKnown || time - place.since > Self.missedMost || !outline.belongsToScene(place) {
            state.places[slot]?.judge(.nothing)
        }
    }

    /// The place looks as before.
    private func end(_ slot: Int, _ scene: RestingScene, at time: MediaTime, _ state: inout State) {
        guard let place = state.places[slot] else { return }
        if place.judgement == .nothing {
            release(slot, &state, keeping: false)
            return
        }
        // What had come to belong to the scene is missed. Else the place is watched for a while, so that what the
        // background makes of the change is told to nobody.
        let belonged = place.judgement == .placed && place.isListed && time - place.since >= settledSpan
        state.places[slot] = place.reversed(
            belonged ? .taken : .nothing, number: belonged ? nextNumber(&state) : place.number, at: time)
    }

    private func leaveRest(_ slot: Int, _ scene: RestingScene, at time: MediaTime, _ state: inout State) {
        guard let place = state.places[slot] else { return }
        bury(place.box, since: place.since, at: time, &state)
        still.forgetGone(place, UInt8(slot + 1), scene.image)
        release(slot, &state, keeping: true)
    }

    private func release(_ slot: Int, _ state: inout State, keeping: Bool) {
        guard let place = state.places[slot] else { return }
        still.release(place, UInt8(slot + 1), keeping: keeping)
        state.places[slot] = nil
    }

    private func bury(_ box: GridBox, since: MediaTime, at time: MediaTime, _ state: inout State) {
        state.graves.reserveCapacity(Self.graveLimit)
        state.graves.removeAll { $0.until < time }
        if state.graves.count == Self.graveLimit { state.graves.removeFirst() }
        state.graves.append(Grave(box: box, since: since, until: time + Self.graveSpan))
    }

    // MARK: Birth

    private func findNew(_ scene: RestingScene, at time: MediaTime, _ state: inout State) {
        kernels.dilate(still.found.base, spread.base, layout.rowWords, layout.height)
        guard finder.find(joined: spread, pixels: still.found, nearest: nil, areaLeast: areaLeast) else { return }
        finder.forEachLarge { box, area, walk in
            guard let least = ripeness(area, walk) else { return }
            let slot = freeSlot(&state)
            var (count, ages) = (0, 0)
            walk { places in
                for place in places where still.claim.base[place] == 0 && still.age.base[place] >= least {
                    still.claim.base[place] = UInt8(slot + 1)
                    ages += Int(still.age.base[place])
                    count += 1
                }
            }
            var since = time - .milliseconds(Int64(100 * ages / max(1, count)))
            for grave in state.graves where grave.until >= time && grave.box.shared(box) >= 0.8 * box.area {
                since = min(since, grave.since)
            }
            let whole = whole(around: box, in: state)
            begin(slot, box, since: since, scene, at: time, &state)
            state.places[slot]?.whole = whole
            let isThing =
                count <= areaMost && min(box.width, box.height) >= Self.sideLeast
                && Double(count * 100) >= Double(Self.densityLeast) * box.area
                && !outline.isOnlyLight(state.places[slot], slot)
            if !isThing { state.places[slot]?.judge(.nothing) }
        }
    }

    /// The larger region in whose box most of this one lies: what was hidden when that one was found.
    private func whole(around box: GridBox, in state: State) -> UInt32? {
        for place in state.places {
            guard let place, place.judgement == .placed, place.box.area > box.area else { continue }
            if 2 * place.box.grown(1, 1).shared(box) >= box.area { return place.number }
        }
        return nil
    }

    private func isTold(_ number: UInt32, in state: State) -> Bool {
        state.places.contains { $0.map { $0.number == number && $0.isListed && $0.judgement == .placed } ?? false }
    }

    /// - Returns: the age from which a piece's pixels belong to the region; nil while it has not come to rest.
    private func ripeness(_ area: Int, _ walk: RegionFinder.Walk) -> UInt8? {
        var (ready, oldest) = (0, UInt8(0))
        walk { places in
            for place in places where still.claim.base[place] == 0 && still.age.base[place] >= StillPixels.ready {
                ready += 1
                oldest = max(oldest, still.age.base[place])
            }
        }
        if ready >= areaLeast, ready * 100 >= Self.ripeShare * area { return StillPixels.warm }
        return ready >= areaLeast && oldest >= Self.ripeAge ? StillPixels.ready : nil
    }

    /// - Parameter box: around the pixels that `slot` has claimed.
    private func begin(
        _ slot: Int, _ box: GridBox, since: MediaTime, _ scene: RestingScene, at time: MediaTime, _ state: inout State
    ) {
        var place = RestingPlace(
            number: nextNumber(&state), left: max(0, Int(box.left) - 1), top: max(0, Int(box.top) - 1),
            right: min(layout.width, Int(box.right) + 1), bottom: min(layout.height, Int(box.bottom) + 1),
            since: since, seen: time)
        place.box = box
        still.sample(&place, UInt8(slot + 1))
        scene.sampleRing(&place, claim: still.claim)
        state.places[slot] = place
    }

    private func nextNumber(_ state: inout State) -> UInt32 {
        defer { state.nextNumber &+= 1 }
        return state.nextNumber
    }

    private func freeSlot(_ state: inout State) -> Int {
        if let free = state.places.firstIndex(where: { $0 == nil }) { return free }
        var oldest = 0
        for slot in state.places.indices where rank(state.places[slot]) < rank(state.places[oldest]) { oldest = slot }
        state.displaced += 1
        release(oldest, &state, keeping: false)
        return oldest
    }

    /// Who gives way first: what is told to nobody, then what was found first.
    private func rank(_ place: RestingPlace?) -> (Int, UInt32) {
        guard let place else { return (0, 0) }
        return (place.judgement == .nothing ? 0 : 1, place.number)
    }

    // MARK: Report

    private func list(at time: MediaTime, _ state: inout State) {
        state.regions.reserveCapacity(Self.regionLimit)
        state.regions.removeAll(keepingCapacity: true)
        for place in state.places {
            guard let place, place.isListed, let nature = place.nature else { continue }
            if let whole = place.whole, isTold(whole, in: state) { continue }
            let box = Box(
                x: place.box.left * toPicture.x, y: place.box.top * toPicture.y,
                width: place.box.width * toPicture.x, height: place.box.height * toPicture.y)
            state.regions.append(RestingRegion(number: place.number, box: box, since: place.since, nature: nature))
        }
    }
}
