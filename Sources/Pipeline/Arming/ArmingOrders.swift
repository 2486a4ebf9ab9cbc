package import Scene

/// The orders that hold at a site or camera: a pure value.
///
/// Of one scope the newest counts (an older one does not come back when it expires). Of several scopes that cover a
/// rule (site, camera, rule) the newest that is in force decides; where none is, the schedule does.
package struct ArmingOrders: Hashable, Sendable {
    /// By time; of each scope the newest two, the older for pictures from before the newer one.
    package private(set) var orders: [ArmingOrder] = []

    package init(_ orders: [ArmingOrder] = []) {
        for order in orders.sorted(by: { $0.since < $1.since }) { take(order) }
    }

    package mutating func take(_ order: ArmingOrder) {
        let place = orders.firstIndex { order.since < $0.since } ?? orders.count
        orders.insert(order, at: place)
        let same = orders.indices.filter { orders[$0].scope == order.scope }
        for index in same.dropLast(2).reversed() { orders.remove(at: index) }
    }

    /// Those that concern one camera.
    package func concerning(_ camera: CameraID) -> ArmingOrders {
        var own = ArmingOrders()
        own.orders = orders.filter { $0.camera == nil || $0.camera == camera }
        return own
    }

    /// The order that decides over a rule, in place of its schedule; nil where the schedule does.
    package func decisive(for rule: RuleID, at time: MediaTime) -> ArmingOrder? {
        let order = newest(at: time) { order in
            switch order.act {
            case .arm, .disarm, .schedule: order.covers(rule)
            case .hold, .preset: false
            }
        }
        return order?.act == .schedule ? nil : order
    }

    package func hold(at time: MediaTime) -> ArmingOrder? {
        newest(at: time) { $0.act == .hold }
    }

    /// Where the camera looks, as far as it was told.
    package func preset(at time: MediaTime) -> String? {
        newest(at: time) { $0.act == .preset }?.preset
    }

    /// What holds now, one a scope.
    package func inForce(at time: MediaTime) -> [ArmingOrder] {
        orders.indices.filter { isNewestOfItsScope($0, at: time) && orders[$0].isInForce(at: time) }.map { orders[$0] }
    }

    /// The first moment after `time` at which any order begins or ends.
    func change(after time: MediaTime) -> MediaTime? {
        orders.flatMap { [$0.since, $0.until].compactMap { $0 } }.filter { $0 > time }.min()
    }

    private func newest(at time: MediaTime, where fits: (ArmingOrder) -> Bool) -> ArmingOrder? {
        for index in orders.indices.reversed()
        where fits(orders[index]) && orders[index].isInForce(at: time) && isNewestOfItsScope(index, at: time) {
            return orders[index]
        }
        return nil
    }

    private func isNewestOfItsScope(_ index: Int, at time: MediaTime) -> Bool {
        !orders[(index + 1)...].contains { $0.scope == orders[index].scope && $0.since <= time }
    }
}
