import CFFmpeg
import Scene

/// H.264 and H.265 of a camera by RTSP over TCP, read in large pieces: a fifth of what libavformat takes for it, which
/// asks the system six times for each packet of RTP.
///
/// What it does not know (other codecs, redirections, odd answers) it leaves to libavformat: ``open(_:interrupt:)``
/// gives nil then.
final class RTSPReader {
    private struct Clock {
        /// Ticks at the newest time stamp, which was `timestamp`.
        var ticks: Int64
        var timestamp: UInt32
    }

    private let connection: RTSPConnection
    private let interrupt: Interrupt
    private var login: RTSPLogin?
    private let uri: String
    private let control: String
    private let session: (name: String, seconds: Int)
    private let channels: (rtp: UInt8, rtcp: UInt8)
    private let asksByParameter: Bool
    private var number: Int
    /// What reading the first unit gave, until it is asked for.
    private var opening: Bool?
    /// Frames that came before the answer to PLAY.
    private var early: [(UInt8, [UInt8])]

    private let description: SessionDescription
    private var assembler: RTPAssembler
    private var clock: Clock?
    private var sequence: (newest: UInt16, cycles: UInt32, source: UInt32)?
    private var lostCount = 0
    private var report: (value: SenderReport, instant: ContinuousClock.Instant)?
    private var nextAsked: ContinuousClock.Instant
    private var nextReported: ContinuousClock.Instant
    private let own = UInt32.random(in: .min ... .max)

    let parameters: UnsafeMutablePointer<AVCodecParameters>
    let video: VideoStream
    /// The wall clock at presentation time 0 by the newest sender report.
    private(set) var senderClockAtZero: MediaTime?

    private static let reportSpan = Duration.seconds(5)

    /// Blocks until the camera has agreed to send.
    /// - Returns: nil for what libavformat has to be asked for.
    static func open(_ address: StreamAddress, interrupt: Interrupt) throws(MediaError) -> RTSPReader? {
        guard address.scheme == "rtsp", let place = address.rtspPlace else { return nil }
        let connection = try RTSPConnection(host: place.host, port: place.port, interrupt: interrupt)
        var dialogue = RTSPDialogue(connection, place)
        let greeting = try dialogue.ask(RTSPRequest(method: "OPTIONS", uri: place.uri))
        // Asking on with a login that is wrong locks accounts.
        if greeting?.status == 401 { throw MediaError(code: CFF_ERROR_HTTP_UNAUTHORIZED, "open") }
        let description = try dialogue.ask(
            RTSPRequest(method: "DESCRIBE", uri: place.uri, headers: [("Accept", "application/sdp")]))
        guard let description, let greeting else { return nil }
        guard !(300...399).contains(description.status) else { return nil }
        guard description.status == 200 else { throw MediaError(code: Self.code(of: description.status), "open") }
        guard let content = SessionDescription(description.body) else { return nil }
        let reader = try RTSPReader(&dialogue, place, greeting, description, content, interrupt)
        try reader?.awaitFirst()
        return reader
    }

    /// Until the first unit is whole: a camera may agree to everything and send nothing.
    private func awaitFirst() throws(MediaError) {
        do throws(MediaError) {
            opening = try read()
        } catch {
            guard error.kind == .timedOut else { throw error }
            throw MediaError(.noPictures, "open", code: error.code, text: "nothing that could be decoded")
        }
    }

    /// Asks for the track and for it to be sent.
    private init?(
        _ dialogue: inout RTSPDialogue, _ place: StreamAddress.RTSPPlace, _ greeting: RTSPResponse,
        _ described: RTSPResponse, _ content: SessionDescription, _ interrupt: Interrupt
    ) throws(MediaError) {
        let base = described.value(of: "content-base") ?? described.value(of: "content-location") ?? place.uri
        let track = SessionDescription.address(of: content.control, below: base)
        let setup = try dialogue.ask(
            RTSPRequest(
                method: "SETUP", uri: track, headers: [("Transport", "RTP/AVP/TCP;unicast;interleaved=0-1")]))
        guard let setup, setup.status == 200, let agreed = setup.channels, let session = setup.session else {
            return nil
        }
        dialogue.session = session.name
        let control = SessionDescription.address(of: content.aggregateControl, below: base)
        let played = try dialogue.ask(RTSPRequest(method: "PLAY", uri: control, headers: [("Range", "npt=0.000-")]))
        guard played?.status == 200 else { return nil }
        connection = dialogue.connection
        self.interrupt = interrupt
        uri = place.uri
        self.control = control
        self.session = session
        channels = agreed
        login = dialogue.login
        number = dialogue.number
        early = dialogue.early
        asksByParameter = greeting.value(of: "public")?.uppercased().contains("GET_PARAMETER") ?? false
        description = content
        assembler = RTPAssembler(content.codec)
        let now = ContinuousClock.now
        nextAsked = now + .seconds(session.seconds / 2)
        nextReported = now + Self.reportSpan
        parameters = Self.parameters(content)
        video = VideoStream(content)
    }

