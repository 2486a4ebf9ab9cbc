import Evidence
import Ingest
import Logging
import Media
import Pipeline
import Scene

/// What one configuration saw at given moments of a footage: stills with fences, regions, tracks and trails drawn.
enum MomentStills {
    /// - Returns: a JPEG for each moment (its first picture at or after it), nil where the footage ends before.
    static func stills(
        of footage: String, _ assembly: CameraAssembly, at moments: [MediaTime], logger: Logger
    ) -> [[UInt8]?] {
        guard !moments.isEmpty else { return [] }
        let pipeline = CameraPipeline(
            camera: assembly.camera.id, rules: assembly.camera.rules, analysis: assembly.makeAnalysis(),
            book: assembly.makeBook(), outlet: CollectingOutlet(), raisesSignalAlarms: false, isFilmed: true,
            duty: CameraDuty(assembly.arming()), clock: { .epoch }, logger: logger)
        let receiver = Watcher(pipeline: pipeline, moments: moments)
        // Footage that cannot be read was told where it was compared.
        _ = try? Footage(path: footage, policy: assembly.decodePolicy).read(
            into: receiver, interrupt: receiver.interrupt)
        return receiver.stills
    }

    private final class Watcher: PictureReceiver {
        let interrupt = Interrupt()
        private(set) var stills: [[UInt8]?]
        private let pipeline: CameraPipeline
        private let moments: [MediaTime]
        private var order: ArraySlice<Int>
        private var renderer = StillRenderer(quality: StillHarvest.quality)

        init(pipeline: CameraPipeline, moments: [MediaTime]) {
            self.pipeline = pipeline
            self.moments = moments
            stills = Array(repeating: nil, count: moments.count)
            order = moments.indices.sorted { (moments[$0], $0) < (moments[$1], $1) }[...]
        }

        func sessionBegan(_ stream: StreamDescription, anchor: MediaTime) {
            pipeline.sessionBegan(stream, anchor: anchor)
        }

        func receive(_ picture: inout Picture, at time: MediaTime) {
            pipeline.receive(&picture, at: time)
            while let next = order.first, moments[next] <= time {
                stills[next] = still(&picture, at: time)
                order.removeFirst()
            }
            if order.isEmpty { interrupt.cancel() }
        }

        var attention: PictureAttention { pipeline.attention }

        func stirs(in picture: inout Picture, at time: MediaTime) -> Bool { pipeline.stirs(in: &picture, at: time) }

        func sessionEnded(_ failure: SessionFailure, at time: MediaTime?) {
            pipeline.sessionEnded(failure, at: time)
        }

        /// Masks are black before anybody sees the picture, also one that was not analysed.
        private func still(_ picture: inout Picture, at time: MediaTime) -> [UInt8]? {
            guard (try? pipeline.blacken(&picture)) != nil else { return nil }
            return try? renderer.jpeg(of: picture, overlay: Overlay(items: pipeline.filmFrame(at: time).items))
        }
    }
}
