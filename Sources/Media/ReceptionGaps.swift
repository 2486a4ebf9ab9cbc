import CFFmpeg
import Glibc

/// Counts the gaps in what FFmpeg receives over RTP.
///
/// FFmpeg hands on a picture of which packets are missing as if it were whole, and only writes a line for people about it.
/// For H.264 the decoder notices most of them; for H.265 it does not. So the line is taken for what it is.
final class ReceptionGaps {
    private static let line = "RTP: missed"
    private static let owner = "AVFormatContext"

    private var count = 0

    /// - Returns: whether there was one since the last time.
    func take() -> Bool {
        defer { count = 0 }
        return count > 0
    }

    /// The context must not outlive these gaps.
    func watch(_ context: UnsafeMutablePointer<AVFormatContext>) {
        context.pointee.opaque = Unmanaged.passUnretained(self).toOpaque()
    }

    /// Reads the lines of all contexts of the process and prints none: they hold addresses with their passwords.
    static func listen() {
        av_log_set_callback { sender, level, format, _ in
            guard level <= AV_LOG_WARNING, let sender, let format,
                strncmp(format, ReceptionGaps.line, ReceptionGaps.line.utf8.count) == 0,
                let kind = sender.load(as: UnsafePointer<AVClass>?.self), let name = kind.pointee.class_name,
                strcmp(name, ReceptionGaps.owner) == 0,
                let gaps = sender.assumingMemoryBound(to: AVFormatContext.self).pointee.opaque
            else { return }
            Unmanaged<ReceptionGaps>.fromOpaque(gaps).takeUnretainedValue().count += 1
        }
    }
}
