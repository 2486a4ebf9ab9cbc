import Scene
import Testing

@testable import Pipeline

@Suite("Where a camera is woken in vain")
struct WakeMemoryTests {
    private let leaf = Box(x: 0.30, y: 0.30, width: 0.04, height: 0.05)

    private func time(_ seconds: Double) -> MediaTime { .epoch + .seconds(seconds) }

    /// Woken by the leaf so often, each time for nothing.
    private func woken(_ times: Int) -> WakeMemory {
        var memory = WakeMemory()
        for index in 0..<times { _ = memory.judge([leaf], at: time(Double(index) * 10)) }
        _ = memory.judge([], at: time(Double(times) * 10))
        return memory
    }

    @Test("the same place stirs in vain three times, and wakes nobody then")
    func learns() {
        var memory = WakeMemory()
        for index in 0..<3 { #expect(memory.judge([leaf], at: time(Double(index))) == true, "\(index)") }
        #expect(memory.falseWakes == 2)
        #expect(memory.judge([leaf], at: time(3)) == true, "three are known, a little has been forgotten")
        #expect(memory.judge([leaf], at: time(4)) == false)
        #expect(memory.falseWakes == 4 && memory.suppressed == 1)
    }

    @Test("elsewhere, together with something else, or larger, it wakes")
    func others() {
        var memory = woken(5)
        #expect(memory.judge([leaf], at: time(60)) == false)
        let elsewhere = Box(x: 0.7, y: 0.7, width: 0.04, height: 0.05)
        var other = memory
        #expect(other.judge([elsewhere], at: time(61)) == true)
        other = memory
        #expect(other.judge([leaf, elsewhere], at: time(61)) == true)
        other = memory
        #expect(other.judge([Box(x: 0.30, y: 0.30, width: 0.06, height: 0.06)], at: time(61)) == true, "much larger")
        let giant = Box(x: 0.3, y: 0.3, width: 0.2, height: 0.2)
        var always = WakeMemory()
        for index in 0..<20 { #expect(always.judge([giant], at: time(Double(index))) == true) }
    }

    @Test("it is tried again after a while, for as long as it goes on")
    func forgets() {
        var memory = woken(20)
        var wakes: [Int] = []
        for second in stride(from: 201, to: 201 + 3600, by: 2) where memory.judge([leaf], at: time(Double(second))) {
            wakes.append(second)
        }
        #expect((4...8).contains(wakes.count), "\(wakes)")
        var rested = woken(20)
        #expect(rested.judge([leaf], at: time(200 + WakeMemory.most * WakeMemory.memory)) == true, "all is forgotten")
    }

    @Test("a track makes the place trusted less as one of leaves")
    func tracks() {
        var memory = woken(4)
        #expect(memory.judge([leaf], at: time(41)) == false)
        let person = Box(x: 0.28, y: 0.28, width: 0.1, height: 0.09)
        #expect(memory.judge([person], at: time(42)) == true)
        memory.followed()
        #expect(memory.judge([leaf], at: time(50)) == true)
    }
}
