import Media
import Pipeline
import Scene

/// Foreground masks as FFV1 grey 0/255 at the footage's size, one a picture.
final class MaskRecording {
    private var writer: VideoWriter?

    init(path: String, size: PictureSize, frameRate: Double) throws(MediaError) {
        writer = try VideoWriter(path: path, form: .masks, size: size, frameRate: frameRate)
    }

    func append(at time: MediaSpan, _ analysis: CameraAnalysis) throws {
        try writer?.appendMask(at: time) { pixels, stride in
            analysis.drawMask(into: pixels, stride: stride)
        }
    }

    /// Completes the file; nothing may be appended after it.
    func finish() throws(MediaError) {
        guard let finished = writer.take() else { return }
        try finished.finish()
    }
}
