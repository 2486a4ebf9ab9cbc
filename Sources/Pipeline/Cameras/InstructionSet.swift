import Foundation
package import KernelAPI
import Kernels

/// Which of the kernels' instruction sets analysis uses: the best that this processor has, or, so that they can be
/// compared with one another, the one that `SNOWLINE_INSTRUCTION_SET` names.
package enum InstructionSet {
    package static let variable = "SNOWLINE_INSTRUCTION_SET"

    /// - Throws: ``InstructionSetError`` for a name that is none, or that this processor cannot run.
    package static func chosen(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(InstructionSetError) -> KernelTable {
        guard let name = environment[variable], !name.isEmpty else { return Kernels.best }
        guard let table = Kernels.named(name) else {
            throw InstructionSetError(name: name, available: Kernels.available.map(\.name))
        }
        return table
    }
}

/// An instruction set that was asked for and cannot be had.
package struct InstructionSetError: Error, Hashable, CustomStringConvertible {
    package let name: String
    package let available: [String]

    package var description: String {
        """
        \(InstructionSet.variable): "\(name)" cannot be used; this processor runs \(available.joined(separator: ", ")), \
        or leave the variable out
        """
    }
}
