import Foundation
import Pipeline
import Scene
import TestSupport
import Testing

@testable import Review

/// `tune` on drawn clips: a wanted walker and a small nuisance that a size limit tells apart.
@Suite("Tuning within a nuisance budget", .timeLimit(.minutes(5)))
struct TuneTests {
    private let scratch: ScratchFolder
    private var corpus: URL { URL(fileURLWithPath: scratch.file("corpus")) }

    init() throws {
        scratch = try ScratchFolder()
        for number in 0..<4 { try Self.clip("clip\(number)", delay: Double(number) * 0.2, in: scratch) }
    }

    @Test("finds the size that keeps the nuisance out, and the figures are those of clips that had no say")
    func finds() throws {
        let parameters = [try TuneParameter("size.min=0.001..0.2")]
        let (search, choice) = try tune(parameters, trials: 12)
        #expect(search.problems.isEmpty && search.folders.count == 4)
        #expect(choice.baseline.falseCount == 4 && choice.baseline.foundCount == 4, "\(choice.baseline.table())")
        #expect(choice.heldOut.falseCount == 0 && choice.heldOut.foundCount == 4, "\(choice.heldOut.table())")
        #expect(choice.keepsBudget && choice.missed.isEmpty && choice.budget.mustFind.count == 4)
        let size = try #require(search.trials[choice.chosen].values.values.first)
        #expect((0.004...0.0625).contains(size), "between the nuisance and the walker: \(size)")
        for fold in choice.folds {
            #expect(fold.clips.count == 1, "as many folds as clips, up to five")
            let others = [0, 1, 2, 3].filter { !fold.clips.contains($0) }
            let best = others.map { search.rows[fold.trial][$0].reduce(0) { $0 + $1.falseStarts.count } }
            #expect(best.allSatisfy { $0 == 0 }, "chosen on the others: \(best)")
        }
        #expect(Set(choice.folds.flatMap(\.clips)) == [0, 1, 2, 3])
    }

    @Test("what nothing in the range can keep is said")
    func impossible() throws {
        let (_, choice) = try tune([try TuneParameter("persistence=0..0.2")], trials: 3)
        #expect(!choice.keepsBudget && choice.heldOut.falseCount == 4)
    }

