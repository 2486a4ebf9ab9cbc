package import KernelAPI
package import Scene

/// A checkpoint was made by another kind of analysis than the one that is to go on from it.
package struct CheckpointMismatch: Error, Hashable, CustomStringConvertible {
    /// What differs, and the two values.
    package let description: String

    package init(_ description: String) { self.description = description }
}

extension FrameAnalyzer {
    /// Everything that the analyser's later results depend on, as copies: it may be kept and used as often as wanted.
    package struct Checkpoint: Sendable {
        fileprivate let model: DetectorModel
        fileprivate let perspective: Perspective?
        package let source: PictureSize
        var state: State
        var shake: CameraShake.State
        var planes: [[UInt8]]
    }

    package func checkpoint() -> Checkpoint {
        Checkpoint(
            model: model, perspective: perspective, source: source, state: state,
            shake: shake.state, planes: carriedPlanes.map { $0.copied() })
    }

    /// Goes on where the checkpoint was made: the same pictures then give the same observations and masks, on
    /// whatever instruction set.
    /// - Throws: for a checkpoint of another model, perspective or size of picture; the analyser is as it was then.
    package func restore(_ checkpoint: Checkpoint) throws(CheckpointMismatch) {
        guard checkpoint.source == source else {
            throw CheckpointMismatch("a checkpoint of \(checkpoint.source) pictures · these are \(source)")
        }
        guard checkpoint.model == model else {
            throw CheckpointMismatch("a checkpoint of another detector model")
        }
        guard checkpoint.perspective == perspective else {
            throw CheckpointMismatch("a checkpoint of another perspective")
        }
        take(checkpoint)
    }

    /// An analyser that goes on from a checkpoint.
    package convenience init(restoring checkpoint: Checkpoint, kernels: KernelTable) {
        self.init(
            model: checkpoint.model, source: checkpoint.source, perspective: checkpoint.perspective, kernels: kernels)
        take(checkpoint)
    }

    private func take(_ checkpoint: Checkpoint) {
        forgetGlance()
        state = checkpoint.state
        shake.state = checkpoint.shake
        for (plane, bytes) in zip(carriedPlanes, checkpoint.planes) { plane.copy(from: bytes) }
    }
}
