package import Scene

/// What a reload has to do: only what differs is started anew.
package struct SiteChanges: Hashable, Sendable {
    package var added: [CameraID] = []
    package var removed: [CameraID] = []
    package var changed: [CameraID] = []
    package var kept: [CameraID] = []
    /// Keys that only a restart of the daemon can change (`data`, `listen`), where they differ.
    package var needsRestart: [String] = []

    package init() {}
}

extension SiteConfiguration {
    /// Cameras in the order of the new file, removed ones in the order of the old.
    package static func changes(from old: SiteConfiguration, to new: SiteConfiguration) -> SiteChanges {
        var changes = SiteChanges()
        let before = Dictionary(uniqueKeysWithValues: old.cameras.map { ($0.id, $0.revision) })
        for camera in new.cameras {
            switch before[camera.id] {
            case nil: changes.added.append(camera.id)
            // The sentences of every camera's alerts are written in the site's time.
            // Its ring of packets is made with the camera.
            case camera.revision? where old.site.timezone == new.site.timezone && old.clips == new.clips:
                changes.kept.append(camera.id)
            case .some: changes.changed.append(camera.id)
            }
        }
        changes.removed = old.cameras.map(\.id).filter { new.camera($0) == nil }
        if old.dataFolder != new.dataFolder { changes.needsRestart.append("data") }
        if old.listen != new.listen { changes.needsRestart.append("listen") }
        return changes
    }
}
