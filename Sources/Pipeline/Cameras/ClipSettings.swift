package import Evidence
import Media
package import Scene

/// The site's policy of clips.
package struct ClipSettings: Hashable, Sendable {
    /// What is done with a stream that cannot be put into a clip as it is: of a camera with privacy masks, or MJPEG.
    package enum Encoding: String, Sendable, CaseIterable {
        /// No clip, with the reason in the alert.
        case never
        /// Decoded, masked and encoded anew, on a thread of low priority.
        case whenNeeded = "when_needed"
    }

    package static let beforeLimits = 0.0...30.0
    package static let afterLimits = 0.0...60.0
    package static let lengthLimits = 2.0...600.0
    package static let megabyteLimits = 1.0...1024.0
    package static let ringLimits = 1.0...256.0

    /// Cameras of these classes have clips.
    package var classes = Set(CameraClass.allCases)
    package var lengths = ClipWindow.Lengths(before: .seconds(5), after: .seconds(5), most: .seconds(60))
    /// Of one clip, 10⁶.
    package var megabytes = 32.0
    /// Of packets in memory for each camera, 10⁶.
    package var ringMegabytes = 8.0
    package var encoding = Encoding.never

    package init() {}

    /// What a camera keeps beyond its pre-roll: the longest GOP that `dense` catches up with, and time to write.
    private static let slack = MediaSpan.seconds(5)

    var history: PacketRing.History {
        PacketRing.History(
            span: MediaSpan(microseconds: lengths.before.microseconds + Self.slack.microseconds),
            bytes: Int(ringMegabytes * 1e6))
    }
}
