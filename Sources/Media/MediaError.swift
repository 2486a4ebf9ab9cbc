import CFFmpeg

/// Why an operation on footage or a stream failed. Holds no address: whoever knows it adds it, redacted.
package struct MediaError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Kind: String, Sendable, CaseIterable {
        case cancelled
        case timedOut
        case fileNotFound
        case fileUnreadable
        case unreachable
        case refused
        case unauthorized
        case forbidden
        case noSuchStream
        case rejected
        case noVideo
        /// Connected, and nothing came that could be decoded.
        case noPictures
        case unsupportedCodec
        case unsupportedPicture
        case invalidData
        case connectionLost
        case inputOutput
        case optionRefused
        case outOfMemory
        case other
    }

    package let kind: Kind
    /// What was being done, in the words of a log: `open`, `read`, `decode`.
    package let operation: String
    /// FFmpeg's error code, or 0 where FFmpeg gave none.
    package let code: Int32
    package let text: String

    package init(_ kind: Kind, _ operation: String, code: Int32 = 0, text: String) {
        self.kind = kind
        self.operation = operation
        self.code = code
        self.text = text
    }

    package var description: String { "\(operation): \(text)" }

    init(code: Int32, _ operation: String) {
        self.init(Self.kind(of: code), operation, code: code, text: Self.text(of: code))
    }

    private static func text(of code: Int32) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
            guard av_strerror(code, buffer.baseAddress, buffer.count) == 0 else { return "error \(code)" }
            return String(cString: buffer.baseAddress!)
        }
    }

    private static func kind(of code: Int32) -> Kind {
        switch code {
        case CFF_ERROR_EXIT: .cancelled
        case CFF_ERROR_ETIMEDOUT: .timedOut
        case CFF_ERROR_ENOENT: .fileNotFound
        case CFF_ERROR_EACCES, CFF_ERROR_EISDIR: .fileUnreadable
        case CFF_ERROR_EHOSTUNREACH, CFF_ERROR_ENETUNREACH: .unreachable
        case CFF_ERROR_ECONNREFUSED: .refused
        case CFF_ERROR_HTTP_UNAUTHORIZED: .unauthorized
        case CFF_ERROR_HTTP_FORBIDDEN: .forbidden
        case CFF_ERROR_HTTP_NOT_FOUND: .noSuchStream
        case CFF_ERROR_HTTP_BAD_REQUEST, CFF_ERROR_HTTP_OTHER_4XX, CFF_ERROR_HTTP_SERVER_ERROR: .rejected
        case CFF_ERROR_STREAM_NOT_FOUND: .noVideo
        case CFF_ERROR_DECODER_NOT_FOUND: .unsupportedCodec
        case CFF_ERROR_INVALID_DATA, CFF_ERROR_DEMUXER_NOT_FOUND: .invalidData
        case CFF_ERROR_ECONNRESET, CFF_ERROR_EPIPE, CFF_ERROR_EOF: .connectionLost
        case CFF_ERROR_EIO: .inputOutput
        case CFF_ERROR_ENOMEM: .outOfMemory
        default: .other
        }
    }
}

/// Throws FFmpeg's negative codes, gives back the others.
@discardableResult
func check(_ code: Int32, _ operation: String) throws(MediaError) -> Int32 {
    guard code >= 0 else { throw MediaError(code: code, operation) }
    return code
}

/// FFmpeg's process-wide settings, made once before its first use.
enum FFmpegLibrary {
    /// FFmpeg prints addresses with their passwords, so it prints nothing at all: every failure arrives as a code.
    static let prepared: Void = {
        av_log_set_level(AV_LOG_QUIET)
        ReceptionGaps.listen()
        avformat_network_init()
    }()
}
