internal import Scene

/// Regions → tracks: constant-velocity prediction, assignment, fragments and merged regions, confirmation.
///
/// A candidate becomes a track once it has lasted, has been seen often enough and has got away from where it began:
/// leaves sway and lights flicker, but they go nowhere.
struct Tracker {
    /// Candidates and tracks together; the newest candidates are dropped beyond it.
    static let trackLimit = 96
    /// Nothing is known yet of the speed of what was seen twice at most: its gate is so many times as wide.
    private static let newcomer = 1.45

    /// What is there is seen on so many of the pictures, or comes and goes like a patch of shadow or a leaf.
    private static let seenShare = 0.65
    /// What is followed already may be so much smaller than what begins a track: somebody far away is now just large
    /// enough and now not.
    private static let faintShare = 0.75
    /// A track is mostly a ghost when they share more than this part of both together.
    private static let ghostShare = 0.5

    private let model: DetectorModel
    private let width: Double
    private let height: Double
    let toPicture: (x: Double, y: Double)
    let limits: SizeLimits
    private let merge: RegionMerge
    private(set) var tracks: [TrackState] = []
    private var nextID: UInt32 = 1
    private(set) var confirmedCount = 0
    private(set) var droppedCandidates = 0
    /// What was reported last. Once the caller has dropped it, its memory takes the next report.
    private var outbox: [Track] = []
    /// Memory of paths that nobody uses now: with those of `tracks` and `outbox` always the same number.
    private var sparePaths: [[TrackPoint]] = []
    private var work = Workspace()

    /// Memory of one update; nothing in it outlives one.
    private struct Workspace {
        var fragments: [Fragment] = []
        var found: [Region] = []
        /// Of `found`: too small to begin a track.
        var faint: [Bool] = []
        var taken: [Bool] = []
        var updated: [Bool] = []
        var ended: [Bool] = []
        var inside: [Int] = []
        var rows: [Int] = []
        var columns: [Int] = []
        var costs: [Double] = []
        var assignment = Assignment(limit: max(Tracker.trackLimit, RegionFinder.regionLimit))

        init() {
            fragments.reserveCapacity(RegionFinder.regionLimit)
            found.reserveCapacity(RegionFinder.regionLimit)
            faint.reserveCapacity(RegionFinder.regionLimit)
            taken.reserveCapacity(RegionFinder.regionLimit)
            columns.reserveCapacity(RegionFinder.regionLimit)
            updated.reserveCapacity(Tracker.trackLimit)
            ended.reserveCapacity(Tracker.trackLimit)
            inside.reserveCapacity(Tracker.trackLimit)
            rows.reserveCapacity(Tracker.trackLimit)
            costs.reserveCapacity(Tracker.trackLimit * RegionFinder.regionLimit)
        }
    }

    init(
        model: DetectorModel, layout: GridLayout, toPicture: (x: Double, y: Double), perspective: Perspective? = nil
    ) {
        self.model = model
        width = Double(layout.width)
        height = Double(layout.height)
        self.toPicture = toPicture
        limits = SizeLimits(model: model, layout: layout, rowOfPicture: toPicture.y, perspective: perspective)
        merge = RegionMerge(
            stackGap: model.stackGap * diagonalOf(layout), joinGap: model.joinGap * diagonalOf(layout),
            slimmest: model.slimmest)
        reserve()
        sparePaths.reserveCapacity(2 * Self.trackLimit)
        for _ in 0..<2 * Self.trackLimit { sparePaths.append(TrackState.emptyPath()) }
    }

    /// Also after a checkpoint took a share in the memory: a copy has only what it needs at that moment.
    private mutating func reserve() {
        tracks.reserveCapacity(Self.trackLimit)
        outbox.reserveCapacity(Self.trackLimit)
    }

    /// Whether the camera is found to shake.
    var isSwaying = false

    private var diagonal: Double { distance(width, height) }

    mutating func forget() {
        for index in tracks.indices { sparePaths.take(&tracks[index].path) }
        tracks.removeAll(keepingCapacity: true)
    }

    /// Nothing can be measured on this frame: tracks stay where they are thought to be.
    mutating func coast(to time: MediaTime, elapsed: Double) {
        for index in tracks.indices {
            tracks[index].predict(elapsed, acceleration: model.acceleration)
            tracks[index].coast(elapsed)
        }
        finish(at: time)
    }

    /// - Parameter trim: takes thin ends (reflections, remains of shadows) off an object's box.
    mutating func update(_ regions: [Region], at time: MediaTime, elapsed: Double, trim: (Region) -> Region) {
        reserve()
        for index in tracks.indices { tracks[index].predict(elapsed, acceleration: model.acceleration) }
        findObjects(in: regions, at: time, trim: trim)
        work.taken.refill(false, count: work.found.count)
        work.updated.refill(false, count: tracks.count)
        followShared(at: time)
        followAlone(at: time, elapsed)
        for index in tracks.indices where !work.updated[index] { tracks[index].coast(elapsed) }
        for index in work.found.indices where !work.taken[index] && !work.faint[index] {
            begin(work.found[index], at: time)
        }
        finish(at: time)
    }

