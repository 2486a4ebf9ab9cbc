import CFFmpeg
import Scene

/// Packets in, pictures out, on the calling thread (one stream, one context, one thread: parallel over cameras). Whoever has
/// it is the only one who does, and may hand it to another thread.
package struct Decoder: ~Copyable, @unchecked Sendable {
    package enum Step: Sendable {
        case picture
        case needsPacket
        case ended
    }

    private var context: UnsafeMutablePointer<AVCodecContext>
    private let library: DecoderLibrary
    /// What of each picture is decoded; never less than was asked for.
    package let planes: DecodedPlanes
    private var converter = PictureConverter(to: AV_PIX_FMT_YUV420P)
    private var references: ReferenceWatch
    private let framing: UnitFraming
    /// All that the decoder knows is a keyframe that was decoded by itself.
    private var holdsLoneKeyframe = false
    /// Parameter sets of that keyframe, as they lay in its packet.
    private var loneSets: [UInt8] = []
    private static let setBytesMost = 4096

    /// - Parameter planes: `luma` is kept to for H.264 where ``LumaDecoder`` is there; all else is decoded whole.
    package init(for demuxer: borrowing Demuxer, planes: DecodedPlanes = .all) throws(MediaError) {
        try self.init(demuxer.codecParameters, demuxer.codecs, planes)
    }

    /// By the libavcodec that the program is linked with, whatever else is there.
    init(bySystem demuxer: borrowing Demuxer) throws(MediaError) {
        try self.init(demuxer.codecParameters, demuxer.codecs, .all, own: nil)
    }

    /// For packets of a stream that is read elsewhere.
    package init(for parameters: StreamParameters, planes: DecodedPlanes = .all) throws(MediaError) {
        try self.init(parameters.raw, parameters.codecs, planes)
    }

    private init(
        _ parameters: UnsafeMutablePointer<AVCodecParameters>, _ codecs: AcceptedCodecs, _ wanted: DecodedPlanes,
        own: DecoderLibrary? = LumaDecoder.library
    ) throws(MediaError) {
        // It is the faster one with colours, too.
        let own = parameters.pointee.codec_id == AV_CODEC_ID_H264 ? own : nil
        (library, planes) = (own ?? .system, own == nil ? .all : wanted)
        let codec = try codecs.decoder(of: parameters.pointee.codec_id, in: library)
        guard let made = library.make(codec) else {
            throw MediaError(.outOfMemory, "open the decoder", text: "out of memory")
        }
        do throws(MediaError) {
            try check(library.take(made, parameters), "open the decoder")
            if planes == .luma { made.pointee.flags |= AV_CODEC_FLAG_GRAY }
            try Self.open(made, codec, library)
        } catch {
            var failed: UnsafeMutablePointer<AVCodecContext>? = made
            library.free(&failed)
            throw error
        }
        context = made
        references = ReferenceWatch(made, library)
        framing = UnitFraming(parameters)
    }

    deinit {
        var closing: UnsafeMutablePointer<AVCodecContext>? = context
        library.free(&closing)
    }

    /// Throws `invalidData` for a packet that cannot be decoded; the decoder stays usable.
    package mutating func send(_ packet: borrowing Packet) throws(MediaError) {
        if holdsLoneKeyframe { flush() }
        try take(packet)
    }

    private mutating func take(_ packet: borrowing Packet) throws(MediaError) {
        guard packet.byteCount <= MediaLimits.packetBytes else {
            throw MediaError(.invalidData, "decode", text: "packet of \(packet.byteCount) bytes is over the limit")
        }
        references.packetComes(isKeyframe: packet.isKeyframe)
        try check(library.send(context, packet.raw), "decode")
    }

    /// Whether the newest packet refers to pictures that never came: what is predicted from it is wrong until the next
    /// keyframe, though nothing else says so. True once a packet.
    package mutating func takeMissedReference() -> Bool { references.takeMissed() }

    /// No more packets will come: the pictures still held are given out, then `ended`.
    package mutating func sendEnd() throws(MediaError) {
        try check(library.send(context, nil), "decode")
    }

    /// The next picture that is ready, if any. Luma lies as 8-bit plane with a positive stride.
    package mutating func receive(into picture: inout Picture) throws(MediaError) -> Step {
        let code = library.receive(context, picture.raw)
        if code == CFF_ERROR_EAGAIN { return .needsPacket }
        if code == CFF_ERROR_EOF { return .ended }
        try check(code, "decode")
        try Self.checkSize(picture)
        if !LumaFirstFormat.contains(AVPixelFormat(picture.raw.pointee.format)) {
            let isCorrupt = picture.isCorrupt
            picture = try converter.convert(picture)
            if isCorrupt { picture.raw.pointee.flags |= AV_FRAME_FLAG_CORRUPT }
        }
        guard picture.raw.pointee.linesize.0 >= picture.raw.pointee.width else {
            throw MediaError(.unsupportedPicture, "decode", text: "the picture is stored upside down")
        }
        picture.hasColours = planes == .all
        return .picture
    }

    /// Whether a new decoder can go on with `packet`, with nothing of what this one knows: an instant keyframe that brings
    /// its parameter sets, of a stream whose pictures come out with their packets.
    package func canBeReplaced(before packet: borrowing Packet) -> Bool { givesAtOnce && canBegin(with: packet) }

    /// Whether nothing that came before `packet` is needed for it and what follows: an instant keyframe that brings its
    /// parameter sets.
    func canBegin(with packet: borrowing Packet) -> Bool {
        packet.isKeyframe && !packet.isCorrupt && framing.entry(of: packet) == .instant
            && framing.leadingSetBytes(of: packet) > 0
    }

    /// Whether pictures come out with their packets: what it holds is then the same for any that was sent the same.
    var givesAtOnce: Bool { context.pointee.has_b_frames == 0 }

    /// Forgets everything decoded so far; the next picture comes from the next keyframe. Parameter sets stay known.
    package mutating func flush() {
        library.flush(context)
        context.pointee.skip_loop_filter = AVDISCARD_DEFAULT
        holdsLoneKeyframe = false
    }

    /// Decodes a keyframe by itself: what is sent after it knows nothing of it. The loop filter is left out, which saves
    /// a quarter and is hardly to be seen in a picture that nothing is predicted from.
    /// - Returns: false where it gives no picture.
    package mutating func decodeAlone(
        _ packet: borrowing Packet, into picture: inout Picture
    ) throws(MediaError) -> Bool {
        let known = takeSets(of: packet)
        if !forgetsByItself(packet) { flush() }
        context.pointee.skip_loop_filter = AVDISCARD_ALL
        packet.raw.pointee.data += known
        packet.raw.pointee.size -= Int32(known)
        defer {
            packet.raw.pointee.data -= known
            packet.raw.pointee.size += Int32(known)
        }
        do throws(MediaError) {
            try take(packet)
            var step = try receive(into: &picture)
            holdsLoneKeyframe = true
            // Where pictures may be out of order the decoder holds them back until it is told that no more come.
            if step == .needsPacket {
                try sendEnd()
                step = try receive(into: &picture)
                flush()
            }
            return step == .picture
        } catch {
            flush()
            throw error
        }
    }

    /// FFmpeg's H.264 decoder gives its tables back when it is flushed, and makes them anew for the next picture. Nothing
    /// of a lone keyframe is left after another that is an instant entry, so it need not be flushed between the two.
    private func forgetsByItself(_ packet: borrowing Packet) -> Bool {
        holdsLoneKeyframe && context.pointee.codec_id == AV_CODEC_ID_H264 && framing.entry(of: packet) == .instant
    }

    /// Cameras send the same parameter sets with every keyframe, and FFmpeg works out 170 KiB of tables from each.
    /// - Returns: how many bytes at the packet's beginning are those of the lone keyframe before once more.
    private mutating func takeSets(of packet: borrowing Packet) -> Int {
        let count = framing.leadingSetBytes(of: packet)
        guard count <= Self.setBytesMost else {
            loneSets = []
            return 0
        }
        let sets = UnsafeBufferPointer(start: packet.raw.pointee.data, count: count)
        if holdsLoneKeyframe, sets.elementsEqual(loneSets) { return count }
        loneSets = Array(sets)
        return 0
    }

    private static func open(
        _ context: UnsafeMutablePointer<AVCodecContext>, _ codec: UnsafePointer<AVCodec>, _ library: DecoderLibrary
    ) throws(MediaError) {
        context.pointee.thread_count = 1
        context.pointee.flags |= AV_CODEC_FLAG_BITEXACT
        // Concealment paints lost blocks with neighbours, which looks like motion; damaged pictures are dropped instead.
        // It may not be switched off all the same: the H.264 decoder then takes every picture of several slices for
        // damaged, because nobody notes which of them came (FFmpeg 5.1). This is the least of it.
        context.pointee.error_concealment = FF_EC_DEBLOCK
        context.pointee.max_pixels = Int64(MediaLimits.pictureSide * MediaLimits.pictureSide)
        // The one inverse transform of MJPEG that gives the same pixels on every processor.
        if codec.pointee.id == AV_CODEC_ID_MJPEG { context.pointee.idct_algo = FF_IDCT_SIMPLE }
        try check(library.open(context, codec, nil), "open the decoder")
    }

    private static func checkSize(_ picture: borrowing Picture) throws(MediaError) {
        let size = picture.size
        let allowed = 1...MediaLimits.pictureSide
        guard allowed.contains(size.width), allowed.contains(size.height) else {
            throw MediaError(
                .unsupportedPicture, "decode", text: "picture of \(size); at most 8192x8192 pixels are taken")
        }
    }
}

extension AcceptedCodecs {
    func decoder(
        of identifier: AVCodecID, in library: DecoderLibrary = .system
    ) throws(MediaError) -> UnsafePointer<AVCodec> {
        let isWanted: Bool =
            switch self {
            case .cameras: [AV_CODEC_ID_H264, AV_CODEC_ID_HEVC, AV_CODEC_ID_MJPEG].contains(identifier)
            case .footage: true
            }
        guard isWanted, let codec = library.find(identifier) else {
            let name = String(cString: avcodec_get_name(identifier))
            throw MediaError(
                .unsupportedCodec, "open the decoder", text: identifier == AV_CODEC_ID_NONE ? "unknown" : name)
        }
        return codec
    }
}
