import Scene
import TestSupport
import Testing

@testable import Media

@Suite("Time stamps in their time base")
struct TimeBaseTests {
    @Test("stamps that no stream has can still be added and subtracted", arguments: [1, 90_000] as [Int32])
    func extremes(clock: Int32) {
        let timeBase = TimeBase(numerator: 1, denominator: clock)
        let (least, most) = (timeBase.span(ticks: .min), timeBase.span(ticks: .max))
        #expect(least < .zero && most > .zero)
        let apart = most.microseconds.subtractingReportingOverflow(least.microseconds)
        #expect(!apart.overflow && apart.partialValue > most.microseconds)
        #expect(timeBase.span(ticks: Int64(clock) * 3) == .seconds(3))
    }
}

@Suite("Access units out of RTP")
struct RTPAssemblerTests {
    private struct Packet {
        var payload: [UInt8]
        var timestamp: UInt32
        var isMarked: Bool
    }

    /// What comes out: the units, their bytes and marks.
    private struct Given: Equatable {
        var bytes: [UInt8]
        var isKeyframe: Bool
        var isDamaged: Bool
    }

    private func units(_ packets: [Packet?], _ codec: RTPAssembler.Codec) -> [Given] {
        var assembler = RTPAssembler(codec)
        var given: [Given] = []
        func give() {
            guard let unit = assembler.unit else { return }
            given.append(Given(bytes: assembler.bytes, isKeyframe: unit.isKeyframe, isDamaged: unit.isDamaged))
            assembler.next()
        }
        var isMissing = false
        for packet in packets {
            // As the reader knows it: by the sequence number of the packet after.
            guard let packet else {
                isMissing = true
                continue
            }
            if assembler.completes(before: packet.timestamp) {
                assembler.cutOff(afterGap: isMissing)
                give()
            }
            if isMissing { assembler.lost() }
            isMissing = false
            let isWhole = packet.payload.withUnsafeBytes {
                assembler.take($0, timestamp: packet.timestamp, marker: packet.isMarked)
            }
            if isWhole { give() }
        }
        return given
    }

    /// A unit as a camera may send it: alone, in an aggregate, or in fragments.
    private func payloads(
        _ nal: [UInt8], _ codec: RTPAssembler.Codec, fragment size: Int
    ) -> [[UInt8]] {
        let head = codec == .h264 ? 1 : 2
        guard nal.count > size + head else { return [nal] }
        var rest = nal.dropFirst(head)[...]
        var found: [[UInt8]] = []
        while !rest.isEmpty {
            let part = rest.prefix(size)
            let isFirst = found.isEmpty
            rest = rest.dropFirst(size)
            let flags: UInt8 = (isFirst ? 0x80 : 0) | (rest.isEmpty ? 0x40 : 0)
            switch codec {
            case .h264: found.append([nal[0] & 0xE0 | 28, flags | nal[0] & 31] + part)
            case .h265: found.append([nal[0] & 0x81 | 49 << 1, nal[1], flags | nal[0] >> 1 & 63] + part)
            }
        }
        return found
    }

    private func joined(_ nals: [[UInt8]]) -> [UInt8] {
        nals.enumerated().flatMap { index, nal in (index == 0 ? [0, 0, 0, 1] : [0, 0, 1]) + nal }
    }

    private func nal(_ codec: RTPAssembler.Codec, key: Bool, count: Int, using random: inout SeededRandom) -> [UInt8] {
        let head: [UInt8] = codec == .h264 ? [key ? 0x65 : 0x41] : [key ? 19 << 1 : 1 << 1, 1]
        return head + (0..<count).map { _ in UInt8.random(in: 1...255, using: &random) }
    }

    @Test("however a stream is cut into packets, the same units come out", arguments: 1...40 as ClosedRange<UInt64>)
    func cutting(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for codec in [RTPAssembler.Codec.h264, .h265] {
            var packets: [Packet] = []
            var expected: [Given] = []
            let setsMarker = Bool.random(using: &random)
            for number in 0..<20 {
                let key = number % 5 == 0
                let nals = (0..<Int.random(in: 1...4, using: &random)).map { _ in
                    nal(codec, key: key, count: Int.random(in: 1...3000, using: &random), using: &random)
                }
                let size = Int.random(in: 10...1400, using: &random)
                let parts = nals.flatMap { payloads($0, codec, fragment: size) }
                packets += parts.enumerated().map { index, part in
                    Packet(
                        payload: part, timestamp: UInt32(number) &* 3600 &+ 4_294_960_000,
                        isMarked: setsMarker && index == parts.count - 1)
                }
                expected.append(Given(bytes: joined(nals), isKeyframe: key, isDamaged: false))
            }
            // Without marks the last unit is whole only when another begins.
            #expect(units(packets, codec) == (setsMarker ? expected : Array(expected.dropLast())), "seed \(seed)")
        }
    }