    deinit {
        // A dead peer must not hold the thread.
        interrupt.arm(.milliseconds(100))
        try? ask("TEARDOWN", control)
        interrupt.disarm()
        var closing: UnsafeMutablePointer<AVCodecParameters>? = parameters
        avcodec_parameters_free(&closing)
    }

    private static func parameters(_ content: SessionDescription) -> UnsafeMutablePointer<AVCodecParameters> {
        guard let made = avcodec_parameters_alloc() else { fatalError("out of memory for a stream") }
        made.pointee.codec_type = AVMEDIA_TYPE_VIDEO
        made.pointee.codec_id = content.codec == .h264 ? AV_CODEC_ID_H264 : AV_CODEC_ID_HEVC
        let sets = content.parameterSets
        guard !sets.isEmpty else { return made }
        guard let extra = av_mallocz(sets.count + Int(AV_INPUT_BUFFER_PADDING_SIZE)) else {
            fatalError("out of memory for a stream")
        }
        sets.withUnsafeBytes { extra.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
        made.pointee.extradata = extra.assumingMemoryBound(to: UInt8.self)
        made.pointee.extradata_size = Int32(sets.count)
        return made
    }

    private static func code(of status: Int) -> Int32 {
        switch status {
        case 400: CFF_ERROR_HTTP_BAD_REQUEST
        case 401: CFF_ERROR_HTTP_UNAUTHORIZED
        case 403: CFF_ERROR_HTTP_FORBIDDEN
        case 404: CFF_ERROR_HTTP_NOT_FOUND
        case 402...499: CFF_ERROR_HTTP_OTHER_4XX
        default: CFF_ERROR_HTTP_SERVER_ERROR
        }
    }

    // MARK: Reading

    /// Everything that had come has been read.
    var isDry: Bool { early.isEmpty && opening == nil && connection.isDry }

    /// Blocks until the next access unit is whole. The caller has armed the interrupt.
    /// - Returns: false where the camera has ended the stream.
    func read(into packet: inout Packet) throws(MediaError) -> Bool {
        let isThere = if let opening = opening.take() { opening } else { try read() }
        if isThere { try give(into: &packet) }
        return isThere
    }

    /// - Returns: whether a unit is whole; false where the camera has ended the stream.
    private func read() throws(MediaError) -> Bool {
        while true {
            switch try advance() {
            case .nothing: break
            case .ended: return false
            case .again, .whole:
                // All of it was lost: an empty packet would mean the end to a decoder.
                if !assembler.bytes.isEmpty { return true }
                assembler.passOver()
            }
            try keepAlive()
        }
    }

    /// Uses the next frame; one of the next unit comes again.
    private func advance() throws(MediaError) -> Taken {
        if let (channel, bytes) = early.first {
            let taken = bytes.withUnsafeBytes { take($0, of: channel) }
            if taken != .again { early.removeFirst() }
            return taken
        }
        guard let item = try connection.next() else { return .ended }
        guard case .frame(let channel, let bytes) = item else { return .nothing }
        let taken = take(bytes, of: channel)
        if taken == .again { connection.putBack(bytes) }
        return taken
    }

    private enum Taken { case nothing, whole, again, ended }

    private func take(_ bytes: UnsafeRawBufferPointer, of channel: UInt8) -> Taken {
        if channel == channels.rtcp { return control(bytes) }
        guard channel == channels.rtp, let packet = RTPPacket(bytes), packet.payloadType == description.payloadType
        else { return .nothing }
        if connection.hasSkipped {
            connection.hasSkipped = false
            assembler.lost()
        }
        if assembler.completes(before: packet.timestamp) {
            assembler.cutOff(afterGap: misses(before: packet))
            return .again
        }
        count(packet)
        advance(to: packet.timestamp)
        let payload = UnsafeRawBufferPointer(rebasing: bytes[packet.payload])
        return assembler.take(payload, timestamp: packet.timestamp, marker: packet.isMarked) ? .whole : .nothing
    }

    /// Whether packets of the sender are missing before this one.
    private func misses(before packet: RTPPacket) -> Bool {
        sequence.map { $0.source == packet.source && packet.sequence &- $0.newest != 1 } ?? false
    }

    /// Follows the sequence numbers: what is missing is known by them.
    private func count(_ packet: RTPPacket) {
        guard let before = sequence, before.source == packet.source else {
            // What a stranger sends does not belong to the unit in the making, nor the other way round.
            if sequence != nil { assembler.lost() }
            sequence = (packet.sequence, 0, packet.source)
            return
        }
        let step = packet.sequence &- before.newest
        if step != 1 {
            assembler.lost()
            lostCount += step < 0x8000 ? Int(step) - 1 : 0
        }
        sequence = (packet.sequence, before.cycles + (packet.sequence < before.newest ? 1 : 0), packet.source)
    }

    private func advance(to timestamp: UInt32) {
        guard let clock else {
            clock = Clock(ticks: 0, timestamp: timestamp)
            return tellSenderClock()
        }
        let step = Int32(truncatingIfNeeded: timestamp &- clock.timestamp)
        self.clock = Clock(ticks: clock.ticks + Int64(step), timestamp: timestamp)
        if senderClockAtZero == nil { tellSenderClock() }
    }

    private func control(_ bytes: UnsafeRawBufferPointer) -> Taken {
        switch SenderReport.find(in: bytes) {
        case .goodbye: return .ended
        case .nothing: return .nothing
        case .report(let value):
            report = (value, .now)
            tellSenderClock()
            return .nothing
        }
    }

    private func tellSenderClock() {
        // Seconds from 1900 to 1970.
        guard let clock, let report = report?.value, report.clock >> 32 > 2_208_988_800 else { return }
        let seconds = Int64(report.clock >> 32) - 2_208_988_800
        let fraction = Int64((report.clock & 0xFFFF_FFFF) * 1_000_000 >> 32)
        let since = Int64(Int32(truncatingIfNeeded: report.timestamp &- clock.timestamp)) + clock.ticks
        let presentation = video.timeBase.span(ticks: since)
        senderClockAtZero = MediaTime(microseconds: seconds * 1_000_000 + fraction - presentation.microseconds)
    }

    /// The unit in the making as a packet.
    private func give(into packet: inout Packet) throws(MediaError) {
        guard let unit = assembler.unit else { return }
        let bytes = assembler.bytes
        av_packet_unref(packet.raw)
        try check(av_new_packet(packet.raw, Int32(bytes.count)), "read")
        bytes.withUnsafeBytes { all in
            if let base = all.baseAddress {
                UnsafeMutableRawPointer(packet.raw.pointee.data).copyMemory(from: base, byteCount: all.count)
            }
        }
        packet.raw.pointee.pts = clock?.ticks ?? CFF_NOPTS_VALUE
        packet.raw.pointee.flags =
            (unit.isKeyframe ? AV_PKT_FLAG_KEY : 0) | (unit.isDamaged ? AV_PKT_FLAG_CORRUPT : 0)
        assembler.next()
        try keepAlive()
    }

    // MARK: Keeping it alive

    private func keepAlive() throws(MediaError) {
        // The clock of a packet is good enough to be asked only now and then.
        let now = ContinuousClock.now
        if now >= nextReported { try tellReceived(at: now) }
        guard now >= nextAsked else { return }
        nextAsked = now + .seconds(session.seconds / 2)
        try ask(asksByParameter ? "GET_PARAMETER" : "OPTIONS", asksByParameter ? control : uri)
    }

    private func tellReceived(at now: ContinuousClock.Instant) throws(MediaError) {
        nextReported = now + Self.reportSpan
        guard let sequence else { return }
        let delay = report.map { ReceiverReport.delay($0.instant.duration(to: now)) } ?? 0
        let bytes = ReceiverReport(
            own: own, source: sequence.source, highestSequence: sequence.cycles << 16 | UInt32(sequence.newest),
            lost: lostCount, report: report?.value, delay: delay
        ).bytes
        try connection.send([0x24, channels.rtcp, 0, UInt8(bytes.count)] + bytes)
    }

    /// Asks what no answer is awaited to; it is passed over when it comes.
    private func ask(_ method: String, _ uri: String) throws(MediaError) {
        number += 1
        let authorization = login?.authorization(method, uri, clientNonce: RTSPDialogue.nonce())
        let text = RTSPRequest(method: method, uri: uri)
            .text(number: number, authorization: authorization, session: session.name)
        try connection.send(Array(text.utf8))
    }
}

/// Questions and their answers before anything is sent.
struct RTSPDialogue {
    let connection: RTSPConnection
    private(set) var login: RTSPLogin?
    private(set) var number = 0
    private(set) var early: [(UInt8, [UInt8])] = []
    var session: String?

