internal import Scene

/// Finds ghosts: foreground where nothing stands, but where something stood while the background was learnt, or a
/// thing was taken away.
///
/// A thing that is there has an outline in the picture; a ghost has the outline of what is gone in the background
/// instead. One that keeps its place and stays a ghost for a while is taken into the background at once.
struct GhostTest {
    private static let suspectLimit = 32

    private let span: Double
    private let patience: Double
    private let sightings: Int
    private let ratio: Double
    private let stepLeast: Double
    private let sameLeast: Double

    private struct Suspect {
        let box: GridBox
        let since: MediaTime
        var seen: MediaTime
        var count = 1
    }

    private var suspects: [Suspect] = []

    init(_ model: DetectorModel) {
        span = model.ghostSpan
        patience = model.ghostPatience
        sightings = model.ghostSightings
        ratio = model.ghostRatio
        stepLeast = model.ghostStepLeast
        sameLeast = model.ghostSameLeast
        suspects.reserveCapacity(Self.suspectLimit)
    }

    mutating func forget() { suspects.removeAll(keepingCapacity: true) }

    func looksLikeGhost(_ outline: RegionFinder.Outline) -> Bool {
        let (picture, background) = (Double(outline.picture), Double(outline.background))
        return outline.count > 0 && background >= stepLeast * Double(outline.count) && background >= ratio * picture
    }

    /// Notes that a piece in `box` looks like a ghost.
    /// - Returns: whether it has done so for long enough; it is then forgotten.
    mutating func confirms(_ box: GridBox, at time: MediaTime) -> Bool {
        suspects.removeAll { [patience] in (time - $0.seen).seconds > patience }
        guard let index = suspects.firstIndex(where: { isSame($0.box, box) }) else {
            if suspects.count < Self.suspectLimit { suspects.append(Suspect(box: box, since: time, seen: time)) }
            return false
        }
        suspects[index].seen = time
        suspects[index].count += 1
        guard suspects[index].count >= sightings, (time - suspects[index].since).seconds >= span
        else { return false }
        suspects.remove(at: index)
        return true
    }

    private func isSame(_ one: GridBox, _ other: GridBox) -> Bool {
        let shared = one.shared(other)
        return shared >= sameLeast * (one.area + other.area - shared)
    }
}
