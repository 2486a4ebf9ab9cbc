import CFFmpeg

/// One compressed access unit, owned.
package struct Packet: ~Copyable {
    let raw: UnsafeMutablePointer<AVPacket>

    package init() {
        guard let packet = av_packet_alloc() else { fatalError("out of memory for a packet") }
        raw = packet
    }

    deinit {
        var packet: UnsafeMutablePointer<AVPacket>? = raw
        av_packet_free(&packet)
    }

    package var byteCount: Int { Int(raw.pointee.size) }
    package var isKeyframe: Bool { raw.pointee.flags & AV_PKT_FLAG_KEY != 0 }
    package var isCorrupt: Bool { raw.pointee.flags & AV_PKT_FLAG_CORRUPT != 0 }
    /// In the stream's time base.
    package var presentationTicks: Int64? { ticks(raw.pointee.pts) }
    package var decodingTicks: Int64? { ticks(raw.pointee.dts) }
}

/// FFmpeg's "no time stamp" as nil.
func ticks(_ value: Int64) -> Int64? { value == CFF_NOPTS_VALUE ? nil : value }
