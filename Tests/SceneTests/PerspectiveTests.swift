import Foundation
import Scene
import TestSupport
import Testing

@Suite("Perspective by two reference heights")
struct PerspectiveTests {
    /// An upright pinhole camera over flat ground, drawn from a seed: what it shows is worked out from lengths in
    /// metres alone.
    private struct Camera {
        let height: Double
        let horizon: Double
        let viewDegrees: Double
        let person: Double
        let size = PictureSize(width: 704, height: 576)

        init(_ random: inout SeededRandom) {
            height = .random(in: 2.2...12, using: &random)
            horizon = .random(in: -0.6...0.25, using: &random)
            viewDegrees = .random(in: 20...80, using: &random)
            person = .random(in: 1.2...1.9, using: &random)
        }

        var focalLength: Double { 0.5 / tan(viewDegrees / 2 * .pi / 180) }
        func row(at z: Double) -> Double { horizon + focalLength * height / z }
        func distance(ofRow row: Double) -> Double { focalLength * height / (row - horizon) }
        func shown(_ length: Double, at z: Double) -> Double { focalLength * length / z }
        func foot(x: Double, z: Double) -> Point {
            Point(x: 0.5 + shown(x, at: z) * Double(size.height) / Double(size.width), y: row(at: z))
        }

        /// Made from what a person would measure in the picture.
        func perspective(withView: Bool = true) throws -> Perspective {
            func reference(_ row: Double) -> Perspective.Reference {
                .init(row: row, height: shown(person, at: distance(ofRow: row)))
            }
            return try Perspective(
                far: reference(max(horizon, 0) + 0.15), near: reference(0.95), personHeight: person,
                verticalViewDegrees: withView ? viewDegrees : nil)
        }
    }

    private static let seeds: [UInt64] = Array(1...6)

    @Test("what a synthetic camera shows comes back as metres", arguments: seeds)
    func roundTrip(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<50 {
            let camera = Camera(&random)
            // A person is less than a hundredth or more than all of the picture: not drawn by anybody.
            guard let perspective = try? camera.perspective() else { continue }
            #expect(abs(try #require(perspective.horizon) - camera.horizon) < 1e-9, "seed \(seed)")
            #expect(abs(try #require(perspective.cameraHeight) - camera.height) < 1e-9, "seed \(seed)")
            let row = Double.random(in: max(camera.horizon, 0) + 0.1...1, using: &random)
            let z = camera.distance(ofRow: row)
            let x = Double.random(in: -3...3, using: &random)
            #expect(abs(perspective.personHeight(atRow: row) - camera.shown(camera.person, at: z)) < 1e-9)
            let place = try #require(perspective.groundPosition(of: camera.foot(x: x, z: z), in: camera.size))
            #expect(abs(place.x - x) < 1e-6 && abs(place.z - z) < 1e-6 * z, "seed \(seed): \(place), not \(x), \(z)")
            let tall = try #require(perspective.metres(of: camera.shown(0.9, at: z), atRow: row))
            #expect(abs(tall - 0.9) < 1e-9)
            let wide = camera.foot(x: 1.4, z: z).x - camera.foot(x: 0, z: z).x
            #expect(abs(try #require(perspective.metres(across: wide, atRow: row, in: camera.size)) - 1.4) < 1e-9)
        }
    }

    @Test("the seeds draw cameras that have a perspective")
    func seedsAreNotEmpty() {
        for seed in Self.seeds {
            var random = SeededRandom(seed: seed)
            #expect((0..<50).count { _ in (try? Camera(&random).perspective()) != nil } > 25, "seed \(seed)")
        }
    }

