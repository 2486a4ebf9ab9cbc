package import Scene

/// What the time of one camera's rules was spent on: a pure value that is told pictures and stretches without them, and
/// gives out what it has gained. Every moment from an account's beginning to its cursor is in exactly one state.
///
/// The time between two analysed pictures belongs to the later one, unless they are further apart than
/// ``pictureReach``: then no picture covers it, and it is lost.
package struct CoverageLedger: Sendable {
    /// Longest time between two analysed pictures that they still cover.
    package static let pictureReach = MediaSpan.seconds(3)
    /// Blind stretches that are shorter are in the sums only.
    package static let shortestGap = MediaSpan.seconds(1)
    /// Gaps that are listed of a rule within one hour; further ones are in the sums only.
    package static let gapsPerHour = 60
    /// A standstill of the daemon is accounted for this far back.
    package static let backfill = MediaSpan(microseconds: 400 * 86_400 * 1_000_000)

    private struct Key: Hashable {
        let hour: MediaTime
        let state: CoverageState
    }

    private struct Account {
        let rule: RuleID
        /// A rule on the picture's health sees what makes the others blind.
        let watchesHealth: Bool
        var cursor: MediaTime
        var sums: [Key: Int64] = [:]
        var totals: [CoverageState: Int64] = [:]
        var current: CoverageState?
        var stretchStart: MediaTime
        var gaps: [CoverageGap] = []
        /// The rule's standing as last asked for: asking anew for each picture would cost more than all the rest.
        var standing = RuleStanding.armed
        var standingHolds: Range<MediaTime>?
        var standingRevision = 0
        var gapHour: MediaTime
        var gapsOfHour = 0
    }

    private let camera: CameraID
    private let calendar: SiteCalendar
    private var accounts: [Account]
    private var hour: Range<MediaTime>
    private var newestPicture: MediaTime?

    /// Goes on where the journal stands: what lies between is time in which the daemon did not run.
    ///
    /// - Parameters:
    ///   - accountedUntil: of each rule that has an account already; the others begin now.
    ///   - watchesHealth: rules for which a covered, moved, dark or frozen picture is no blindness.
    package init(
        camera: CameraID, arming: CameraArming, calendar: SiteCalendar, accountedUntil: [RuleID: MediaTime] = [:],
        watchesHealth: Set<RuleID> = [], now: MediaTime
    ) {
        self.camera = camera
        self.calendar = calendar
        let hour = calendar.hour(of: now)
        self.hour = hour
        accounts = arming.rules.map { rule in
            // A cursor in the future is one of a clock that was wrong.
            let cursor = accountedUntil[rule.id].map { max($0, now - Self.backfill) } ?? now
            let start = cursor <= now + .seconds(3600) ? cursor : now
            return Account(
                rule: rule.id, watchesHealth: watchesHealth.contains(rule.id), cursor: start, stretchStart: start,
                gapHour: hour.lowerBound)
        }
        charge(.notRunning, until: now, arming)
    }

    /// An analysed picture, and what it was good for: ``CoverageState/watched``, or blind and why.
    package mutating func picture(at time: MediaTime, _ state: CoverageState, _ arming: CameraArming) {
        if let newestPicture, time - newestPicture <= Self.pictureReach {
            charge(state, until: time, arming)
        } else {
            charge(.lost, until: time, arming)
        }
        newestPicture = time
    }

    /// No picture has come for a while: lost up to `time`.
    package mutating func noPicture(until time: MediaTime, _ arming: CameraArming) {
        charge(.lost, until: time, arming)
    }

    /// Pictures came and were left out, because the machine had too much to do.
    package mutating func leftOut(until time: MediaTime, _ arming: CameraArming) {
        charge(.shed, until: time, arming)
        newestPicture = max(newestPicture ?? time, time)
    }

    /// Pictures came and could not be used, because they were damaged or predicted from what was.
    package mutating func missed(until time: MediaTime, _ arming: CameraArming) {
        charge(.lost, until: time, arming)
        newestPicture = max(newestPicture ?? time, time)
    }

    /// The newest media time of a picture.
    package var newest: MediaTime? { newestPicture }

    /// What the rules are in now; nil before anything is known.
    package var current: [RuleID: CoverageState] {
        Dictionary(uniqueKeysWithValues: accounts.compactMap { account in account.current.map { (account.rule, $0) } })
    }

    /// Sums over all rules since this ledger was made.
    package var totals: [CoverageState: MediaSpan] {
        var sums: [CoverageState: Int64] = [:]
        for account in accounts { sums.merge(account.totals, uniquingKeysWith: +) }
        return sums.mapValues { MediaSpan(microseconds: $0) }
    }

    /// What was gained since the last call. A gap that goes on is given with its end so far, and again later.
    package mutating func drain() -> CoverageBatch {
        var batch = CoverageBatch(camera: camera)
        for index in accounts.indices {
            let account = accounts[index]
            batch.accountedUntil[account.rule] = account.cursor
            for (key, microseconds) in account.sums {
                batch.hours.append(
                    CoverageHour(
                        camera: camera, rule: account.rule, hour: key.hour, state: key.state,
                        span: MediaSpan(microseconds: microseconds)))
            }
            batch.gaps += account.gaps
            if let open = openGap(account) { batch.gaps.append(open) }
            accounts[index].sums.removeAll(keepingCapacity: true)
            accounts[index].gaps.removeAll()
        }
        batch.hours.sort { ($0.rule, $0.hour, $0.state.rawValue) < ($1.rule, $1.hour, $1.state.rawValue) }
        return batch
    }

    /// Takes back what could not be written.
    package mutating func putBack(_ batch: CoverageBatch) {
        for index in accounts.indices {
            for entry in batch.hours where entry.rule == accounts[index].rule {
                accounts[index].sums[Key(hour: entry.hour, state: entry.state), default: 0] += entry.span.microseconds
            }
            let room = max(0, Self.gapsPerHour * 24 - accounts[index].gaps.count)
            let ended = batch.gaps.filter {
                $0.rule == accounts[index].rule && $0.start != accounts[index].stretchStart
            }
            accounts[index].gaps.insert(contentsOf: ended.suffix(room), at: 0)
        }
    }

    private mutating func charge(_ cause: CoverageState, until time: MediaTime, _ arming: CameraArming) {
        for index in accounts.indices {
            let rule = arming.rules[index]
            var cause = cause
            if accounts[index].watchesHealth, cause.isSceneTrouble { cause = .watched }
            // What needs no picture misses none.
            if rule.id != .signal, !rule.watchesView, cause != .notRunning { cause = .watched }
            while accounts[index].cursor < time {
                let until = refreshStanding(of: rule, index, arming)
                add(accounts[index].standing.coverage ?? cause, until: min(time, until), to: index)
            }
        }
    }

    /// The standing at the account's cursor.
    /// - Returns: up to where it holds.
    private mutating func refreshStanding(
        of rule: CameraArming.Rule, _ index: Int, _ arming: CameraArming
    ) -> MediaTime {
        let cursor = accounts[index].cursor
        if let range = accounts[index].standingHolds, range.contains(cursor),
            accounts[index].standingRevision == arming.revision
        {
            return range.upperBound
        }
        let (standing, until) = arming.standing(of: rule, at: cursor)
        accounts[index].standing = standing
        accounts[index].standingHolds = cursor..<until
        accounts[index].standingRevision = arming.revision
        return until
    }

    private mutating func add(_ state: CoverageState, until end: MediaTime, to index: Int) {
        if accounts[index].current != state { beginStretch(state, index) }
        while accounts[index].cursor < end {
            let from = accounts[index].cursor
            if !hour.contains(from) { hour = calendar.hour(of: from) }
            let stop = min(end, max(hour.upperBound, from + MediaSpan(microseconds: 1)))
            let microseconds = (stop - from).microseconds
            accounts[index].sums[Key(hour: hour.lowerBound, state: state), default: 0] += microseconds
            accounts[index].totals[state, default: 0] += microseconds
            accounts[index].cursor = stop
        }
    }

    private mutating func beginStretch(_ state: CoverageState, _ index: Int) {
        if let gap = openGap(accounts[index]) {
            let hour = calendar.hour(of: gap.start).lowerBound
            if accounts[index].gapHour != hour {
                accounts[index].gapHour = hour
                accounts[index].gapsOfHour = 0
            }
            accounts[index].gapsOfHour += 1
            if accounts[index].gapsOfHour <= Self.gapsPerHour { accounts[index].gaps.append(gap) }
        }
        accounts[index].current = state
        accounts[index].stretchStart = accounts[index].cursor
    }

    /// The stretch that an account is in, where it is blind and long enough to be listed.
    private func openGap(_ account: Account) -> CoverageGap? {
        guard let state = account.current, state.isBlind, account.cursor - account.stretchStart >= Self.shortestGap
        else { return nil }
        return CoverageGap(
            camera: camera, rule: account.rule, state: state, start: account.stretchStart, end: account.cursor)
    }
}

extension CoverageState {
    /// What a rule on the picture's own health is there to see.
    fileprivate var isSceneTrouble: Bool {
        switch self {
        case .covered, .moved, .blurred, .tooDark, .tooBright, .frozen, .learning: true
        case .watched, .offSchedule, .disarmed, .held, .shed, .lost, .notRunning: false
        }
    }
}
