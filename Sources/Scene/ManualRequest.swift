/// Who asked for an alarm by hand, and why, in their own words.
package struct ManualRequest: Hashable, Sendable, Codable {
    package let who: String
    package let why: String

    package init(who: String, why: String) {
        self.who = who
        self.why = why
    }
}
