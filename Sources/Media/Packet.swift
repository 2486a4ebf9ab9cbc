import CFFmpeg
package import Scene

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

    /// When the picture was taken by the camera's own clock: from the newest RTCP sender report, carried on by RTP time
    /// stamps. Nil without one.
    package var senderClock: MediaTime? {
        var size = 0
        guard let data = av_packet_get_side_data(raw, AV_PKT_DATA_PRFT, &size),
            size >= MemoryLayout<AVProducerReferenceTime>.size
        else { return nil }
        let wall = UnsafeRawPointer(data).loadUnaligned(as: AVProducerReferenceTime.self).wallclock
        return wall > 0 ? MediaTime(microseconds: wall) : nil
    }
}

/// FFmpeg's "no time stamp" as nil.
func ticks(_ value: Int64) -> Int64? { value == CFF_NOPTS_VALUE ? nil : value }
