import Hummingbird
import Logging
import Synchronization

/// A dispatch platform in this process: notes when it answered each message.
final class BusReceiver: Sendable {
    private struct Book: Sendable {
        var answered: [String: ContinuousClock.Instant] = [:]
        var repeats = 0
    }

    private let book = Mutex(Book())
    private let task = Mutex<Task<Void, any Error>?>(nil)

    /// Messages by `webhook-id`, with the moment of the first answer.
    var answered: [String: ContinuousClock.Instant] { book.withLock { $0.answered } }
    var repeats: Int { book.withLock { $0.repeats } }

    /// - Returns: the port.
    func start() async throws -> Int {
        let (ports, found) = AsyncStream.makeStream(of: Int.self)
        let router = Router()
        router.post("alerts") { request, _ in
            _ = try await request.body.collect(upTo: 1 << 20)
            guard let id = request.headers.first(where: { $0.name.canonicalName == "webhook-id" })?.value else {
                return HTTPResponse.Status.badRequest
            }
            self.take(id)
            return .noContent
        }
        let application = Application(
            router: router, configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in
                found.yield(channel.localAddress?.port ?? 0)
                found.finish()
            },
            logger: Logger(label: "receiver", factory: { _ in SwiftLogNoOpLogHandler() }))
        task.withLock { $0 = Task { try await application.run() } }
        for await port in ports { return port }
        throw BusProblem("the receiver did not start")
    }

    func stop() async {
        task.withLock { $0 }?.cancel()
        _ = await task.withLock { $0 }?.result
    }

    /// Waits until so many messages have come.
    func wait(for count: Int, within limit: Duration) async throws {
        let deadline = ContinuousClock.now + limit
        while answered.count < count {
            guard ContinuousClock.now < deadline else {
                throw BusProblem("after \(limit) the receiver has \(answered.count) of \(count) messages")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    private func take(_ id: String) {
        let now = ContinuousClock.now
        book.withLock { book in
            if book.answered[id] == nil { book.answered[id] = now } else { book.repeats += 1 }
        }
    }
}
