import KernelAPI
import Kernels
import Pipeline
import Testing

@Suite("The instruction set that analysis uses")
struct InstructionSetTests {
    @Test("the best one, unless the environment names another that this processor has")
    func choice() throws {
        #expect(try InstructionSet.chosen(environment: [:]).name == Kernels.best.name)
        #expect(try InstructionSet.chosen(environment: [InstructionSet.variable: ""]).name == Kernels.best.name)
        for table in Kernels.available {
            #expect(try InstructionSet.chosen(environment: [InstructionSet.variable: table.name]).name == table.name)
        }
    }

    @Test("an unknown name is an error that says which there are", arguments: ["sse9", "AVX2", " baseline"])
    func unknown(name: String) throws {
        let error = try #require(throws: InstructionSetError.self) {
            try InstructionSet.chosen(environment: [InstructionSet.variable: name])
        }
        #expect(error.description.contains("SNOWLINE_INSTRUCTION_SET: \"\(name)\""))
        #expect(error.description.contains("baseline"))
    }
}
