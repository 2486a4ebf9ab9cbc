import Foundation
import Scene
import Testing

@testable import Vision

extension DetectorModel {
    static func preset(_ name: String) throws -> DetectorModel {
        try JSONDecoder().decode(DetectorModel.self, from: presetText(name))
    }

    static func presetText(_ name: String) throws -> Data {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try Data(contentsOf: root.appending(path: "Models/\(name)/model.json"))
    }

    /// The preset for visible light, as shipped.
    static var test: DetectorModel {
        do { return try preset("visible") } catch { fatalError("\(error)") }
    }
}

@Suite struct DetectorModelTests {
    @Test(arguments: ["visible", "thermal"])
    func shippedPresetsAreValid(name: String) throws {
        #expect(try DetectorModel.preset(name).validate() == [])
    }

    @Test func unknownKeyIsRefused() throws {
        var values = try #require(
            try JSONSerialization.jsonObject(with: DetectorModel.presetText("visible")) as? [String: Any])
        values["sensitivity"] = 3
        let text = try JSONSerialization.data(withJSONObject: values)
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(DetectorModel.self, from: text) }
    }

    @Test(arguments: DetectorModel.CodingKeys.allCases.map(\.rawValue))
    func missingKeyIsRefused(key: String) throws {
        var values = try #require(
            try JSONSerialization.jsonObject(with: DetectorModel.presetText("visible")) as? [String: Any])
        values[key] = nil
        let text = try JSONSerialization.data(withJSONObject: values)
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(DetectorModel.self, from: text) }
    }

    @Test(arguments: HealthModel.CodingKeys.allCases.map(\.rawValue))
    func healthIsReadAsStrictly(key: String) throws {
        var values = try #require(
            try JSONSerialization.jsonObject(with: DetectorModel.presetText("visible")) as? [String: Any])
        var health = try #require(values["health"] as? [String: Any])
        health["sensitivity"] = 3
        values["health"] = health
        let strange = try JSONSerialization.data(withJSONObject: values)
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(DetectorModel.self, from: strange) }
        health["sensitivity"] = nil
        health[key] = nil
        values["health"] = health
        let missing = try JSONSerialization.data(withJSONObject: values)
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(DetectorModel.self, from: missing) }
        health[key] = 1e9
        values["health"] = health
        let wild = try JSONSerialization.data(withJSONObject: values)
        let problems = try JSONDecoder().decode(DetectorModel.self, from: wild).validate()
        #expect(problems.count == 1 && problems[0].hasPrefix("health.\(key): "))
    }

    @Test func allProblemsAreNamedAtOnce() {
        var model = DetectorModel.test
        model.samples = 0
        model.floodShare = 2
        let problems = model.validate()
        #expect(problems.contains("samples: 0 is outside 3…32"))
        #expect(problems.contains("flood_share: 2.0 is outside 0.05…1.0"))
    }
}
