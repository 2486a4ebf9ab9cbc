import Scene
import Testing

@testable import Vision

/// One look of a film of resting regions.
private struct Look {
    let seconds: Double
    let regions: [RestingRegion]
}

/// Five pictures a second of a ground of stones, no two rows of them alike, with boxes upon it; one place may be lit
/// differently.
private struct RestingFilm {
    static let rate = 5.0
    var boxes: [DrawnBox] = []
    var light: (columns: Range<Int>, rows: Range<Int>, factor: Double)?
    let analyzer: FrameAnalyzer
    private let ground: [UInt8]
    private var noise: UInt64 = 1

    init(_ change: (inout DetectorModel) -> Void = { _ in }) {
        analyzer = makeAnalyzer(change)
        var random: UInt64 = 5
        let stones = (0..<32 * 30).map { _ in
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(80 + (random >> 33) % 60)
        }
        ground = (0..<160 * 120).map { stones[$0 / 160 / 4 * 32 + $0 % 160 / 5] }
    }

    mutating func picture() -> [UInt8] {
        var pixels = ground
        for index in pixels.indices {
            noise = noise &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            pixels[index] += UInt8(noise >> 62)
        }
        if let light {
            for y in light.rows {
                for x in light.columns {
                    pixels[y * 160 + x] = UInt8(min(255, Double(pixels[y * 160 + x]) * light.factor))
                }
            }
        }
        for box in boxes {
            for y in Int(box.y)..<Int(box.y) + box.height where (0..<120).contains(y) {
                for x in Int(box.x)..<Int(box.x) + box.width where (0..<160).contains(x) {
                    pixels[y * 160 + x] = UInt8(box.level)
                }
            }
        }
        return pixels
    }

    mutating func play(
        from start: Double = 0, to end: Double, _ update: (inout RestingFilm, Double) -> Void
    ) -> [Look] {
        (Int(start * Self.rate)..<Int(end * Self.rate)).map { index in
            let time = Double(index) / Self.rate
            update(&self, time)
            return Look(seconds: time, regions: analyzer.analyze(picture(), seconds: time).resting)
        }
    }
}

private typealias DrawnBox = (x: Double, y: Double, width: Int, height: Int, level: Int)

/// Within two pixels on each side.
private func lies(_ region: RestingRegion, at box: DrawnBox) -> Bool {
    let (left, top) = (region.box.x * 160, region.box.y * 120)
    let (right, bottom) = (left + region.box.width * 160, top + region.box.height * 120)
    return abs(left - box.x) <= 2 && abs(top - box.y) <= 2 && abs(right - box.x - Double(box.width)) <= 2
        && abs(bottom - box.y - Double(box.height)) <= 2
}

private func seconds(_ time: MediaTime) -> Double { (time - .epoch).seconds }

private let bag: DrawnBox = (x: 70, y: 70, width: 16, height: 12, level: 30)

@Suite("Resting regions") struct RestingTests {
    @Test(
        "something new is placed, with one number until it goes, longer than the background takes to learn it",
        arguments: [30, 220])
    func placed(level: Int) throws {
        var film = RestingFilm()
        var thing = bag
        thing.level = level
        let looks = film.play(to: 40) { film, time in
            film.boxes = (4..<35).contains(time) ? [thing] : []
        }
        let listed = looks.filter { !$0.regions.isEmpty }
        let first = try #require(listed.first)
        #expect(first.seconds >= 6 && first.seconds < 7.5)
        #expect(listed.allSatisfy { $0.regions == first.regions }, "one region, unchanged")
        let region = first.regions[0]
        #expect(region.nature == .placed && lies(region, at: thing))
        #expect(abs(seconds(region.since) - 4) <= 0.5)
        let last = try #require(listed.last)
        #expect(last.seconds >= 34.5 && last.seconds < 36.5 && listed.count >= 140, "without a gap")
    }

    @Test("something of the scene is taken, also after the background took its ghost over, until it is back")
    func taken() throws {
        var film = RestingFilm()
        let looks = film.play(to: 60) { film, time in
            film.boxes = (12..<45).contains(time) ? [] : [bag]
        }
        let listed = looks.filter { !$0.regions.isEmpty }
        let first = try #require(listed.first)
        #expect(first.seconds >= 13.5 && first.seconds < 15.5)
        #expect(listed.allSatisfy { $0.regions == first.regions })
        #expect(first.regions[0].nature == .taken && lies(first.regions[0], at: bag))
        #expect(abs(seconds(first.regions[0].since) - 12) <= 1)
        #expect(film.analyzer.counters.ghostsTaken == 1)
        let last = try #require(listed.last)
        #expect(last.seconds >= 44.5 && last.seconds < 47)
    }

