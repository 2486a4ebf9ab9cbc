import Scene
import TestSupport

/// Something upright that moves in a drawn scene: a bright box and the way of its foot, the middle of its lower edge.
struct Figure: Sendable {
    struct Place: Sendable {
        let time: Double
        let x: Double
        let y: Double
    }

    /// Straight from each place to the next; not there before the first and after the last.
    var way: [Place]
    var width = 0.1
    var height = 0.3
    var luma: UInt8 = 210
    /// How far it sways to either side from picture to picture.
    var sway = 0.0

    /// - Parameter places: time, x and y.
    static func way(_ places: (Double, Double, Double)...) -> Figure {
        Figure(way: places.map { Place(time: $0.0, x: $0.1, y: $0.2) })
    }

    /// Through the whole picture from the left; its foot is at `x` at `from + (x + 0.1) / speed`.
    static func rightwards(row: Double = 0.65, from: Double = 2, speed: Double = 0.2) -> Figure {
        .way((from, -0.1, row), (from + 1.2 / speed, 1.1, row))
    }

    static func leftwards(row: Double = 0.65, from: Double = 2, speed: Double = 0.2) -> Figure {
        rightwards(row: row, from: from, speed: speed).mirrored
    }

    func sized(_ width: Double, _ height: Double) -> Figure {
        var figure = self
        (figure.width, figure.height) = (width, height)
        return figure
    }

    func swaying(_ sway: Double) -> Figure {
        var figure = self
        figure.sway = sway
        return figure
    }

    func lit(_ luma: UInt8) -> Figure {
        var figure = self
        figure.luma = luma
        return figure
    }

    var mirrored: Figure {
        var figure = self
        figure.way = way.map { Place(time: $0.time, x: 1 - $0.x, y: $0.y) }
        figure.sway = -sway
        return figure
    }

    func box(at time: Double) -> Box? {
        guard let first = way.first, let last = way.last, time >= first.time, time <= last.time else { return nil }
        var place = last
        for (from, to) in zip(way, way.dropFirst()) where time >= from.time && time < to.time {
            let share = (time - from.time) / (to.time - from.time)
            place = Place(time: time, x: from.x + share * (to.x - from.x), y: from.y + share * (to.y - from.y))
        }
        let isEven = Int((time * GoldenScene.frameRate).rounded()) % 2 == 0
        let x = place.x + (isEven ? sway : -sway)
        return Box(x: x - width / 2, y: place.y - height, width: width, height: height)
    }
}

extension Box {
    var mirrored: Box { Box(x: 1 - x - width, y: y, width: width, height: height) }
}
