import CNATS
import Foundation
package import Logging
import Scene
import Synchronization

/// Publishes into a JetStream stream and waits for the stream's word that the message is stored on a majority.
///
/// `Nats-Msg-Id` is the CloudEvents id, so a message sent again within the stream's window is stored once. The C
/// library waits on threads of its own queue, never on those of Swift's tasks; it keeps the connection and goes on to
/// the next server by itself.
package final class NATSSink: Sink {
    private let target: NATSTarget
    private let link: NATSLink
    private let queue: DispatchQueue

    package init(_ target: NATSTarget, id: String, environment: SinkEnvironment, logger: Logger) {
        self.target = target
        link = NATSLink(target, id: id, environment: environment, logger: logger)
        queue = DispatchQueue(label: "snowline.nats-sink", attributes: .concurrent)
        // Receipts must come also while there is nothing to send.
        queue.async { [link] in link.keepOpen() }
    }

    package func deliver(_ delivery: Delivery) async -> SinkOutcome {
        let subject = target.subject(of: delivery.origin)
        return await withCheckedContinuation { continuation in
            queue.async { [link] in continuation.resume(returning: link.publish(delivery, subject: subject)) }
        }
    }

    package func close() async {
        await withCheckedContinuation { continuation in
            queue.async { [link] in
                link.close()
                continuation.resume()
            }
        }
    }
}

/// The connection and its stream. Calls block; any thread may make them.
private final class NATSLink: Sendable {
    /// Between attempts to connect while nothing is to be sent.
    private static let idleRetry: TimeInterval = 5

    /// What the C library gave. It is safe from any thread by its own locks; ``Handles`` are only replaced under ours.
    private struct Handles: @unchecked Sendable {
        var connection: OpaquePointer
        var stream: OpaquePointer
        var receipts: OpaquePointer?
    }

    private struct State: Sendable {
        var handles: Handles?
        var isClosed = false
    }

    private let target: NATSTarget
    private let state = Mutex(State())
    private let receiver: ReceiptReceiver
    private let logger: Logger

    init(_ target: NATSTarget, id: String, environment: SinkEnvironment, logger: Logger) {
        self.target = target
        self.logger = logger
        receiver = ReceiptReceiver(sink: id, take: environment.receipts, logger: logger)
    }

    func publish(_ delivery: Delivery, subject: String) -> SinkOutcome {
        let handles: Handles
        do { handles = try opened() } catch { return .failed(reason: "\(error)", retryAfter: nil) }
        guard natsConnection_Status(handles.connection) == NATS_CONN_STATUS_CONNECTED else {
            return .failed(reason: "nats: not connected; are the servers of `servers` running", retryAfter: nil)
        }
        var options = jsPubOptions()
        jsPubOptions_Init(&options)
        options.MaxWait = target.publishTimeout.span.microseconds / 1000
        var code = jsErrCode(0)
        var acknowledgement: UnsafeMutablePointer<jsPubAck>?
        let status = delivery.id.withCString { id in
            target.stream.name.withCString { stream in
                options.MsgId = id
                options.ExpectStream = stream
                return js_Publish(
                    &acknowledgement, handles.stream, subject, delivery.body, Int32(delivery.body.utf8.count), &options,
                    &code)
            }
        }
        defer { jsPubAck_Destroy(acknowledgement) }
        return status == NATS_OK ? .acknowledged : NATSAnswer.outcome(status, code, target: target)
    }

    func keepOpen() {
        while true {
            if state.withLock({ $0.isClosed }) { return }
            do {
                _ = try opened()
                return
            } catch {
                logger.warning("nats cannot be reached yet", metadata: ["reason": "\(error)"])
            }
            Thread.sleep(forTimeInterval: Self.idleRetry)
        }
    }

    func close() {
        let handles = state.withLock { state in
            state.isClosed = true
            defer { state.handles = nil }
            return state.handles
        }
        if let handles { release(handles) }
    }

    /// The connection, made and checked at first.
    private func opened() throws -> Handles {
        try state.withLock { state in
            if state.isClosed { throw SinkProblem("nats: stopped") }
            if let handles = state.handles { return handles }
            let handles = try open()
            state.handles = handles
            return handles
        }
    }

    private func open() throws -> Handles {
        var options: OpaquePointer?
        try check(natsOptions_Create(&options))
        defer { natsOptions_Destroy(options) }
        try configure(options)
        var connection: OpaquePointer?
        try check(natsConnection_Connect(&connection, options), "connect")
        guard let connection else { throw SinkProblem("nats: no connection") }
        var stream: OpaquePointer?
        do {
            try check(natsConnection_JetStream(&stream, connection, nil))
            guard let stream else { throw SinkProblem("nats: no JetStream context") }
            try NATSStreamCheck(target).run(on: stream)
            let receipts = try subscribe(connection)
            logger.info("nats connected", metadata: ["stream": "\(target.stream.name)"])
            return Handles(connection: connection, stream: stream, receipts: receipts)
        } catch {
            jsCtx_Destroy(stream)
            natsConnection_Close(connection)
            natsConnection_Destroy(connection)
            throw error
        }
    }