    @Test("what is taken is told of for two minutes")
    func takenForTwoMinutes() throws {
        var film = RestingFilm()
        let looks = film.play(to: 145) { film, time in film.boxes = time < 12 ? [bag] : [] }
        let last = try #require(looks.last { !$0.regions.isEmpty })
        #expect(abs(last.seconds - 132) < 1.5)
    }

    @Test("what is placed and soon carried off again is not missed; what had come to stay is")
    func placedThenTaken() {
        var film = RestingFilm { $0.restHoldSpan = 20 }
        let short = film.play(to: 40) { film, time in film.boxes = (5..<15).contains(time) ? [bag] : [] }
        #expect(short.contains { $0.regions.contains { $0.nature == .placed } })
        #expect(!short.contains { $0.regions.contains { $0.nature == .taken } })
        let long = film.play(from: 40, to: 85) { film, time in film.boxes = (45..<75).contains(time) ? [bag] : []
        }
        let natures = long.flatMap { $0.regions.map(\.nature) }
        #expect(natures.first == .placed && natures.last == .taken)
        let gone = long.last?.regions.first
        #expect(gone.map { lies($0, at: bag) && abs(seconds($0.since) - 75) <= 1 } == true)
    }

    @Test("who comes, stands and goes leaves nothing")
    func standsAndGoes() {
        var film = RestingFilm()
        let looks = film.play(to: 30) { film, time in
            let x = time < 14 ? min(70, (time - 5) * 25 - 14) : 70 + (time - 14) * 25
            film.boxes = x > -14 && x < 160 ? [(x: max(0, x), y: 40, width: 14, height: 44, level: 225)] : []
        }
        #expect(looks.allSatisfy { $0.seconds < 16.5 || $0.regions.isEmpty })
        #expect(!looks.contains { $0.regions.contains { $0.nature == .taken } })
    }

    @Test("who puts something down and goes on leaves that, and not himself")
    func putsDown() throws {
        var film = RestingFilm()
        let looks = film.play(to: 25) { film, time in
            let x = time < 8 ? min(50, (time - 4) * 30) : 50 - (time - 8) * 30
            film.boxes = x > -14 ? [(x: x, y: 40, width: 14, height: 44, level: 225)] : []
            if time >= 7 { film.boxes.append((x: 60, y: 72, width: 14, height: 12, level: 30)) }
        }
        let last = try #require(looks.last?.regions.first)
        #expect(looks.last?.regions.count == 1 && last.nature == .placed)
        #expect(lies(last, at: (x: 60, y: 72, width: 14, height: 12, level: 30)))
        #expect(looks.flatMap(\.regions).allSatisfy { $0.number == last.number || $0.box.height < 0.5 })
    }

    @Test("who passes before a thing does not end it")
    func passedBy() {
        var film = RestingFilm()
        let looks = film.play(to: 30) { film, time in
            film.boxes = time >= 4 ? [bag] : []
            let x = (time - 15) * 25
            if x > 0, x < 145 { film.boxes.append((x: x, y: 45, width: 14, height: 44, level: 225)) }
        }
        let late = looks.filter { $0.seconds > 8 }
        #expect(late.allSatisfy { $0.regions.count { lies($0, at: bag) } == 1 })
        #expect(Set(late.flatMap { $0.regions.filter { lies($0, at: bag) }.map(\.number) }).count == 1)
    }

    @Test("another light on the ground is no thing", arguments: [0.5, 0.62, 1.3, 1.7])
    func onlyLight(factor: Double) {
        var film = RestingFilm()
        let looks = film.play(to: 20) { film, time in
            film.light = (5..<15).contains(time) ? (60..<90, 60..<84, factor) : nil
        }
        #expect(looks.allSatisfy { $0.regions.isEmpty })
    }

    @Test("two things at once, one of them at the picture's border")
    func twoThings() throws {
        let other: DrawnBox = (x: 0, y: 20, width: 12, height: 14, level: 220)
        var film = RestingFilm()
        let looks = film.play(to: 12) { film, time in film.boxes = time >= 4 ? [bag, other] : [] }
        let regions = try #require(looks.last).regions
        #expect(regions.count == 2 && Set(regions.map(\.number)).count == 2)
        #expect(regions.contains { lies($0, at: bag) } && regions.contains { lies($0, at: other) })
    }

    @Test("what never keeps its level does not rest")
    func flickers() {
        var film = RestingFilm()
        let looks = film.play(to: 20) { film, time in
            var thing = bag
            thing.level = Int((time * RestingFilm.rate).rounded()) % 4 < 2 ? 30 : 60
            film.boxes = time >= 4 ? [thing] : []
        }
        #expect(looks.allSatisfy { $0.regions.isEmpty })
    }

