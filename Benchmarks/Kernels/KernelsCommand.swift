import ArgumentParser
import CDispatch
import Glibc
import KernelAPI
import KernelReference
import Kernels

/// Nanoseconds of thread time a pixel of every kernel on every instruction set, beside its scalar twin and beside
/// straightforward C for the same set; every output is compared with the twin's.
struct KernelsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kernels",
        abstract: "Time every kernel on every instruction set beside its scalar twin and beside C.",
        discussion: """
            Instructions a pixel come from Benchmarks/kernel-instructions.sh (callgrind), whose file --instructions \
            adds to the table.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case csv, json }

    @Option(help: "Grid width in pixels, a multiple of 64.")
    var width = 320

    @Option(help: "Grid height in pixels, a multiple of 32.")
    var height = 192

    @Option(help: "Rounds; the median counts.")
    var rounds = 25

    @Option(help: "Only this kernel.")
    var only: String?

    @Option(help: "With --count: reference, baseline, avx2, avx512, or c- and a set's name.")
    var set: String?

    @Option(help: "Run --only on --set this many times and print nothing else: for counting instructions.")
    var count: Int?

    @Option(help: "Instructions a pixel, as kernel-instructions.sh writes them.")
    var instructions: String?

    @Flag(help: "End with 1 where a kernel takes more than half of its twin's instructions (needs --instructions).")
    var check = false

    @Option(help: "csv or json.")
    var format = Format.csv

    @Flag(help: "Print the names of the kernels, one a line.")
    var list = false

    func validate() throws {
        guard width > 0, width % PlaneLayout.lane == 0, height > 0, height % PlaneLayout.blockSide == 0, rounds > 0
        else {
            throw ValidationError(
                "--width must be a multiple of 64, --height a multiple of 32, --rounds at least 1; all above 0")
        }
        if check, instructions == nil {
            throw ValidationError("--check needs --instructions FILE; Benchmarks/kernel-instructions.sh writes it")
        }
        if count != nil, only == nil || set == nil {
            throw ValidationError("--count needs --only and --set")
        }
    }

    func run() throws {
        let bed = KernelBed(width: width, height: height)
        if list {
            for workload in bed.workloads { print(workload.name) }
            return
        }
        let workloads = bed.workloads.filter { only == nil || $0.name == only }
        guard !workloads.isEmpty else {
            throw ValidationError("--only: no kernel \"\(only ?? "")\"; --list names them")
        }
        if let count, let set {
            try repeatOnly(workloads[0], on: set, count: count, bed)
            return
        }
        let counted = try instructions.map(InstructionCounts.init(file:))
        let rows = workloads.flatMap { measured($0, bed, counted) }
        print(format == .csv ? KernelRow.csv(rows) : KernelRow.json(rows))
        try judge(rows)
    }

    private func judge(_ rows: [KernelRow]) throws {
        let different = rows.filter { !$0.equal }
        for row in different { complain("\(row.kernel) on \(row.set): the output differs from the twin's") }
        let slow = check ? rows.filter { $0.isTooSlow } : []
        for row in slow {
            complain(
                "\(row.kernel) on \(row.set): \(row.swift.instructions ?? 0) instructions a pixel, its twin "
                    + "\(row.twin.instructions ?? 0); a kernel that is not twice as fast needs no table")
        }
        if check, !rows.contains(where: { $0.swift.instructions != nil && $0.twin.instructions != nil }) {
            complain("--check: the file of --instructions names none of these kernels")
            throw ExitCode(1)
        }
        if !different.isEmpty || !slow.isEmpty { throw ExitCode(1) }
    }

    private func complain(_ text: String) {
        let line = Array("error: \(text)\n".utf8)
        write(STDERR_FILENO, line, line.count)
    }

    private func repeatOnly(_ workload: KernelBed.Workload, on set: String, count: Int, _ bed: KernelBed) throws {
        guard let table = Self.table(set) else {
            throw ValidationError("--set: \"\(set)\" is unknown, or this processor does not have it")
        }
        for _ in 0..<count { workload.run(table, bed) }
    }

    static func table(_ name: String) -> KernelTable? {
        if name == "reference" { return kernelReference }
        if name.hasPrefix("c-") { return CKernelTables.named(String(name.dropFirst(2))) }
        return Kernels.named(name)
    }

    private func measured(
        _ workload: KernelBed.Workload, _ bed: KernelBed, _ counted: InstructionCounts?
    ) -> [KernelRow] {
        let sets = Kernels.available.map(\.name)
        let tables = [kernelReference] + sets.flatMap { [Self.table($0), Self.table("c-" + $0)] }.compactMap { $0 }
        let outputs = tables.map { table in
            bed.reset()
            workload.run(table, bed)
            return bed.output
        }
        let times = time(workload, tables, bed)
        func cost(_ index: Int) -> KernelCost {
            KernelCost(
                nanoseconds: times[index], instructions: counted?.perPixel(workload.name, tables[index].name))
        }
        return sets.enumerated().map { position, set in
            KernelRow(
                kernel: workload.name, set: set, swift: cost(1 + 2 * position), c: cost(2 + 2 * position),
                twin: cost(0), equal: outputs[1 + 2 * position] == outputs[0] && outputs[2 + 2 * position] == outputs[0]
            )
        }
    }

    /// Median nanoseconds a pixel of each table; the tables take turns, so that a busy neighbour troubles all alike.
    private func time(_ workload: KernelBed.Workload, _ tables: [KernelTable], _ bed: KernelBed) -> [Double] {
        let least = 100_000
        let passes = tables.map { table in
            let begin = threadNanoseconds()
            workload.run(table, bed)
            return max(1, least / max(1, threadNanoseconds() - begin))
        }
        var samples = [[Double]](repeating: [], count: tables.count)
        for _ in 0..<rounds {
            for (index, table) in tables.enumerated() {
                let begin = threadNanoseconds()
                for _ in 0..<passes[index] { workload.run(table, bed) }
                let elapsed = Double(threadNanoseconds() - begin)
                samples[index].append(elapsed / Double(passes[index] * workload.pixels))
            }
        }
        return samples.map { $0.sorted()[rounds / 2] }
    }
}

private func threadNanoseconds() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
}
