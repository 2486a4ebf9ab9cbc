package import Media
package import Scene

/// One clip that is being written from a ring of packets, which others fill meanwhile. Confined to one thread at a time.
package final class ClipRecording {
    package enum Step: Hashable, Sendable {
        /// There is nothing more to write for now.
        case going
        /// Whole, and why it ends before its window, if it does.
        case finished(ClipStanding.Reason?)
        /// Nothing came of it.
        case failed(ClipStanding.Reason, detail: String)
    }

    private let ring: PacketRing
    private let start: PacketRing.Start
    private let path: String
    private let treatment: ClipFile.Treatment
    private let note: String
    private let byteLimit: Int
    private var file: ClipFile?
    private var packet = Packet()
    private var serial: Int
    /// Bytes of the packets so far.
    private var taken = 0
    /// Presentation time of the first packet: media time runs on from there, whatever the ring is tied to later.
    private var origin: MediaSpan?

    /// - Parameters:
    ///   - start: a keyframe of the ring.
    ///   - byteLimit: packets beyond it are not taken.
    package init(
        ring: PacketRing, start: PacketRing.Start, path: String, treatment: ClipFile.Treatment, note: String,
        byteLimit: Int
    ) {
        self.ring = ring
        self.start = start
        self.path = path
        self.treatment = treatment
        self.note = note
        self.byteLimit = byteLimit
        serial = start.serial
    }

    /// Writes what has come and belongs to the window.
    /// - Parameter isLast: nothing more is waited for.
    package func pump(_ window: ClipWindow, isLast: Bool = false) -> Step {
        do throws(MediaError) {
            while true {
                switch ring.read(serial, from: start.serial, into: &packet) {
                case .packet: break
                case .notYet: return isLast ? try finish(.interrupted) : .going
                case .gone: return try finish(.tooSlow)
                case .ended: return try finish(.streamEnded)
                }
                switch verdict(window) {
                case .inside: break
                case .over: return try finish(nil)
                case .tooLong: return try finish(.maxLength)
                }
                if let reason = try take() { return try finish(reason) }
                serial += 1
            }
        } catch {
            file = nil
            return .failed(.unwritable, detail: "\(error)")
        }
    }

    /// - Returns: why the packet is not in the clip.
    private func take() throws(MediaError) -> ClipStanding.Reason? {
        if file == nil {
            file = try ClipFile(
                path: path, parameters: ring.parameters, treatment: treatment, first: packet, note: note)
        }
        guard taken + packet.byteCount <= byteLimit else { return .maxBytes }
        taken += packet.byteCount
        return try file?.append(&packet) == true ? nil : .streamChanged
    }

    /// By when the packet is decoded: whatever is shown up to the end of the window is decoded before it.
    private func verdict(_ window: ClipWindow) -> ClipWindow.Verdict {
        let timeBase = ring.parameters.timeBase
        if origin == nil {
            origin = (packet.presentationTicks ?? packet.decodingTicks).map { timeBase.span(ticks: $0) }
        }
        guard let origin, let ticks = packet.decodingTicks ?? packet.presentationTicks else { return .inside }
        let since = MediaSpan(microseconds: timeBase.span(ticks: ticks).microseconds - origin.microseconds)
        return window.verdict(on: start.time + since, start: start.time)
    }

    private func finish(_ reason: ClipStanding.Reason?) throws(MediaError) -> Step {
        guard let file = file.take() else { return .failed(reason ?? .noPackets, detail: "no packet came") }
        try file.finish()
        return .finished(reason)
    }
}
