import ArgumentParser
import Pipeline

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Ask the running daemon how it is.")

    func run() async throws {
    }
}
