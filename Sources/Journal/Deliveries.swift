import GRDB
package import Scene

/// How far one version of an alert has come on its way to one sink.
package struct AlertDelivery: Hashable, Sendable, Codable {
    package enum State: String, Sendable, Codable, CaseIterable {
        /// In line.
        case waiting
        /// The receiver refused it; it is tried again slowly.
        case refused
        /// The broker has it; the dispatch side has not confirmed.
        case unconfirmed
        /// Passed over for a newer version.
        case superseded
        case confirmed
    }

    package let version: Int
    package let sink: String
    package let state: State
    package let attempts: Int
    /// By the server's clock, like ``confirmed``.
    package let acked: MediaTime?
    package let confirmed: MediaTime?
    package let lastError: String?

    package init(
        version: Int, sink: String, state: State, attempts: Int, acked: MediaTime?, confirmed: MediaTime?,
        lastError: String?
    ) {
        self.version = version
        self.sink = sink
        self.state = state
        self.attempts = attempts
        self.acked = acked
        self.confirmed = confirmed
        self.lastError = lastError
    }

    enum CodingKeys: String, CodingKey {
        case version, sink, state, attempts, acked, confirmed
        case lastError = "last_error"
    }
}

extension JournalReader {
    /// Every version at every sink, by version and sink. What was confirmed longer ago than
    /// ``AlertJournal/confirmedRetention`` is no longer known.
    package func deliveries(alert: String) throws -> [AlertDelivery] {
        try read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT version, sink, attempts, parked, broker_acked, dispatch_confirmed, last_error FROM outbox
                    WHERE id = ? ORDER BY version, sink
                    """,
                arguments: [alert]
            ).map(AlertDelivery.init)
        }
    }
}

extension AlertDelivery {
    fileprivate init(row: Row) {
        let confirmed: Int64? = row["dispatch_confirmed"]
        let acked: Int64? = row["broker_acked"]
        let parked: Int = row["parked"]
        let state: State =
            switch (confirmed, parked) {
            case (_, 3): .superseded
            case (.some, _): .confirmed
            case (nil, 1): .refused
            case (nil, 2): .unconfirmed
            default: .waiting
            }
        self.init(
            version: row["version"], sink: row["sink"], state: state, attempts: row["attempts"],
            acked: acked.map(MediaTime.init(microseconds:)), confirmed: confirmed.map(MediaTime.init(microseconds:)),
            lastError: row["last_error"])
    }
}
