import Testing

@Suite("files and functions stay small")
struct SizeTests {
    static let sourceLineLimit = 600
    static let testLineLimit = 1000
    static let functionLineLimit = 70

    @Test func sourceFiles() throws {
        for path in RepositoryTree.swiftFiles(below: ["Sources", "Benchmarks"]) {
            let count = try RepositoryTree.lines(path).count - 1
            #expect(count <= Self.sourceLineLimit, "\(path) has \(count) lines; is it one thing?")
        }
    }

    @Test func testFiles() throws {
        for path in RepositoryTree.swiftFiles(below: ["Tests"]) {
            let count = try RepositoryTree.lines(path).count - 1
            #expect(count <= Self.testLineLimit, "\(path) has \(count) lines; one file a topic")
        }
    }

    @Test func functions() throws {
        for path in RepositoryTree.swiftFiles(below: ["Sources", "Benchmarks", "Tests"]) {
            for function in SwiftOutline(try RepositoryTree.text(path)).functions {
                #expect(
                    function.lineCount <= Self.functionLineLimit,
                    "\(path):\(function.line): \(function.name) has \(function.lineCount) lines; take steps out of it")
            }
        }
    }

    @Test func theOutlineReadsFunctions() {
        let source = #"""
            protocol Role { func requirement(_ value: Int) -> Int; init() }
            struct Thing {
                // func inComment() {
                let text = "func inString() { \(names.map { "\($0) {" }.joined()) }"
                init(_ make: () -> Int = { 1 }) {
                    self.init()
                }
                func two() -> String {
                    """
                    } func inLiteral() {
                    """
                }
                mutating func generic<T>(_ value: [T]) where T: Hashable { func inner() {} }
            }
            """#
        let names = SwiftOutline(source).functions.map { "\($0.name) \($0.line) \($0.lineCount)" }
        #expect(names == ["init 5 3", "two 8 5", "generic 13 1", "inner 13 1"])
    }
}