    @Test("there are never more regions than the limit, and their numbers are their own")
    func limit() {
        var film = RestingFilm()
        let looks = film.play(to: 14) { film, time in
            film.boxes = []
            guard time >= 4 else { return }
            for index in 0..<40 {
                let (column, row) = (index % 10, index / 10)
                film.boxes.append(
                    (x: Double(4 + 16 * column), y: Double(8 + 28 * row), width: 7, height: 7, level: 20))
            }
        }
        #expect(looks.contains { $0.regions.count > RestingFinder.regionLimit / 2 })
        #expect(looks.allSatisfy { $0.regions.count <= RestingFinder.regionLimit })
        #expect(film.analyzer.state.resting.displaced > 0)
        #expect(looks.allSatisfy { Set($0.regions.map(\.number)).count == $0.regions.count })
    }

    @Test("a mirrored scene has mirrored regions")
    func mirrored() throws {
        func regions(_ place: (DrawnBox) -> DrawnBox) throws -> [RestingRegion] {
            var film = RestingFilm()
            return try #require(
                film.play(to: 10) { film, time in film.boxes = time >= 4 ? [place(bag)] : [] }.last
            )
            .regions
        }
        let (plain, mirror) = (
            try regions { $0 }, try regions { (160 - $0.x - Double($0.width), $0.y, $0.width, $0.height, $0.level) }
        )
        #expect(plain.count == 1 && mirror.count == 1)
        #expect(plain[0].nature == mirror[0].nature && plain[0].since == mirror[0].since)
        #expect(abs(plain[0].box.x + plain[0].box.width + mirror[0].box.x - 1) <= 2.0 / 160)
    }

    @Test("a new session begins without regions, and numbers go on")
    func newSession() throws {
        var film = RestingFilm()
        let before = try #require(film.play(to: 10) { film, time in film.boxes = time >= 4 ? [bag] : [] }.last)
        film.analyzer.reseed()
        var thing = bag
        thing.y = 20
        let after = film.play(from: 10, to: 20) { film, time in film.boxes = time >= 14 ? [bag, thing] : [bag] }
        #expect(after.first { !$0.regions.isEmpty }.map { $0.seconds > 15.5 } == true)
        let new = try #require(after.last?.regions.first)
        #expect(after.last?.regions.count == 1 && new.number > before.regions[0].number && lies(new, at: thing))
    }
}

@Suite struct RestingCheckpointTests {
    /// Something is placed and carried off again; two things of the scene are taken, one before and one after the
    /// background is remembered anew.
    private static func pictures() -> [[UInt8]] {
        var film = RestingFilm()
        return (0..<165).map { index in
            let time = Double(index) / 5
            film.boxes = time < 28 ? [(x: 20, y: 20, width: 14, height: 16, level: 225)] : []
            if time < 17 { film.boxes.append((x: 120, y: 20, width: 14, height: 16, level: 225)) }
            if (3..<10).contains(time) { film.boxes.append(bag) }
            return film.picture()
        }
    }

    /// Each part alone is left as it was at the start: what rests is then told otherwise.
    @Test func whatRestsIsPartOfACheckpoint() throws {
        let pictures = Self.pictures()
        func play(_ analyzer: FrameAnalyzer, _ range: Range<Int>) -> [[RestingRegion]] {
            range.map { analyzer.analyze(pictures[$0], seconds: Double($0) / 5).resting }
        }
        let analyzer = makeAnalyzer()
        let empty = analyzer.checkpoint()
        let splits = [21, 35, 75]
        var checkpoints: [FrameAnalyzer.Checkpoint] = []
        let whole = pictures.indices.flatMap { index in
            if splits.contains(index) { checkpoints.append(analyzer.checkpoint()) }
            return play(analyzer, index..<index + 1)
        }
        #expect(Set(whole.joined().map(\.nature)) == [.placed, .taken])
        let other = makeAnalyzer()
        func isNoticed(_ forget: (inout FrameAnalyzer.Checkpoint) -> Void) throws -> Bool {
            for (split, var checkpoint) in zip(splits, checkpoints) {
                forget(&checkpoint)
                try other.restore(checkpoint)
                if play(other, split..<pictures.count) != Array(whole[split...]) { return true }
            }
            return false
        }
        #expect(try !isNoticed { _ in })
        #expect(try isNoticed { $0.state.resting = empty.state.resting })
        for plane in FrameAnalyzer.Checkpoint.restingPlanes {
            #expect(try isNoticed { $0.planes[plane] = empty.planes[plane] }, "plane \(plane)")
        }
    }
}
