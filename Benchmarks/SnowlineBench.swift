import ArgumentParser
import BusBench

@main
struct SnowlineBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "snowline-bench", abstract: "Measurements and self-tests of Snowline.",
        subcommands: [
            SelfTest.self, KernelsCommand.self, AllocationsCommand.self, VisionCommand.self, RulesCommand.self,
            DensityCommand.self, ReplayBenchCommand.self, BusCommand.self
        ])
}
