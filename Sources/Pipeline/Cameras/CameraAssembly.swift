package import Alerts
package import Ingest
package import KernelAPI
package import Rules
package import Scene

/// Builds the parts of one camera from its configuration, the same for the daemon and for `replay`.
package struct CameraAssembly: Sendable {
    package let camera: CameraConfiguration
    package let model: ModelLibrary.Entry
    package let localTime: LocalTime
    private let kernels: KernelTable

    /// - Parameter kernels: what ``InstructionSet`` chooses, where none is given.
    /// - Throws: `ModelError` if the camera's model cannot be used, ``InstructionSetError``.
    package init(
        _ camera: CameraConfiguration, library: ModelLibrary, localTime: LocalTime, kernels: KernelTable? = nil
    ) throws {
        self.camera = camera
        self.localTime = localTime
        self.kernels = try kernels ?? InstructionSet.chosen()
        model = try library.load(camera.model)
    }

    /// How the camera's feed decodes.
    package var decodePolicy: DecodePolicy {
        var policy = DecodePolicy(camera.decode, quietSpan: camera.quietSpan, analysisRate: camera.analysisRate)
        policy.cameraClass = camera.cameraClass
        return policy
    }

    /// - Parameter raised: what the rules had raised before a restart.
    package func makeAnalysis(raised: [RuleID: RaisedPast] = [:]) -> CameraAnalysis {
        CameraAnalysis(
            rules: camera.rules, model: model.model, cadence: AnalysisCadence(analysisRate: camera.analysisRate),
            privacyMasks: camera.privacyMasks, ignoreMasks: camera.ignoreMasks, perspective: camera.perspective,
            raised: raised, kernels: kernels)
    }

    /// - Parameter restoring: decisions of the journal that the book goes on from.
    package func makeBook(restoring: [AlertDecision] = []) -> AlertBook {
        let localTime = localTime
        return AlertBook(camera: watched, localTime: { localTime.text($0) }, restoring: restoring)
    }

    /// When the camera's rules watch, by schedule alone where no orders are given. A camera without fences has an
    /// account of its signal.
    package func arming(_ orders: ArmingOrders = ArmingOrders()) -> CameraArming {
        let rules = camera.rules.map { rule in
            let duty = camera.duties[rule.id] ?? .always
            return CameraArming.Rule(
                id: rule.id, schedule: duty.schedule, preset: duty.preset, watchesView: rule.kind != .manual)
        }
        return CameraArming(
            rules: rules.isEmpty ? [CameraArming.Rule(id: .signal)] : rules, orders: orders.concerning(camera.id))
    }

    /// - Parameters:
    ///   - calendar: the site's, for the hours of the account.
    ///   - accountedUntil: what the journal holds of the camera's account.
    package func makeDuty(
        _ orders: ArmingOrders, calendar: SiteCalendar, accountedUntil: [RuleID: MediaTime], now: MediaTime
    ) -> CameraDuty {
        let arming = arming(orders)
        let health = camera.rules.filter { $0.kind == .sceneHealth }.map(\.id)
        return CameraDuty(
            arming,
            ledger: CoverageLedger(
                camera: camera.id, arming: arming, calendar: calendar, accountedUntil: accountedUntil,
                watchesHealth: Set(health), now: now))
    }

    private var watched: WatchedCamera {
        WatchedCamera(
            id: camera.id, place: camera.place,
            rules: Dictionary(
                uniqueKeysWithValues: camera.rules.map {
                    (
                        $0.id,
                        WatchedCamera.Rule(
                            revision: $0.revision, anchor: $0.kind.hasAnchor ? $0.anchor : nil,
                            severity: $0.conditions.severity, tags: $0.conditions.tags)
                    )
                }),
            provenance: AlertDecision.Provenance(
                model: model.name, modelHash: model.hash, configurationHash: camera.configurationHash))
    }
}
