package import Evidence
import Foundation
import Ingest
import Media
package import Scene

/// Stills of recorded footage at given moments, with what is to be drawn on them: for reports.
package enum StillHarvest {
    package struct Wish: Hashable, Sendable {
        /// The first picture at or after it is taken.
        package let time: MediaTime
        package let overlay: Overlay

        package init(time: MediaTime, overlay: Overlay) {
            self.time = time
            self.overlay = overlay
        }
    }

    /// Stills of one report: what is beyond is counted in it, not shown.
    package static let limit = 24
    /// Of JPEG; 1 is best, 31 worst.
    static let quality = 7

    /// - Returns: a JPEG for each wish, nil where the footage ends before it or could not be read that far.
    package static func stills(of path: String, _ wishes: [Wish]) -> [[UInt8]?] {
        guard !wishes.isEmpty else { return [] }
        let harvester = Harvester(wishes)
        // Footage that cannot be read was told where it was analysed; what came of it is shown.
        _ = try? Footage(path: path).read(into: harvester, interrupt: harvester.interrupt)
        return harvester.stills
    }

    private final class Harvester: PictureReceiver {
        let interrupt = Interrupt()
        private(set) var stills: [[UInt8]?]
        private let wishes: [Wish]
        private var order: ArraySlice<Int>
        private var renderer = StillRenderer(quality: StillHarvest.quality)

        init(_ wishes: [Wish]) {
            self.wishes = wishes
            stills = Array(repeating: nil, count: wishes.count)
            order = wishes.indices.sorted { (wishes[$0].time, $0) < (wishes[$1].time, $1) }[...]
        }

        func sessionBegan(_ stream: StreamDescription, anchor: MediaTime) {}

        func receive(_ picture: inout Picture, at time: MediaTime) {
            while let next = order.first, wishes[next].time <= time {
                stills[next] = try? renderer.jpeg(of: picture, overlay: wishes[next].overlay)
                order.removeFirst()
            }
            if order.isEmpty { interrupt.cancel() }
        }

        func sessionEnded(_ failure: SessionFailure, at time: MediaTime?) {}
    }
}
