import Scene
import TestSupport

/// A scene drawn by code, whose configuration and expected decisions lie in `Golden/<name>/`.
struct GoldenScene: Sendable, CustomStringConvertible {
    static let size = PictureSize(width: 160, height: 120)
    static let frameRate = 10.0

    /// Folder in `Golden/`.
    let name: String
    let seconds: Double
    /// What must be raised whatever the golden file says: rule, occurrence and direction of every finding.
    let findings: [String]
    /// Paints on the textured ground what is seen `seconds` after the first picture.
    let paint: @Sendable (_ seconds: Double, _ brush: borrowing DrawnFootage.Brush) -> Void

    var description: String { name }

    var footage: DrawnFootage {
        let paint = paint
        return DrawnFootage(
            size: Self.size, frameRate: Self.frameRate, pictureCount: Int(seconds * Self.frameRate)
        ) { index, brush in
            brush.fill(rows: Self.ground)
            paint(Double(index) / Self.frameRate, brush)
        }
    }

    /// A still texture: an even wall with fine structure.
    static let ground: [UInt8] = (0..<size.width * size.height).map { index in
        let x = index % size.width, y = index / size.width
        return UInt8(100 + (x * 7 + y * 3) % 13)
    }
}

extension GoldenScene {
    static let all =
        [
            leftToRight, rightToLeft, enterStandLeave, everyKind, noiseOnly, lightingStep, lampWhileCrossing,
            privacyMask,
            twoObjects
        ] + resting

    static let leftToRight = GoldenScene(
        name: "line-left-to-right", seconds: 20, findings: ["path crossed left_to_right", "right crossed left_to_right"]
    ) { time, brush in
        brush.draw(left: -0.15 + (time - 2) * 0.2)
    }

    static let rightToLeft = GoldenScene(
        name: "line-right-to-left", seconds: 20, findings: ["left crossed right_to_left", "path crossed right_to_left"]
    ) { time, brush in
        brush.draw(left: 1.05 - (time - 2) * 0.2)
    }

    /// Walks in from the left, stands for three seconds, walks out again.
    static let enterStandLeave = GoldenScene(
        name: "zone-enter-stand-leave", seconds: 22, findings: ["yard enter", "yard leave", "yard occupied"]
    ) { time, brush in
        let walked =
            switch time {
            case ..<6: (time - 2) * 0.2
            case ..<9: 0.8
            default: 0.8 - (time - 9) * 0.2
            }
        brush.draw(left: -0.15 + walked)
    }

    /// The same walk, and a fence of every kind that can raise something, beside some that must not.
    static let everyKind = GoldenScene(
        name: "every-kind", seconds: 22,
        findings: [
            "back wrong_way", "full dense", "one crowded", "pace too_fast", "pace too_fast", "pace too_slow",
            "rest stopped", "stay dwelling", "steps in_order", "stir motion"
        ], paint: enterStandLeave.paint)

    static let noiseOnly = GoldenScene(name: "noise-only", seconds: 10, findings: []) { time, brush in
        var random = SeededRandom(seed: UInt64((time * 1000).rounded()))
        var rows = ground
        for index in rows.indices {
            rows[index] = UInt8(Int(rows[index]) + Int(random.next() >> 60) - 8)
        }
        brush.fill(rows: rows)
    }

    /// Somebody switches a lamp on, and off again.
    static let lightingStep = GoldenScene(name: "lighting-step", seconds: 12, findings: []) { time, brush in
        if (4..<8).contains(time) { brush.fill(rows: ground.map { $0 + 70 }) }
    }

    /// Two cross lines, one in either half, at the moment at which a lamp is switched on in the right half.
    static let lampWhileCrossing = GoldenScene(
        name: "lamp-while-crossing", seconds: 10,
        findings: [
            "left crossed right_to_left", "path crossed left_to_right", "path crossed right_to_left",
            "right crossed left_to_right"
        ]
    ) { time, brush in
        brush.fill(rows: (5.5..<8).contains(time) ? halfLit : yard)
        brush.draw(left: -0.15 + (time - 2) * 0.2, top: 0.1)
        brush.draw(left: 1.05 - (time - 2) * 0.2, top: 0.6)
    }

    /// A ground with stones: what tells another light from a thing is that they show through.
    private static let yard: [UInt8] = ground.indices.map { index in
        let (column, row) = (index % size.width / 5, index / size.width / 4)
        return UInt8(80 + (column * 37 + row * 53 + column * row * 11) % 7 * 9)
    }

    private static let halfLit = yard.indices.map { index in
        index % size.width < size.width / 2 ? yard[index] : UInt8(Int(yard[index]) * 3 / 2)
    }

    /// The same walk as ``leftToRight``, all of it behind the mask.
    static let privacyMask = GoldenScene(name: "privacy-mask", seconds: 10, findings: []) { time, brush in
        brush.draw(left: -0.15 + (time - 2) * 0.2)
    }

    static let twoObjects = GoldenScene(
        name: "two-objects", seconds: 10, findings: ["path crossed left_to_right", "path crossed right_to_left"]
    ) { time, brush in
        brush.draw(left: -0.15 + (time - 2) * 0.2, top: 0.1)
        brush.draw(left: 1.05 - (time - 2.5) * 0.2, top: 0.6)
    }
}

extension DrawnFootage.Brush {
    /// An upright bright box, about a person's shape.
    fileprivate func draw(left: Double, top: Double = 0.35) {
        fill(Box(x: max(0, left), y: top, width: max(0, min(left + 0.1, 1) - max(0, left)), height: 0.3), luma: 210)
    }
}
