import CFFmpeg
package import Scene

/// A clip on its way into a file: packets as they are, or decoded, masked and encoded anew.
package struct ClipFile: ~Copyable {
    package enum Treatment: Sendable, Hashable {
        case copied
        /// Decoded, these regions blackened, encoded as H.264.
        case encoded(masks: [Polygon])
    }

    private var muxer: ClipMuxer?
    private var encoder: ClipEncoder?
    /// Packets and their bytes, as they came.
    package private(set) var packetCount = 0
    package private(set) var byteCount = 0

    /// - Parameters:
    ///   - path: created or overwritten.
    ///   - first: the keyframe that the clip begins with; it is appended like the others.
    ///   - note: free text that the file carries.
    package init(
        path: String, parameters: StreamParameters, treatment: Treatment, first: borrowing Packet, note: String
    ) throws(MediaError) {
        switch treatment {
        case .copied: muxer = try ClipMuxer(path: path, parameters: parameters, first: first, note: note)
        case .encoded(let masks):
            encoder = try ClipEncoder(path: path, parameters: parameters, masks: masks, note: note)
        }
    }

    /// Appends what is in `packet` and leaves it empty.
    /// - Returns: false, and nothing is written, where the packet cannot follow the others in one file.
    package mutating func append(_ packet: inout Packet) throws(MediaError) -> Bool {
        let bytes = packet.byteCount
        let fits: Bool
        if muxer != nil { fits = try muxer!.append(&packet) } else { fits = try encoder!.append(&packet) }
        guard fits else { return false }
        packetCount += 1
        byteCount += bytes
        return true
    }

    /// Completes the file.
    package consuming func finish() throws(MediaError) {
        if let muxer = muxer.take() { try muxer.finish() }
        if let encoder = encoder.take() { try encoder.finish() }
    }
}

/// Decodes, blackens and encodes. Costs about what a film costs: belongs on a thread that may lag behind.
struct ClipEncoder: ~Copyable {
    private var decoder: Decoder
    private let parameters: StreamParameters
    private let mask: PrivacyMask
    private let path: String
    private let note: String
    private var maker = CanvasMaker()
    private var picture = Picture()
    private var writer: VideoWriter?
    private var origin: MediaSpan?
    private var size: PictureSize?

    init(path: String, parameters: StreamParameters, masks: [Polygon], note: String) throws(MediaError) {
        decoder = try Decoder(for: parameters)
        self.parameters = parameters
        mask = PrivacyMask(masks)
        self.path = path
        self.note = note
    }

    mutating func append(_ packet: inout Packet) throws(MediaError) -> Bool {
        do throws(MediaError) {
            try decoder.send(packet)
        } catch  where error.kind == .invalidData {
            return true
        }
        return try drain()
    }

    consuming func finish() throws(MediaError) {
        try decoder.sendEnd()
        _ = try drain()
        guard let writer = writer.take() else {
            throw MediaError(.noPictures, "write a clip", text: "not one picture could be decoded")
        }
        try writer.finish()
    }

    private mutating func drain() throws(MediaError) -> Bool {
        while true {
            do throws(MediaError) {
                guard try decoder.receive(into: &picture) == .picture else { return true }
            } catch  where error.kind == .invalidData {
                continue
            }
            if picture.isCorrupt { continue }
            guard size == nil || size == picture.size else { return false }
            try encode()
        }
    }

    private mutating func encode() throws(MediaError) {
        guard let time = picture.presentationTicks.map({ parameters.timeBase.span(ticks: $0) }) else { return }
        try picture.blacken(mask)
        let canvas = try maker.canvas(of: picture)
        let origin = origin ?? time
        if writer == nil {
            self.origin = time
            size = picture.size
            writer = try VideoWriter(
                path: path, form: .clip, size: picture.size, frameRate: parameters.frameRate ?? 25, note: note)
        }
        try writer?.append(canvas, at: MediaSpan(microseconds: time.microseconds - origin.microseconds))
    }
}
