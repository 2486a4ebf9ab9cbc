import CNATS
import Delivery
import Foundation
import Synchronization
import TestSupport

/// A stream of its own on a single server.
func natsTarget(_ broker: Broker, receipts: String? = "receipts", replicas: Int = 1) throws -> NATSTarget {
    try NATSTarget(
        servers: ["nats://127.0.0.1:\(broker.port)"],
        stream: NATSTarget.Stream(name: "ALERTS", replicas: replicas, bytesLimit: 16 << 20), receiptSubject: receipts,
        publishTimeout: .seconds(2))
}

/// Hears what is published below `alerts.` and can publish itself.
final class NATSListener: Sendable {
    private final class Heard: Sendable {
        let messages = Mutex<[(subject: String, body: String)]>([])
    }

    private struct Handles: @unchecked Sendable {
        let connection: OpaquePointer?
        let subscription: OpaquePointer?
    }

    private let heard = Heard()
    private let handles: Handles

    init(port: Int) throws {
        var connection: OpaquePointer?
        var options: OpaquePointer?
        natsOptions_Create(&options)
        defer { natsOptions_Destroy(options) }
        natsOptions_SetURL(options, "nats://127.0.0.1:\(port)")
        natsOptions_SetMaxReconnect(options, .max)
        natsOptions_SetReconnectWait(options, 100)
        guard natsConnection_Connect(&connection, options) == NATS_OK else {
            throw BrokerError(text: "the listener cannot connect")
        }
        var subscription: OpaquePointer?
        natsConnection_Subscribe(
            &subscription, connection, "alerts.>",
            { _, _, message, closure in
                guard let closure, let message else { return }
                let heard = Unmanaged<Heard>.fromOpaque(closure).takeUnretainedValue()
                let body = natsMsg_GetData(message).map { String(cString: $0) } ?? ""
                let subject = natsMsg_GetSubject(message).map { String(cString: $0) } ?? ""
                heard.messages.withLock { $0.append((subject, body)) }
                natsMsg_Destroy(message)
            }, Unmanaged.passUnretained(heard).toOpaque())
        natsConnection_Flush(connection)
        handles = Handles(connection: connection, subscription: subscription)
    }

    deinit {
        natsConnection_Close(handles.connection)
        natsSubscription_Destroy(handles.subscription)
        natsConnection_Destroy(handles.connection)
    }

    var bodies: [String] { heard.messages.withLock { $0.map(\.body) } }
    var subjects: [String] { heard.messages.withLock { $0.map(\.subject) } }

    /// Messages that the stream holds: what was sent twice is there once.
    func stored(in stream: String = "ALERTS") -> UInt64? {
        var context: OpaquePointer?
        guard natsConnection_JetStream(&context, handles.connection, nil) == NATS_OK else { return nil }
        defer { jsCtx_Destroy(context) }
        var info: UnsafeMutablePointer<jsStreamInfo>?
        guard js_GetStreamInfo(&info, context, stream, nil, nil) == NATS_OK else { return nil }
        defer { jsStreamInfo_Destroy(info) }
        return info?.pointee.State.Msgs
    }

    /// Asks on a subject and gives the answer.
    func request(_ subject: String, _ body: String) -> String? {
        var reply: OpaquePointer?
        guard natsConnection_RequestString(&reply, handles.connection, subject, body, 5000) == NATS_OK else {
            return nil
        }
        defer { natsMsg_Destroy(reply) }
        return natsMsg_GetData(reply).map { String(cString: $0) }
    }

    /// Makes a stream as somebody else might have.
    func makeStream(_ name: String, _ change: (inout jsStreamConfig) -> Void) -> Bool {
        var context: OpaquePointer?
        guard natsConnection_JetStream(&context, handles.connection, nil) == NATS_OK else { return false }
        defer { jsCtx_Destroy(context) }
        var configuration = jsStreamConfig()
        jsStreamConfig_Init(&configuration)
        return name.withCString { name in
            "alerts.>".withCString { subject in
                var subjects: [UnsafePointer<CChar>?] = [subject]
                return subjects.withUnsafeMutableBufferPointer { subjects in
                    configuration.Name = name
                    configuration.Subjects = subjects.baseAddress
                    configuration.SubjectsLen = 1
                    change(&configuration)
                    return js_AddStream(nil, context, &configuration, nil, nil) == NATS_OK
                }
            }
        }
    }
}
