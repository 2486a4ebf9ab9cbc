internal import Scene

/// Finds ghosts: foreground where nothing stands, but where something stood while the background was learnt, or a
/// thing was taken away.
///
/// A thing that is there has an outline in the picture; a ghost has the outline of what is gone in the background
/// instead. One that keeps its place and stays a ghost for a while is taken into the background at once.
struct GhostTest {
    /// How long a piece has to look like a ghost, in seconds, and how long it may look different between.
    private static let span = 0.6
    private static let patience = 0.3
    /// In so many pictures: at few pictures a second, vehicles in a row may each come to where the last one was.
    private static let sightings = 6
    /// The background's outline is at least so many times as sharp as the picture's, and so many grey levels high.
    private static let ratio = 2.0
    private static let stepLeast = 10.0
    /// Two boxes are the same place when they share at least this part of both together.
    private static let sameLeast = 0.85
    private static let suspectLimit = 32

    private struct Suspect {
        let box: GridBox
        let since: MediaTime
        var seen: MediaTime
        var count = 1
    }

    private var suspects: [Suspect] = []

    init() { suspects.reserveCapacity(Self.suspectLimit) }

    mutating func forget() { suspects.removeAll(keepingCapacity: true) }

    static func looksLikeGhost(_ outline: RegionFinder.Outline) -> Bool {
        let (picture, background) = (Double(outline.picture), Double(outline.background))
        return outline.count > 0 && background >= stepLeast * Double(outline.count) && background >= ratio * picture
    }

    /// Notes that a piece in `box` looks like a ghost.
    /// - Returns: whether it has done so for long enough; it is then forgotten.
    mutating func confirms(_ box: GridBox, at time: MediaTime) -> Bool {
        suspects.removeAll { (time - $0.seen).seconds > Self.patience }
        guard let index = suspects.firstIndex(where: { Self.isSame($0.box, box) }) else {
            if suspects.count < Self.suspectLimit { suspects.append(Suspect(box: box, since: time, seen: time)) }
            return false
        }
        suspects[index].seen = time
        suspects[index].count += 1
        guard suspects[index].count >= Self.sightings, (time - suspects[index].since).seconds >= Self.span
        else { return false }
        suspects.remove(at: index)
        return true
    }

    private static func isSame(_ one: GridBox, _ other: GridBox) -> Bool {
        let shared = one.shared(other)
        return shared >= sameLeast * (one.area + other.area - shared)
    }
}
