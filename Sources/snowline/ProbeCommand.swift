import ArgumentParser
import Foundation
import Media
import Pipeline
import Review
import Scene

struct ProbeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "probe", abstract: "Say what a camera sends, and write a still with a 0–1 grid to draw fences by.")

    @Argument(help: "rtsp://… or a file.") var url: String
    @Option(help: "tcp or udp.") var transport: StreamTransport = .tcp
    @Option(help: "Seconds of measuring, 1…120; longer than the camera's GOP.") var seconds = 5
    @Option(help: "Write the still here (JPEG).") var still: String?

    func validate() throws {
        guard (1...120).contains(seconds) else { throw ValidationError("--seconds \(seconds): give 1…120") }
    }

    func run() async throws {
        let address = StreamAddress(url)
        let progress = ProgressBar("probe")
        let filling = progress.fill(over: .seconds(seconds))
        defer {
            filling.cancel()
            progress.finish()
        }
        do {
            let look = try CameraLook(
                address, transport: transport, seconds: seconds,
                still: still.map { URL(fileURLWithPath: $0) })
            progress.finish()
            print(look.lines.joined(separator: "\n"))
            if let still { say("still: \(still)") }
        } catch  where isUnreadable(error) {
            say("snowline: \(error)")
            throw ProgramExit.footage.code
        }
    }
}

extension StreamTransport: ExpressibleByArgument {}
