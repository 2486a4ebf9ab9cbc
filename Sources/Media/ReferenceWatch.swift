import CFFmpeg

/// Notices that a picture was predicted from one that never came.
///
/// FFmpeg makes up what is missing (the frame before once more, or grey) and does not say so. But it asks for the memory
/// of one picture a packet, and of one more for each that it makes up: H.264 where the frame numbers have a gap, H.265
/// where a reference is missing.
struct ReferenceWatch {
    /// More than this share of the packets is no damage but the way of the stream: a recorder that leaves out layers.
    private static let habitShare = 4
    private static let habitPackets = 100

    private final class Requests {
        var count = 0
        let library: DecoderLibrary

        init(_ library: DecoderLibrary) { self.library = library }
    }

    private let requests: Requests
    private var packets = 0
    private var missed = 0
    private var isTold = false
    private var isKeyframe = false

    /// The context must not outlive the watch.
    init(_ context: UnsafeMutablePointer<AVCodecContext>, _ library: DecoderLibrary) {
        requests = Requests(library)
        guard [AV_CODEC_ID_H264, AV_CODEC_ID_HEVC].contains(context.pointee.codec_id) else { return }
        context.pointee.opaque = Unmanaged.passUnretained(requests).toOpaque()
        context.pointee.get_buffer2 = { context, frame, flags in
            guard let context, let opaque = context.pointee.opaque else { return CFF_ERROR_EINVAL }
            let requests = Unmanaged<Requests>.fromOpaque(opaque).takeUnretainedValue()
            requests.count += 1
            let code = requests.library.buffer(context, frame, flags)
            if code >= 0, let frame, context.pointee.flags & AV_CODEC_FLAG_GRAY != 0 { GreyPlanes.fill(frame) }
            return code
        }
    }

    /// A packet is about to be decoded; the one before has been.
    mutating func packetComes(isKeyframe: Bool) {
        if packets >= Self.habitPackets * 2 { (packets, missed) = (packets / 2, missed / 2) }
        packets += 1
        requests.count = 0
        isTold = false
        self.isKeyframe = isKeyframe
    }

    /// Whether something was made up for the newest packet; true once a packet. A keyframe needs nothing of it, whatever
    /// it says that later pictures may refer to.
    mutating func takeMissed() -> Bool {
        guard requests.count > 1, !isTold, !isKeyframe else { return false }
        isTold = true
        missed += 1
        return packets < Self.habitPackets || missed * Self.habitShare < packets
    }
}