    private func configure(_ options: OpaquePointer?) throws {
        var servers: [UnsafePointer<CChar>?] = target.servers.map { UnsafePointer(strdup($0)) }
        defer { for server in servers { free(UnsafeMutablePointer(mutating: server)) } }
        try check(natsOptions_SetServers(options, &servers, Int32(servers.count)))
        try check(natsOptions_SetName(options, "snowlined"))
        try check(natsOptions_SetTimeout(options, target.connectTimeout.span.microseconds / 1000))
        try check(natsOptions_SetAllowReconnect(options, true))
        try check(natsOptions_SetMaxReconnect(options, .max))
        try check(natsOptions_SetReconnectWait(options, 250))
        try check(natsOptions_SetReconnectJitter(options, 250, 500))
        try check(natsOptions_SetPingInterval(options, 5000))
        switch target.login {
        case .none: break
        case .user(let name, let password): try check(natsOptions_SetUserInfo(options, name, password.revealed))
        case .credentials(let file):
            try check(natsOptions_SetUserCredentialsFromFiles(options, file, nil), "credentials \(file)")
        }
        guard target.isEncrypted else { return }
        try check(natsOptions_SetSecure(options, true))
        if let file = target.certificateAuthorityFile {
            try check(natsOptions_LoadCATrustedCertificates(options, file), "ca \(file)")
        }
        if let client = target.clientCertificate {
            try check(
                natsOptions_LoadCertificatesChain(options, client.file, client.keyFile), "certificate \(client.file)")
        }
    }

    private func subscribe(_ connection: OpaquePointer) throws -> OpaquePointer? {
        guard let subject = target.receiptSubject else { return nil }
        var subscription: OpaquePointer?
        // Kept for good, once a connection: the library may still be in the middle of a message when it lets go of the
        // subscription.
        try check(
            natsConnection_Subscribe(
                &subscription, connection, subject,
                { connection, _, message, closure in
                    guard let closure, let message else { return }
                    let receiver = Unmanaged<ReceiptReceiver>.fromOpaque(closure).takeUnretainedValue()
                    receiver.receive(message, on: connection)
                    natsMsg_Destroy(message)
                }, Unmanaged.passRetained(receiver).toOpaque()), "receipts \(subject)")
        return subscription
    }

    private func release(_ handles: Handles) {
        natsSubscription_Destroy(handles.receipts)
        jsCtx_Destroy(handles.stream)
        natsConnection_Close(handles.connection)
        natsConnection_Destroy(handles.connection)
    }
}

/// Takes receipts off a subject and answers, where an answer is asked for, with what they did.
private final class ReceiptReceiver: Sendable {
    private let sink: String
    private let take: @Sendable (ReceiptMessage) throws -> ReceiptReport
    private let logger: Logger

    init(sink: String, take: @escaping @Sendable (ReceiptMessage) throws -> ReceiptReport, logger: Logger) {
        self.sink = sink
        self.take = take
        self.logger = logger
    }

    func receive(_ message: OpaquePointer, on connection: OpaquePointer?) {
        let count = Int(natsMsg_GetDataLength(message))
        let data = natsMsg_GetData(message).map { Data(bytes: $0, count: count) } ?? Data()
        let answer: String
        do {
            let report = try take(ReceiptMessage(json: data, sink: sink))
            answer = String(decoding: try JSONEncoder().encode(report), as: UTF8.self)
        } catch {
            logger.warning("receipts not taken", metadata: ["reason": "\(error)"])
            let report = (try? JSONEncoder().encode(["error": "\(error)"])) ?? Data()
            answer = String(decoding: report, as: UTF8.self)
        }
        if let reply = natsMsg_GetReply(message), let connection {
            _ = natsConnection_PublishString(connection, reply, answer)
        }
    }
}

/// Looks whether the stream is one that keeps alerts, and makes it where there is none.
private struct NATSStreamCheck {
    private let target: NATSTarget
    private var wanted: NATSTarget.Stream { target.stream }

    init(_ target: NATSTarget) {
        self.target = target
    }

    func run(on stream: OpaquePointer) throws {
        var info: UnsafeMutablePointer<jsStreamInfo>?
        var code = jsErrCode(0)
        let status = js_GetStreamInfo(&info, stream, wanted.name, nil, &code)
        defer { jsStreamInfo_Destroy(info) }
        if status == NATS_NOT_FOUND || code == JSStreamNotFoundErr { return try make(on: stream) }
        guard status == NATS_OK, let found = info?.pointee.Config?.pointee else {
            throw SinkProblem("nats: \(NATSAnswer.sentence(status, code)); is JetStream switched on at the servers")
        }
        try judge(found)
    }

