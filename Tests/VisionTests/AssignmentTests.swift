import Testing

@testable import Vision

@Suite struct AssignmentTests {
    @Test func findsTheCheapestMatchingOfRandomTables() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var state = seed
        func next(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % limit
        }
        var assignment = Assignment(limit: 5)
        for _ in 0..<200 {
            let (rows, columns) = (next(5), next(5))
            let costs = (0..<rows * columns).map { _ in next(5) == 0 ? Assignment.never : Double(next(100)) }
            assignment.solve(costs, rows: rows, columns: columns)
            let answer = assignment.answer
            let used = answer.compactMap { $0 }
            #expect(Set(used).count == used.count, "seed \(seed)")
            let total = answer.enumerated().reduce(0.0) { sum, pair in
                sum + (pair.element.map { costs[pair.offset * columns + $0] } ?? Assignment.never)
            }
            #expect(abs(total - cheapest(costs, rows, columns, row: 0, taken: [])) < 1e-3, "seed \(seed)")
        }
    }

    /// Every way, one after another. A row left out costs as much as a forbidden pair.
    private func cheapest(_ costs: [Double], _ rows: Int, _ columns: Int, row: Int, taken: Set<Int>) -> Double {
        if row == rows { return 0 }
        var best = Assignment.never + cheapest(costs, rows, columns, row: row + 1, taken: taken)
        for column in 0..<columns where !taken.contains(column) {
            let rest = cheapest(costs, rows, columns, row: row + 1, taken: taken.union([column]))
            best = min(best, costs[row * columns + column] + rest)
        }
        return best
    }
}
