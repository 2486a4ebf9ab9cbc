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

    private let model: DetectorModel
    private let width: Double
    private let height: Double
    private let toPicture: (x: Double, y: Double)
    private let merge: RegionMerge
    private(set) var tracks: [TrackState] = []
    private var nextID: UInt32 = 1
    private(set) var confirmedCount = 0
    private(set) var droppedCandidates = 0

    init(model: DetectorModel, layout: GridLayout, toPicture: (x: Double, y: Double)) {
        self.model = model
        width = Double(layout.width)
        height = Double(layout.height)
        self.toPicture = toPicture
        merge = RegionMerge(
            stackGap: model.stackGap * diagonalOf(layout), joinGap: model.joinGap * diagonalOf(layout),
            slimmest: model.slimmest)
    }

    private var diagonal: Double { distance(width, height) }

    mutating func forget() { tracks.removeAll(keepingCapacity: true) }

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
        for index in tracks.indices { tracks[index].predict(elapsed, acceleration: model.acceleration) }
        let found = objects(from: regions, trim: trim)
        var taken = [Bool](repeating: false, count: found.count)
        var updated = [Bool](repeating: false, count: tracks.count)
        followShared(found, &taken, &updated, at: time)
        followAlone(found, &taken, &updated, at: time, elapsed)
        for index in tracks.indices where !updated[index] { tracks[index].coast(elapsed) }
        for index in found.indices where !taken[index] { begin(found[index], at: time) }
        finish(at: time)
    }

    // MARK: Regions to objects

    /// Fragments inside one track's predicted box are that object; the others are joined by their gaps.
    private func objects(from regions: [Region], trim: (Region) -> Region) -> [Region] {
        let least = model.areaLeast * width * height
        let fragments = regions.map { Fragment(region: $0, owner: owner(of: $0)) }
        return merge.merge(fragments).map { trim($0.region) }.filter {
            Double($0.area) >= least && Double($0.area) >= model.densityLeast * $0.box.area
                && $0.contrast >= model.contrastLeast && $0.box.width <= model.flattest * $0.box.height
        }
    }

    private func owner(of region: Region) -> Int? {
        var owner: Int?
        for index in tracks.indices where tracks[index].isConfirmed || tracks[index].hits >= 3 {
            let reach = tracks[index].box.grown(0.1 * tracks[index].width + 2, 0.1 * tracks[index].height + 2)
            guard reach.shared(region.box) > 0.7 * region.box.area else { continue }
            if owner != nil { return nil }
            owner = index
        }
        return owner
    }

    // MARK: Objects to tracks

    /// A region that covers the predicted boxes of two or more tracks: they walk behind one another.
    private mutating func followShared(
        _ found: [Region], _ taken: inout [Bool], _ updated: inout [Bool], at time: MediaTime
    ) {
        for (column, region) in found.enumerated() {
            let inside = tracks.indices.filter {
                tracks[$0].isConfirmed && !updated[$0]
                    && tracks[$0].box.shared(region.box) > 0.5 * tracks[$0].box.area
            }
            guard inside.count > 1 else { continue }
            let ownSize = inside.map { tracks[$0].box.area }.max() ?? 0
            // About as large as one of them alone: not shared, the others are hidden or gone.
            guard region.box.area > 1.25 * ownSize else { continue }
            taken[column] = true
            for index in inside {
                updated[index] = true
                tracks[index].correctInside(region.box, at: time)
            }
        }
    }

    private mutating func followAlone(
        _ found: [Region], _ taken: inout [Bool], _ updated: inout [Bool], at time: MediaTime, _ elapsed: Double
    ) {
        let rows = tracks.indices.filter { !updated[$0] }
        let columns = found.indices.filter { !taken[$0] }
        var costs = [Double](repeating: Assignment.never, count: rows.count * columns.count)
        for (i, row) in rows.enumerated() {
            for (j, column) in columns.enumerated() {
                let cost = cost(tracks[row], found[column].box)
                let gate = tracks[row].hits > 2 ? model.gate : model.gate * Self.newcomer
                if cost < gate { costs[i * columns.count + j] = cost + (tracks[row].isConfirmed ? 0 : 0.3) }
            }
        }
        for (i, match) in Assignment.solve(costs, rows: rows.count, columns: columns.count).enumerated() {
            guard let match else { continue }
            updated[rows[i]] = true
            taken[columns[match]] = true
            tracks[rows[i]].correct(found[columns[match]].box, at: time, elapsed: elapsed)
        }
    }

    /// Distance of the centres over the size, less the overlap.
    private func cost(_ track: TrackState, _ box: GridBox) -> Double {
        let own = track.box
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
        tracks.append(TrackState(region, at: time))
    }

    // MARK: Life

    private mutating func finish(at time: MediaTime) {
        let alive = tracks.filter { lives($0, at: time) }
        tracks = alive
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
        guard track.wasSeen, track.hits >= model.confirmHits, (time - track.born).seconds >= model.confirmSpan
        else { return false }
        let far = track.travel
        let went = far >= model.travelLeast * diagonal && far >= model.travelOfSize * min(track.width, track.height)
        let shifted = track.shift >= model.shiftLeast * diagonal
        let straight = far >= model.straightness * track.way
        // One step over most of the way: another leaf, not the same object.
        let steady = track.leap <= model.leapMost * far
        let area = track.width * track.height
        let grew = area >= model.bigArea * width * height && area > 3 * track.startArea
        return went && straight && steady && shifted || grew
    }

    /// The box in shares of the picture, cut off at its borders.
    private func share(_ box: GridBox) -> Box {
        let left = min(max(box.left * toPicture.x, 0), 1)
        let top = min(max(box.top * toPicture.y, 0), 1)
        let right = min(max(box.right * toPicture.x, 0), 1)
        let bottom = min(max(box.bottom * toPicture.y, 0), 1)
        return Box(x: left, y: top, width: right - left, height: bottom - top)
    }

    // MARK: Report

    /// The confirmed tracks with the points not reported yet.
    mutating func report() -> [Track] {
        var out: [Track] = []
        for index in tracks.indices {
            guard let id = tracks[index].id else { continue }
            out.append(
                Track(
                    id: id, firstSeen: tracks[index].born, path: tracks[index].path,
                    displacement: tracks[index].travel / diagonal))
            tracks[index].path.removeAll(keepingCapacity: true)
        }
        return out
    }
}

private func diagonalOf(_ layout: GridLayout) -> Double { distance(Double(layout.width), Double(layout.height)) }
