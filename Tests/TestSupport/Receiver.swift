import NIOCore
import NIOHTTP1
import NIOPosix
package import NIOSSL
import Synchronization

/// A real HTTP server that answers as a test tells it.
package final class Receiver: Sendable {
    package struct Request: Sendable {
        package let id: String
        package let timestamp: String
        package let signature: String
        package let contentType: String
        package let path: String
        package let body: String
        package let arrived: ContinuousClock.Instant
        package let status: Int
    }

    package enum Answer: Sendable {
        case status(Int, headers: [String: String] = [:])
        /// Reads everything, then hangs up without a word.
        case hangUp
        case late(milliseconds: Int64)
        /// 200 with a body of this many bytes.
        case long(bytes: Int)
    }

    private let state = Mutex<[Request]>([])
    private let rule = Mutex<@Sendable (String, Int) -> Answer>({ _, _ in .status(204) })
    private let channel = Mutex<(any Channel)?>(nil)
    package let port: Int

    /// - Parameters:
    ///   - port: 0 for a free one.
    ///   - tls: makes it an https server.
    package init(port: Int = 0, tls: NIOSSLContext? = nil) async throws {
        let box = Mutex<Receiver?>(nil)
        let shared = Box(box)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls))
                    }
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler(receiver: shared))
                }
            }
            .bind(host: "127.0.0.1", port: port).get()
        self.port = channel.localAddress?.port ?? 0
        self.channel.withLock { $0 = channel }
        shared.value.withLock { $0 = self }
    }

    package var url: String { "http://127.0.0.1:\(port)/alerts?token=path-secret" }
    package var requests: [Request] { state.withLock { $0 } }
    /// Requests that were answered with 2xx, in the order of their arrival.
    package var accepted: [Request] { requests.filter { (200..<300).contains($0.status) } }

    /// - Parameter rule: webhook id and how many requests there were before → the answer.
    package func answer(_ rule: @escaping @Sendable (String, Int) -> Answer) {
        self.rule.withLock { $0 = rule }
    }

    package func stop() async {
        let channel = channel.withLock { channel in
            defer { channel = nil }
            return channel
        }
        try? await channel?.close()
    }

    fileprivate func take(_ head: HTTPRequestHead, body: String) -> Answer {
        let id = head.headers.first(name: "webhook-id") ?? ""
        let answer = rule.withLock { $0 }(id, requests.count)
        let status =
            switch answer {
            case .status(let status, _): status
            case .hangUp: 0
            case .late: 0
            case .long: 200
            }
        let request = Request(
            id: id, timestamp: head.headers.first(name: "webhook-timestamp") ?? "",
            signature: head.headers.first(name: "webhook-signature") ?? "",
            contentType: head.headers.first(name: "content-type") ?? "", path: head.uri, body: body, arrived: .now,
            status: status)
        state.withLock { $0.append(request) }
        return answer
    }

    fileprivate final class Box: Sendable {
        let value: Mutex<Receiver?>

        init(_ value: consuming Mutex<Receiver?>) { self.value = value }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let receiver: Box
        private var head: HTTPRequestHead?
        private var body = ByteBuffer()

        init(receiver: Box) { self.receiver = receiver }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                self.head = head
                body.clear()
            case .body(var part):
                body.writeBuffer(&part)
            case .end:
                guard let head, let receiver = receiver.value.withLock({ $0 }) else {
                    return context.close(promise: nil)
                }
                reply(receiver.take(head, body: String(buffer: body)), context)
            }
        }

        private func reply(_ answer: Answer, _ context: ChannelHandlerContext) {
            switch answer {
            case .status(let status, let headers):
                send(status, headers: headers, bytes: 0, context)
            case .hangUp:
                context.close(promise: nil)
            case .late(let milliseconds):
                let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
                context.eventLoop.scheduleTask(in: .milliseconds(milliseconds)) {
                    let (handler, context) = bound.value
                    handler.send(200, headers: [:], bytes: 0, context)
                }
            case .long(let bytes):
                send(200, headers: [:], bytes: bytes, context)
            }
        }

        private func send(_ status: Int, headers: [String: String], bytes: Int, _ context: ChannelHandlerContext) {
            var fields = HTTPHeaders(headers.map { ($0.key, $0.value) })
            fields.add(name: "content-length", value: String(bytes))
            let head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: status), headers: fields)
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            if bytes > 0 {
                let part = ByteBuffer(repeating: UInt8(ascii: "x"), count: bytes)
                context.write(wrapOutboundOut(.body(.byteBuffer(part))), promise: nil)
            }
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}
