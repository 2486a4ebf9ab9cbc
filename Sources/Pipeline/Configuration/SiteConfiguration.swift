package import Alerts
package import Delivery
package import Ingest
package import Media
package import Rules
package import Scene

/// A site as `SiteConfiguration.load` read it and found it right: whoever holds one need not check anything again.
package struct SiteConfiguration: Hashable, Sendable {
    /// Largest configuration file, in bytes.
    package static let fileLimitBytes = 1 << 20
    package static let cameraLimit = 512
    package static let sinkLimit = 8

    package struct Site: Hashable, Sendable {
        package let id: String
        package let name: String
        package let area: String?
        /// A name of the IANA time zone database.
        package let timezone: String
        package let language: Language

        package init(id: String, name: String, area: String? = nil, timezone: String = "UTC", language: Language = .zh)
        {
            self.id = id
            self.name = name
            self.area = area
            self.timezone = timezone
            self.language = language
        }
    }

    /// Language of a summary where a sink or a page shows only one.
    package enum Language: String, Sendable, CaseIterable {
        case zh
        case en
    }

    package struct ListenAddress: Hashable, Sendable, CustomStringConvertible {
        package let host: String
        package let port: Int

        package init(host: String, port: Int) {
            self.host = host
            self.port = port
        }

        package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
    }

    package struct Retention: Hashable, Sendable {
        package let days: Int
        /// 10⁹ bytes; journal and evidence together.
        package let gigabytes: Double

        package init(days: Int = 30, gigabytes: Double = 20) {
            self.days = days
            self.gigabytes = gigabytes
        }
    }

    package let site: Site
    /// Absolute path.
    package let dataFolder: String
    package let listen: ListenAddress
    package let retention: Retention
    package let decode: DecodeDefaults
    package let clips: ClipSettings
    package let load: LoadPolicy
    package let cameras: [CameraConfiguration]
    package let sinks: [SinkConfiguration]

    /// For programs that need no file (evaluation, tests); what is given is not checked again.
    package init(
        site: Site, dataFolder: String, listen: ListenAddress, retention: Retention,
        decode: DecodeDefaults = DecodeDefaults(), clips: ClipSettings = ClipSettings(),
        load: LoadPolicy = LoadPolicy(), cameras: [CameraConfiguration], sinks: [SinkConfiguration]
    ) {
        self.site = site
        self.dataFolder = dataFolder
        self.listen = listen
        self.retention = retention
        self.decode = decode
        self.clips = clips
        self.load = load
        self.cameras = cameras
        self.sinks = sinks
    }

    package func camera(_ id: CameraID) -> CameraConfiguration? {
        cameras.first { $0.id == id }
    }
}

/// The site's policy of decoding, for cameras that name no mode of their own.
package struct DecodeDefaults: Hashable, Sendable {
    package static let quietSpans = 0.5...60.0
    package static let wakeLimits = 1...256

    /// A class that is not listed is `strict`.
    package var modes: [CameraClass: DecodeMode] = [:]
    /// How long nothing may stir before a camera goes back to keyframes.
    package var quietSpan = DecodePolicy.usualQuietSpan
    /// Cameras of the site that may catch up at one time; nil for one a processor.
    package var wakes: Int?

    package init() {}
}

/// What the machine may do for the site, and what happens where that is not enough.
package struct LoadPolicy: Hashable, Sendable {
    package static let coreCounts = 0.05...1024.0

    package enum Shedding: String, Sendable, CaseIterable {
        case on
        case off
    }

    /// Whether less is done for cameras of lower classes where the machine has too much to do.
    package var shed = Shedding.on
    /// Cores that the site may use; nil for all that the process may run on.
    package var cores: Double?

    package init() {}
}

/// One camera of a site, ready to be watched.
package struct CameraConfiguration: Hashable, Sendable {
    package static let fenceLimit = RuleEngine.ruleLimit
    package static let privacyMaskLimit = 16
    package static let ignoreMaskLimit = 16
    /// Analysed frames a second while nothing stirs.
    package static let analysisRates = 5.0...30.0

    package let id: CameraID
    /// Site, area, grid, GB/T 28181 id, location, name and class, as every alert carries them.
    package let place: CameraPlace
    package let address: StreamAddress
    /// A second stream of the same view, of which stills and clips are made; nil where the analysed one is all there is.
    package let evidenceAddress: StreamAddress?
    package let transport: StreamTransport
    /// What is decoded; whether `dense` can be kept is seen from the stream.
    package let decode: DecodeMode
    /// How long nothing may stir before a dense camera goes back to keyframes.
    package let quietSpan: MediaSpan
    /// Frames a second while nothing stirs.
    package let analysisRate: Double
    /// A folder in `Models/`.
    package let model: String
    package let privacyMasks: [Polygon]
    /// Objects whose anchor is inside are not judged; the pixels stay.
    package let ignoreMasks: [Polygon]
    /// How tall people appear; nil where nobody measured it.
    package let perspective: Perspective?
    package let rules: [FenceRule]
    /// When the rules watch; a rule that is not listed does so always.
    package let duties: [RuleID: RuleDuty]

    package init(
        id: CameraID, place: CameraPlace, address: StreamAddress, evidenceAddress: StreamAddress? = nil,
        transport: StreamTransport = .tcp,
        decode: DecodeMode = .strict, quietSpan: MediaSpan = DecodePolicy.usualQuietSpan,
        analysisRate: Double = 8, model: String, privacyMasks: [Polygon] = [], ignoreMasks: [Polygon] = [],
        perspective: Perspective? = nil, rules: [FenceRule] = [], duties: [RuleID: RuleDuty] = [:]
    ) {
        self.id = id
        self.place = place
        self.address = address
        self.evidenceAddress = evidenceAddress
        self.transport = transport
        self.decode = decode
        self.quietSpan = quietSpan
        self.analysisRate = analysisRate
        self.model = model
        self.privacyMasks = privacyMasks
        self.ignoreMasks = ignoreMasks
        self.perspective = perspective
        self.rules = rules
        self.duties = duties
    }

    package var name: String { place.cameraName }
    package var cameraClass: CameraClass { place.cameraClass }
}

extension SiteConfiguration {
    /// Days and hours as the site's clocks show them. The time zone was checked when the configuration was read.
    package var calendar: SiteCalendar {
        guard let calendar = SiteCalendar(identifier: site.timezone) else {
            preconditionFailure("a validated time zone is unknown: \(site.timezone)")
        }
        return calendar
    }

    /// The same for sentences.
    package var localTime: LocalTime {
        guard let localTime = LocalTime(identifier: site.timezone) else {
            preconditionFailure("a validated time zone is unknown: \(site.timezone)")
        }
        return localTime
    }
}
