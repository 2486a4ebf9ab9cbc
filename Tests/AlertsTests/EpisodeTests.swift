import Alerts
import Scene
import Testing

@Suite struct EpisodeTests {
    @Test func instantsFoldUntilQuiet() throws {
        var book = book()
        var versions = book.handle([crossing(1)], at: seconds(1))
        versions += book.handle([crossing(9)], at: seconds(9))
        versions += book.handle([crossing(19)], at: seconds(19))
        versions += book.tick(at: seconds(29))
        #expect(versions.outline == ["opened 1", "updated 2", "updated 3"])
        versions += book.tick(at: seconds(29.04))
        #expect(versions.outline.last == "closed 4")
        #expect(Set(versions.map(\.id)).count == 1)
        let closed = try #require(versions.last)
        #expect(closed.count == 3)
        #expect(closed.start == seconds(1))
        #expect(closed.end == seconds(19))
        #expect(book.handle([crossing(30)], at: seconds(30)).first?.id != closed.id)
    }

    @Test func findingAfterQuietClosesFirstThoughNoFrameCameBetween() {
        var book = book()
        _ = book.handle([crossing(1)], at: seconds(1))
        let versions = book.handle([crossing(30)], at: seconds(30))
        #expect(versions.outline == ["closed 2", "opened 1"])
        #expect(versions[0].end == seconds(1))
    }

    @Test func conditionStaysOpenHoweverLong() throws {
        var book = book()
        var versions = book.handle([occupied(.began, 5)], at: seconds(5))
        for second in 6..<600 { versions += book.tick(at: seconds(Double(second))) }
        #expect(versions.outline == ["opened 1"])
        #expect(versions[0].isHolding)
        versions += book.handle([occupied(.ended, 600)], at: seconds(600))
        #expect(versions.outline.last == "updated 2")
        #expect(versions.last?.isHolding == false)
        #expect(versions.last?.end == nil)
        versions += book.tick(at: seconds(611))
        let closed = try #require(versions.last)
        #expect(closed.state == .closed)
        #expect(closed.end == seconds(600))
        #expect(closed.count == 1)
        #expect(closed.measures == ["dwell_s": 1])
    }

    @Test func conditionBegunAgainWithinQuietGoesOn() {
        var book = book()
        var versions = book.handle([occupied(.began, 1)], at: seconds(1))
        versions += book.handle([occupied(.ended, 5)], at: seconds(5))
        versions += book.handle([occupied(.began, 14)], at: seconds(14))
        versions += book.handle([occupied(.ended, 20)], at: seconds(20))
        versions += book.tick(at: seconds(31))
        #expect(versions.outline == ["opened 1", "updated 2", "updated 3", "updated 4", "closed 5"])
        #expect(versions.last?.count == 2)
    }

    @Test func oneVersionForAllFindingsOfAFrame() {
        var book = book()
        let versions = book.handle([crossing(1), crossing(1.01), crossing(1.02)], at: seconds(1.04))
        #expect(versions.outline == ["opened 1"])
        #expect(versions[0].count == 3)
    }

    @Test func ordinalTellsEpisodesOfOneSecondApart() {
        var book = book()
        let versions = book.handle([passing(.entered, 1.1), passing(.left, 1.2), occupied(.began, 1.3)], at: seconds(2))
        #expect(versions.outline == ["opened 1", "opened 1", "opened 1"])
        #expect(
            versions.map(\.id)
                == (0..<3).map {
                    AlertIdentity.id(
                        camera: CameraID("south-gate")!, rule: RuleID("lawn")!, revision: "r1", second: 1, ordinal: $0)
                })
    }

    @Test func idIsTheContractedDigest() {
        let id = AlertIdentity.id(
            camera: CameraID("south-gate")!, rule: RuleID("lawn")!, revision: "r1", second: 52, ordinal: 0)
        // printf 'v1|south-gate|lawn|r1|52|0' | sha256sum | xxd -r -p | base32 | tr A-Z a-z | head -c 26
        #expect(id == "epbxp4j5nigmyeo5hcqx6pyx2s")
    }

    @Test func findingsAreTheFirstAndTheNewest() throws {
        var book = book()
        var newest: AlertDecision?
        for number in 0..<100 { newest = book.handle([crossing(Double(number))], at: seconds(Double(number))).last }
        let decision = try #require(newest)
        #expect(decision.count == 100)
        #expect(decision.findings.count == AlertDecision.findingLimit)
        #expect(decision.findings.first?.time == seconds(0))
        #expect(decision.findings.dropFirst().map(\.time) == (69..<100).map { seconds(Double($0)) })
    }

    @Test func finishClosesEverythingOnce() {
        var book = book()
        _ = book.handle([crossing(2), occupied(.began, 1)], at: seconds(2))
        let versions = book.finish()
        #expect(versions.outline == ["closed 2", "closed 2"])
        #expect(versions.map(\.occurrence) == [.occupied, .crossed])
        #expect(book.finish().isEmpty)
        #expect(book.openEpisodes.isEmpty)
    }

    @Test func endWithoutBeginningIsNothing() {
        var book = book()
        #expect(book.handle([occupied(.ended, 1), signal(.ended, 1)], at: seconds(1)).isEmpty)
    }

    @Test func numbersThatJSONCannotSayAreLeftOut() {
        var book = book()
        let versions = book.handle([crossing(1, measures: ["speed": .nan, "length": 2])], at: seconds(1))
        #expect(versions[0].measures == ["length": 2])
    }

    @Test func timelineSetBackKeepsOrderWithinTheEpisode() {
        var book = book()
        _ = book.handle([crossing(100)], at: seconds(100))
        let versions = book.handle([crossing(95)], at: seconds(95))
        #expect(versions.outline == ["updated 2"])
        #expect(versions[0].last == seconds(100))
    }
}
