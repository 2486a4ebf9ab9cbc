import Foundation
import Pipeline
import Rules
import Scene
import Testing

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// docs/rules.md has all of every kind: a drawn picture with its caption in both languages, what can be set and within
/// which limits, an example. That the examples and codes are right is asked in ``RuleConfigurationTests``.
@Suite("The page of rule kinds")
struct RulePageTests {
    private static let docs = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("docs")

    /// Below the heading of the kind, up to the next one.
    private func section(_ kind: RuleKind) throws -> String {
        let page = try String(contentsOf: Self.docs.appendingPathComponent("rules.md"), encoding: .utf8)
        let sections = page.components(separatedBy: "\n### `\(kind.rawValue)`\n").dropFirst()
        #expect(sections.count == 1, "docs/rules.md needs one section ### `\(kind.rawValue)`")
        return try #require(sections.first).components(separatedBy: "\n##")[0]
    }

    @Test(
        "each kind has a drawn picture and says below it what it shows, in Chinese and English",
        arguments: RuleKind.allCases)
    func picture(kind: RuleKind) throws {
        let lines = try section(kind).split(separator: "\n")
        let place = "pictures/rules/\(kind.rawValue).svg"
        let shown = try #require(lines.first)
        #expect(shown.hasPrefix("![") && shown.hasSuffix("](\(place))"), "\(shown)")
        let caption = try #require(lines.dropFirst().first)
        let isChinese: (Character) -> Bool = { ("\u{4E00}"..."\u{9FFF}").contains($0) }
        #expect(caption.contains(where: isChinese) && caption.count { $0.isASCII && $0.isLetter } > 20, "\(caption)")

        let drawing = try String(contentsOf: Self.docs.appendingPathComponent(place), encoding: .utf8)
        #expect(XMLParser(data: Data(drawing.utf8)).parse(), "\(place) is no XML")
        #expect(drawing.hasPrefix("<svg ") && drawing.utf8.count < 20_000)
        #expect(
            drawing.contains("<title>\(kind.rawValue): ") && caption.contains(between("<desc>", "</desc>", drawing)))
        #expect(drawing.count { $0 == "<" } > 20, "there is something in it")
    }

    @Test("each kind's own keys stand in its section", arguments: RuleKind.allCases)
    func keys(kind: RuleKind) throws {
        let section = try section(kind)
        let common = Set(
            ConfigurationKeys.fence(of: .manual) + [
                "preset", "anchor", "size", "height_m", "persistence", "sensitivity"
            ])
        for key in ConfigurationKeys.fence(of: kind) where !common.contains(key) {
            #expect(
                section.contains("`\(key)") || section.contains("\(key): "), "\(kind.rawValue): \(key) is not there")
        }
        #expect(section.contains("```fence\n"))
    }

    @Test("the limits of each key are those that the configuration asks for")
    func limits() throws {
        let limits: [(RuleKind, String, ClosedRange<Double>)] = [
            (.dwell, "seconds", DwellRule.spans), (.dwell, "gap", DwellRule.gaps),
            (.wrongWay, "distance", WrongWayRule.ways), (.speed, "seconds", SpeedRule.spans),
            (.sequence, "within", SequenceRule.spans), (.stopped, "seconds", StoppedRule.spans),
            (.leftObject, "seconds", LeftObjectRule.spans), (.removedObject, "seconds", RemovedObjectRule.spans),
            (.occupancy, "seconds", OccupancyRule.spans), (.density, "seconds", DensityRule.spans),
            (.density, "share", DensityRule.shares), (.motion, "seconds", MotionRule.spans),
            (.motion, "share", MotionRule.shares), (.sceneHealth, "seconds", SceneHealthRule.spans)
        ]
        for (kind, key, range) in limits {
            let written = "(\(number(range.lowerBound))…\(number(range.upperBound))"
            let told = try section(kind).components(separatedBy: "`\(key)").dropFirst().map { $0.prefix(60) }
            #expect(told.contains { $0.contains(written) }, "\(kind.rawValue): `\(key)` \(written)) is not in \(told)")
        }
    }

    private func number(_ value: Double) -> String { value == value.rounded() ? "\(Int(value))" : "\(value)" }

    private func between(_ start: String, _ end: String, _ text: String) -> String {
        text.components(separatedBy: start).last?.components(separatedBy: end).first ?? ""
    }
}
