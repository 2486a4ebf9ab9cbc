import CMosquitto
import Foundation
package import Logging
import Scene
import Synchronization

/// Publishes each alert once to an MQTT broker (QoS 1), as a feed for displays and automations: a broker's
/// acknowledgement is no promise that it keeps anything, so this is never the record.
///
/// A retained `online` stands at `<topic>/availability` while the daemon is connected; its last will makes it `offline`.
/// A replay leaves it alone (``MQTTTarget/announcesAvailability``).
package final class MQTTSink: Sink {
    private let link: MQTTLink
    private let target: MQTTTarget
    private let environment: SinkEnvironment

    /// - Throws: ``SinkProblem`` for certificates that cannot be read.
    package init(_ target: MQTTTarget, environment: SinkEnvironment, logger: Logger) throws {
        self.target = target
        self.environment = environment
        link = try MQTTLink(target, logger: logger)
    }

    package func deliver(_ delivery: Delivery) async -> SinkOutcome {
        let topic = target.topic(of: delivery.origin)
        let limit = target.answerTimeout
        let sleep = environment.sleep
        let ticket = link.newTicket()
        return await withTaskCancellationHandler {
            let timeout = Task { [link] in
                try await sleep(limit)
                link.settle(ticket, .failed(reason: "mqtt: the broker did not acknowledge in time", retryAfter: nil))
            }
            defer {
                timeout.cancel()
                link.forget(ticket)
            }
            return await withCheckedContinuation { continuation in
                link.publish(delivery.body, topic: topic, ticket: ticket, continuation)
            }
        } onCancel: {
            link.settle(ticket, .failed(reason: "mqtt: stopped while waiting for the broker", retryAfter: nil))
        }
    }

    package func close() async {
        let link = link
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                link.close()
                continuation.resume()
            }
        }
    }
}

/// The client of libmosquitto with its own thread, which connects again by itself for ever.
private final class MQTTLink: Sendable {
    /// What waits for the broker's word.
    private struct Waiting: Sendable {
        var ticket: Int
        var continuation: CheckedContinuation<SinkOutcome, Never>
    }

    private struct State: Sendable {
        var isConnected = false
        /// Since the newest attempt to connect began.
        var wasConnected = false
        /// Whether the end of the newest connection has been noted.
        var isEndNoted = false
        /// When the loop ends, whatever it still has to send; nil while it is to go on.
        var closing: ContinuousClock.Instant?
        /// Why the newest connection failed or ended.
        var trouble = "not connected yet"
        /// The broker's own word, which says more than the end of the connection that follows it.
        var refusal: String?
        var nextTicket = 0
        /// Ended before they began to wait.
        var settledEarly: [Int: SinkOutcome] = [:]
        /// By the library's message number.
        var waiting: [Int32: Waiting] = [:]
    }

    private struct Handle: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    private static let startLibrary: Void = { mosquitto_lib_init() }()