    private func judge(_ found: jsStreamConfig) throws {
        let name = wanted.name
        guard found.Storage == js_FileStorage else {
            throw SinkProblem("nats: stream \(name) keeps its messages in memory; make it anew with file storage")
        }
        guard found.Discard == js_DiscardNew else {
            throw SinkProblem(
                "nats: stream \(name) drops its oldest messages when it is full; set its discard policy to new")
        }
        guard !found.NoAck else { throw SinkProblem("nats: stream \(name) does not acknowledge; switch no_ack off") }
        guard found.Replicas >= Int64(wanted.replicas) else {
            throw SinkProblem(
                "nats: stream \(name) has \(found.Replicas) replicas, not \(wanted.replicas); raise them, or set `replicas`"
            )
        }
        let subject = target.subjectPrefix + ".>"
        let subjects = (0..<Int(found.SubjectsLen)).compactMap { found.Subjects[$0].map { String(cString: $0) } }
        guard subjects.contains(subject) || subjects.contains(">") else {
            throw SinkProblem("nats: stream \(name) does not take \(subject) but \(subjects.joined(separator: ", "))")
        }
    }

    private func make(on stream: OpaquePointer) throws {
        var configuration = jsStreamConfig()
        jsStreamConfig_Init(&configuration)
        configuration.Storage = js_FileStorage
        configuration.Discard = js_DiscardNew
        configuration.Replicas = Int64(wanted.replicas)
        configuration.MaxBytes = wanted.bytesLimit
        configuration.Duplicates = wanted.duplicateWindow.span.microseconds * 1000
        var code = jsErrCode(0)
        let status = wanted.name.withCString { name in
            (target.subjectPrefix + ".>").withCString { subject in
                var subjects: [UnsafePointer<CChar>?] = [subject]
                return subjects.withUnsafeMutableBufferPointer { subjects in
                    configuration.Name = name
                    configuration.Subjects = subjects.baseAddress
                    configuration.SubjectsLen = 1
                    return js_AddStream(nil, stream, &configuration, nil, &code)
                }
            }
        }
        guard status == NATS_OK else {
            throw SinkProblem(
                "nats: stream \(wanted.name) cannot be made: \(NATSAnswer.sentence(status, code)); "
                    + "check `replicas`, `max_megabytes`, and max_file of the servers")
        }
    }
}

private func check(_ status: natsStatus, _ what: String = "set-up") throws {
    guard status != NATS_OK else { return }
    throw SinkProblem("nats: \(what): \(NATSAnswer.sentence(status, jsErrCode(0)))")
}

/// What the library's codes mean.
private enum NATSAnswer {
    static func outcome(_ status: natsStatus, _ code: jsErrCode, target: NATSTarget) -> SinkOutcome {
        let reason = "nats: \(sentence(status, code))"
        switch code {
        case JSStreamMessageExceedsMaximumErr:
            return .refused(reason: reason + "; raise max_msg_size of stream \(target.stream.name)")
        case JSStreamNotMatchErr:
            return .failed(
                reason: reason + "; another stream takes \(target.subjectPrefix).>, not \(target.stream.name)",
                retryAfter: nil)
        default: break
        }
        switch status {
        case NATS_TIMEOUT:
            return .failed(reason: "nats: the stream did not answer in time", retryAfter: nil)
        case NATS_NO_RESPONDERS:
            return .failed(
                reason: "nats: no stream takes \(target.subjectPrefix).> now; has it a leader, is JetStream running",
                retryAfter: nil)
        default: return .failed(reason: reason, retryAfter: nil)
        }
    }

    /// What to do about it.
    private static func hint(_ status: natsStatus) -> String {
        switch status {
        case NATS_SSL_ERROR, NATS_SECURE_CONNECTION_WANTED, NATS_SECURE_CONNECTION_REQUIRED:
            "; check the certificates, or give the servers' authority as `ca`, and write their addresses with tls://"
        case NATS_CONNECTION_AUTH_FAILED, NATS_NOT_PERMITTED: "; check user and password, or credentials"
        case NATS_NO_SERVER: "; are the servers of `servers` running"
        default: ""
        }
    }

    static func sentence(_ status: natsStatus, _ code: jsErrCode) -> String {
        let text = natsStatus_GetText(status).map { String(cString: $0) } ?? "status \(status.rawValue)"
        let detail = nats_GetLastError(nil).map { String(cString: $0) } ?? ""
        let more = detail.isEmpty || detail == text ? "" : " (\(detail.prefix(200)))"
        return text.lowercased() + more + hint(status) + (code.rawValue == 0 ? "" : " [\(code.rawValue)]")
    }
}
