import Rules
import Scene
import Testing

@Suite("A stopped rule")
struct StoppedRuleTests {
    private let stopped = fence(.stopped(StoppedRule(area: Polygon(yard)!, leastSpan: .seconds(3))))

    @Test("a moving object that comes to rest, dated back, until it moves on")
    func comesToRest() throws {
        let parks = walk(1, [(0, 0.2, 0.8), (25, 0.7, 0.8), (150, 0.7, 0.8), (170, 0.95, 0.8)])
        let found = events([stopped], observations([parks], frames: 0...200))
        try #require(found.map(\.phase) == [.began, .ended])
        // At rest within a quarter of its size: the last step or two of the way in belong to it.
        #expect((23...25).contains(found[0].time.microseconds / 40_000))
        #expect((150...152).contains(found[1].time.microseconds / 40_000))
        #expect(found[0].explanation?.tests.map(\.quantity) == [.rested, .travelled])
    }

    @Test("who stops outside, goes on too soon or trembles too far does not")
    func notStopped() {
        let outside = walk(1, [(0, 0.1, 0.8), (25, 0.4, 0.8), (150, 0.4, 0.8)])
        let short = walk(2, [(0, 0.2, 0.8), (25, 0.7, 0.8), (90, 0.7, 0.8), (100, 0.9, 0.8)])
        var feet: [Int: Point?] = [:]
        for frame in 0...200 { feet[frame] = Point(x: frame % 20 < 10 ? 0.7 : 0.74, y: 0.8) }
        let scene = observations([outside, short, DrawnTrack(3, feet: feet)], frames: 0...200)
        #expect(events([stopped], scene).isEmpty)
    }

    @Test("what never came from anywhere has not stopped")
    func neverMoved() {
        let still = walk(1, [(0, 0.7, 0.8), (150, 0.7, 0.8)])
        let scene = observations([still], frames: 0...150).map { observation in
            Observation(
                time: observation.time,
                tracks: observation.tracks.map {
                    Track(id: $0.id, firstSeen: $0.firstSeen, path: $0.path, displacement: 0.01)
                }, isSettled: true, isStirring: true)
        }
        #expect(events([stopped], scene).isEmpty)
    }

    @Test("a track that ends ends it")
    func trackEnds() {
        let parks = walk(1, [(0, 0.2, 0.8), (25, 0.7, 0.8), (150, 0.7, 0.8)])
        let found = events([stopped], observations([parks], frames: 0...200))
        #expect(found.map(\.phase) == [.began, .ended] && found.last?.time == time(150))
    }
}

@Suite("Left and removed objects")
struct LeftObjectRuleTests {
    private let left = fence(.leftObject(LeftObjectRule(area: Polygon(yard)!, leastSpan: .seconds(3))))
    private let removed = fence(.removedObject(RemovedObjectRule(area: Polygon(yard)!, leastSpan: .seconds(2))))

    private func region(
        _ nature: RestingRegion.Nature, since: Int, x: Double = 0.7, y: Double = 0.8, size: Double = 0.03
    ) -> RestingRegion {
        RestingRegion(number: 7, box: box(foot: Point(x: x, y: y), size: size), since: time(since), nature: nature)
    }

    private func scene(
        _ tracks: [DrawnTrack], frames: ClosedRange<Int>, resting: (Int) -> [RestingRegion]
    ) -> [Observation] {
        observations(tracks, frames: frames).enumerated().map { frame, observation in
            Observation(
                time: observation.time, tracks: observation.tracks, isSettled: true, isStirring: true,
                resting: resting(frame))
        }
    }

    @Test("a region that rests while its bringer walks away, until it is gone")
    func regionLeft() {
        // The bringer stands beside it until frame 60 and is far away from frame 70 on.
        let bringer = walk(1, [(0, 0.55, 0.8), (20, 0.68, 0.8), (60, 0.68, 0.8), (75, 0.5, 0.55), (90, 0.1, 0.5)])
        let found = events(
            [left], scene([bringer], frames: 0...400) { (20...300).contains($0) ? [region(.placed, since: 20)] : [] })
        #expect(told(found) == ["object_left began 20", "object_left ended 300"])
        let seconds = found[0].explanation?.tests.map(\.value) ?? []
        #expect(seconds.count == 2 && seconds[0] > 4 && seconds[1] >= 3 && seconds[1] < 3.05, "\(seconds)")
        #expect((60 + 75...75 + 76).contains(found[0].decidedAt.microseconds / 40_000))
    }

    @Test("while somebody stands by, outside the zone or too short it is not left")
    func notLeft() {
        let bringer = walk(1, [(0, 0.64, 0.8), (300, 0.64, 0.8)])
        #expect(events([left], scene([bringer], frames: 0...300) { _ in [region(.placed, since: 0)] }).isEmpty)
        #expect(events([left], scene([], frames: 0...300) { _ in [region(.placed, since: 0, x: 0.2)] }).isEmpty)
        #expect(events([left], scene([], frames: 0...300) { $0 < 70 ? [region(.placed, since: 0)] : [] }).isEmpty)
        #expect(events([left], scene([], frames: 0...300) { _ in [region(.taken, since: 0)] }).isEmpty)
    }