    @Test("the held-out rows are of trials chosen without their clip")
    func heldOut() throws {
        // One clip alone has a nuisance of its own size: a choice with it would leave it out, one without cannot know.
        try Self.clip("odd", delay: 0, nuisance: 0.16, in: scratch)
        let (search, choice) = try tune([try TuneParameter("size.min=0.001..0.03")], trials: 16)
        let odd = try #require(search.folders.firstIndex { $0.name == "odd" })
        let fold = try #require(choice.folds.first { $0.clips.contains(odd) })
        let rows = search.rows[fold.trial][odd]
        let reported = choice.heldOut.rows.filter { $0.footage == "odd" }
        #expect(reported.map(\.falseStarts) == rows.map(\.falseStarts))
        for clip in search.folders.indices {
            let own = try #require(choice.folds.first { $0.clips.contains(clip) })
            let name = search.folders[clip].name
            #expect(
                choice.heldOut.rows.filter { $0.footage == name }.map(\.alertCount)
                    == search.rows[own.trial][clip].map(\.alertCount))
        }
    }

    @Test("as it is means as evaluate: the same rows, from decoded footage and from kept luma")
    func sameAsEvaluate() throws {
        let evaluation = try CorpusEvaluation(
            corpus: corpus, models: EvaluationModels(library: .standard()), maskFolder: nil)
        let cache = try LumaCache(folder: nil, limitBytes: 1 << 30)
        for round in 1...2 {
            let search = try TuneSearch(corpus: corpus, trials: [TuneTrial()], library: .standard(), cache: cache)
            let score = CorpusScore(rows: search.rows[0].flatMap { $0 })
            #expect(try score.json() == evaluation.score.json(), "round \(round)")
            #expect(Files.names(in: cache.folder.path).filter { $0.hasSuffix(".luma") }.count == 4)
        }
        let place = cache.folder.path
        #expect(FileManager.default.fileExists(atPath: place))
    }

    @Test("the same seed gives the same bytes, with one worker or three; another seed does not")
    func repeatable() throws {
        let parameters = [try TuneParameter("size.min=0.001..0.2"), try TuneParameter("model.confirm_s=0.2..0.5")]
        func json(workers: Int, seed: UInt64) throws -> String {
            let (search, choice) = try tune(parameters, trials: 4, workers: workers, seed: seed)
            return try TuneResult(search, choice, parameters: parameters, seed: seed, corpus: "drawn").json()
        }
        let one = try json(workers: 1, seed: 7)
        #expect(try one == json(workers: 3, seed: 7))
        #expect(try one != json(workers: 3, seed: 8))
    }

    @Test("the bound of the cache holds, and what does not fit is decoded anew with the same result")
    func bounded() throws {
        let picture = Self.size.width * Self.size.height + 8
        let small = try LumaCache(folder: nil, limitBytes: picture * 250)
        let large = try LumaCache(folder: nil, limitBytes: 1 << 30)
        let trials = TuneDesign.trials([try TuneParameter("size.min=0.001..0.2")], count: 3, seed: 1)
        let tight = try TuneSearch(corpus: corpus, trials: trials, library: .standard(), cache: small, workers: 1)
        let roomy = try TuneSearch(corpus: corpus, trials: trials, library: .standard(), cache: large, workers: 1)
        for trial in trials.indices {
            #expect(tight.rows[trial].flatMap { $0 }.map(\.f1) == roomy.rows[trial].flatMap { $0 }.map(\.f1))
        }
        let sizes = Files.names(in: small.folder.path).map { name in
            (try? FileManager.default.attributesOfItem(atPath: "\(small.folder.path)/\(name)")[.size] as? Int) ?? 0
        }
        #expect(sizes.reduce(0, +) <= picture * 250 + 4096 && !sizes.isEmpty, "\(sizes)")
    }

    @Test("kept luma that is not whole is not used")
    func damaged() throws {
        let folder = URL(fileURLWithPath: scratch.file("cache"))
        let search = {
            try TuneSearch(
                corpus: corpus, trials: [TuneTrial()], library: .standard(),
                cache: LumaCache(folder: folder, limitBytes: 1 << 30))
        }
        let first = try search()
        for name in Files.names(in: folder.path) {
            let bytes = try #require(Files.read("\(folder.path)/\(name)"))
            try Files.write(Array(bytes.dropLast(9)), to: "\(folder.path)/\(name)")
            #expect(LumaRecording(contentsOf: folder.appendingPathComponent(name)) == nil)
        }
        #expect(try search().rows[0].flatMap { $0 }.map(\.f1) == first.rows[0].flatMap { $0 }.map(\.f1))
        #expect(
            Files.names(in: folder.path).allSatisfy {
                LumaRecording(contentsOf: folder.appendingPathComponent($0)) != nil
            })
    }

    @Test("the patch, the card and the model that are written are what was chosen")
    func written() throws {
        let parameters = [try TuneParameter("size.min=0.01..0.04"), try TuneParameter("model.confirm_s=0.2..0.5")]
        let (search, choice) = try tune(parameters, trials: 5)
        let result = TuneResult(search, choice, parameters: parameters, seed: 1, corpus: "drawn")
        let out = URL(fileURLWithPath: scratch.file("out"))
        try result.write(to: out, library: .standard(), page: TuneReport.page(result))
        #expect(choice.chosen > 0, "the present settings let the nuisance in")
        let (size, confirm) = (
            try #require(result.chosen.values[parameters[0]]), try #require(result.chosen.values[parameters[1]])
        )
        let patch = try String(contentsOf: out.appendingPathComponent("patch.yaml"), encoding: .utf8)
        #expect(patch.contains("  - id: yard\n    size: { min: \(shortNumber(size)) }\n"), "\(patch)")
        #expect(patch.contains("model: visible-tuned"))
        let entry = try ModelLibrary(folder: out.appendingPathComponent("models")).load("visible-tuned")
        let card = try String(contentsOf: out.appendingPathComponent("card.md"), encoding: .utf8)
        #expect(
            card.contains(entry.hash) && card.contains("`model.confirm_s`: 0.2 … 0.5, chosen \(shortNumber(confirm))"))
        #expect(
            card.contains("no say")
                && Files.names(in: out.path) == ["card.md", "models", "patch.yaml", "report.html", "tune.json"])
        let page = try String(contentsOf: out.appendingPathComponent("report.html"), encoding: .utf8)
        try ReportPageTests.parses(page)
        #expect(page.contains("误报与召回的取舍"))
    }

    @Test(
        "parameters and events that make no sense are refused with what would",
        arguments: [
            ("persistence", "give NAME=LOW..HIGH"), ("persistence=2..1", "the lower end comes first"),
            ("persistence=0..31", "is outside 0…30"), ("speed=0..1", "speed is not known; give size.min"),
            ("size.min=nan..1", "give NAME"), ("=0..1", "is not known")
        ])
    func wrongParameters(text: String, expected: String) {
        let error = #expect(throws: CorpusError.self) { try TuneParameter(text) }
        #expect(error?.description.contains(expected) == true, "\(text): \(error!)")
    }

    @Test("a model without such a number, a value out of its range, an event that is not there, one clip only")
    func wrongSearches() throws {
        for (name, expected) in [
            ("model.no_such=0..1", "no_such: the model has no such number"),
            ("model.balance=0..1", "balance: the model has no such number"),
            ("model.flood_share=2..3", "flood_share: ")
        ] {
            let trials = TuneDesign.trials([try TuneParameter(name)], count: 2, seed: 1)
            let error = #expect(throws: ModelError.self) {
                try TuneSearch(
                    corpus: corpus, trials: trials, library: .standard(), cache: LumaCache(folder: nil, limitBytes: 0))
            }
            #expect(error?.description.contains(expected) == true, "\(name): \(error!)")
        }
        let rows = try TuneSearch.silence(of: corpus)
        for (event, expected) in [
            ("clip0/yard@99", "no event that counts begins there; the fence has: "),
            ("clip0/lawn@3", "no such fence"), ("clip0", "give all, or FOOTAGE/FENCE@SECONDS")
        ] {
            let error = #expect(throws: CorpusError.self) {
                try NuisanceBudget(falsePerDay: 1, mustFind: [event], rows: rows)
            }
            #expect(error?.description.contains(expected) == true, "\(error!)")
        }
        let alone = try ScratchFolder()
        try Self.clip("only", delay: 0, in: alone)
        let error = #expect(throws: CorpusError.self) {
            try TuneSearch(
                corpus: URL(fileURLWithPath: alone.file("corpus")), trials: [TuneTrial()], library: .standard(),
                cache: LumaCache(folder: nil, limitBytes: 0))
        }
        #expect(error?.description.contains("give at least 2") == true, "\(error!)")
    }

    @Test("every key of a model that is a whole number may be searched, and stays whole")
    func wholeKeys() throws {
        let library = ModelLibrary.standard()
        for key in [
            "samples", "matches_needed", "radius_least", "restless_rise", "ghost_sightings", "confirm_hits",
            "grid_width"
        ] {
            let old = ["grid_width": 200.4, "restless_rise": 20.4][key] ?? 4.4
            let model = try library.load("visible", as: "x", [ModelChange(key: [key], value: old)]).0.model
            #expect(model != (try library.load("visible").model), "\(key)")
        }
        let file = try library.load("visible", as: "x", [ModelChange(key: ["health", "light_share"], value: 0.2)]).file
        let object = try JSONSerialization.jsonObject(with: file) as? [String: Any]
        #expect((object?["health"] as? [String: Any])?["light_share"] as? Double == 0.2)
    }

    @Test("the design is even: every fifth of every range is tried", arguments: [1, 2, 3] as [UInt64])
    func design(seed: UInt64) throws {
        let parameters = try ["size.min=0.001..0.1", "persistence=0..2", "sensitivity=1..100", "rearm=0..60"].map {
            try TuneParameter($0)
        }
        let trials = TuneDesign.trials(parameters, count: 60, seed: seed)
        #expect(trials.count == 60 && trials[0].values.isEmpty && Set(trials).count == 60, "seed \(seed)")
        for parameter in parameters {
            let values = trials.dropFirst().compactMap { $0.values[parameter] }
            #expect(values.allSatisfy(parameter.range.contains))
            for fifth in 0..<5 {
                let span = parameter.value(at: Double(fifth) / 5)...parameter.value(at: Double(fifth + 1) / 5)
                #expect(values.count(where: span.contains) >= 4, "seed \(seed): \(parameter.name) \(span)")
            }
        }
    }

    private func tune(
        _ parameters: [TuneParameter], trials: Int, workers: Int = 2, seed: UInt64 = 1
    ) throws -> (TuneSearch, TuneChoice) {
        let cache = try LumaCache(folder: nil, limitBytes: 1 << 30)
        let search = try TuneSearch(
            corpus: corpus, trials: TuneDesign.trials(parameters, count: trials, seed: seed), library: .standard(),
            cache: cache, workers: workers)
        let budget = try NuisanceBudget(
            falsePerDay: 0, mustFind: ["all"], rows: TuneSearch.silence(of: corpus))
        return (search, TuneChoice(search, budget: budget, seed: seed))
    }

    static let size = PictureSize(width: 160, height: 120)

    /// A walker through the zone from 3 s on, after him something small (or of the given side) that nobody marked.
    static func clip(_ name: String, delay: Double, nuisance: Double = 0.07, in scratch: ScratchFolder) throws {
        let walk = DrawnFootage(size: size, frameRate: 10, pictureCount: 130) { index, brush in
            let second = Double(index) / 10 - delay
            for (start, side, row) in [(2.0, 0.25, 0.5), (6.5, nuisance, 0.7)] {
                let left = -side + (second - start) * 0.35
                let shown = max(0, left)
                guard second > start, left < 1 else { continue }
                brush.fill(Box(x: shown, y: row, width: max(0, min(left + side, 1) - shown), height: side), luma: 220)
            }
        }
        let folder = scratch.file("corpus/\(name)")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try walk.writeExact(to: "\(folder)/clip.mkv")
        try Files.write(Array(#"{"video_file": "clip.mkv"}"#.utf8), to: "\(folder)/meta.json")
        let events = #"[{"start_s": \#(3 + delay), "end_s": \#(5.2 + delay)}]"#
        let fence = """
            [{"id": "yard", "kind": "zone", "points": [[0.3, 0.3], [0.8, 0.3], [0.8, 0.95], [0.3, 0.95]], "anchor": "foot",
              "judged_from_s": 0, "judged_to_s": 13, "events": \(events)}]
            """
        try Files.write(Array(fence.utf8), to: "\(folder)/fences.json")
    }
}