    @Test("a walk in metres is a speed in metres a second, in whatever direction", arguments: seeds)
    func speed(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<50 {
            let camera = Camera(&random)
            guard let perspective = try? camera.perspective() else { continue }
            let z = camera.distance(ofRow: .random(in: max(camera.horizon, 0) + 0.2...0.8, using: &random))
            let (dx, dz) = (
                Double.random(in: -1...1, using: &random), Double.random(in: 0...1, using: &random) * z / 10
            )
            let start = point(camera.foot(x: 0.5, z: z), seconds: 3)
            let end = point(camera.foot(x: 0.5 + dx, z: z - dz), seconds: 3.8)
            let speed = try #require(perspective.speed(from: start, to: end, in: camera.size))
            #expect(abs(speed - (dx * dx + dz * dz).squareRoot() / 0.8) < 1e-6 * z, "seed \(seed)")
            #expect(perspective.speed(from: start, to: start, in: camera.size) == nil, "no time passes")
            let blind = try camera.perspective(withView: false)
            #expect(blind.speed(from: start, to: end, in: camera.size) == nil, "depth needs the field of view")
            #expect(blind.metres(of: 0.1, atRow: 0.9) != nil, "heights do not")
        }
    }

    private func point(_ foot: Point, seconds: Double) -> TrackPoint {
        TrackPoint(
            time: .epoch + .seconds(seconds), box: Box(x: foot.x - 0.02, y: foot.y - 0.1, width: 0.04, height: 0.1),
            isMeasured: true)
    }

    @Test("above the horizon nothing stands")
    func horizon() throws {
        let perspective = try Perspective(
            far: .init(row: 0.4, height: 0.1), near: .init(row: 0.8, height: 0.3), verticalViewDegrees: 40)
        #expect(abs(try #require(perspective.horizon) - 0.2) < 1e-12)
        for row in [0, 0.1, 0.2] {
            #expect(perspective.personHeight(atRow: row) < 1e-12)
            #expect(perspective.metres(of: 0.1, atRow: row) == nil)
            #expect(
                perspective.groundPosition(of: Point(x: 0.5, y: row), in: PictureSize(width: 4, height: 3)) == nil)
        }
    }

    @Test("equally tall references are a parallel view: one scale, no distances")
    func parallel() throws {
        let perspective = try Perspective(
            far: .init(row: 0.2, height: 0.1), near: .init(row: 0.9, height: 0.1), verticalViewDegrees: 40)
        #expect(perspective.horizon == nil && perspective.cameraHeight == nil)
        #expect(perspective.personHeight(atRow: 0) == 0.1 && perspective.personHeight(atRow: 1) == 0.1)
        #expect(abs(try #require(perspective.metres(of: 0.05, atRow: 0.1)) - 0.85) < 1e-12)
        #expect(
            perspective.groundPosition(of: Point(x: 0.5, y: 0.5), in: PictureSize(width: 4, height: 3)) == nil)
    }

    @Test("what is no perspective is refused")
    func flaws() {
        func flaw(
            _ far: (Double, Double), _ near: (Double, Double), person: Double = 1.7, view: Double? = nil
        )
            -> Perspective.Flaw?
        {
            do throws(Perspective.Flaw) {
                _ = try Perspective(
                    far: .init(row: far.0, height: far.1), near: .init(row: near.0, height: near.1),
                    personHeight: person, verticalViewDegrees: view)
                return nil
            } catch { return error }
        }
        #expect(flaw((0.3, 0.08), (0.9, 0.35)) == nil)
        #expect(flaw((-0.1, 0.08), (0.9, 0.35)) == .rowOutside(-0.1))
        #expect(flaw((0.3, 0.08), (.nan, 0.35)) != nil)
        #expect(flaw((0.3, 0.005), (0.9, 0.35)) == .heightOutside(0.005))
        #expect(flaw((0.3, 0.08), (0.9, 1.01)) == .heightOutside(1.01))
        #expect(flaw((0.3, 0.08), (0.35, 0.1)) == .rowsTooClose)
        #expect(flaw((0.9, 0.08), (0.3, 0.35)) == .rowsTooClose, "the near one is further down")
        #expect(flaw((0.3, 0.35), (0.9, 0.34)) == .shrinksDownwards)
        #expect(flaw((0.3, 0.08), (0.9, 0.35), person: 3) == .personOutside)
        #expect(flaw((0.3, 0.08), (0.9, 0.35), view: 170) == .viewOutside)
    }
}
