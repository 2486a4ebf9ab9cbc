import ArgumentParser
import Foundation
import Pipeline
import Review
import Scene

struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check a configuration: one problem a line on stdout, and 1 if there is any.")

    @Argument(help: "The configuration, site.yaml.") var file: String
    @Option(help: "Write each camera's still with its fences into this folder; asks every camera for a picture.")
    var draw: String?

    func run() async throws {
        let site: SiteConfiguration
        do {
            site = try SiteConfiguration.load(path: file, modelNames: ModelLibrary.standard().names) { name in
                say("note: the environment variable \(name) is not set here; the daemon will need it")
            }
        } catch {
            for line in error.lines { print(line) }
            throw ProgramExit.findings.code
        }
        let fences = site.cameras.reduce(0) { $0 + $1.rules.count }
        say("\(file): in order (cameras: \(site.cameras.count), fences: \(fences), sinks: \(site.sinks.count))")
        say("\(file): \(site.loadEstimate().sentence)")
        if let draw { try drawFences(of: site, into: URL(fileURLWithPath: draw, isDirectory: true)) }
    }

    private func drawFences(of site: SiteConfiguration, into folder: URL) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let progress = ProgressBar("draw")
        var failures: [String] = []
        for (index, camera) in site.cameras.enumerated() {
            progress.update(Double(index) / Double(site.cameras.count), note: camera.id.text)
            do {
                try CameraLook.drawFences(of: camera, to: folder.appendingPathComponent("\(camera.id).jpg"))
            } catch {
                failures.append("\(camera.id): \(sentence(error))")
            }
        }
        progress.finish()
        for failure in failures { say("snowline: \(failure)") }
        if !failures.isEmpty { throw ProgramExit.footage.code }
    }
}
