/// The parameters of scene health in a detector preset: the object `health` of `model.json`.
///
/// Levels are grey levels of 0…255 on the analysis grid, spans seconds of media time, shares parts of the picture's
/// blocks. Decoding is strict: every key must be there and no other.
package struct HealthModel: Sendable, Hashable {
    /// Nothing is compared with the normal picture before it has been learnt so long.
    package var learnSpan: Double
    /// Time constant with which the normal picture follows the scene.
    package var normalSpan: Double
    /// Squared difference of neighbouring pixels, on average, from which a block has texture to lose.
    package var textureLeast: Double
    /// A condition ends once its evidence has been gone so long.
    package var clearSpan: Double
    /// At or below this mean an object differs from the ground by less than the background's radius.
    package var darkLevel: Double
    /// At or above this mean the ground is washed out.
    package var brightLevel: Double
    /// Standard deviation up to which a dark or bright block shows nothing.
    package var blankContrast: Double
    package var blankShare: Double
    package var blankSpan: Double
    /// Part of its normal sharpness below which a block counts as unsharp.
    package var blurRatio: Double
    /// Share of the textured blocks that are unsharp or flat.
    package var lostShare: Double
    package var coveredSpan: Double
    package var blurredSpan: Double
    /// Correlation of the edges with the normal ones below which the view is another one.
    package var likenessLeast: Double
    package var movedSpan: Double
    /// After this span a view that stayed is the normal one.
    package var adoptSpan: Double
    package var frozenSpan: Double
    /// Relative change of a block's mean that counts as sudden.
    package var jumpChange: Double
    package var jumpShare: Double
    package var jumpHoldSpan: Double
    package var infraredShare: Double
    package var infraredSpan: Double

    // Light, cell by cell
    /// Foreground from which it is asked whether the light changed, as a share of the picture.
    package var lightShare: Double
    /// Correlation with the background from which a cell's texture shows through a change of light.
    package var lightLikeness: Double
    /// Cells of changed light below which it is left to the shadow test, as a share of the picture.
    package var lightLeast: Double
}

extension HealthModel: Decodable {
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case learnSpan = "learn_s"
        case normalSpan = "normal_s"
        case textureLeast = "texture_least"
        case clearSpan = "clear_s"
        case darkLevel = "dark_level"
        case brightLevel = "bright_level"
        case blankContrast = "blank_contrast"
        case blankShare = "blank_share"
        case blankSpan = "blank_s"
        case blurRatio = "blur_ratio"
        case lostShare = "lost_share"
        case coveredSpan = "covered_s"
        case blurredSpan = "blurred_s"
        case likenessLeast = "likeness_least"
        case movedSpan = "moved_s"
        case adoptSpan = "adopt_s"
        case frozenSpan = "frozen_s"
        case jumpChange = "jump_change"
        case jumpShare = "jump_share"
        case jumpHoldSpan = "jump_hold_s"
        case infraredShare = "infrared_share"
        case infraredSpan = "infrared_s"
        case lightShare = "light_share"
        case lightLikeness = "light_likeness"
        case lightLeast = "light_least"
    }

    private struct AnyKey: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    package init(from decoder: any Decoder) throws {
        let known = Set(CodingKeys.allCases.map(\.rawValue))
        for key in try decoder.container(keyedBy: AnyKey.self).allKeys where !known.contains(key.stringValue) {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "unknown key \"\(key.stringValue)\""))
        }
        let values = try decoder.container(keyedBy: CodingKeys.self)
        func read(_ key: CodingKeys) throws -> Double { try values.decode(Double.self, forKey: key) }
        learnSpan = try read(.learnSpan)
        normalSpan = try read(.normalSpan)
        textureLeast = try read(.textureLeast)
        clearSpan = try read(.clearSpan)
        darkLevel = try read(.darkLevel)
        brightLevel = try read(.brightLevel)
        blankContrast = try read(.blankContrast)
        blankShare = try read(.blankShare)
        blankSpan = try read(.blankSpan)
        blurRatio = try read(.blurRatio)
        lostShare = try read(.lostShare)
        coveredSpan = try read(.coveredSpan)
        blurredSpan = try read(.blurredSpan)
        likenessLeast = try read(.likenessLeast)
        movedSpan = try read(.movedSpan)
        adoptSpan = try read(.adoptSpan)
        frozenSpan = try read(.frozenSpan)
        jumpChange = try read(.jumpChange)
        jumpShare = try read(.jumpShare)
        jumpHoldSpan = try read(.jumpHoldSpan)
        infraredShare = try read(.infraredShare)
        infraredSpan = try read(.infraredSpan)
        lightShare = try read(.lightShare)
        lightLikeness = try read(.lightLikeness)
        lightLeast = try read(.lightLeast)
    }

    /// - Returns: one sentence for each parameter outside its range, as ``DetectorModel/validate()`` gives them.
    func validate() -> [String] {
        var problems: [String] = []
        func check(_ key: CodingKeys, _ value: Double, _ range: ClosedRange<Double>) {
            if range.contains(value) { return }
            problems.append("health.\(key.rawValue): \(value) is outside \(range.lowerBound)…\(range.upperBound)")
        }
        check(.learnSpan, learnSpan, 1...600)
        check(.normalSpan, normalSpan, 1...3600)
        check(.textureLeast, textureLeast, 0.1...1000)
        check(.clearSpan, clearSpan, 0.2...60)
        check(.darkLevel, darkLevel, 0...128)
        check(.brightLevel, brightLevel, 128...255)
        check(.blankContrast, blankContrast, 0...64)
        check(.blankShare, blankShare, 0.1...1)
        check(.blankSpan, blankSpan, 0.5...600)
        check(.blurRatio, blurRatio, 0.01...1)
        check(.lostShare, lostShare, 0.1...1)
        check(.coveredSpan, coveredSpan, 0.5...600)
        check(.blurredSpan, blurredSpan, 0.5...600)
        check(.likenessLeast, likenessLeast, -1...1)
        check(.movedSpan, movedSpan, 0.5...600)
        check(.adoptSpan, adoptSpan, 10...86_400)
        check(.frozenSpan, frozenSpan, 1...600)
        check(.jumpChange, jumpChange, 0.02...1)
        check(.jumpShare, jumpShare, 0.05...1)
        check(.jumpHoldSpan, jumpHoldSpan, 0.2...60)
        check(.infraredShare, infraredShare, 0.05...1)
        check(.infraredSpan, infraredSpan, 0.2...60)
        check(.lightShare, lightShare, 0.01...1)
        check(.lightLikeness, lightLikeness, 0...1)
        check(.lightLeast, lightLeast, 0.005...1)
        return problems
    }
}
