package import Scene

/// One file of a recording.
package struct FootageSegment: Hashable, Sendable {
    /// Never opened as anything but a file.
    package let path: String
    /// When it begins; nil where nothing says so: it follows on the one before.
    package let start: MediaTime?

    package init(path: String, start: MediaTime? = nil) {
        self.path = path
        self.start = start
    }
}

/// Which part of a recording is read.
package struct FootageWindow: Hashable, Sendable {
    /// No picture before this is received; reading begins with the keyframe before.
    package var from: MediaTime?
    /// No picture from here on.
    package var to: MediaTime?

    package init(from: MediaTime? = nil, to: MediaTime? = nil) {
        self.from = from
        self.to = to
    }

    func isBefore(_ time: MediaTime) -> Bool { from.map { time < $0 } ?? false }
    func isAfter(_ time: MediaTime) -> Bool { to.map { time >= $0 } ?? false }
}
