import Journal
import Logging
import Rules
import Scene

extension SiteSupervisor {
    /// Arms, disarms or holds: journaled first, then in force for every picture from now on.
    package func order(_ request: ArmingRequest, _ call: ArmingRequest.Call) async -> ArmingOutcome {
        let outcome = ArmingRequestReader(configuration: configuration, now: surroundings.clock()).read(request, call)
        guard case .done(let orders) = outcome else { return outcome }
        do { try rooms.journal.record(orders) } catch {
            rooms.logger.error("order not journaled, nothing changed", metadata: ["error": "\(error)"])
            return .failed("the journal cannot be written, so nothing was changed; see the log")
        }
        for order in orders { self.orders.take(order) }
        for (id, station) in stations { station.duty.take(orders, camera: id) }
        for order in orders {
            rooms.logger.notice(
                "order",
                metadata: [
                    "act": "\(order.act.rawValue)", "camera": "\(order.camera?.text ?? "all")",
                    "rule": "\(order.rule?.text ?? "all")", "until": "\(order.until?.description ?? "further notice")",
                    "who": "\(order.who)", "why": "\(order.why)"
                ])
        }
        return outcome
    }

    /// Takes up what held before the restart.
    func restoreOrders() throws {
        orders = ArmingOrders(try rooms.journal.reader.armingOrders())
        try keepAccounts()
    }

    /// Ends the accounts of what the configuration does not name any more.
    func keepAccounts() throws {
        let watched = configuration.cameras.map { camera in
            (camera.id, camera.rules.isEmpty ? [RuleID.signal] : Set(camera.rules.map(\.id)))
        }
        try rooms.journal.keepAccounts(of: Dictionary(uniqueKeysWithValues: watched))
    }

    /// Between two writings of the account: what a kill can cost, and is then told as "not running".
    private static var accountInterval: Duration { .seconds(20) }

    /// Beside the actor, so that a slow disk holds up neither status nor orders.
    nonisolated func keepAccount() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: Self.accountInterval)
            let duties = await duties
            for duty in duties { duty.tick(now: surroundings.clock()) }
            rooms.write(duties)
        }
    }

    private var duties: [CameraDuty] { stations.values.map(\.duty) }
}

extension SiteRooms {
    /// Writes what the accounts have gained; what cannot be written stays with them.
    func write(_ duties: [CameraDuty]) {
        let pairs = duties.compactMap { duty in duty.drain().map { (duty: duty, batch: $0) } }
        let (failed, error) = journal.append(pairs.map(\.batch))
        for pair in pairs where failed.contains(where: { $0.camera == pair.batch.camera }) {
            pair.duty.putBack(pair.batch)
        }
        if let error { logger.error("coverage not journaled, trying again", metadata: ["error": "\(error)"]) }
    }
}
