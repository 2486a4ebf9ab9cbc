import Scene
import Testing

@testable import Vision

@Suite struct TrackerTests {
    /// A region of 24x30 grid pixels around each of `places`, a picture every 100 ms.
    private func confirmed(_ places: [Double?]) throws -> Int {
        let layout = GridLayout(width: 320, height: 240)
        var tracker = Tracker(model: try DetectorModel.preset("visible"), layout: layout, toPicture: (1, 1))
        for (number, x) in places.enumerated() {
            let regions = x.map { x in
                let box = GridBox(left: x - 12, top: 100, right: x + 12, bottom: 130)
                return [Region(box: box, area: 700, contrastSum: 700 * 40)]
            }
            let time = MediaTime.epoch + .milliseconds(100 * Int64(number))
            tracker.update(regions ?? [], at: time, elapsed: number == 0 ? 0 : 0.1) { $0 }
        }
        return tracker.confirmedCount
    }

    /// A small region that walks, of so many pixels on each picture; a picture every 100 ms. 115.2 pixels begin a track.
    private func confirmedSmall(_ areas: [Int]) throws -> Int {
        let layout = GridLayout(width: 320, height: 240)
        var tracker = Tracker(model: try DetectorModel.preset("visible"), layout: layout, toPicture: (1, 1))
        for (number, area) in areas.enumerated() {
            let left = 60 + 6 * Double(number)
            let box = GridBox(left: left, top: 100, right: left + 10, bottom: 120)
            let time = MediaTime.epoch + .milliseconds(100 * Int64(number))
            let region = Region(box: box, area: area, contrastSum: area * 40)
            tracker.update([region], at: time, elapsed: number == 0 ? 0 : 0.1) { $0 }
        }
        return tracker.confirmedCount
    }

    @Test func whoIsNowJustLargeEnoughAndNowNotIsFollowed() throws {
        #expect(try confirmedSmall([116, 90, 90, 90, 116, 90, 90, 90]) == 1)
        #expect(try confirmedSmall([90, 90, 90, 90, 114, 90, 90, 90]) == 0, "too small to begin")
        #expect(try confirmedSmall([116, 80, 80, 80, 80, 116, 80, 80]) == 0, "too small to go on")
    }

    @Test func whoWalksBecomesATrack() throws {
        #expect(try confirmed([60, 68, 76, 84, 92, 100, 108, 116]) == 1)
    }

    @Test func whoWalksFastBecomesATrackAtTheThirdSight() throws {
        #expect(try confirmed([60, 90, 120, 150]) == 1)
    }

    /// A patch of shadow beside a walker, seen on every other picture.
    @Test func whatComesAndGoesIsNoTrack() throws {
        #expect(try confirmed([60, nil, 76, nil, 92, nil, 108, nil, 124]) == 0)
        #expect(try confirmed([60, 68, nil, 84, 92, 100]) == 1, "one picture lost is no reason")
    }

    @Test func aLeapFromOneLeafToAnotherIsNoTravel() throws {
        #expect(try confirmed([60, 61, 60, 101, 102, 101, 100, 102]) == 0)
    }

    /// Somebody stands for a minute and a half before he walks: what is kept of him is little, and goes back to the first sight.
    @Test func thePastOfWhoWaitsForLongIsShortAndWhole() throws {
        let layout = GridLayout(width: 320, height: 240)
        var tracker = Tracker(model: try DetectorModel.preset("visible"), layout: layout, toPicture: (1 / 320, 1 / 240))
        var past: [TrackPoint] = []
        var frame = 0
        while past.isEmpty, frame < 1000 {
            let x = 60 + 8 * Double(max(0, frame - 900))
            let region = Region(
                box: GridBox(left: x - 12, top: 100, right: x + 12, bottom: 130), area: 700, contrastSum: 700 * 40)
            let time = MediaTime.epoch + .milliseconds(100 * Int64(frame))
            tracker.update([region], at: time, elapsed: frame == 0 ? 0 : 0.1) { $0 }
            past = tracker.report().first?.path ?? []
            frame += 1
        }
        #expect(frame > 900, "he is nobody as long as he stands")
        #expect(past.first?.time == .epoch)
        #expect(past.last?.time == .epoch + .milliseconds(100 * Int64(frame - 1)))
        #expect(past.count <= 128)
        let steps = zip(past, past.dropFirst()).map { ($1.time - $0.time).microseconds / 100_000 }
        // Older than the newest 64 at even distances, and the one before them wherever it comes to lie.
        #expect(Set(steps.suffix(63)) == [1], "where he crosses something is known to the picture")
        #expect(Set(steps.prefix(steps.count - 64)) == [16])
        #expect(steps.allSatisfy { (1...16).contains($0) })
    }
}