    @Test("a track that splits from a larger one and rests, whoever was there first")
    func splitTrack() {
        let person = walk(1, [(0, 0.55, 0.8), (25, 0.7, 0.8), (40, 0.7, 0.8), (80, 0.1, 0.8)], size: 0.2)
        let bag = walk(2, [(30, 0.7, 0.8), (250, 0.7, 0.8)], size: 0.05)
        let found = events([left], observations([person, bag], frames: 0...300))
        #expect(told(found) == ["object_left began 30", "object_left ended 250"])
        #expect(found[0].track == TrackID(2))
        // Without a bringer it is just something that stands still, and a larger thing brings nobody.
        #expect(events([left], observations([bag], frames: 0...300)).isEmpty)
        let dog = walk(1, [(0, 0.55, 0.8), (25, 0.7, 0.8), (40, 0.7, 0.8), (80, 0.1, 0.8)], size: 0.04)
        #expect(events([left], observations([dog, bag], frames: 0...300)).isEmpty)
    }

    @Test("who came by himself and stands still has left nothing, nor has a vehicle that parked")
    func standsStill() {
        // The region is the whole object, and then only what of it does not stir.
        let stands = walk(1, [(0, 0.3, 0.8), (25, 0.7, 0.8), (1200, 0.7, 0.8)], size: 0.2)
        for size in [0.19, 0.08] {
            let found = events(
                [left], scene([stands], frames: 0...1300) { $0 < 40 ? [] : [region(.placed, since: 40, size: size)] })
            // Once nobody is followed there, only a part that was not the object itself could be something left.
            #expect(found.isEmpty, "\(size)")
        }
    }

    @Test("who stood where a thing lies has left it when he goes")
    func standsAndLeaves() {
        let person = walk(1, [(0, 0.3, 0.8), (25, 0.7, 0.8), (200, 0.7, 0.8), (240, 0.1, 0.8)], size: 0.2)
        let found = events(
            [left], scene([person], frames: 0...600) { $0 < 100 ? [] : [region(.placed, since: 60, size: 0.06)] })
        #expect(told(found) == ["object_left began 60", "object_left ended 600"])
        #expect((205 + 75...225 + 75).contains(found[0].decidedAt.microseconds / 40_000))
    }

    @Test("a thing that is a region and a track is raised once")
    func regionAndTrack() {
        let person = walk(1, [(0, 0.55, 0.8), (25, 0.7, 0.8), (40, 0.7, 0.8), (80, 0.1, 0.8)], size: 0.2)
        let bag = walk(2, [(30, 0.7, 0.8), (250, 0.7, 0.8)], size: 0.05)
        let found = events(
            [left],
            scene([person, bag], frames: 0...300) {
                (45...280).contains($0) ? [region(.placed, since: 30, size: 0.05)] : []
            })
        #expect(found.count { $0.phase == .began } == 1 && found.count { $0.phase == .ended } == 1, "\(told(found))")
    }

    @Test("who stood there from the start and walks away was not taken")
    func wentByItself() {
        func found(_ track: DrawnTrack) -> [RuleEvent] {
            events(
                [removed], scene([track], frames: 0...300) { $0 < 70 ? [] : [region(.taken, since: 50, size: 0.2)] })
        }
        #expect(found(walk(1, [(45, 0.72, 0.8), (100, 0.1, 0.8)], size: 0.2)).isEmpty)
        #expect(found(walk(1, [(60, 0.55, 0.8), (100, 0.1, 0.8)], size: 0.15)).isEmpty)
        // Who came from elsewhere, is of another size or was there long before or after has taken it.
        #expect(found(walk(1, [(45, 0.2, 0.8), (100, 0.1, 0.8)], size: 0.2)).count == 1)
        #expect(found(walk(1, [(45, 0.7, 0.8), (100, 0.1, 0.8)], size: 0.4)).count == 1)
        #expect(found(walk(1, [(45, 0.7, 0.8), (100, 0.1, 0.8)], size: 0.05)).count == 1)
        #expect(found(walk(1, [(160, 0.7, 0.8), (250, 0.1, 0.8)], size: 0.2)).count == 1)
    }

    @Test("a thing that is taken away, once for each place")
    func taken() {
        let found = events([removed], scene([], frames: 0...300) { $0 < 50 ? [] : [region(.taken, since: 50)] })
        #expect(told(found) == ["object_removed instant 50"])
        #expect(found[0].decidedAt == time(100))
        #expect(events([removed], scene([], frames: 0...300) { _ in [region(.placed, since: 50)] }).isEmpty)
        #expect(events([removed], scene([], frames: 0...40) { _ in [region(.taken, since: 0)] }).isEmpty)
    }

    @Test("size limits and ignore masks count for regions too, and say so")
    func refusedRegions() {
        let small = fence(
            .removedObject(RemovedObjectRule(area: Polygon(yard)!, leastSpan: .seconds(2))),
            conditions: RuleConditions(area: .init(least: 0.01)))
        var engine = RuleEngine(rules: [small])
        let seen = scene([], frames: 0...300) { _ in [region(.taken, since: 0)] }
        #expect(seen.flatMap { engine.events(for: $0) }.isEmpty)
        #expect(engine.suppressed.map(\.filter) == [.sizeLeast] && engine.suppressed[0].limit == 0.01)
        #expect(events([removed], seen, masks: [Polygon(yard)!]).isEmpty)
    }
}
