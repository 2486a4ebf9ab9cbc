import Scene

/// Where a dense camera was woken in vain lately: leaves that sway through the same few cells are not looked into each
/// time. A pure value; part of every checkpoint.
///
/// A cell counts the wakes that no track came of, and remembers how large what stirred in it was. From
/// ``Self/trust`` on, what is not much larger than that and stays within such cells wakes nobody. A cell forgets one
/// wake in ``Self/memory``, so that it is tried again about as often for as long as it goes on; what is larger than
/// ``Self/areaMost`` always wakes.
struct WakeMemory: Hashable, Sendable {
    /// Wakes in vain before a cell is believed.
    static let trust = 3.0
    /// And counted at most.
    static let most = 4.0
    static let memory = 600.0
    /// Share of the picture, about a person at a tenth of the picture's height.
    static let areaMost = 0.01
    /// What is this much larger than what was in vain is something else.
    static let larger = 1.5

    private struct Cell: Hashable, Sendable {
        var inVain = 0.0
        var area = 0.0
    }

    private struct Wake: Hashable, Sendable {
        let boxes: [Box]
        var hadTrack = false
    }

    private var cells = Array(repeating: Cell(), count: MotionGrid.columns * MotionGrid.rows)
    private var newest: MediaTime?
    private var wake: Wake?
    /// Wakes that no track came of.
    private(set) var falseWakes: Int64 = 0
    /// Keyframes in which something stirred and nobody was woken.
    private(set) var suppressed: Int64 = 0

    /// - Parameter boxes: what stirs in a keyframe.
    /// - Returns: whether somebody is to be woken.
    mutating func judge(_ boxes: [Box], at time: MediaTime) -> Bool {
        slept(at: time)
        guard !boxes.isEmpty else { return false }
        guard !boxes.allSatisfy(isUsual) else {
            suppressed += 1
            return false
        }
        wake = Wake(boxes: boxes)
        return true
    }

    /// Woken for a reason that teaches nothing of places.
    mutating func wokeOtherwise(at time: MediaTime) { slept(at: time) }

    /// A picture since then shows something that is followed.
    mutating func followed() { wake?.hadTrack = true }

    /// The camera sleeps again: what the last wake was good for is known.
    private mutating func slept(at time: MediaTime) {
        let elapsed = newest.map { (time - $0).seconds } ?? 0
        newest = time
        if elapsed > 0 {
            for index in cells.indices where cells[index].inVain > 0 {
                cells[index].inVain = max(0, cells[index].inVain - elapsed / Self.memory)
                if cells[index].inVain == 0 { cells[index].area = 0 }
            }
        }
        guard let wake else { return }
        self.wake = nil
        if !wake.hadTrack { falseWakes += 1 }
        var touched: Set<Int> = []
        for box in wake.boxes {
            forEachCell(under: box) { index in
                cells[index].area = max(cells[index].area, wake.hadTrack ? 0 : box.width * box.height)
                guard touched.insert(index).inserted else { return }
                cells[index].inVain = wake.hadTrack ? cells[index].inVain / 2 : min(Self.most, cells[index].inVain + 1)
            }
        }
    }

    private func isUsual(_ box: Box) -> Bool {
        let area = box.width * box.height
        guard area <= Self.areaMost else { return false }
        var isUsual = true
        forEachCell(under: box) { index in
            if cells[index].inVain < Self.trust || area > Self.larger * cells[index].area { isUsual = false }
        }
        return isUsual
    }

    private func forEachCell(under box: Box, _ body: (Int) -> Void) {
        let (columns, rows) = (MotionGrid.columns, MotionGrid.rows)
        let left = min(max(Int(box.x * Double(columns)), 0), columns - 1)
        let right = min(max(Int((box.x + box.width) * Double(columns)), left), columns - 1)
        let top = min(max(Int(box.y * Double(rows)), 0), rows - 1)
        let bottom = min(max(Int((box.y + box.height) * Double(rows)), top), rows - 1)
        for row in top...bottom { for column in left...right { body(row * columns + column) } }
    }
}
