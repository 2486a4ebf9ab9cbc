package import Ingest
package import Scene

/// What one camera costs in processor cores: 0.25 is a quarter of one core all the time.
///
/// The figures of the table are for cameras that have not run yet. They were measured with libavcodec on one thread
/// (H.264 of 640x360 to 1920x1080, H.265, MJPEG; streams of surveillance bit rates) on server processors of 2.5 to 3 GHz
/// that had other work, so a fast machine needs less. Once a camera runs, its own thread is measured instead.
package struct DecodeCost: Hashable, Sendable {
    /// What has to be known of a stream.
    package struct Stream: Hashable, Sendable {
        package var codec: String
        package var size: PictureSize
        /// Pictures a second.
        package var rate: Double

        package init(codec: String, size: PictureSize, rate: Double) {
            self.codec = codec
            self.size = size
            self.rate = rate
        }

        /// What is taken for a camera that has never run: most are like this, few are dearer.
        package static let usual = Stream(codec: "h264", size: PictureSize(width: 1920, height: 1080), rate: 25)
    }

    /// Nanoseconds to decode one pixel of a picture.
    static func decodingNanoseconds(of codec: String) -> Double {
        switch codec {
        case "h264": 3.6
        case "hevc": 5.8
        case "mjpeg": 2.9
        default: 6
        }
    }

    /// From luma to tracks, of one analysed picture: the grid's cost, and that of reading the luma once.
    static let analysisMicroseconds = 240.0
    static let lumaNanoseconds = 0.16
    /// Receiving one second of stream, whatever is done with it.
    static let receivingMicroseconds = 2500.0
    /// Share of a day in which something stirs before a camera that is not known.
    static let usualActivity = 0.05
    /// What catching up adds to the time in which everything is decoded.
    static let catchUpFactor = 1.1
    /// A keyframe is as dear as so many other pictures, and comes so often in a second.
    static let keyframeWeight = 4.0
    static let keyframesASecond = 0.5

    /// Cores by the table.
    /// - Parameter analysisRate: pictures analysed a second while nothing stirs.
    package static func prior(_ stream: Stream, mode: DecodeMode, analysisRate: Double) -> Double {
        let pixels = Double(stream.size.width) * Double(stream.size.height)
        let picture = pixels * decodingNanoseconds(of: stream.codec) / 1000
        let analysis = analysisMicroseconds + pixels * lumaNanoseconds / 1000
        let analysed = min(analysisRate, stream.rate) * (1 - usualActivity) + stream.rate * usualActivity
        let full = stream.rate * picture + analysed * analysis
        switch mode {
        case .strict: return (full + receivingMicroseconds) / 1e6
        case .dense:
            let awake = (stream.rate * (picture + analysis)) * catchUpFactor
            let idle = keyframesASecond * (picture * keyframeWeight + analysis)
            return (awake * usualActivity + idle * (1 - usualActivity) + receivingMicroseconds) / 1e6
        }
    }

    /// What is left of a camera's cost at a step, for the question of how much is to be shed.
    package static func share(at step: LoadStep, mode: DecodeMode) -> Double {
        switch (step, mode) {
        case (.full, _): 1
        case (.analysis, .strict): 0.92
        case (.analysis, .dense): 0.98
        case (.keyframes, .strict): 0.12
        case (.keyframes, .dense): 0.8
        case (.paused, .strict): 0.04
        case (.paused, .dense): 0.4
        }
    }
}
