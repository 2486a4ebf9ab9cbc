extension SinkConfiguration {
    /// How long a receiver that does not answer is left alone at most, while somebody waits for the end of a replay.
    private static let replayCeiling: Duration = .seconds(5)

    /// The same sink for a replay that is sent beside the daemon: every version goes, and nothing of it is in the daemon's
    /// way.
    package var forReplay: SinkConfiguration {
        var sink = self
        sink.flow.mayThin = false
        sink.retry.ceiling = min(retry.ceiling, Self.replayCeiling)
        switch target {
        case .webhook: break
        case .file(var target):
            // The daemon may have the file open, and is the one that puts it aside.
            target.rotateBytes = .max
            sink.target = .file(target)
        case .mqtt(var target):
            target.announcesAvailability = false
            sink.target = .mqtt(target)
        case .nats(var target):
            // Receipts are requests to the daemon: whoever else answers them could be heard before it.
            target.receiptSubject = nil
            sink.target = .nats(target)
            sink.duty = .untilTaken
        }
        return sink
    }
}
