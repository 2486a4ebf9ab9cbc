/// The parameters of one detector preset (`Models/<name>/model.json`).
///
/// Lengths are shares of the analysed picture's diagonal or area, spans are seconds of media time, levels are grey
/// levels of 0…255 after smoothing; `shake_reach` is a share of the picture's width (0: no compensation), `shake_least`
/// in pixels of the grid. Decoding is strict: every key must be there and no other.
package struct DetectorModel: Sendable, Hashable {
    /// How the picture is brought to the brightness of the background.
    package enum Balance: String, Sendable, Hashable, Codable, CaseIterable {
        /// One factor for all pixels: exposure and gain of a camera for visible light.
        case gain
        /// One summand for all pixels: the drift of a thermal sensor.
        case offset
    }

    // Grid
    package var gridWidth: Int
    package var gridPixels: Int

    // Shake
    package var shakeReach: Double
    package var shakeLeast: Double
    package var shakeTexture: Double

    // Background
    package var balance: Balance
    package var samples: Int
    package var matchesNeeded: Int
    package var radiusLeast: Int
    package var radiusMost: Int
    package var noiseGain: Double
    package var restlessRise: Int
    package var restlessFall: Int
    package var restlessGain: Double
    package var learnSpan: Double
    package var backgroundSpan: Double
    package var foregroundSpan: Double
    package var diffusionSpan: Double
    package var meanSpan: Double
    package var restHoldSpan: Double
    package var floodShare: Double
    package var floodSpan: Double

    // Shadow
    package var shadowDarkest: Double
    package var shadowBrightest: Double
    package var shadowTexture: Double

    // Regions
    package var areaLeast: Double
    package var contrastLeast: Double
    package var densityLeast: Double
    package var stackGap: Double
    package var joinGap: Double
    package var slimmest: Double
    package var trimShare: Double
    package var flattest: Double

    // Holes of the mask
    /// The largest hole that is filled, as a share of the picture.
    package var holeMost: Double

    // Ghosts: foreground where only the background has an outline
    /// How long a piece has to look like a ghost, and how long it may look different between.
    package var ghostSpan: Double
    package var ghostPatience: Double
    /// In so many pictures: at few pictures a second, vehicles in a row may each come to where the last one was.
    package var ghostSightings: Int
    /// The background's outline is at least so many times as sharp as the picture's, and so many grey levels high.
    package var ghostRatio: Double
    package var ghostStepLeast: Double
    /// Two boxes are the same place when they share at least this part of both together.
    package var ghostSameLeast: Double

    // Tracks
    package var gate: Double
    package var confirmSpan: Double
    package var confirmHits: Int
    package var travelLeast: Double
    package var shiftLeast: Double
    package var travelOfSize: Double
    package var straightness: Double
    package var leapMost: Double
    package var bigArea: Double
    package var keepSpan: Double
    package var keepRestingSpan: Double
    package var candidateSpan: Double
    package var acceleration: Double

    // The picture as a whole
    package var health: HealthModel
}

extension DetectorModel: Decodable {
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case gridWidth = "grid_width"
        case gridPixels = "grid_pixels"
        case shakeReach = "shake_reach"
        case shakeLeast = "shake_least"
        case shakeTexture = "shake_texture"
        case balance
        case samples
        case matchesNeeded = "matches_needed"
        case radiusLeast = "radius_least"
        case radiusMost = "radius_most"
        case noiseGain = "noise_gain"
        case restlessRise = "restless_rise"
        case restlessFall = "restless_fall"
        case restlessGain = "restless_gain"
        case learnSpan = "learn_s"
        case backgroundSpan = "background_s"
        case foregroundSpan = "foreground_s"
        case diffusionSpan = "diffusion_s"
        case meanSpan = "mean_s"
        case restHoldSpan = "rest_hold_s"
        case floodShare = "flood_share"
        case floodSpan = "flood_s"
        case shadowDarkest = "shadow_darkest"
        case shadowBrightest = "shadow_brightest"
        case shadowTexture = "shadow_texture"
        case areaLeast = "area_least"
        case contrastLeast = "contrast_least"
        case densityLeast = "density_least"
        case stackGap = "stack_gap"
        case joinGap = "join_gap"
        case trimShare = "trim_share"
        case flattest
        case slimmest
        case holeMost = "hole_most"
        case ghostSpan = "ghost_s"
        case ghostPatience = "ghost_patience_s"
        case ghostSightings = "ghost_sightings"
        case ghostRatio = "ghost_ratio"
        case ghostStepLeast = "ghost_step_least"
        case ghostSameLeast = "ghost_same_least"
        case gate
        case confirmSpan = "confirm_s"
        case confirmHits = "confirm_hits"
        case travelLeast = "travel_least"
        case shiftLeast = "shift_least"
        case travelOfSize = "travel_of_size"
        case straightness
        case leapMost = "leap_most"
        case bigArea = "big_area"
        case keepSpan = "keep_s"
        case keepRestingSpan = "keep_resting_s"
        case candidateSpan = "candidate_s"
        case acceleration
        case health
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
        func read<Value: Decodable>(_ key: CodingKeys) throws -> Value { try values.decode(Value.self, forKey: key) }
        gridWidth = try read(.gridWidth)
        gridPixels = try read(.gridPixels)
        shakeReach = try read(.shakeReach)
        shakeLeast = try read(.shakeLeast)
        shakeTexture = try read(.shakeTexture)
        balance = try read(.balance)
        samples = try read(.samples)
        matchesNeeded = try read(.matchesNeeded)
        radiusLeast = try read(.radiusLeast)
        radiusMost = try read(.radiusMost)
        noiseGain = try read(.noiseGain)
        restlessRise = try read(.restlessRise)
        restlessFall = try read(.restlessFall)
        restlessGain = try read(.restlessGain)
        learnSpan = try read(.learnSpan)
        backgroundSpan = try read(.backgroundSpan)
        foregroundSpan = try read(.foregroundSpan)
        diffusionSpan = try read(.diffusionSpan)
        meanSpan = try read(.meanSpan)
        restHoldSpan = try read(.restHoldSpan)
        floodShare = try read(.floodShare)
        floodSpan = try read(.floodSpan)
        shadowDarkest = try read(.shadowDarkest)
        shadowBrightest = try read(.shadowBrightest)
        shadowTexture = try read(.shadowTexture)
        areaLeast = try read(.areaLeast)
        contrastLeast = try read(.contrastLeast)
        densityLeast = try read(.densityLeast)
        stackGap = try read(.stackGap)
        joinGap = try read(.joinGap)
        trimShare = try read(.trimShare)
        flattest = try read(.flattest)
        slimmest = try read(.slimmest)
        holeMost = try read(.holeMost)
        ghostSpan = try read(.ghostSpan)
        ghostPatience = try read(.ghostPatience)
        ghostSightings = try read(.ghostSightings)
        ghostRatio = try read(.ghostRatio)
        ghostStepLeast = try read(.ghostStepLeast)
        ghostSameLeast = try read(.ghostSameLeast)
        gate = try read(.gate)
        confirmSpan = try read(.confirmSpan)
        confirmHits = try read(.confirmHits)
        travelLeast = try read(.travelLeast)
        shiftLeast = try read(.shiftLeast)
        travelOfSize = try read(.travelOfSize)
        straightness = try read(.straightness)
        leapMost = try read(.leapMost)
        bigArea = try read(.bigArea)
        keepSpan = try read(.keepSpan)
        keepRestingSpan = try read(.keepRestingSpan)
        candidateSpan = try read(.candidateSpan)
        acceleration = try read(.acceleration)
        health = try read(.health)
    }
}