    private static let earlyMost = 512

    init(_ connection: RTSPConnection, _ place: StreamAddress.RTSPPlace) {
        self.connection = connection
        login = place.user.map { RTSPLogin(user: $0, password: place.password) }
    }

    static func nonce() -> String { String(UInt64.random(in: .min ... .max), radix: 16) }

    /// - Returns: nil where the camera wants a proof that is not known here.
    mutating func ask(_ request: RTSPRequest) throws(MediaError) -> RTSPResponse? {
        let first = try askOnce(request)
        guard first.status == 401, login != nil else { return first }
        let answered = login!.challenge
        guard login!.take(first.values(of: "www-authenticate")) else { return nil }
        // Refused what it was given: the login is wrong. Another nonce may only mean that the first was too old.
        return login!.challenge == answered ? first : try askOnce(request)
    }

    private mutating func askOnce(_ request: RTSPRequest) throws(MediaError) -> RTSPResponse {
        number += 1
        let authorization = login?.authorization(request.method, request.uri, clientNonce: Self.nonce())
        try connection.send(
            Array(request.text(number: number, authorization: authorization, session: session).utf8))
        while true {
            guard let item = try connection.next() else {
                throw MediaError(.invalidData, "open", text: "the connection was closed instead of an answer")
            }
            switch item {
            case .response(let response) where response.number == nil || response.number == number: return response
            case .response: continue
            case .frame(let channel, let bytes):
                if early.count < Self.earlyMost { early.append((channel, Array(bytes))) }
            }
        }
    }
}
