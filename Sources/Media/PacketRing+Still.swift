import CFFmpeg
package import Scene

extension PacketRing {
    /// What becomes of the decoder that a still was made with.
    package enum Afterwards: Sendable {
        case closed
        /// Left in the ring where it has just decoded the picture of `time`, with everything that the stream's own decoder
        /// knows then: that one can be replaced by it (``PacketRing/takeDecoder(after:)``), for which nothing more has to be decoded.
        case leftForTheStream
    }

    /// Decodes one picture of what the ring holds, in colours: the newest at or before `time`. Meant for evidence; it
    /// decodes everything from the keyframe before, on the calling thread.
    /// - Returns: the picture's media time; nil where the ring does not reach back so far, or no picture comes of it.
    package func still(
        at time: MediaTime, into picture: inout Picture, then afterwards: Afterwards = .closed
    ) throws(MediaError) -> MediaTime? {
        guard let start = start(atOrBefore: time, latest: time) else { return nil }
        var decoder = try Decoder(for: parameters)
        var packet = Packet(), candidate = Picture()
        var serial = start.serial
        var found: MediaTime?
        var isDraining = false
        var isWhole = false
        while true {
            if !isDraining {
                if read(serial, from: start.serial, into: &packet) == .packet {
                    if serial == start.serial { isWhole = decoder.canBegin(with: packet) }
                    serial += 1
                    do throws(MediaError) { try decoder.send(packet) } catch  where error.kind == .invalidData {
                        continue
                    }
                } else {
                    isDraining = true
                    try decoder.sendEnd()
                }
            }
            while try decoder.receive(into: &candidate) == .picture {
                guard !candidate.isCorrupt, let ticks = candidate.presentationTicks,
                    let shown = self.time(at: parameters.timeBase.span(ticks: ticks))
                else { continue }
                guard shown <= time else { return found }
                swap(&picture, &candidate)
                found = shown
                guard shown == time else { continue }
                if afterwards == .leftForTheStream, isWhole, !isDraining, decoder.givesAtOnce {
                    leave(decoder, after: ticks)
                }
                return found
            }
            if isDraining { return found }
        }
    }
}
