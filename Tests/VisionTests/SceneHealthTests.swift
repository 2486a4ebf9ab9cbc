import Scene
import Testing

@testable import Vision

/// Conditions on a drawn scene: each begins within its time and ends, and nothing else begins.
@Suite struct SceneHealthTests {
    /// Conditions go by media time; that the rate of the frames does not matter is asked where it might.
    static let rate = 8.0
    static let rates = [8.0, 20.0]
    private static let begin = 5.5

    /// What held at any time, the first frame on which it did, and what holds at the end.
    private struct Course {
        var first: [SceneCondition: MediaTime] = [:]
        var since: [SceneCondition: MediaTime] = [:]
        var atEnd: [SceneCondition] = []

        init(_ seen: [Observation]) {
            for observation in seen {
                for condition in observation.health.conditions where first[condition] == nil {
                    first[condition] = observation.time
                    since[condition] = observation.health.beginning(of: condition)
                }
            }
            atEnd = seen.last?.health.conditions ?? []
        }

        var all: Set<SceneCondition> { Set(first.keys) }
    }

    /// Some usual seconds, `seconds` of trouble, then the usual scene again.
    private func course(
        rate: Double = Self.rate, seconds: Double, after: Double = 3, _ trouble: (inout HealthScene, Double) -> Void
    ) -> Course {
        let analyzer = makeHealthAnalyzer()
        let usual = HealthScene()
        var scene = usual
        var seen = run(analyzer, &scene, from: 0, for: Self.begin, rate: rate)
        seen += run(analyzer, &scene, from: Self.begin, for: seconds, rate: rate, trouble)
        var again = scene
        again.cover = nil
        again.view = .usual
        again.light = usual.light
        again.softness = 0
        again.isInfrared = false
        again.noiseLevel = usual.noiseLevel
        again.boxes = []
        again.fog = 0
        again.patch = nil
        again.shift = usual.shift
        seen += run(analyzer, &again, from: Self.begin + seconds, for: after, rate: rate)
        return Course(seen)
    }

