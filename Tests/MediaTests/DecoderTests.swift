import Foundation
import Media
import Scene
import TestSupport
import Testing

@Suite struct DecoderTests {
    @Test func anInterruptEndsASleep() {
        let interrupt = Interrupt()
        #expect(interrupt.sleep(for: .milliseconds(1)))
        interrupt.cancel()
        #expect(!interrupt.sleep(for: .seconds(60)))
        #expect(interrupt.state == .cancelled)
    }

    /// Streams whose packets bring their parameter sets, as cameras send them.
    enum Sent: String, CaseIterable, CustomTestStringConvertible {
        case inOrder, outOfOrder, openGOP, h265, mjpeg
        /// Goes on with another size, and so with other parameter sets.
        case changing

        var testDescription: String { rawValue }

        private var form: VideoWriter.Form {
            switch self {
            case .inOrder, .changing: .camera(.h264, keyframeDistance: 10)
            case .outOfOrder: .encoder(.h264, parameters: "keyint=10:scenecut=0:bframes=3:b-adapt=0:open-gop=0")
            case .openGOP: .encoder(.h264, parameters: "keyint=10:scenecut=0:bframes=3:b-adapt=0:open-gop=1")
            case .h265: .camera(.h265, keyframeDistance: 10)
            case .mjpeg: .camera(.mjpeg, keyframeDistance: 1)
            }
        }

        func write(to folder: ScratchFolder) throws -> String {
            // MPEG-TS has no place for parameter sets but beside the pictures.
            let ending = self == .mjpeg ? "mkv" : "ts"
            let path = folder.file("sent.\(ending)")
            // Seven groups: the last of them is looked at alone.
            try DrawnFootage(pictureCount: 70, form: form).write(to: path)
            guard self == .changing else { return path }
            let other = folder.file("other.ts")
            try DrawnFootage(size: PictureSize(width: 176, height: 144), pictureCount: 60, form: form).write(to: other)
            let all = try Data(contentsOf: URL(filePath: path)) + Data(contentsOf: URL(filePath: other))
            let joined = folder.file("joined.ts")
            try all.write(to: URL(filePath: joined))
            return joined
        }
    }

    private struct Seen: Equatable {
        var size: PictureSize
        var ticks: Int64?
        var isCorrupt: Bool
        var luma: [UInt8]

        init(_ picture: borrowing Picture) {
            size = picture.size
            ticks = picture.presentationTicks
            isCorrupt = picture.isCorrupt
            luma = picture.withLuma { plane in
                (0..<plane.height).flatMap { row in
                    Array(UnsafeBufferPointer(start: plane.base + row * plane.stride, count: plane.width))
                }
            }
        }
    }

    /// A decoder that has decoded keyframes by themselves before gives what a new one gives, alone and of all that follows.
    @Test(arguments: Sent.allCases) func aLoneKeyframeLeavesNothingBehind(sent: Sent) throws {
        let folder = try ScratchFolder()
        var demuxer = try Demuxer(
            StreamAddress(try sent.write(to: folder)), options: DemuxerOptions(codecs: .footage), interrupt: Interrupt()
        )
        var used = try Decoder(for: demuxer)
        var packet = Packet(), gops = 0, compared = 0, isFollowing = false
        var fresh = try Decoder(for: demuxer)
        while try demuxer.read(into: &packet, within: .seconds(5)) {
            if packet.isKeyframe {
                if isFollowing {
                    let (known, expected) = (try rest(of: &used), try rest(of: &fresh))
                    #expect(known == expected)
                }
                fresh = try Decoder(for: demuxer)
                let byteCount = packet.byteCount
                let known = try alone(packet, &used)
                #expect(try alone(packet, &fresh) == known)
                #expect(packet.byteCount == byteCount)
                compared += known == nil ? 0 : 1
                gops += 1
                isFollowing = gops % 3 == 0
                if isFollowing { fresh = try Decoder(for: demuxer) }
            }
            guard isFollowing else { continue }
            try used.send(packet)
            try fresh.send(packet)
            let (known, expected) = (try taken(from: &used), try taken(from: &fresh))
            #expect(known == expected)
            compared += known.count
        }
        #expect(compared >= (sent == .mjpeg ? 60 : 20), "compared \(compared) pictures of \(gops) groups")
    }

    private func alone(_ packet: borrowing Packet, _ decoder: inout Decoder) throws -> Seen? {
        var picture = Picture()
        return try decoder.decodeAlone(packet, into: &picture) ? Seen(picture) : nil
    }

    private func taken(from decoder: inout Decoder) throws -> [Seen] {
        var picture = Picture(), seen: [Seen] = []
        while case .picture = try decoder.receive(into: &picture) { seen.append(Seen(picture)) }
        return seen
    }

    private func rest(of decoder: inout Decoder) throws -> [Seen] {
        try decoder.sendEnd()
        return try taken(from: &decoder)
    }
}
