import Ingest
import Media
package import Scene

/// How long a recorded file is by its header, for a progress bar; nil where it does not say or cannot be read.
package func footageLength(_ path: String) -> MediaSpan? {
    guard
        let demuxer = try? Demuxer(
            StreamAddress("file:" + path), options: DemuxerOptions(), interrupt: Interrupt())
    else { return nil }
    return demuxer.video.duration
}

extension Recording {
    /// Headers opened at most, where names do not say when files begin.
    private static let openedLimit = 50

    /// How long the part of it is, for a progress bar; nil where that is not known.
    package func length(of part: ReplayPart) -> MediaSpan? {
        guard let first = segments.first, let last = segments.last else { return nil }
        let window = part.window
        if let begin = first.start, let end = last.start {
            let from = max(begin, window.from ?? begin)
            let whole = end + (footageLength(last.path) ?? .zero)
            return max(.zero, min(whole, window.to ?? whole) - from)
        }
        guard segments.count <= Self.openedLimit else { return nil }
        let lengths = segments.compactMap { footageLength($0.path) }
        return lengths.isEmpty ? nil : .seconds(lengths.reduce(0) { $0 + $1.seconds })
    }
}