    // MARK: Regions to objects

    /// What ``update(_:at:elapsed:trim:)`` would follow or begin to follow; nothing of it is remembered.
    mutating func forEachObject(
        in regions: [Region], at time: MediaTime, trim: (Region) -> Region, _ body: (GridBox) -> Void
    ) {
        findObjects(in: regions, at: time, trim: trim)
        for index in work.found.indices where !work.faint[index] { body(work.found[index].box) }
    }

    /// Fragments inside one track's predicted box are that object; the others are joined by their gaps.
    private mutating func findObjects(in regions: [Region], at time: MediaTime, trim: (Region) -> Region) {
        work.fragments.removeAll(keepingCapacity: true)
        for region in regions { work.fragments.append(Fragment(region: region, owner: owner(of: region, at: time))) }
        merge.merge(&work.fragments)
        work.found.removeAll(keepingCapacity: true)
        work.faint.removeAll(keepingCapacity: true)
        for fragment in work.fragments {
            let region = trim(fragment.region)
            let areaLeast = limits.area(bottom: region.box.bottom)
            let isObject =
                Double(region.area) >= Self.faintShare * areaLeast
                && Double(region.area) >= model.densityLeast * region.box.area
                && region.contrast >= model.contrastLeast && region.box.width <= model.flattest * region.box.height
            guard isObject else { continue }
            work.found.append(region)
            work.faint.append(Double(region.area) < areaLeast)
        }
    }

    private func owner(of region: Region, at time: MediaTime) -> Fragment.Owner? {
        var owner: Fragment.Owner?
        for index in tracks.indices where tracks[index].isConfirmed || tracks[index].hits >= 3 {
            let reach = tracks[index].box.grown(0.1 * tracks[index].width + 2, 0.1 * tracks[index].height + 2)
            let shared = max(
                reach.shared(region.box), hidden(tracks[index], at: time)?.shared(region.box) ?? 0)
            guard shared > 0.7 * region.box.area else { continue }
            if owner != nil { return nil }
            owner = Fragment.Owner(index: index, box: tracks[index].box)
        }
        return owner
    }

    /// Where something that hides part of it may let it come out again. Where the picture sways every width jitters, and
    /// nothing can be told from that.
    private func hidden(_ track: TrackState, at time: MediaTime) -> GridBox? {
        isSwaying ? nil : track.behind(at: time)
    }

    // MARK: Objects to tracks

    /// A region that covers the predicted boxes of two or more tracks: they walk behind one another.
    private mutating func followShared(at time: MediaTime) {
        for column in work.found.indices where !work.faint[column] {
            let box = work.found[column].box
            work.inside.removeAll(keepingCapacity: true)
            var ownSize = 0.0
            for index in tracks.indices where tracks[index].isConfirmed && !work.updated[index] {
                let own = tracks[index].box
                guard own.shared(box) > 0.5 * own.area else { continue }
                work.inside.append(index)
                ownSize = max(ownSize, own.area)
            }
            // About as large as one of them alone: not shared, the others are hidden or gone.
            guard work.inside.count > 1, box.area > 1.25 * ownSize else { continue }
            work.taken[column] = true
            for index in work.inside {
                work.updated[index] = true
                tracks[index].correctInside(box, at: time)
            }
        }
    }

    private mutating func followAlone(at time: MediaTime, _ elapsed: Double) {
        work.rows.removeAll(keepingCapacity: true)
        work.columns.removeAll(keepingCapacity: true)
        for index in tracks.indices where !work.updated[index] { work.rows.append(index) }
        for index in work.found.indices where !work.taken[index] { work.columns.append(index) }
        let (rows, columns) = (work.rows.count, work.columns.count)
        work.costs.removeAll(keepingCapacity: true)
        for row in work.rows {
            let gate = tracks[row].hits > 2 ? model.gate : model.gate * Self.newcomer
            let handicap = tracks[row].isConfirmed ? 0 : 0.3
            let own = tracks[row].box
            let behind = hidden(tracks[row], at: time)
            for column in work.columns {
                let box = work.found[column].box
                let cost = min(cost(own, box), behind.map { self.cost($0, box) } ?? .infinity)
                work.costs.append(cost < gate ? cost + handicap : Assignment.never)
            }
        }
        work.assignment.solve(work.costs, rows: rows, columns: columns)
        for i in 0..<rows {
            guard let match = work.assignment.answer[i] else { continue }
            let (row, column) = (work.rows[i], work.columns[match])
            work.updated[row] = true
            work.taken[column] = true
            tracks[row].correct(work.found[column].box, at: time, elapsed: elapsed)
        }
    }

