import CFFmpeg
package import Scene

/// What a file of video holds, by its packets: what a clip says of itself once it is written.
package struct ClipInspection: Hashable, Sendable {
    package let codec: String
    package let size: PictureSize
    package let packetCount: Int
    /// From the first picture to the end of the last one.
    package let duration: MediaSpan
    /// Presentation time of the first picture.
    package let start: MediaSpan
    package let beginsWithKeyframe: Bool
    /// The file's own text.
    package let note: String?

    /// Reads the whole file, without decoding.
    package init(path: String) throws(MediaError) {
        var options = DemuxerOptions(codecs: .footage)
        options.trustsHeader = true
        var demuxer = try Demuxer(StreamAddress("file:" + path), options: options, interrupt: Interrupt())
        let video = demuxer.video
        var packet = Packet()
        var (count, isKey) = (0, false)
        var first: MediaSpan?, last: MediaSpan?
        while try demuxer.read(into: &packet, within: .seconds(10)) {
            if count == 0 { isKey = packet.isKeyframe }
            count += 1
            guard let ticks = packet.presentationTicks else { continue }
            let begins = video.timeBase.span(ticks: ticks)
            let ends = video.timeBase.span(ticks: ticks + max(0, packet.raw.pointee.duration))
            first = min(first ?? begins, begins)
            last = max(last ?? ends, ends)
        }
        guard let first, let last, let size = video.size else {
            throw MediaError(.noPictures, "read a clip", text: "it holds no pictures")
        }
        codec = video.codec
        self.size = size
        packetCount = count
        start = first
        duration = MediaSpan(microseconds: last.microseconds - first.microseconds)
        beginsWithKeyframe = isKey
        note = demuxer.comment
    }
}
