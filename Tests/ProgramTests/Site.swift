import Foundation
import Journal
import Scene
import Synchronization
import TestSupport

/// A site on disk: its `site.yaml`, its data folder, and a port of its own.
final class Site: Sendable {
    struct Camera: Sendable {
        var id: String
        var url: String
        /// Address of a second stream.
        var evidence: String?
        var name = "南门"
        var fences = Scenes.fences
    }

    static let key = Data((0..<32).map { UInt8($0 &* 5 &+ 11) })
    static let secretVariable = "SNOWLINE_TEST_SECRET"
    static let environment = [secretVariable: "whsec_" + key.base64EncodedString()]

    private let folder: ScratchFolder
    let port: Int

    init(_ cameras: [Camera], webhook: String? = nil, port: Int? = nil) throws {
        folder = try ScratchFolder()
        self.port = try port ?? FreePort.take()
        try configure(cameras, webhook: webhook)
    }

    var file: String { folder.file("site.yaml") }
    var data: String { folder.file("data") }
    var alertFile: String { folder.file("alerts.jsonl") }

    /// Writes `site.yaml`; a running daemon reads it at its next reload.
    func configure(_ cameras: [Camera], webhook: String?) throws {
        var sinks = ["  - { id: paper, kind: file, path: ./alerts.jsonl }"]
        if let webhook {
            sinks.append(
                "  - { id: dispatch, kind: webhook, url: \"\(webhook)\", secret: \"env:\(Self.secretVariable)\" }")
        }
        try configure(
            """
            site: { id: "530302", name: 麒麟区演示, area: "530302", timezone: Asia/Shanghai, language: zh }
            data: ./data
            listen: 127.0.0.1:\(port)
            load: { shed: off }  # these tests may run beside much else, and are late then
            cameras:
            \(cameras.map(Self.yaml).joined(separator: "\n"))
            sinks:
            \(sinks.joined(separator: "\n"))

            """)
    }

    /// Writes any text as `site.yaml`.
    func configure(_ text: String) throws { try Files.write(Array(text.utf8), to: file) }

    var text: String { String(decoding: Files.read(file) ?? [], as: UTF8.self) }

    /// All versions of all alerts in the journal.
    func journaled() throws -> [Alert] {
        let reader = try JournalReader(folder: data)
        return try reader.alerts().flatMap { try reader.alert(id: $0.decision.id) }
    }

    private static func yaml(_ camera: Camera) -> String {
        """
          - id: \(camera.id)
            name: \(camera.name)
            class: A
            url: \(camera.url)\(camera.evidence.map { "\n    evidence_url: \($0)" } ?? "")
            model: visible
            fences:
        \(camera.fences.map { "      - \($0)" }.joined(separator: "\n"))
        """
    }
}

/// Ports outside the range from which the system gives them out, so that nobody else gets one meanwhile.
enum FreePort {
    struct NoneFree: Error {}

    /// A test may leave its port unused for a while, and must not find another test's daemon there.
    private static let given = Mutex<Set<Int>>([])

    static func take() throws -> Int {
        for _ in 0..<200 {
            let port = Int.random(in: 20_000..<30_000)
            if isFree(port), given.withLock({ $0.insert(port).inserted }) { return port }
        }
        throw NoneFree()
    }

    private static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}

extension [Alert] {
    /// Those of fences that had begun before `time` and were closed after it: on a busy machine an order may come when all
    /// is over.
    func open(at time: MediaTime) -> [Alert] {
        filter { $0.decision.rule != .signal && $0.decision.start < time && $0.reception.serverTime >= time }
    }
}
