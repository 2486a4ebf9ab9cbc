import CFFmpeg

/// What a camera says of its first video track (SDP, RFC 8866; RFC 6184 section 8, RFC 7798 section 7).
struct SessionDescription: Sendable, Hashable {
    var payloadType: UInt8
    var codec: RTPAssembler.Codec
    var clockRate: Int32
    /// Parameter sets with start codes.
    var parameterSets: [UInt8]
    var frameRate: Double?
    /// As written: of the whole, and of the track.
    var aggregateControl: String?
    var control: String?

    /// Nil for what only FFmpeg can read: other codecs, decoding order numbers, encryption, no video at all.
    init?(_ text: String) {
        var (attributes, session): ([Substring], [Substring]) = ([], [])
        var format: UInt8?
        var isVideo = false
        for line in text.utf8.split(separator: 10).map({ Substring($0).trimmed }) {
            if line.hasPrefix("m=") {
                if isVideo { break }
                let words = line.dropFirst(2).split(separator: " ")
                guard words.first == "video" else { session.append("m="); continue }
                guard words.count >= 4, words[2] == "RTP/AVP", let number = UInt8(words[3]), number < 128 else {
                    return nil
                }
                (isVideo, format) = (true, number)
            } else if line.hasPrefix("a=") {
                if isVideo { attributes.append(line.dropFirst(2)) } else { session.append(line.dropFirst(2)) }
            }
        }
        guard let format else { return nil }
        func value(_ name: String, of list: [Substring]) -> Substring? {
            list.first { $0.lowercased().hasPrefix(name + ":") }?.dropFirst(name.count + 1).trimmed
        }
        let map = attributes.first { $0.lowercased().hasPrefix("rtpmap:\(format) ") }?.split(separator: " ").dropFirst()
            .first
        guard let parts = map?.split(separator: "/"), let name = parts.first, parts.count >= 2,
            // Fixed by RFC 6184 and RFC 7798 for both.
            let clock = Int32(parts[1]), clock == 90_000
        else { return nil }
        switch name.uppercased() {
        case "H264": codec = .h264
        case "H265": codec = .h265
        default: return nil
        }
        let line = attributes.first { $0.lowercased().hasPrefix("fmtp:\(format) ") }
        let fields = Self.fields(line.map { $0.drop { $0 != " " } } ?? "")
        guard fields["packetization-mode"] != "2", (Int(fields["sprop-max-don-diff"] ?? "0") ?? 1) == 0 else {
            return nil
        }
        (payloadType, clockRate) = (format, clock)
        let names = codec == .h264 ? ["sprop-parameter-sets"] : ["sprop-vps", "sprop-sps", "sprop-pps"]
        parameterSets = names.flatMap { (fields[$0] ?? "").split(separator: ",") }.flatMap(Self.parameterSet)
        frameRate = value("framerate", of: attributes).flatMap { Double($0) }.flatMap {
            (0.01...1000).contains($0) ? $0 : nil
        }
        control = value("control", of: attributes).map(String.init)
        // Tracks before the video one have controls of their own.
        aggregateControl = value("control", of: Array(session.prefix { $0 != "m=" })).map(String.init)
    }

    /// `name=value; name=value` with names in lower case.
    private static func fields(_ text: Substring) -> [String: Substring] {
        var found: [String: Substring] = [:]
        for part in text.split(separator: ";").map(\.trimmed) {
            guard let equals = part.firstIndex(of: "=") else { continue }
            found[part[..<equals].trimmed.lowercased()] = part[part.index(after: equals)...].trimmed
        }
        return found
    }

    private static func parameterSet(_ text: Substring) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: text.utf8.count)
        let count = av_base64_decode(&bytes, String(text.trimmed), Int32(bytes.count))
        return count > 0 ? [0, 0, 0, 1] + bytes.prefix(Int(count)) : []
    }

    /// Where a track or the whole is asked for, below the address that the description belongs to.
    static func address(of control: String?, below base: String) -> String {
        guard let control, control != "*", !control.isEmpty else { return base }
        if control.lowercased().hasPrefix("rtsp://") { return control }
        return base + (base.hasSuffix("/") ? "" : "/") + control.drop { $0 == "/" }
    }
}
