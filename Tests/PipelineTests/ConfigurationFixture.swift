import Foundation
import Pipeline

/// A configuration in which a test changes one thing.
enum ConfigurationFixture {
    static let secret = "whsec_" + Data(repeating: 7, count: 32).base64EncodedString()

    static let minimal = """
        site: { id: "530302", name: demo }
        cameras:
          - id: gate
            url: rtsp://user:hunter2@127.0.0.1:8554/gate
            fences:
              - { id: lawn, kind: zone, points: [[0,0.6],[0.3,0.66],[0.66,1],[0,1]] }
              - { id: path, kind: line, points: [[0.5,0.75],[0.5,0.2]] }
        sinks:
          - { id: dispatch, kind: webhook, url: "http://127.0.0.1:9000/alerts", secret: "env:SECRET" }
        """

    static func surroundings(
        environment: [String: String] = ["SECRET": secret, "SNOWLINE_DISPATCH_SECRET": secret],
        models: [String] = ["visible", "thermal"]
    ) -> ConfigurationSurroundings {
        ConfigurationSurroundings(
            folder: "/srv/snowline", environment: { environment[$0] }, modelNames: models)
    }

    static func decode(
        _ text: String, _ surroundings: ConfigurationSurroundings = surroundings()
    ) throws(ConfigurationError) -> SiteConfiguration {
        try SiteConfiguration.decode(text, file: "site.yaml", in: surroundings)
    }

    /// The lines an operator would see; empty where the text is right.
    static func problems(
        _ text: String, _ surroundings: ConfigurationSurroundings = surroundings()
    ) -> [String] {
        do throws(ConfigurationError) {
            _ = try decode(text, surroundings)
            return []
        } catch {
            return error.lines
        }
    }

    /// The minimal configuration with one passage replaced.
    static func changed(_ passage: String, to replacement: String) -> String {
        precondition(minimal.contains(passage), "the fixture has no \(passage)")
        return minimal.replacingOccurrences(of: passage, with: replacement)
    }
}