    private func expect(
        _ condition: SceneCondition, within seconds: Double, _ course: Course,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let name = condition.rawValue
        let start = MediaTime.epoch + .seconds(Self.begin)
        #expect(course.all == [condition], sourceLocation: sourceLocation)
        if let first = course.first[condition], let since = course.since[condition] {
            #expect(
                first >= start && (first - start).seconds <= seconds, "\(name) noticed at \(first)",
                sourceLocation: sourceLocation)
            #expect(abs((since - start).seconds) <= 0.6, "\(name) dated \(since)", sourceLocation: sourceLocation)
        }
        #expect(course.atEnd.isEmpty, "\(name) ends", sourceLocation: sourceLocation)
    }

    @Test("something close before most of the picture", arguments: [0.8, 1.0])
    func covered(share: Double) {
        expect(.covered, within: 6.5, course(seconds: 7) { scene, _ in scene.cover = (share, 60) })
    }

    @Test("too dark to tell objects from ground")
    func tooDark() {
        // Beside it only the light that comes back suddenly.
        let seen = course(seconds: 5) { scene, _ in scene.light = (0.08, 0.08) }
        #expect(seen.all.subtracting([.lightingJump]) == [.tooDark])
        #expect(seen.first[.tooDark].map { $0 <= .epoch + .seconds(Self.begin + 4.5) } == true)
        #expect(seen.atEnd.isEmpty)
    }

    @Test("so bright that nothing is left of the ground")
    func tooBright() {
        let seen = course(seconds: 5) { scene, _ in scene.light = (6, 6) }
        #expect(seen.all.subtracting([.lightingJump]) == [.tooBright])
        #expect(seen.first[.tooBright].map { $0 <= .epoch + .seconds(Self.begin + 4.5) } == true)
        #expect(seen.atEnd.isEmpty)
    }

    @Test("a lens out of focus")
    func blurred() {
        expect(.blurred, within: 5.5, course(seconds: 6) { scene, _ in scene.softness = 4 })
    }

    @Test("another view", arguments: rates)
    func moved(rate: Double) {
        expect(.moved, within: 5.6, course(rate: rate, seconds: 6) { scene, _ in scene.view = .other })
    }

    /// Somebody crosses a plain ground while it is learnt, stands for ten seconds and goes back: his edges are most of
    /// what is seen, and the scene's own are as they were.
    @Test("one person before a ground with hardly any texture")
    func faintGround() {
        let analyzer = makeHealthAnalyzer()
        let (width, height) = (analyzer.source.width, analyzer.source.height)
        let seen = (0..<220).map { index in
            let time = Double(index) / 10
            let walked = time < 6 ? (time - 2) * 0.2 : time < 16 ? 0.8 : 0.8 - (time - 16) * 0.2
            let columns = Int((walked - 0.15) * Double(width))..<Int((walked - 0.05) * Double(width))
            let rows = height * 35 / 100..<height * 65 / 100
            let picture = (0..<width * height).map { place in
                let (x, y) = (place % width, place / width)
                return columns.contains(x) && rows.contains(y) ? 210 : UInt8(100 + (x * 7 + y * 3) % 13)
            }
            return analyzer.analyze(picture, seconds: time)
        }
        #expect(Course(seen).all.subtracting([.frozen]).isEmpty, "\(Course(seen).all)")
    }

    @Test("the same picture again and again, of a camera with noise")
    func frozen() {
        let rate = Self.rate
        let analyzer = makeHealthAnalyzer()
        var scene = HealthScene()
        var seen = run(analyzer, &scene, from: 0, for: Self.begin, rate: rate)
        let still = scene.picture()
        for index in 0..<Int(10 * rate) {
            seen.append(analyzer.analyze(still, seconds: Self.begin + Double(index) / rate))
        }
        seen += run(analyzer, &scene, from: Self.begin + 10, for: 1, rate: rate)
        expect(.frozen, within: 8.6, Course(seen))
    }

    @Test("a camera without noise repeats its pictures and is not frozen")
    func stillWithoutNoise() {
        let analyzer = makeHealthAnalyzer()
        var scene = HealthScene()
        scene.noiseLevel = 0
        #expect(Course(run(analyzer, &scene, from: 0, for: 12, rate: Self.rate)).all.isEmpty)
    }

    @Test(
        "light that is switched, in all of the picture or half of it",
        arguments: [(8.0, 1.5, 1.5), (20.0, 1.5, 1.5), (8.0, 0.6, 0.6), (8.0, 1.0, 1.6)])
    func lightingJump(rate: Double, left: Double, right: Double) {
        let seen = course(rate: rate, seconds: 3, after: 3) { scene, _ in scene.light = (left, right) }
        expect(.lightingJump, within: 0.3, seen)
    }

    @Test("colour to infra-red: outlines stay where light and dark change places")
    func infraredSwitch() {
        let seen = course(seconds: 11, after: 0) { scene, _ in scene.isInfrared = true }
        expect(.infraredSwitch, within: 1.4, seen)
    }

    @Test("what a scene lives through without a condition", arguments: Harmless.allCases)
    func harmless(what: Harmless) {
        let seen = course(seconds: what.seconds, after: 0) { scene, time in
            what.draw(&scene, time - Self.begin)
        }
        #expect(seen.all.isEmpty, "\(what)")
    }

    enum Harmless: String, CaseIterable {
        case noise, walker, crowd, truck, leaves, dusk, rain, shake, headlight

        var seconds: Double {
            switch self {
            case .dusk: 20
            case .truck: 4
            default: 6
            }
        }

        func draw(_ scene: inout HealthScene, _ time: Double) {
            switch self {
            case .noise: scene.noiseLevel = 8
            case .walker: scene.boxes = [(x: time * 25 - 12, y: 50, width: 12, height: 34, level: 220)]
            case .crowd: scene.boxes = (0..<14).map { Self.passer($0, time) }
            case .truck: scene.cover = time < 3 ? (1, 90) : nil
            case .leaves: scene.boxes = (0..<20).map { Self.leaf($0, Int(time * 10)) }
            case .dusk: scene.light = (1 - time * 0.025, 1 - time * 0.025)
            case .rain: scene.noiseLevel = 25
            case .shake:
                let step = Int(time * 8)
                scene.shift = (step * 5 % 7 - 3, step * 3 % 5 - 2)
            case .headlight: scene.patch = (x: time * 20, y: 60, radius: 22, gain: 1.8)
            }
        }

        typealias Box = (x: Double, y: Double, width: Int, height: Int, level: Int)

        private static func passer(_ index: Int, _ time: Double) -> Box {
            let speed = Double(index % 5 - 2) * 4
            let x = Double(index * 37 % 150) + time * speed
            return (x: x, y: Double(index * 23 % 90), width: 12, height: 30, level: index * 53 % 200 + 30)
        }

        private static func leaf(_ index: Int, _ step: Int) -> Box {
            let sway = Double((step + index) % 4)
            let level = (step + index) % 2 == 0 ? 60 : 140
            return (x: Double(index * 31 % 150) + sway, y: Double(index * 7 % 60), width: 6, height: 6, level: level)
        }
    }

    @Test("a copy of the course goes on exactly as the original")
    func copies() {
        var model = DetectorModel.test.health
        model.coveredSpan = 2
        var course = SceneCourse(model)
        var reading = SceneReading()
        reading.hasNormal = true
        reading.flatShare = 1
        reading.layoutLikeness = 0
        course.follow(reading, at: .epoch)
        course.follow(reading, at: .epoch + .seconds(1))
        var copy = course
        course.follow(reading, at: .epoch + .seconds(2.5))
        copy.follow(reading, at: .epoch + .seconds(2.5))
        #expect(course == copy)
        #expect(copy.health.beginning(of: .covered) == .epoch)
        #expect(copy.health.conditions == [.covered])
    }

    @Test("evidence that comes and goes does not begin a condition; one that holds outlives a gap")
    func hysteresis() {
        var course = ConditionCourse()
        for index in 0..<20 {
            let time = MediaTime.epoch + .seconds(Double(index))
            course.follow(index % 2 == 0 ? .present : .absent, at: time, confirm: 2, clear: 3)
            #expect(!course.isHolding)
        }
        for index in 20..<24 {
            course.follow(.present, at: .epoch + .seconds(Double(index)), confirm: 2, clear: 3)
        }
        #expect(course.beginning == .epoch + .seconds(20))
        course.follow(.absent, at: .epoch + .seconds(25), confirm: 2, clear: 3)
        #expect(course.isHolding)
        course.follow(.absent, at: .epoch + .seconds(26), confirm: 2, clear: 3)
        #expect(!course.isHolding)
    }
}
