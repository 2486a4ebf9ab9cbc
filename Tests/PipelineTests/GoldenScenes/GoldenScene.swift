import Scene
import TestSupport

/// A scene drawn by code with the fences that watch it and, in words and figures, what each must raise and why.
///
/// `Golden/<name>/` holds its configuration and its card, both made from what stands here, and the decisions that a
/// person has looked at. The expectations here are asserted whatever that file says.
struct GoldenScene: Sendable, CustomStringConvertible {
    static let size = PictureSize(width: 160, height: 120)
    static let frameRate = 10.0

    /// Folder in `Golden/`.
    let name: String
    let seconds: Double
    /// When the first picture was taken.
    var start = MediaTime.epoch
    /// What happens in it.
    let story: String
    var ground = GoldenGround.wall
    /// The later one is nearer to the camera.
    var figures: [Figure] = []
    /// What stands before every figure, from the first picture on.
    var posts: [Box] = []
    /// Lines of the configuration: of the site and of the camera.
    var site: [String] = []
    var camera: [String] = []
    let fences: [GoldenFence]

    var description: String { name }

    var footage: DrawnFootage {
        let (ground, figures, posts) = (ground, figures, posts)
        return DrawnFootage(
            size: Self.size, frameRate: Self.frameRate, pictureCount: Int(seconds * Self.frameRate)
        ) { index, brush in
            let time = Double(index) / Self.frameRate
            brush.fill(rows: ground.rows(time))
            for figure in figures {
                if let box = figure.box(at: time) { brush.fill(box, luma: figure.luma) }
            }
            for post in posts { brush.fill(post, luma: GoldenGround.postLuma) }
        }
    }

    /// The same seen in a mirror: what went to the right goes to the left.
    var mirrored: GoldenScene {
        GoldenScene(
            name: name, seconds: seconds, start: start, story: story, ground: ground.mirrored,
            figures: figures.map(\.mirrored), posts: posts.map(\.mirrored), site: site,
            camera: camera.map(Self.mirrored), fences: fences.map(\.mirrored))
    }

    /// Points of a configuration, which are the only pairs of shares in it but for `within`.
    static func mirrored(_ text: String) -> String {
        text.replacing(/(within: )?\[([0-9.]+), ([0-9.]+)\]/) { match in
            guard match.1 == nil, let x = Double(match.2) else { return String(match.0) }
            return "[\(1 - x), \(match.3)]"
        }
        .replacing("left_to_right", with: "LEFTWARDS").replacing("right_to_left", with: "left_to_right")
        .replacing("LEFTWARDS", with: "right_to_left")
    }

    /// `site.yaml` of its folder.
    var siteText: String {
        let camera = camera.map { "    \($0)\n" }.joined()
        let fences = fences.map { "      - { id: \($0.id), \($0.watch) }\n" }.joined()
        return """
            site: { id: "000000", name: drawn, timezone: Asia/Shanghai }
            \(site.map { $0 + "\n" }.joined())cameras:
              - id: scene
                url: rtsp://127.0.0.1/scene
            \(camera)    fences:
            \(fences)sinks:
              - { id: record, kind: file, path: alerts.jsonl }

            """
    }

    /// `README.md` of its folder.
    var card: String {
        let rows = fences.map { fence in
            let raised =
                fence.raises.isEmpty ? "nothing" : fence.raises.map(\.text).joined(separator: "; ")
            let issue = fence.knownIssue.map { " (not yet: \($0))" } ?? ""
            return "| `\(fence.id)` | \(raised) | \(fence.because)\(issue) |\n"
        }
        return """
            # \(name)

            \(story)

            | Fence | Raises | Because |
            |---|---|---|
            \(rows.joined())
            Drawn by the scene of this name in `Tests/PipelineTests/GoldenScenes`, from which `make golden` also writes this
            card and `site.yaml`; `expected.jsonl` is what `snowline replay --alerts` writes for it.

            """
    }
}

/// A fence of a drawn scene and what it must raise.
struct GoldenFence: Sendable {
    let id: String
    /// Its keys in the configuration, but for the id.
    let watch: String
    var raises: [Raise]
    let because: String
    /// Why it is not so yet; nil where it is.
    var knownIssue: String?

    static func fence(_ id: String, _ watch: String, _ raises: [Raise], because: String) -> GoldenFence {
        GoldenFence(id: id, watch: watch, raises: raises, because: because)
    }

    static func silent(_ id: String, _ watch: String, because: String) -> GoldenFence {
        GoldenFence(id: id, watch: watch, raises: [], because: because)
    }

    var mirrored: GoldenFence {
        GoldenFence(
            id: id, watch: GoldenScene.mirrored(watch), raises: raises.map(\.mirrored),
            because: GoldenScene.mirrored(because), knownIssue: knownIssue)
    }
}

/// One finding that an alert must hold.
struct Raise: Sendable {
    let occurrence: Occurrence
    var direction: CrossingDirection?
    /// Seconds after the first picture.
    let at: Double
    /// When its episode ends, for what has an end.
    var until: Double?
    /// How far `at` and `until` may be off, in seconds.
    var give: Double

    static func crossed(_ direction: CrossingDirection, at: Double, give: Double = 0.15) -> Raise {
        Raise(occurrence: .crossed, direction: direction, at: at, give: give)
    }

    static func once(_ occurrence: Occurrence, at: Double, give: Double = 0.3) -> Raise {
        Raise(occurrence: occurrence, at: at, give: give)
    }

    static func held(_ occurrence: Occurrence, from: Double, to: Double, give: Double = 0.3) -> Raise {
        Raise(occurrence: occurrence, at: from, until: to, give: give)
    }

    var mirrored: Raise {
        var mirrored = self
        mirrored.direction = direction.map { $0 == .leftToRight ? .rightToLeft : .leftToRight }
        return mirrored
    }

    var text: String {
        let way = direction.map { " \($0.rawValue)" } ?? ""
        let span = until.map { "from \(at) s to \($0) s" } ?? "at \(at) s"
        return "`\(occurrence.rawValue)`\(way) \(span) (± \(give) s)"
    }

    func fits(_ found: Found) -> Bool {
        found.occurrence == occurrence && found.direction == direction && abs(found.at - at) <= give
            && until.map { abs(found.until - $0) <= give } ?? true
    }

    /// What a replay has found.
    struct Found: CustomStringConvertible {
        let occurrence: Occurrence
        let direction: CrossingDirection?
        let at: Double
        let until: Double

        var description: String {
            "\(occurrence.rawValue) \(direction.map { "\($0.rawValue) " } ?? "")at \(at) s until \(until) s"
        }
    }
}

extension GoldenScene {
    /// What is not as it must be, in words.
    /// - Parameter known: of the fences with a known issue, or of all others.
    func problems(in decisions: [AlertDecision], known: Bool = false) -> [String] {
        let closed = decisions.filter { $0.state == .closed }
        return fences.filter { ($0.knownIssue != nil) == known }.flatMap { fence -> [String] in
            var found = closed.filter { $0.rule.text == fence.id }.flatMap { decision in
                decision.findings.map { finding in
                    Raise.Found(
                        occurrence: finding.occurrence, direction: finding.direction,
                        at: (finding.time - start).seconds, until: (decision.last - start).seconds)
                }
            }
            var problems: [String] = []
            for raise in fence.raises {
                if let index = found.firstIndex(where: raise.fits) {
                    found.remove(at: index)
                } else {
                    problems.append("\(fence.id) does not raise \(raise.text), although \(fence.because)")
                }
            }
            return problems + found.map { "\(fence.id) raises \($0), although \(fence.because)" }
        }
    }
}
