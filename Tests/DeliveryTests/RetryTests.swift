import Foundation
import Scene
import Testing

@testable import Delivery

@Suite struct RetryTests {
    private let start = MediaTime(microseconds: 1_700_000_000_000_000)
    private let settings = RetrySettings()

    @Test func waitsDoubleToTheCeilingWithFullJitter() {
        #expect(settings.wait(afterFailures: 1, share: 1) == .milliseconds(500))
        #expect(settings.wait(afterFailures: 4, share: 1) == .seconds(4))
        #expect(settings.wait(afterFailures: 4, share: 0.25) == .seconds(1))
        #expect(settings.wait(afterFailures: 4, share: 0) == .zero)
        #expect(settings.wait(afterFailures: 1000, share: 1) == .seconds(300))
    }

    @Test func breakerOpensProbesAndCloses() {
        var breaker = CircuitBreaker(settings)
        #expect(breaker.allowance(at: start, inFlight: 3) == 5)
        for _ in 0..<4 { _ = breaker.failed(at: start, attempts: 0, retryAfter: nil, share: 1) }
        #expect(breaker.state == .closed)
        _ = breaker.failed(at: start, attempts: 0, retryAfter: nil, share: 1)
        #expect(breaker.state == .open(until: start + .seconds(8)))
        #expect(breaker.allowance(at: start + .seconds(7), inFlight: 0) == 0)
        #expect(breaker.allowance(at: start + .seconds(8), inFlight: 0) == 1)
        #expect(breaker.allowance(at: start + .seconds(8), inFlight: 1) == 0)
        let early = breaker.succeeded(at: start + .seconds(7))
        let cameBack = breaker.succeeded(at: start + .seconds(8))
        let cameBackAgain = breaker.succeeded(at: start + .seconds(8))
        #expect([early, cameBack, cameBackAgain] == [false, true, false])
        #expect(breaker.allowance(at: start, inFlight: 0) == 8)
    }

    /// Eight deliveries that die with one receiver are one outage: a pause of up to 8 s, not of 64 s.
    @Test func whatDiesTogetherCountsOnce() {
        var breaker = CircuitBreaker(settings)
        for _ in 0..<8 { _ = breaker.failed(at: start, attempts: 0, retryAfter: nil, share: 1) }
        #expect(breaker.state == .open(until: start + .seconds(8)))
        #expect(breaker.consecutiveFailures == 5)
        _ = breaker.failed(at: start + .seconds(8), attempts: 0, retryAfter: nil, share: 1)
        #expect(breaker.state == .open(until: start + .seconds(24)))
    }

    /// A receiver that asked for a second's pause and lets one request hang is asked again after that second.
    @Test func aProbeDoesNotWaitForWhatHangs() {
        var breaker = CircuitBreaker(settings)
        _ = breaker.failed(at: start, attempts: 0, retryAfter: .seconds(1), share: 0)
        #expect(breaker.allowance(at: start + .seconds(1), inFlight: 2) == 0, "not known yet what hangs")
        breaker.remaining(2)
        #expect(breaker.allowance(at: start + .milliseconds(999), inFlight: 2) == 0)
        #expect(breaker.allowance(at: start + .seconds(1), inFlight: 2) == 1)
        #expect(breaker.allowance(at: start + .seconds(1), inFlight: 3) == 0, "one probe at a time")
        breaker.remaining(1)
        #expect(breaker.allowance(at: start + .seconds(1), inFlight: 2) == 0, "the probe and what hangs still")
        let isBack = breaker.succeeded(at: start + .seconds(2))
        #expect(isBack)
        #expect(breaker.allowance(at: start + .seconds(2), inFlight: 1) == 7)
    }

    /// Something late got through, and the receiver is still down: the next probe waits too.
    @Test func aProbeThatFailsAlwaysWaits() {
        var breaker = CircuitBreaker(settings)
        for _ in 0..<5 { _ = breaker.failed(at: start, attempts: 0, retryAfter: nil, share: 1) }
        let isBack = breaker.succeeded(at: start + .seconds(1))
        #expect(!isBack)
        _ = breaker.failed(at: start + .seconds(8), attempts: 0, retryAfter: nil, share: 1)
        #expect(breaker.state == .open(until: start + .seconds(8) + .milliseconds(500)))
    }

    @Test func retryAfterHoldsForTheWholeSinkWithinBounds() {
        var breaker = CircuitBreaker(settings)
        let next = breaker.failed(at: start, attempts: 0, retryAfter: .seconds(20), share: 0.5)
        #expect(next == start + .seconds(20))
        #expect(breaker.state == .open(until: start + .seconds(20)))
        _ = breaker.failed(at: start, attempts: 0, retryAfter: .seconds(1_000_000), share: 0.5)
        #expect(breaker.state == .open(until: start + .seconds(900)))
    }

    @Test func oneRefusedMessageDoesNotOpenTheBreakerAndManyDo() {
        var breaker = CircuitBreaker(settings)
        for _ in 0..<100 { _ = breaker.refused(at: start, again: true, share: 1) }
        #expect(breaker.state == .closed)
        for _ in 0..<5 { _ = breaker.refused(at: start, again: false, share: 1) }
        #expect(breaker.state == .open(until: start + .seconds(8)))
        let isBack = breaker.succeeded(at: start + .seconds(8))
        #expect(isBack)
    }

    @Test func disabledStaysDisabled() {
        var breaker = CircuitBreaker(settings)
        breaker.disable(reason: "gone")
        _ = breaker.succeeded(at: start)
        _ = breaker.failed(at: start, attempts: 0, retryAfter: .seconds(1), share: 1)
        _ = breaker.refused(at: start, again: false, share: 1)
        #expect(breaker.state == .disabled(reason: "gone"))
        #expect(breaker.allowance(at: start + .seconds(1e6), inFlight: 0) == 0)
    }

    @Test func retryAfterIsReadAsSecondsOrDate() {
        #expect(WebhookAnswer.wait("120", now: start) == .seconds(120))
        #expect(WebhookAnswer.wait(" 7 ", now: start) == .seconds(7))
        // 1,700,000,000 s is 2023-11-14 22:13:20 UTC.
        #expect(WebhookAnswer.wait("Tue, 14 Nov 2023 22:14:20 GMT", now: start) == .seconds(60))
        #expect(WebhookAnswer.wait("Tue, 14 Nov 2023 22:00:00 GMT", now: start) == .zero)
        #expect(WebhookAnswer.wait("soon", now: start) == nil)
        #expect(WebhookAnswer.wait("-5", now: start) == nil)
        #expect(WebhookAnswer.wait("99999999999999999999", now: start) == nil)
    }

    @Test(arguments: [200, 204, 299]) func successConfirms(status: Int) {
        #expect(WebhookAnswer.outcome(status: status, retryAfter: nil, now: start, origin: "http://x") == .confirmed)
    }

    @Test func answersMeanWhatTheyShould() {
        func kind(_ status: Int) -> String {
            switch WebhookAnswer.outcome(status: status, retryAfter: nil, now: start, origin: "http://x") {
            case .confirmed: "confirmed"
            case .acknowledged: "acknowledged"
            case .failed: "failed"
            case .refused: "refused"
            case .gone: "gone"
            }
        }
        #expect([408, 425, 429, 500, 502, 503, 599].map(kind) == Array(repeating: "failed", count: 7))
        #expect([301, 400, 401, 403, 404, 413, 422].map(kind) == Array(repeating: "refused", count: 7))
        #expect(kind(410) == "gone")
    }
}
