import CFFmpeg
package import Scene

extension PacketRing {
    /// Decodes one picture of what the ring holds: the newest at or before `time`. Meant for evidence of another stream
    /// than the analysed one; it decodes everything from the keyframe before, on the calling thread.
    /// - Returns: the picture's media time; nil where the ring does not reach back so far, or no picture comes of it.
    package func still(at time: MediaTime, into picture: inout Picture) throws(MediaError) -> MediaTime? {
        guard let start = start(atOrBefore: time, latest: time) else { return nil }
        var decoder = try Decoder(for: parameters)
        var packet = Packet(), candidate = Picture()
        var serial = start.serial
        var found: MediaTime?
        var isDraining = false
        while true {
            if !isDraining {
                if read(serial, from: start.serial, into: &packet) == .packet {
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
            }
            if isDraining { return found }
        }
    }
}
