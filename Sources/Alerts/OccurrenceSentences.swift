package import Scene

/// How an occurrence is told in one language.
package enum OccurrencePhrase {
    /// `subject` did `act`, once or several times.
    case instant(subject: String, act: String)
    /// A condition that holds, and how it is told once it is over.
    case condition(during: String, after: String)

    package var isCondition: Bool {
        switch self {
        case .instant: false
        case .condition: true
        }
    }
}

extension Occurrence {
    /// - Parameter rule: the id of the rule.
    package func chinese(_ rule: String) -> OccurrencePhrase {
        func target(_ act: String) -> OccurrencePhrase { .instant(subject: "目标", act: act) }
        func condition(_ what: String) -> OccurrencePhrase { .condition(during: what, after: "\(what)已结束") }
        return switch self {
        case .crossed: target("越过警戒线 \(rule)")
        case .entered: target("进入围栏 \(rule)")
        case .left: target("离开围栏 \(rule)")
        case .occupied: .condition(during: "围栏 \(rule) 有目标进入并停留", after: "围栏 \(rule) 内目标停留已结束")
        case .dwelling: condition("围栏 \(rule) 内有目标长时间滞留")
        case .appeared: target("在围栏 \(rule) 内出现")
        case .disappeared: target("在围栏 \(rule) 内消失")
        case .wrongWay: target("在围栏 \(rule) 内逆行")
        case .tooFast: target("在围栏 \(rule) 内超速")
        case .tooSlow: target("在围栏 \(rule) 内速度过低")
        case .passedInOrder: target("依次通过防线 \(rule)")
        case .stopped: condition("围栏 \(rule) 内有移动目标停下不动")
        case .objectLeft: condition("围栏 \(rule) 内有物品遗留")
        case .objectRemoved: .instant(subject: "物品", act: "从围栏 \(rule) 内被移走")
        case .crowded: condition("围栏 \(rule) 内目标过多")
        case .tooFew: condition("围栏 \(rule) 内目标不足")
        case .dense: condition("围栏 \(rule) 内密度过高")
        case .motion: condition("围栏 \(rule) 内有运动")
        case .covered: condition("画面被遮挡")
        case .tooDark: condition("画面过暗")
        case .tooBright: condition("画面过亮")
        case .blurred: condition("画面模糊")
        case .moved: condition("摄像机画面移位")
        case .frozen: condition("画面冻结")
        case .lightingJump: condition("光照突变")
        case .infraredSwitch: condition("红外切换")
        case .signalLost: .condition(during: "视频信号中断", after: "视频信号已恢复")
        case .manual: .instant(subject: "操作员", act: "发出手动报警 \(rule)")
        }
    }

    package func english(_ rule: String) -> OccurrencePhrase {
        func something(_ act: String) -> OccurrencePhrase { .instant(subject: "something", act: act) }
        func condition(_ what: String) -> OccurrencePhrase { .condition(during: what, after: "over: \(what)") }
        return switch self {
        case .crossed: something("crossed line \(rule)")
        case .entered: something("entered zone \(rule)")
        case .left: something("left zone \(rule)")
        case .occupied:
            .condition(during: "something is inside zone \(rule)", after: "zone \(rule) is empty again, occupied")
        case .dwelling: condition("something stays long in zone \(rule)")
        case .appeared: something("appeared inside zone \(rule)")
        case .disappeared: something("disappeared inside zone \(rule)")
        case .wrongWay: something("went the wrong way in zone \(rule)")
        case .tooFast: something("was too fast in zone \(rule)")
        case .tooSlow: something("was too slow in zone \(rule)")
        case .passedInOrder: something("passed the stages of \(rule) in order")
        case .stopped: condition("something that moved stands still in zone \(rule)")
        case .objectLeft: condition("something was left behind in zone \(rule)")
        case .objectRemoved: something("was taken away from zone \(rule)")
        case .crowded: condition("too many objects in zone \(rule)")
        case .tooFew: condition("too few objects in zone \(rule)")
        case .dense: condition("zone \(rule) is densely covered")
        case .motion: condition("something stirs in zone \(rule)")
        case .covered: condition("the view is covered")
        case .tooDark: condition("the picture is too dark")
        case .tooBright: condition("the picture is too bright")
        case .blurred: condition("the picture is blurred")
        case .moved: condition("the camera looks somewhere else")
        case .frozen: condition("the picture is frozen")
        case .lightingJump: condition("the light changed suddenly")
        case .infraredSwitch: condition("the camera switched infra-red")
        case .signalLost: .condition(during: "video signal lost", after: "video signal is back, lost")
        case .manual: .instant(subject: "an operator", act: "asked for alarm \(rule)")
        }
    }
}
