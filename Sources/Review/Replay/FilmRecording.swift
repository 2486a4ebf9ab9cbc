import Evidence
import Ingest
import Media
import Pipeline
import Scene

/// An annotated film of a replay: every picture with what the analysis saw and decided drawn on it.
final class FilmRecording {
    private let path: String
    private var writer: VideoWriter?
    private var renderer = FilmRenderer()

    init(path: String) {
        self.path = path
    }

    func begin(_ stream: StreamDescription) throws(MediaError) {
        guard writer == nil else { return }
        writer = try VideoWriter(
            path: path, form: .film, size: FilmRenderer.filmSize(of: stream.size),
            frameRate: stream.nominalFrameRate ?? 25)
    }

    func append(
        _ picture: inout Picture, at elapsed: MediaSpan, pipeline: CameraPipeline, time: MediaTime
    ) throws(MediaError) {
        try pipeline.blacken(&picture)
        let canvas = try renderer.canvas(of: picture, pipeline.filmFrame(at: time))
        try writer?.append(canvas, at: elapsed)
    }

    /// Completes the file; nothing may be appended after it.
    func finish() throws(MediaError) {
        guard let finished = writer.take() else { return }
        try finished.finish()
    }
}
