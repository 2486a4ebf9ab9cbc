package import Scene
import Vision

extension CameraAssembly {
    /// How long the scene is learnt after a session began, before anything can be raised.
    package var learningSpan: MediaSpan { .seconds(model.model.learnSpan) }
}
