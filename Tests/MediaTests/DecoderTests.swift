import Media
import Scene
import TestSupport
import Testing

@Suite struct DecoderTests {
    @Test func anInterruptEndsASleep() {
        let interrupt = Interrupt()
        #expect(interrupt.sleep(for: .milliseconds(1)))
        interrupt.cancel()
        #expect(!interrupt.sleep(for: .seconds(60)))
        #expect(interrupt.state == .cancelled)
    }
}
