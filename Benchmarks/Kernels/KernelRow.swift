import ArgumentParser
import Glibc

/// What one version of a kernel costs a pixel.
struct KernelCost {
    var nanoseconds: Double
    /// nil where nobody counted.
    var instructions: Double?
}

/// One kernel on one instruction set.
struct KernelRow {
    var kernel: String
    var set: String
    var swift: KernelCost
    var c: KernelCost
    var twin: KernelCost
    /// Both outputs are the twin's, byte for byte.
    var equal: Bool

    /// By instructions, which no neighbour disturbs.
    var isTooSlow: Bool {
        guard let mine = swift.instructions, let twins = twin.instructions else { return false }
        return mine * 2 > twins
    }

    private static let columns = [
        "kernel", "set", "swift_ns", "c_ns", "twin_ns", "swift_instructions", "c_instructions", "twin_instructions",
        "instructions_twin_over_swift", "instructions_c_over_swift", "equal"
    ]

    private var numbers: [String?] {
        func ratio(_ over: Double?) -> String? {
            guard let over, let mine = swift.instructions else { return nil }
            return rounded(over / mine)
        }
        return [
            rounded(swift.nanoseconds), rounded(c.nanoseconds), rounded(twin.nanoseconds),
            swift.instructions.map(rounded), c.instructions.map(rounded), twin.instructions.map(rounded),
            ratio(twin.instructions), ratio(c.instructions)
        ]
    }

    static func csv(_ rows: [KernelRow]) -> String {
        let lines = rows.map { row in
            ([row.kernel, row.set] + row.numbers.map { $0 ?? "" } + ["\(row.equal)"]).joined(separator: ",")
        }
        return ([columns.joined(separator: ",")] + lines).joined(separator: "\n")
    }

    static func json(_ rows: [KernelRow]) -> String {
        let objects = rows.map { row in
            let values = ["\"\(row.kernel)\"", "\"\(row.set)\""] + row.numbers.map { $0 ?? "null" } + ["\(row.equal)"]
            return "  {" + zip(columns, values).map { "\"\($0)\": \($1)" }.joined(separator: ", ") + "}"
        }
        return "[\n" + objects.joined(separator: ",\n") + "\n]"
    }
}

/// The file of `kernel-instructions.sh`: `kernel,set,instructions_per_pixel` with a header.
struct InstructionCounts {
    private var counts: [String: Double] = [:]

    init(file: String) throws {
        for (number, line) in try Self.lines(file).enumerated().dropFirst() {
            let fields = line.split(separator: ",", omittingEmptySubsequences: false)
            guard fields.count == 3, let value = Double(fields[2]), value > 0 else {
                throw ValidationError("\(file):\(number + 1): \"\(line)\" is not kernel,set,instructions_per_pixel")
            }
            counts["\(fields[0]),\(fields[1])"] = value
        }
    }

    func perPixel(_ kernel: String, _ set: String) -> Double? { counts["\(kernel),\(set)"] }

    private static func lines(_ file: String) throws -> [String] {
        guard let stream = fopen(file, "r") else {
            throw ValidationError("--instructions: cannot read \(file): \(String(cString: strerror(errno)))")
        }
        defer { fclose(stream) }
        var lines: [String] = []
        while let line = readLine(stream) { lines.append(line) }
        return lines
    }

    private static func readLine(_ stream: UnsafeMutablePointer<FILE>) -> String? {
        var buffer = [CChar](repeating: 0, count: 256)
        guard fgets(&buffer, Int32(buffer.count), stream) != nil else { return nil }
        let bytes = buffer.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Four decimals.
private func rounded(_ value: Double) -> String { String((value * 10_000).rounded() / 10_000) }
