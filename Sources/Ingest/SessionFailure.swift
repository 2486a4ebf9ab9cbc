package import Media
package import Scene

/// Why a camera session or a reading of footage ended, for the person who mends it.
package struct SessionFailure: Error, Sendable, Hashable, CustomStringConvertible {
    package let kind: FailureKind
    /// One sentence: where, what, what to do. The address in it is redacted.
    package let detail: String

    package var description: String { detail }

    /// - Parameter what: the variable part, such as a codec's name; shown in brackets after the headline.
    package init(_ kind: FailureKind, at address: StreamAddress, what: String? = nil) {
        self.kind = kind
        detail = "\(address): \(kind.headline)\(what.map { " (\($0))" } ?? ""); \(kind.mend)"
    }

    /// The failure that an error of Media means for a stream in this stage.
    package init(_ error: MediaError, at address: StreamAddress, stage: FailureStage) {
        let kind = FailureKind(error, stage: stage, address: address)
        self.init(kind, at: address, what: kind.showsCause ? error.text.lowercased() : nil)
    }
}

/// How far a session had come.
package enum FailureStage: Sendable, Hashable {
    case opening
    case streaming
}

/// Few and stable: the raw values are labels of metrics and of the journal.
package enum FailureKind: String, Sendable, CaseIterable {
    case nameNotFound = "name_not_found"
    case unreachable
    case refused
    case unauthorized
    case forbidden
    case notFound = "not_found"
    case rejected
    case noVideo = "no_video"
    case noPictures = "no_pictures"
    case unsupportedCodec = "unsupported_codec"
    case unsupportedPicture = "unsupported_picture"
    case timedOut = "timed_out"
    case stalled
    case ended
    case connectionLost = "connection_lost"
    case invalidData = "invalid_data"
    case truncated
    case sizeChanged = "size_changed"
    case timeJumped = "time_jumped"
    case secureConnection = "secure_connection"
    case fileNotFound = "file_not_found"
    case fileUnreadable = "file_unreadable"
    case paused
    case stopped
    case other

    /// The fixed part of the message, a heading of docs/troubleshooting.md.
    package var headline: String {
        switch self {
        case .nameNotFound: "the host name cannot be resolved"
        case .unreachable: "the host cannot be reached"
        case .refused: "connection refused"
        case .unauthorized: "the camera wants another user name or password"
        case .forbidden: "the camera forbids this user to watch"
        case .notFound: "the camera knows no such stream"
        case .rejected: "the camera rejected the request"
        case .noVideo: "there is no video in the stream"
        case .noPictures: "connected, but no video came"
        case .unsupportedCodec: "the codec is not supported"
        case .unsupportedPicture: "the picture format is not supported"
        case .timedOut: "no answer in time"
        case .stalled: "the stream stalled"
        case .ended: "the stream ended"
        case .connectionLost: "the connection was lost"
        case .invalidData: "the data is not valid video"
        case .truncated: "the file is truncated or damaged at its end"
        case .sizeChanged: "the picture size changed"
        case .timeJumped: "the time stamps jumped"
        case .secureConnection: "the secure connection failed"
        case .fileNotFound: "the file does not exist"
        case .fileUnreadable: "the file cannot be read"
        case .paused: "paused because the machine has too much to do"
        case .stopped: "stopped"
        case .other: "the stream failed"
        }
    }

    /// What to do about it, as the second half of the message.
    package var mend: String {
        switch self {
        case .nameNotFound: "check the spelling of the host in url and this machine's name servers"
        case .unreachable: "check the address, the cable, the camera's power and the route to its network"
        case .refused: "check the port in url and that RTSP is switched on in the camera"
        case .unauthorized: "check user name and password in url; tried again slowly so that no account is locked"
        case .forbidden: "give the user the right to watch live video in the camera; tried again slowly"
        case .notFound: "check the path in url against the camera's manual"
        case .rejected: "check path and transport in url, and how many viewers the camera allows"
        case .noVideo: "check that the path in url names a video stream"
        case .noPictures: "check the camera's encoder and the firewall; with udp try transport: tcp"
        case .unsupportedCodec: "set the camera to H.264, H.265 or MJPEG"
        case .unsupportedPicture: "set the camera to at most 8192x8192 pixels"
        case .timedOut: "check that the address is a camera and that no firewall drops the answer"
        case .stalled: "no packet came in time; check the camera's load and the network; with udp try transport: tcp"
        case .ended: "the sender stopped by itself"
        case .connectionLost: "check the network and whether the camera restarted"
        case .invalidData: "check that url names a camera's RTSP port and that the file is a video"
        case .truncated: "all that was readable was used; copy or record the file again"
        case .sizeChanged: "a new session begins with the new size"
        case .timeJumped: "a new session begins at the new time; check the camera's clock if it happens often"
        case .secureConnection: "check that the camera speaks TLS on this port, or use rtsp://"
        case .fileNotFound: "check the path"
        case .fileUnreadable: "check that it is a file and that this user may read it"
        case .paused: "goes on by itself; see load in snowline status"
        case .stopped: "asked for"
        case .other: "see the cause in brackets"
        }
    }

    /// Whether a wrong guess may cost something, so that trying again must be slow.
    package var isAboutAccess: Bool { self == .unauthorized || self == .forbidden }

    /// Whether FFmpeg's or our own words for the cause help beside the headline.
    var showsCause: Bool {
        switch self {
        case .unsupportedCodec, .unsupportedPicture, .rejected, .other, .secureConnection, .invalidData: true
        default: false
        }
    }

    init(_ error: MediaError, stage: FailureStage, address: StreamAddress) {
        switch error.kind {
        case .cancelled: self = .stopped
        case .timedOut: self = stage == .opening ? .timedOut : .stalled
        case .fileNotFound: self = .fileNotFound
        case .fileUnreadable: self = .fileUnreadable
        case .unreachable: self = .unreachable
        case .refused: self = .refused
        case .unauthorized: self = .unauthorized
        case .forbidden: self = .forbidden
        case .noSuchStream: self = .notFound
        case .rejected: self = .rejected
        case .noVideo: self = .noVideo
        case .noPictures: self = .noPictures
        case .unsupportedCodec: self = .unsupportedCodec
        case .unsupportedPicture: self = .unsupportedPicture
        case .invalidData: self = .invalidData
        case .connectionLost: self = .connectionLost
        case .inputOutput: self = Self.meaningOfInputOutput(stage: stage, address: address)
        case .optionRefused, .outOfMemory, .other: self = .other
        }
    }

    /// FFmpeg says "input/output error" for an unknown host, for every trouble of TLS, and for a lost connection.
    private static func meaningOfInputOutput(stage: FailureStage, address: StreamAddress) -> Self {
        guard address.filePath == nil else { return .fileUnreadable }
        guard stage == .opening else { return .connectionLost }
        if HostName(of: address)?.isKnown == false { return .nameNotFound }
        return address.scheme == "rtsps" || address.scheme == "https" ? .secureConnection : .connectionLost
    }
}

extension FailureKind {
    /// The connection goes on: the next session begins with the same packets.
    package var isNewBeginning: Bool { self == .sizeChanged || self == .timeJumped }
}
