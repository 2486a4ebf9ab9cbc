package import Journal
package import Scene

/// All that a journal knows of one alert.
package struct AlertRecord: Sendable {
    /// Oldest first; at least one.
    package let versions: [Alert]
    package let verdicts: [AlertVerdict]
    package let deliveries: [AlertDelivery]
    /// Why it is kept from retention; nil where it is not.
    package let hold: LegalHold?

    /// - Returns: nil without a version.
    package init?(
        versions: [Alert], verdicts: [AlertVerdict] = [], deliveries: [AlertDelivery] = [], hold: LegalHold? = nil
    ) {
        guard !versions.isEmpty else { return nil }
        self.versions = versions
        self.verdicts = verdicts
        self.deliveries = deliveries
        self.hold = hold
    }

    /// - Returns: nil where the journal holds no alert of that id.
    package init?(_ id: String, in reader: JournalReader) throws {
        self.init(
            versions: try reader.alert(id: id), verdicts: try reader.verdicts(alert: id),
            deliveries: try reader.deliveries(alert: id), hold: try reader.holds().first { $0.alert == id })
    }

    package var newest: Alert {
        guard let last = versions.last else { preconditionFailure("a record without a version") }
        return last
    }

    /// Every file that any version names, once, in the order in which they were named first.
    package var evidence: [AlertReception.Evidence] {
        var seen: Set<String> = []
        return versions.flatMap(\.reception.evidence).filter { seen.insert($0.path).inserted }
    }

    /// The newest word on its clip's file.
    package var clip: AlertReception.Evidence? {
        versions.reversed().lazy.flatMap(\.reception.evidence).first { $0.kind == .clip }
    }
}
