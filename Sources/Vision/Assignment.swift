/// The assignment of rows to columns with the least total cost (Kuhn's Hungarian method, with potentials and shortest
/// augmenting paths after Jonker and Volgenant, Computing 1987).
enum Assignment {
    /// What a forbidden pair costs.
    static let never = 1e6

    /// - Parameter costs: row-major, `rows` × `columns`.
    /// - Returns: for each row its column, or nil where none is left or the pair costs ``never``.
    static func solve(_ costs: [Double], rows: Int, columns: Int) -> [Int?] {
        var answer = [Int?](repeating: nil, count: rows)
        if rows == 0 || columns == 0 { return answer }
        let flip = rows > columns
        let (n, m) = flip ? (columns, rows) : (rows, columns)
        func cost(_ i: Int, _ j: Int) -> Double { flip ? costs[j * columns + i] : costs[i * columns + j] }
        let owners = match(n, m, cost)
        for j in 1...m where owners[j] > 0 {
            let (row, column) = flip ? (j - 1, owners[j] - 1) : (owners[j] - 1, j - 1)
            if costs[row * columns + column] < never { answer[row] = column }
        }
        return answer
    }

    /// One-based: `owners[j]` is the row that got column `j`, 0 for none. Needs `n <= m`.
    private static func match(_ n: Int, _ m: Int, _ cost: (Int, Int) -> Double) -> [Int] {
        var u = [Double](repeating: 0, count: n + 1)
        var v = [Double](repeating: 0, count: m + 1)
        var owners = [Int](repeating: 0, count: m + 1)
        var way = [Int](repeating: 0, count: m + 1)
        for i in 1...n {
            owners[0] = i
            var column = 0
            var least = [Double](repeating: .infinity, count: m + 1)
            var used = [Bool](repeating: false, count: m + 1)
            repeat {
                used[column] = true
                let row = owners[column]
                var delta = Double.infinity
                var next = 0
                for j in 1...m where !used[j] {
                    let reduced = cost(row - 1, j - 1) - u[row] - v[j]
                    if reduced < least[j] {
                        least[j] = reduced
                        way[j] = column
                    }
                    if least[j] < delta {
                        delta = least[j]
                        next = j
                    }
                }
                for j in 0...m {
                    if used[j] {
                        u[owners[j]] += delta
                        v[j] -= delta
                    } else {
                        least[j] -= delta
                    }
                }
                column = next
            } while owners[column] != 0
            repeat {
                owners[column] = owners[way[column]]
                column = way[column]
            } while column != 0
        }
        return owners
    }
}
