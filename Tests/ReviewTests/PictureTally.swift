import Ingest
import Media
import Scene

/// What a video file holds: counts of pictures, their sizes, and the grey levels of the last few.
final class PictureTally: PictureReceiver {
    private(set) var pictures = 0
    private(set) var sizes: Set<PictureSize> = []
    private(set) var levels: Set<UInt8> = []
    private(set) var codec = ""

    init(_ path: String) throws {
        _ = try Footage(path: path).read(into: self)
    }

    func sessionBegan(_ stream: StreamDescription, anchor: MediaTime) { codec = stream.codec }

    func receive(_ picture: inout Picture, at time: MediaTime) {
        pictures += 1
        sizes.insert(picture.size)
        picture.withLuma { luma in
            for y in 0..<luma.height {
                for x in 0..<luma.width { levels.insert(luma.base[y * luma.stride + x]) }
            }
        }
    }

    func sessionEnded(_ failure: SessionFailure, at time: MediaTime?) {}
}
