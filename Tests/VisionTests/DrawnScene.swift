import KernelAPI
import Kernels
import Scene

@testable import Vision

/// A scene drawn by code: a textured background with noise, boxes put upon it, analysed picture by picture.
struct DrawnScene {
    let size = PictureSize(width: 160, height: 120)
    var brightness = 1.0
    /// Left, top, width, height, grey level.
    var boxes: [(x: Double, y: Double, width: Int, height: Int, level: Int)] = []
    private var noise: UInt64 = 1

    mutating func picture() -> [UInt8] {
        var pixels = [UInt8](repeating: 0, count: size.width * size.height)
        for y in 0..<size.height {
            for x in 0..<size.width {
                noise = noise &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let texture = 110 + (x * 7 + y * 3) % 23 + Int(noise >> 62)
                pixels[y * size.width + x] = UInt8(min(255, Int(Double(texture) * brightness)))
            }
        }
        for box in boxes {
            for y in Int(box.y)..<Int(box.y) + box.height where (0..<size.height).contains(y) {
                for x in Int(box.x)..<Int(box.x) + box.width where (0..<size.width).contains(x) {
                    pixels[y * size.width + x] = UInt8(box.level)
                }
            }
        }
        return pixels
    }
}

extension FrameAnalyzer {
    func analyze(_ pixels: [UInt8], seconds: Double) -> Observation {
        pixels.withUnsafeBufferPointer { buffer in
            analyze(
                LumaPlane(base: buffer.baseAddress!, width: source.width, height: source.height, stride: source.width),
                at: .epoch + .seconds(seconds))
        }
    }
}

func makeAnalyzer(
    kernels: KernelTable = Kernels.best, _ change: (inout DetectorModel) -> Void = { _ in }
) -> FrameAnalyzer {
    var model = DetectorModel.test
    change(&model)
    return FrameAnalyzer(model: model, source: PictureSize(width: 160, height: 120), kernels: kernels)
}

/// Runs pictures at `rate` a second from `start`; `update` moves the scene before each.
func run(
    _ analyzer: FrameAnalyzer, _ scene: inout DrawnScene, from start: Double, for seconds: Double, rate: Double = 10,
    _ update: (inout DrawnScene, Double) -> Void = { _, _ in }
) -> [Observation] {
    (0..<Int(seconds * rate)).map { index in
        let time = start + Double(index) / rate
        update(&scene, time)
        return analyzer.analyze(scene.picture(), seconds: time)
    }
}
