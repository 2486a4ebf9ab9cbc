/// The assignment of rows to columns with the least total cost (Kuhn's Hungarian method, with potentials and shortest
/// augmenting paths after Jonker and Volgenant, Computing 1987). A value with room for its largest table, so that
/// solving allocates nothing.
struct Assignment {
    /// What a forbidden pair costs.
    static let never = 1e6

    /// Of the last ``solve(_:rows:columns:)``: for each row its column, or nil where none is left or the pair costs
    /// ``never``.
    private(set) var answer: [Int?] = []
    private var u: [Double] = []
    private var v: [Double] = []
    private var least: [Double] = []
    private var used: [Bool] = []
    /// One-based: `owners[j]` is the row that got column `j`, 0 for none.
    private var owners: [Int] = []
    private var way: [Int] = []

    /// - Parameter limit: the most rows and the most columns.
    init(limit: Int) {
        answer.reserveCapacity(limit)
        u.reserveCapacity(limit + 1)
        v.reserveCapacity(limit + 1)
        least.reserveCapacity(limit + 1)
        used.reserveCapacity(limit + 1)
        owners.reserveCapacity(limit + 1)
        way.reserveCapacity(limit + 1)
    }

    /// - Parameter costs: row-major, `rows` × `columns`.
    mutating func solve(_ costs: [Double], rows: Int, columns: Int) {
        answer.refill(nil, count: rows)
        if rows == 0 || columns == 0 { return }
        let flip = rows > columns
        // Rows of the method are the fewer ones.
        let (n, m) = flip ? (columns, rows) : (rows, columns)
        let (rowStep, columnStep) = flip ? (1, columns) : (columns, 1)
        u.refill(0, count: n + 1)
        v.refill(0, count: m + 1)
        owners.refill(0, count: m + 1)
        way.refill(0, count: m + 1)
        for i in 1...n { augment(i, m) { costs[$0 * rowStep + $1 * columnStep] } }
        for j in 1...m where owners[j] > 0 {
            let (row, column) = flip ? (j - 1, owners[j] - 1) : (owners[j] - 1, j - 1)
            if costs[row * columns + column] < Self.never { answer[row] = column }
        }
    }

    /// Finds a column for row `i` along the cheapest path of changes.
    private mutating func augment(_ i: Int, _ m: Int, _ cost: (Int, Int) -> Double) {
        least.refill(.infinity, count: m + 1)
        used.refill(false, count: m + 1)
        owners[0] = i
        var column = 0
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
}

extension Array {
    /// `count` times `value`, in the memory that is there.
    mutating func refill(_ value: Element, count: Int) {
        removeAll(keepingCapacity: true)
        for _ in 0..<count { append(value) }
    }
}
