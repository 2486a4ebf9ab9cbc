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