    /// Distance of the centres over the size, less the overlap.
    private func cost(_ own: GridBox, _ box: GridBox) -> Double {
        let x = (box.x - own.x) / max(8, own.width + box.width)
        let y = (box.y - own.y) / max(8, own.height + box.height)
        let shared = own.shared(box)
        return 2 * distance(x, y) - shared / (own.area + box.area - shared + 1e-6) + 1
    }

    private mutating func begin(_ region: Region, at time: MediaTime) {
        guard tracks.count < Self.trackLimit else {
            droppedCandidates += 1
            return
        }
        tracks.append(TrackState(region, at: time, path: sparePaths.popLast() ?? TrackState.emptyPath()))
    }

    // MARK: Life

    private mutating func finish(at time: MediaTime) {
        work.ended.removeAll(keepingCapacity: true)
        for index in tracks.indices { work.ended.append(!lives(tracks[index], at: time)) }
        dropEnded()
        for index in tracks.indices {
            let point = TrackPoint(time: time, box: share(tracks[index].box), isMeasured: tracks[index].wasSeen)
            tracks[index].report(point)
            if !tracks[index].isConfirmed, deservesConfirmation(tracks[index], at: time) {
                tracks[index].id = TrackID(nextID)
                nextID &+= 1
                confirmedCount += 1
            }
        }
    }

    /// What was followed in `box` was a ghost: a track that is mostly that has nothing to come back to.
    mutating func end(on ghost: GridBox) {
        work.ended.removeAll(keepingCapacity: true)
        for track in tracks {
            let shared = track.box.shared(ghost)
            work.ended.append(shared > Self.ghostShare * (track.box.area + ghost.area - shared))
        }
        dropEnded()
    }

    private mutating func dropEnded() {
        var kept = 0
        for index in tracks.indices where !work.ended[index] {
            if kept != index { tracks.swapAt(kept, index) }
            kept += 1
        }
        while tracks.count > kept { sparePaths.take(&tracks[tracks.count - 1].path); tracks.removeLast() }
    }

    private func lives(_ track: TrackState, at time: MediaTime) -> Bool {
        guard track.x.position > -0.1 * width, track.x.position < 1.1 * width, track.y.position > -0.1 * height,
            track.y.position < 1.1 * height
        else { return false }
        let gone = (time - track.seen).seconds
        if !track.isConfirmed { return gone <= model.candidateSpan }
        let rested = (track.seen - track.restSince).seconds > 1
        return gone <= (rested ? model.keepRestingSpan : model.keepSpan)
    }

    private func deservesConfirmation(_ track: TrackState, at time: MediaTime) -> Bool {
        guard track.wasSeen, track.hits >= model.confirmHits, (time - track.born).seconds >= model.confirmSpan,
            Double(track.hits) >= Self.seenShare * Double(track.looks)
        else { return false }
        let far = track.travel
        let bottom = track.box.bottom
        let went = far >= limits.travel(bottom: bottom) && far >= model.travelOfSize * min(track.width, track.height)
        let shifted = track.shift >= limits.shift(bottom: bottom)
        let straight = far >= model.straightness * track.way
        // One step over most of the way: another leaf, not the same object.
        let steady = track.leap <= model.leapMost * far
        let area = track.width * track.height
        let grew = area >= limits.bigArea(bottom: bottom) && area > 3 * track.startArea
        return went && straight && steady && shifted || grew
    }

    /// The box in shares of the picture, cut off at its borders.
    func share(_ box: GridBox) -> Box {
        let left = min(max(box.left * toPicture.x, 0), 1)
        let top = min(max(box.top * toPicture.y, 0), 1)
        let right = min(max(box.right * toPicture.x, 0), 1)
        let bottom = min(max(box.bottom * toPicture.y, 0), 1)
        return Box(x: left, y: top, width: right - left, height: bottom - top)
    }

    // MARK: Report

    /// The confirmed tracks with the points not reported yet.
    mutating func report() -> [Track] {
        reserve()
        var count = 0
        for index in tracks.indices {
            guard let id = tracks[index].id else { continue }
            if count == outbox.count {
                outbox.append(
                    Track(
                        id: id, firstSeen: .epoch, path: sparePaths.popLast() ?? TrackState.emptyPath(), displacement: 0
                    ))
            }
            outbox[count].id = id
            outbox[count].firstSeen = tracks[index].born
            outbox[count].displacement = tracks[index].travel / diagonal
            swap(&outbox[count].path, &tracks[index].path)
            tracks[index].clearPath()
            count += 1
        }
        while outbox.count > count { sparePaths.take(&outbox[outbox.count - 1].path); outbox.removeLast() }
        return outbox
    }
}

extension [[TrackPoint]] {
    /// Takes the memory of a path that is no longer needed.
    fileprivate mutating func take(_ path: inout [TrackPoint]) {
        append([])
        swap(&self[count - 1], &path)
        self[count - 1].removeAll(keepingCapacity: true)
    }
}

private func diagonalOf(_ layout: GridLayout) -> Double { distance(Double(layout.width), Double(layout.height)) }
