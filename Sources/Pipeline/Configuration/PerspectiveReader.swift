import Scene

/// Reads a camera's perspective: how tall a person is on two rows.
struct PerspectiveReader {
    /// A perspective may be left out, which is right, or given wrongly.
    enum Reading {
        case right(Perspective?)
        case wrong

        init(_ node: ConfigurationNode?) {
            guard let node else {
                self = .right(nil)
                return
            }
            self = PerspectiveReader().read(node).map { .right($0) } ?? .wrong
        }
    }

    private func read(_ node: ConfigurationNode) -> Perspective? {
        guard let section = ConfigurationSection(node, keys: ConfigurationKeys.perspective, noun: "a perspective")
        else { return nil }
        let far = section.required("far", example: "{ y: 0.3, height: 0.08 }").flatMap(readReference)
        let near = section.required("near", example: "{ y: 0.9, height: 0.35 }").flatMap(readReference)
        let person = section.value("person_m", default: 1.7) {
            $0.number(in: Perspective.personHeights, unit: "metres")
        }
        let view = section.value("view_degrees", default: Double?.none as Double??) {
            $0.number(in: Perspective.views, unit: "degrees").map(Optional.some)
        }
        guard let far, let near, let person, let view else { return nil }
        do throws(Perspective.Flaw) {
            return try Perspective(far: far, near: near, personHeight: person, verticalViewDegrees: view)
        } catch {
            node.complain(Self.sentence(error, far, near))
            return nil
        }
    }

    private func readReference(_ node: ConfigurationNode) -> Perspective.Reference? {
        guard let section = ConfigurationSection(node, keys: ConfigurationKeys.reference, noun: "a reference")
        else { return nil }
        let row = section.required("y", example: "0.9")?.number(in: 0...1, unit: "of the picture's height")
        let height = section.required("height", example: "0.35")?
            .number(in: Perspective.heights, unit: "of the picture's height")
        guard let row, let height else { return nil }
        // No negative zero: it would change a hash and nothing else.
        return Perspective.Reference(row: row + 0, height: height)
    }

    private static func sentence(
        _ flaw: Perspective.Flaw, _ far: Perspective.Reference, _ near: Perspective.Reference
    ) -> String {
        switch flaw {
        case .rowsTooClose:
            "near.y is \(near.row) and far.y \(far.row); near.y must be larger by at least "
                + "\(Perspective.leastRowDistance), so measure at two places further apart"
        case .shrinksDownwards:
            "a person is \(far.height) tall at far and \(near.height) at near; who is nearer cannot look smaller, "
                + "so measure again or exchange them"
        case .rowOutside(let value), .heightOutside(let value):
            "\(value) is outside what is allowed; give shares of the picture"
        case .personOutside, .viewOutside: "is outside what is allowed"
        }
    }
}
