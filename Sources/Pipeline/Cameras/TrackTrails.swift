package import Scene

/// Where the followed tracks have been lately, for the drawn still and the annotated video.
package struct TrackTrails: Sendable {
    /// Points kept of each track; older ones are forgotten.
    package static let pointLimit = 128

    package private(set) var paths: [TrackID: [TrackPoint]] = [:]

    package init() {}

    package mutating func follow(_ observation: Observation) {
        let living = Set(observation.tracks.map(\.id))
        paths = paths.filter { living.contains($0.key) }
        for track in observation.tracks {
            let path = (paths[track.id] ?? []) + track.path
            paths[track.id] = path.suffix(Self.pointLimit)
        }
    }

    package mutating func removeAll() {
        paths.removeAll()
    }
}