    @Test("what was lost marks its unit, and no other", arguments: 1...40 as ClosedRange<UInt64>)
    func loss(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var packets: [Packet?] = []
        var owners: [Int] = []
        for number in 0..<10 {
            let parts = payloads(nal(.h264, key: number == 0, count: 5000, using: &random), .h264, fragment: 900)
            packets += parts.enumerated().map { index, part in
                Packet(payload: part, timestamp: UInt32(number) * 3600, isMarked: index == parts.count - 1)
            }
            owners += parts.map { _ in number }
        }
        // Not of the last unit: nothing comes after it that tells.
        let missing = Int.random(in: 0..<owners.firstIndex(of: 9)!, using: &random)
        packets[missing] = nil
        let given = units(packets, .h264)
        let isLast = owners[missing + 1] != owners[missing]
        #expect(given.count == 10, "seed \(seed)")
        for (number, unit) in given.enumerated() {
            let isHit = number == owners[missing]
            if isHit { #expect(unit.isDamaged, "seed \(seed)") }
            if !isHit, !(isLast && number == owners[missing] + 1) {
                #expect(!unit.isDamaged, "seed \(seed): \(number)")
            }
        }
    }

    @Test(
        "a fragmented unit that is cut off is damaged, though no sequence number is missing", arguments: [false, true])
    func cutOffFragment(isMarked: Bool) {
        var random = SeededRandom(seed: 3)
        var parts = payloads(nal(.h265, key: true, count: 3000, using: &random), .h265, fragment: 900)
        parts.removeLast()
        let next = nal(.h265, key: false, count: 50, using: &random)
        let packets =
            parts.enumerated().map { index, part in
                Packet(payload: part, timestamp: 0, isMarked: isMarked && index == parts.count - 1)
            } + [Packet(payload: next, timestamp: 3600, isMarked: true)]
        let given = units(packets, .h265)
        #expect(given.map(\.isDamaged) == [true, false])
    }

    @Test("units in one packet are taken apart (STAP-A, AP)")
    func aggregates() {
        let (one, two): ([UInt8], [UInt8]) = ([0x67, 1, 2, 3], [0x65, 9, 8])
        let h264 = [24, 0, 4] + one + [0, 3] + two
        #expect(
            units([Packet(payload: h264, timestamp: 1, isMarked: true)], .h264)
                == [Given(bytes: joined([one, two]), isKeyframe: true, isDamaged: false)])
        let (set, slice): ([UInt8], [UInt8]) = ([32 << 1, 1, 7, 7], [19 << 1, 1, 5])
        let h265 = [48 << 1, 1, 0, 4] + set + [0, 3] + slice
        #expect(
            units([Packet(payload: h265, timestamp: 1, isMarked: true)], .h265)
                == [Given(bytes: joined([set, slice]), isKeyframe: true, isDamaged: false)])
    }

    @Test("an aggregate that is cut off is damaged")
    func shortAggregate() {
        let given = units([Packet(payload: [24, 0, 2, 0x65, 1, 0, 200, 1], timestamp: 1, isMarked: true)], .h264)
        #expect(given.count == 1 && given[0].isDamaged && given[0].isKeyframe)
    }

    @Test("a marker on every unit of one picture is believed once only")
    func markers() {
        func picture(_ time: UInt32) -> [Packet] {
            [[0x41, 1, 1], [0x41, 2, 2]].map { Packet(payload: $0, timestamp: time, isMarked: true) }
        }
        let given = units((0..<4).flatMap { picture($0 * 3600) }, .h264)
        #expect(given.dropFirst(2).allSatisfy { $0.bytes == joined([[0x41, 1, 1], [0x41, 2, 2]]) && !$0.isDamaged })
        #expect(given.count == 4)
    }

    @Test("a recovery point is marked as FFmpeg marks it")
    func recoveryPoint() {
        let given = units(
            [
                Packet(payload: [6, 5, 1, 0, 6, 1, 0x80, 0x80], timestamp: 1, isMarked: false),
                Packet(payload: [0x41, 1, 1], timestamp: 1, isMarked: true),
                Packet(payload: [6, 5, 1, 0, 0x80, 0x80], timestamp: 2, isMarked: false),
                Packet(payload: [0x41, 1, 1], timestamp: 2, isMarked: true)
            ], .h264)
        #expect(given.map(\.isKeyframe) == [true, false])
    }

    @Test("whatever comes, nothing breaks", arguments: 1...60 as ClosedRange<UInt64>)
    func garbage(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for codec in [RTPAssembler.Codec.h264, .h265] {
            let packets = (0..<300).map { _ in
                Packet(
                    payload: (0..<Int.random(in: 0...40, using: &random)).map { _ in
                        .random(in: 0...255, using: &random)
                    },
                    timestamp: .random(in: 0...3, using: &random), isMarked: .random(using: &random))
            }
            #expect(units(packets, codec).count <= 300)
        }
    }

    @Test("RTP's head, with everything that may stand in it")
    func head() throws {
        let plain: [UInt8] = [0x80, 0xE0, 0x12, 0x34, 0, 0, 0x0E, 0x10, 1, 2, 3, 4, 0x41, 7]
        let packet = try #require(plain.withUnsafeBytes { RTPPacket($0) })
        #expect(packet.isMarked && packet.payloadType == 96 && packet.sequence == 0x1234)
        #expect(packet.timestamp == 3600 && packet.source == 0x0102_0304 && packet.payload == 12..<14)
        // Two sources, an extension of one word, three bytes of padding.
        let full: [UInt8] =
            [0xB2, 0x60, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2] + Array(repeating: 0, count: 8) + [0xBE, 0xDE, 0, 1, 9, 9, 9, 9]
            + [0x41, 7, 0, 0, 3]
        #expect(full.withUnsafeBytes { RTPPacket($0) }?.payload == 28..<30)
        for count in 0..<full.count { _ = full.prefix(count).withUnsafeBytes { RTPPacket($0) } }
        #expect(Array(plain.prefix(11)).withUnsafeBytes { RTPPacket($0) } == nil)
        #expect([UInt8](repeating: 0x40, count: 20).withUnsafeBytes { RTPPacket($0) } == nil, "version 1")
    }

    @Test("a sender report in a compound packet, and a goodbye")
    func reports() {
        let report: [UInt8] =
            [0x80, 200, 0, 6, 0, 0, 0, 9] + [0xE9, 0, 0, 1, 0x80, 0, 0, 0] + [0, 1, 0, 0]
            + Array(repeating: 0, count: 8)
        let names: [UInt8] = [0x81, 202, 0, 1, 0, 0, 0, 9]
        let found = (report + names).withUnsafeBytes { SenderReport.find(in: $0) }
        #expect(found == .report(SenderReport(source: 9, clock: 0xE900_0001_8000_0000, timestamp: 65_536)))
        #expect((report + [0x81, 203, 0, 1, 0, 0, 0, 9]).withUnsafeBytes { SenderReport.find(in: $0) } == .goodbye)
        #expect(Array(report.prefix(20)).withUnsafeBytes { SenderReport.find(in: $0) } == .nothing)
        let answer = ReceiverReport(
            own: 1, source: 9, highestSequence: 0x1_0002, lost: 3,
            report: SenderReport(source: 9, clock: 0xE900_0001_8000_0000, timestamp: 0), delay: 65_536
        ).bytes
        #expect(ReceiverReport.delay(.milliseconds(1500)) == 98_304)
        #expect(ReceiverReport.delay(.seconds(-1)) == 0)
        // A camera may report once and never again; 18 h are the most that the field holds.
        #expect(ReceiverReport.delay(.seconds(40 * 3600)) == .max && ReceiverReport.delay(.seconds(1 << 31)) == .max)
        #expect(answer.count == 32 && answer[24..<28] == [0, 1, 0x80, 0] && answer[28..<32] == [0, 1, 0, 0])
    }
}
