import Journal
import Scene

extension OutboxRow {
    /// When the picture that decided this version was taken, by the server's clock as far as media time follows it; nil
    /// for a replay, and where the journaled text cannot be read.
    var captured: MediaTime? {
        guard let reception = try? DecisionCoder.decode(AlertReception.self, from: reception), !reception.isReplay
        else {
            return nil
        }
        return reception.serverTime - .milliseconds(reception.latencyMilliseconds)
    }
}