    private let handle: Handle
    private let target: MQTTTarget
    private let logger: Logger
    private let state = Mutex(State())
    private let stop = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)

    /// How long what is queued at the end may take: the good-bye.
    private static let closingLimit: Duration = .seconds(2)
    private static let longestPause = 30

    init(_ target: MQTTTarget, logger: Logger) throws {
        _ = Self.startLibrary
        guard let pointer = mosquitto_new(nil, true, nil) else { throw SinkProblem("mqtt: out of memory") }
        handle = Handle(pointer: pointer)
        self.target = target
        self.logger = logger
        // The object is this link; it outlives the client, which is destroyed with it.
        mosquitto_user_data_set(pointer, Unmanaged.passUnretained(self).toOpaque())
        try configure(pointer)
        listen(pointer)
        mosquitto_threaded_set(pointer, true)
        Thread.detachNewThread { [self] in
            run()
            ended.signal()
        }
    }

    /// Keeps the connection for ever. The library's own loop ends for good when TLS fails once: a certificate that is
    /// mended later would change nothing.
    private func run() {
        let client = handle.pointer
        var code = mosquitto_connect_async(client, target.host, Int32(target.port), 30)
        var pause = 1
        while true {
            while code == MOSQ_ERR_SUCCESS.rawValue, mayGoOn { code = mosquitto_loop(client, 200, 1) }
            let (isClosing, wasConnected, isNoted) = state.withLock { state in
                defer { (state.wasConnected, state.isEndNoted) = (false, false) }
                return (state.closing != nil, state.wasConnected, state.isEndNoted)
            }
            if isClosing { return }
            if !isNoted { disconnected(code) }
            pause = wasConnected ? 1 : min(pause * 2, Self.longestPause)
            if stop.wait(timeout: .now() + .seconds(pause)) == .success { return }
            state.withLock { $0.isEndNoted = false }
            code = mosquitto_reconnect_async(client)
        }
    }

    private var mayGoOn: Bool {
        state.withLock { state in state.closing.map { ContinuousClock.now < $0 } ?? true }
    }

    deinit {
        mosquitto_destroy(handle.pointer)
    }

    func newTicket() -> Int {
        state.withLock { state in
            state.nextTicket += 1
            return state.nextTicket
        }
    }

    func publish(
        _ body: String, topic: String, ticket: Int, _ continuation: CheckedContinuation<SinkOutcome, Never>
    ) {
        // Under the lock, so that the acknowledgement cannot come before somebody waits for it.
        let early: SinkOutcome? = state.withLock { state in
            if let outcome = state.settledEarly.removeValue(forKey: ticket) { return outcome }
            guard state.isConnected else { return .failed(reason: "mqtt: \(state.trouble)", retryAfter: nil) }
            var number: Int32 = 0
            let code = mosquitto_publish_v5(
                handle.pointer, &number, topic, Int32(body.utf8.count), body, 1, false, nil)
            guard code == MOSQ_ERR_SUCCESS.rawValue else {
                return .failed(reason: "mqtt: \(Self.sentence(code))", retryAfter: nil)
            }
            state.waiting[number] = Waiting(ticket: ticket, continuation: continuation)
            return nil
        }
        if let early { continuation.resume(returning: early) }
    }

    /// Ends a wait from outside: too late, or stopped.
    func settle(_ ticket: Int, _ outcome: SinkOutcome) {
        let waiting: Waiting? = state.withLock { state in
            guard let number = state.waiting.first(where: { $0.value.ticket == ticket })?.key else {
                state.settledEarly[ticket] = outcome
                return nil
            }
            return state.waiting.removeValue(forKey: number)
        }
        waiting?.continuation.resume(returning: outcome)
    }

    /// Whoever is late with an end finds nobody waiting.
    func forget(_ ticket: Int) {
        state.withLock { _ = $0.settledEarly.removeValue(forKey: ticket) }
    }

    func close() {
        let isConnected = state.withLock { state in
            state.closing = .now + Self.closingLimit
            return state.isConnected
        }
        if isConnected {
            // The will is only sent when a connection breaks; a daemon that stops says so itself.
            announce("offline")
            mosquitto_disconnect_v5(handle.pointer, 0, nil)
        }
        stop.signal()
        ended.wait()
        failAll("stopped while waiting for the broker")
    }

    private func configure(_ client: OpaquePointer) throws {
        mosquitto_int_option(client, MOSQ_OPT_PROTOCOL_VERSION, Int32(MQTT_PROTOCOL_V5))
        if target.announcesAvailability {
            mosquitto_will_set_v5(client, target.availabilityTopic, 7, "offline", 1, true, nil)
        }
        if let user = target.user { mosquitto_username_pw_set(client, user, target.password?.revealed) }
        guard target.isEncrypted else { return }
        let ca = target.certificateAuthorityFile
        let certificate = target.clientCertificate
        if ca == nil { mosquitto_int_option(client, MOSQ_OPT_TLS_USE_OS_CERTS, 1) }
        let systems = ca == nil ? "/etc/ssl/certs" : nil
        let code = mosquitto_tls_set(client, ca, systems, certificate?.file, certificate?.keyFile, nil)
        guard code == MOSQ_ERR_SUCCESS.rawValue else {
            throw SinkProblem("mqtt: ca, certificate or key cannot be read (\(Self.sentence(code))); give PEM files")
        }
    }

    private func listen(_ client: OpaquePointer) {
        mosquitto_connect_v5_callback_set(client) { _, link, reason, _, _ in
            MQTTLink.of(link)?.connected(reason)
        }
        mosquitto_disconnect_v5_callback_set(client) { _, link, reason, _ in
            MQTTLink.of(link)?.disconnected(reason)
        }
        mosquitto_publish_v5_callback_set(client) { _, link, number, reason, _ in
            MQTTLink.of(link)?.acknowledged(number, reason)
        }
    }

    private static func of(_ pointer: UnsafeMutableRawPointer?) -> MQTTLink? {
        pointer.map { Unmanaged<MQTTLink>.fromOpaque($0).takeUnretainedValue() }
    }

    private func connected(_ reason: Int32) {
        guard reason == 0 else {
            let text = mosquitto_reason_string(reason).map { String(cString: $0) } ?? "code \(reason)"
            state.withLock {
                $0.refusal = "the broker refuses the connection (\(text.lowercased())); check user and password"
            }
            return
        }
        state.withLock { ($0.isConnected, $0.wasConnected) = (true, true) }
        announce("online")
        logger.info("mqtt connected", metadata: ["broker": "\(target.host):\(target.port)"])
    }

    private func disconnected(_ reason: Int32) {
        let text = "no connection to the broker \(target.host):\(target.port)"
        state.withLock { state in
            if let refusal = state.refusal {
                state.trouble = refusal
            } else if state.isConnected || reason != 0 {
                state.trouble = "\(text) (\(Self.sentence(reason)))"
            }
            state.refusal = nil
            state.isConnected = false
            state.isEndNoted = true
        }
        failAll(text)
    }

    private func acknowledged(_ number: Int32, _ reason: Int32) {
        guard let waiting = state.withLock({ $0.waiting.removeValue(forKey: number) }) else { return }
        waiting.continuation.resume(returning: Self.outcome(reason))
    }

    private func announce(_ text: String) {
        guard target.announcesAvailability else { return }
        mosquitto_publish_v5(
            handle.pointer, nil, target.availabilityTopic, Int32(text.utf8.count), text, 1, true, nil)
    }

    private func failAll(_ reason: String) {
        let ended = state.withLock { state in
            defer { state.waiting.removeAll() }
            return Array(state.waiting.values)
        }
        for waiting in ended {
            waiting.continuation.resume(returning: .failed(reason: "mqtt: \(reason)", retryAfter: nil))
        }
    }

    /// MQTT 5, section 3.4.2.1.
    private static func outcome(_ reason: Int32) -> SinkOutcome {
        let text = mosquitto_reason_string(reason).map { String(cString: $0).lowercased() } ?? "code \(reason)"
        switch UInt32(bitPattern: reason) {
        case 0: return .acknowledged
        case UInt32(MQTT_RC_NO_MATCHING_SUBSCRIBERS.rawValue):
            // The broker has thrown it away; whoever subscribes later shall still get it.
            return .failed(reason: "mqtt: nobody subscribes to the alerts", retryAfter: nil)
        case UInt32(MQTT_RC_QUOTA_EXCEEDED.rawValue):
            return .failed(reason: "mqtt: the broker's quota is used up", retryAfter: .seconds(30))
        default: return .refused(reason: "mqtt: the broker refuses the message (\(text)); see its access rules")
        }
    }

    private static func sentence(_ code: Int32) -> String {
        if code == MOSQ_ERR_ERRNO.rawValue { return String(cString: strerror(errno)).lowercased() }
        if code == MOSQ_ERR_TLS.rawValue {
            return "the TLS connection failed; check the certificates, or give the broker's authority as `ca`"
        }
        let text = mosquitto_strerror(code).map { String(cString: $0) } ?? "code \(code)"
        return text.lowercased().trimmingCharacters(in: CharacterSet(charactersIn: "."))
    }
}
