/// How an occurrence is called by the platforms that receive alarms.
///
/// GB/T 28181-2022, A.2.5.3: alarm method (5 video, 2 device), type, and for intrusions the event type (1 enter,
/// 2 leave). ONVIF: topic of the Analytics or Imaging service specification, without the `tns1:` prefix.
package struct AlarmCode: Hashable, Sendable, Codable {
    package let method: Int
    package let type: Int
    /// Only for intrusions (method 5, type 6): 1 enter, 2 leave.
    package let eventType: Int?
    package let onvif: String

    package init(method: Int, type: Int, eventType: Int? = nil, onvif: String) {
        self.method = method
        self.type = type
        self.eventType = eventType
        self.onvif = onvif
    }

    /// The type for a peer of GB/T 28181-2016, which does not know 13 (image occlusion, 图像遮挡).
    package var typeOf2016: Int { method == 5 && type == 13 ? 11 : type }

    enum CodingKeys: String, CodingKey {
        case method, type, onvif
        case eventType = "event_type"
    }
}

extension Occurrence {
    /// The one table of codes: closed, so that no occurrence can be without.
    package var alarmCode: AlarmCode {
        switch self {
        case .crossed: .video(5, "RuleEngine/LineDetector/Crossed")
        case .entered: .video(6, eventType: 1, "RuleEngine/FieldDetector/ObjectsInside")
        case .left: .video(6, eventType: 2, "RuleEngine/FieldDetector/ObjectsInside")
        case .occupied: .video(6, eventType: 1, "RuleEngine/FieldDetector/ObjectsInside")
        case .dwelling: .video(8, "RuleEngine/LoiteringDetector/ObjectIsLoitering")
        case .appeared: .video(6, eventType: 1, "RuleEngine/FieldDetector/ObjectsInside")
        case .disappeared: .video(6, eventType: 2, "RuleEngine/FieldDetector/ObjectsInside")
        case .wrongWay: .video(7, "RuleEngine/LineDetector/Crossed")
        case .tooFast: .video(12, "RuleEngine/SpeedDetector/Speeding")
        case .tooSlow: .video(2, "RuleEngine/SpeedDetector/Speeding")
        case .passedInOrder: .video(5, "RuleEngine/LineDetector/Crossed")
        case .stopped: .video(2, "RuleEngine/FieldDetector/ObjectsInside")
        case .objectLeft: .video(3, "RuleEngine/ObjectDetector/Abandoned")
        case .objectRemoved: .video(4, "RuleEngine/ObjectDetector/Removed")
        case .crowded: .video(10, "RuleEngine/CountAggregation/OccupancyCounter")
        case .tooFew: .video(9, "RuleEngine/CountAggregation/OccupancyCounter")
        case .dense: .video(10, "RuleEngine/CountAggregation/OccupancyCounter")
        case .motion: .video(2, "RuleEngine/MotionRegionDetector/Motion")
        case .covered: .video(13, "VideoSource/GlobalSceneChange/AnalyticsService")
        case .tooDark: .video(13, "VideoSource/ImageTooDark/AnalyticsService")
        case .tooBright: .video(11, "VideoSource/ImageTooBright/AnalyticsService")
        case .blurred: .video(13, "VideoSource/ImageTooBlurry/AnalyticsService")
        case .moved: .video(13, "VideoSource/GlobalSceneChange/AnalyticsService")
        case .frozen, .lightingJump, .infraredSwitch:
            .video(11, "VideoSource/GlobalSceneChange/AnalyticsService")
        case .signalLost: AlarmCode(method: 2, type: 1, onvif: "VideoSource/SignalLoss")
        case .manual: .video(1, "Device/Trigger/DigitalInput")
        }
    }
}

extension AlarmCode {
    fileprivate static func video(_ type: Int, eventType: Int? = nil, _ onvif: String) -> AlarmCode {
        AlarmCode(method: 5, type: type, eventType: eventType, onvif: onvif)
    }
}
