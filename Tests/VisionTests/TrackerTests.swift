import Scene
import Testing

@testable import Vision

@Suite struct TrackerTests {
    /// A region of 24x30 grid pixels around each of `places`, a picture every 100 ms.
    private func confirmed(_ places: [Double]) throws -> Int {
        let layout = GridLayout(width: 320, height: 240)
        var tracker = Tracker(model: try DetectorModel.preset("visible"), layout: layout, toPicture: (1, 1))
        for (number, x) in places.enumerated() {
            let box = GridBox(left: x - 12, top: 100, right: x + 12, bottom: 130)
            let region = Region(box: box, area: 700, contrastSum: 700 * 40)
            let time = MediaTime.epoch + .milliseconds(100 * Int64(number))
            tracker.update([region], at: time, elapsed: number == 0 ? 0 : 0.1) { $0 }
        }
        return tracker.confirmedCount
    }

    @Test func whoWalksBecomesATrack() throws {
        #expect(try confirmed([60, 68, 76, 84, 92, 100, 108, 116]) == 1)
    }

    @Test func whoWalksFastBecomesATrackAtTheThirdSight() throws {
        #expect(try confirmed([60, 90, 120, 150]) == 1)
    }

    @Test func aLeapFromOneLeafToAnotherIsNoTravel() throws {
        #expect(try confirmed([60, 61, 60, 101, 102, 101, 100, 102]) == 0)
    }
}
