/// How it stands with the clip of an alert when a version is journaled. Its file, once there is one, is among the
/// version's evidence.
package struct ClipStanding: Hashable, Sendable, Codable {
    package enum State: String, Sendable, Codable, CaseIterable {
        /// Being written; a later version says what became of it.
        case recording
        /// Written whole, as far as ``reason`` says.
        case kept
        /// There is none and there will be none.
        case absent
    }

    /// Why there is none, or why a kept one ends before its post-roll. Stable: labels of metrics.
    package enum Reason: String, Sendable, Codable, CaseIterable {
        /// The camera has privacy masks, and clips are not encoded anew.
        case masked
        /// What the camera sends cannot be put into a clip as it is, and clips are not encoded anew.
        case codec
        /// No packets reach back to the event: no session, no keyframe, or a ring too small for the stream.
        case noPackets = "no_packets"
        /// As many clips of the camera as may be were being written.
        case busy
        /// The disk is full, or the file could not be written.
        case unwritable
        /// The program ended before it was whole.
        case interrupted
        /// The longest a clip may be.
        case maxLength = "max_length"
        /// The largest a clip may be.
        case maxBytes = "max_bytes"
        /// The camera's stream ended, or its time or picture size jumped.
        case streamEnded = "stream_ended"
        /// Parameter sets or picture size changed within the stream.
        case streamChanged = "stream_changed"
        /// Packets were let go of before they were written: disk or encoder was too slow.
        case tooSlow = "too_slow"
    }

    package var state: State
    package var reason: Reason?

    package init(_ state: State, _ reason: Reason? = nil) {
        self.state = state
        self.reason = reason
    }
}
