import Alerts
import Scene
import Testing

@Suite struct SentenceTests {
    @Test func conditionInBothLanguages() throws {
        var book = book()
        let start = try #require(MediaTime("2026-11-22T01:31:02.000000Z"))
        let offset = (start - .epoch).seconds
        var versions = book.handle([occupied(.began, offset)], at: start)
        versions += book.handle([occupied(.ended, offset + 125)], at: start + .seconds(125))
        versions += book.tick(at: start + .seconds(140))
        #expect(
            versions.map(\.summary.zh) == [
                "南门（south-gate）围栏 lawn 有目标进入并停留，自 2026-11-22 09:31:02 起",
                "南门（south-gate）围栏 lawn 内目标停留已结束：自 2026-11-22 09:31:02 至 2026-11-22 09:33:07，历时 2 分 5 秒",
                "南门（south-gate）围栏 lawn 内目标停留已结束：自 2026-11-22 09:31:02 至 2026-11-22 09:33:07，历时 2 分 5 秒"
            ])
        #expect(
            versions.map(\.summary.en) == [
                "south-gate: something is inside zone lawn since 2026-11-22 09:31:02",
                "south-gate: zone lawn is empty again, occupied from 2026-11-22 09:31:02 to 2026-11-22 09:33:07 (2 min 5 s)",
                "south-gate: zone lawn is empty again, occupied from 2026-11-22 09:31:02 to 2026-11-22 09:33:07 (2 min 5 s)"
            ])
    }

    @Test func crossingsSayTheirDirection() {
        var book = book()
        var versions = book.handle([crossing(1)], at: seconds(1))
        versions += book.handle([crossing(4, .rightToLeft)], at: seconds(4))
        versions += book.tick(at: seconds(20))
        #expect(
            versions.map(\.summary.zh) == [
                "南门（south-gate）有目标从左向右越过警戒线 path，时间 1970-01-01 08:00:01",
                "南门（south-gate）有目标越过警戒线 path，自 1970-01-01 08:00:01 至 1970-01-01 08:00:04 共 2 次，最近一次从右向左",
                "南门（south-gate）目标越过警戒线 path，自 1970-01-01 08:00:01 至 1970-01-01 08:00:04 共 2 次，此后无新情况"
            ])
        #expect(
            versions[0].summary.en
                == "south-gate: something crossed line path from left to right at 1970-01-01 08:00:01")
        #expect(
            versions[1].summary.en
                == "south-gate: something crossed line path 2 times from 1970-01-01 08:00:01 to 1970-01-01 08:00:04, "
                + "last from right to left")
    }

    @Test func enteringLeavingAndSignal() {
        var book = book()
        let versions = book.handle([passing(.entered, 1), passing(.left, 2), signal(.began, 3)], at: seconds(3))
        #expect(
            versions.map(\.summary.zh) == [
                "南门（south-gate）有目标进入围栏 lawn，时间 1970-01-01 08:00:01",
                "南门（south-gate）有目标离开围栏 lawn，时间 1970-01-01 08:00:02",
                "南门（south-gate）视频信号中断，自 1970-01-01 08:00:03 起"
            ])
        let back = book.handle([signal(.ended, 3663)], at: seconds(3663)).first
        #expect(
            back?.summary.zh.hasSuffix("视频信号已恢复：自 1970-01-01 08:00:03 至 1970-01-01 09:01:03，历时 1 小时 1 分 0 秒") == true)
        #expect(
            back?.summary.en
                == "south-gate: video signal is back, lost from 1970-01-01 08:00:03 to 1970-01-01 09:01:03 (1 h 1 min 0 s)"
        )
    }

    @Test func zoneThatDoesNotExistIsRefused() {
        #expect(LocalTime(identifier: "Asia/Qujing") == nil)
    }
}
