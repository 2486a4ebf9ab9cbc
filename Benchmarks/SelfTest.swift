import ArgumentParser
import KernelAPI
import KernelReference
import Kernels

/// The property test of the kernels as they are built for release: instruction-set flags exist only there.
struct SelfTest: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "selftest", abstract: "Compare every kernel with its scalar twin on every instruction set.")

    @Option(help: "Seed of the random content; a new one each time without it.")
    var seed: UInt64?

    @Option(help: "Times that all shapes are gone through, each time with other content, starts and strides.")
    var rounds = 20

    func validate() throws {
        guard rounds > 0 else { throw ValidationError("--rounds: \(rounds) is below 1") }
    }

    func run() throws {
        let seed = seed ?? UInt64.random(in: 0...UInt64.max)
        print("seed \(seed); best instruction set of this processor: \(Kernels.best.name)")
        var failed = !setsDiffer()
        for name in Kernels.names {
            guard let table = Kernels.named(name) else {
                print("\(name): skipped, this processor does not have it")
                continue
            }
            var comparison = KernelComparison(table: table, seed: seed)
            for _ in 0..<rounds { comparison.run(thorough: true) }
            let kernels = KernelComparison.kernelNames.count
            print(
                "\(name): \(kernels) kernels, \(comparison.count) comparisons, \(comparison.failures.count) differences"
            )
            for failure in comparison.failures.prefix(10) { print("  \(failure)") }
            failed = failed || !comparison.failures.isEmpty
        }
        if failed { throw ExitCode(1) }
    }

    /// No two sets may share a kernel's code; that each holds its own instructions is seen in its object files.
    private func setsDiffer() -> Bool {
        var owners: [Int: String] = [:]
        for table in [kernelReference] + Kernels.available {
            precondition(table.entryPoints.count == KernelComparison.kernelNames.count, "a kernel without a comparison")
            for (kernel, entry) in zip(KernelComparison.kernelNames, table.entryPoints) {
                if let owner = owners.updateValue("\(table.name) \(kernel)", forKey: entry) {
                    print("\(table.name) \(kernel) is the same code as \(owner)")
                    return false
                }
            }
        }
        print(
            "\(owners.count) kernels at as many addresses: \(Kernels.available.map(\.name).joined(separator: ", ")), twin"
        )
        return true
    }
}

extension KernelTable {
    /// The address of each kernel's code: a table is its name and then, for each kernel, code and context.
    fileprivate var entryPoints: [Int] {
        let first = MemoryLayout<String>.size
        let step = MemoryLayout<Neighbourhood>.size
        return withUnsafeBytes(of: self) { bytes in
            stride(from: first, to: bytes.count, by: step).map { bytes.load(fromByteOffset: $0, as: Int.self) }
        }
    }
}
