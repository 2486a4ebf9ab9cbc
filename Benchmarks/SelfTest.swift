import ArgumentParser
import KernelReference
import Kernels

/// The property test of the kernels as they are built for release: instruction-set flags exist only there.
struct SelfTest: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "selftest", abstract: "Compare every kernel with its scalar twin on every instruction set.")

    @Option(help: "Seed of the random content; a new one each time without it.")
    var seed: UInt64?

    func run() throws {
        let seed = seed ?? UInt64.random(in: 0...UInt64.max)
        print("seed \(seed)")
        var failed = false
        for name in Kernels.names {
            guard let table = Kernels.named(name) else {
                print("\(name): skipped, this processor does not have it")
                continue
            }
            var comparison = KernelComparison(table: table, seed: seed)
            comparison.run(thorough: true)
            let kernels = KernelComparison.kernelNames.count
            print(
                "\(name): \(kernels) kernels, \(comparison.count) comparisons, \(comparison.failures.count) differences"
            )
            for failure in comparison.failures.prefix(10) { print("  \(failure)") }
            failed = failed || !comparison.failures.isEmpty
        }
        if failed { throw ExitCode(1) }
    }
}
