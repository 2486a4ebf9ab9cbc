import Scene

/// How RTP travels from the camera.
package enum StreamTransport: String, Sendable, Codable, CaseIterable {
    case tcp
    case udp
}

package enum AcceptedCodecs: Sendable {
    /// What network cameras send: H.264, H.265, MJPEG.
    case cameras
    /// Anything this FFmpeg can decode.
    case footage
}

package struct DemuxerOptions: Sendable {
    package var transport: StreamTransport
    /// Others are refused as soon as they are announced.
    package var codecs: AcceptedCodecs
    /// Time for name, connection, description and the first look at the data together.
    package var openLimit: Duration
    /// Where the container says which codec and size it holds, nothing of it is decoded on opening. For files that this
    /// program wrote: of others, what is inside counts.
    package var trustsHeader = false

    package init(
        transport: StreamTransport = .tcp, codecs: AcceptedCodecs = .cameras, openLimit: Duration = .seconds(10)
    ) {
        self.transport = transport
        self.codecs = codecs
        self.openLimit = openLimit
    }

    /// Whether ``RTSPReader`` is tried before FFmpeg's.
    var readsItself: Bool { transport == .tcp && codecs == .cameras }

    /// Containers that recorded footage may come in. Playlists and the like are left out: they open further files.
    private static let footageFormats =
        "mov,matroska,avi,mpegts,mpeg,flv,asf,ivf,h264,hevc,m4v,mjpeg,mpjpeg,mpegvideo,nut,mxf,ogg,jpeg_pipe,png_pipe"

    /// Names and meanings: ffmpeg-protocols(1), ffmpeg-formats(1) of FFmpeg 5.1. A key that FFmpeg leaves over is an error.
    func dictionary(for address: StreamAddress) -> [(String, String)] {
        if address.filePath != nil {
            return [("protocol_whitelist", "file"), ("format_whitelist", Self.footageFormats)]
        }
        let microseconds = String(openLimit.nanoseconds / 1000)
        let looks = [("probesize", "1000000"), ("analyzeduration", "1000000"), ("fpsprobesize", "0")]
        switch address.scheme {
        case "rtsp", "rtsps":
            return looks + [
                ("rtsp_transport", transport.rawValue), ("timeout", microseconds), ("allowed_media_types", "video")
            ]
        default:
            return looks + [("protocol_whitelist", "http,https,tls,tcp"), ("rw_timeout", microseconds)]
        }
    }
}
