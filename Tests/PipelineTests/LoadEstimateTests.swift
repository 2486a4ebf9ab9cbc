import Foundation
import Ingest
import Scene
import TestSupport
import Testing

@testable import Pipeline

@Suite("What cameras cost")
struct LoadEstimateTests {
    private let d1 = DecodeCost.Stream(codec: "h264", size: PictureSize(width: 704, height: 576), rate: 25)

    @Test("the table rises with size, rate and codec, and dense is far below strict")
    func table() {
        func cost(_ stream: DecodeCost.Stream, _ mode: DecodeMode = .strict, _ analysisRate: Double = 8) -> Double {
            DecodeCost.prior(stream, mode: mode, analysisRate: analysisRate)
        }
        var hevc = d1, large = d1, slow = d1
        hevc.codec = "hevc"
        large.size = PictureSize(width: 1920, height: 1080)
        slow.rate = 5
        #expect(cost(hevc) > cost(d1) && cost(large) > 3 * cost(d1) && cost(slow) < cost(d1) / 3)
        #expect(cost(d1, .strict, 25) > cost(d1, .strict, 5))
        // What is measured in Benchmarks/Records: a full decode of this stream takes about 36 ms a second.
        #expect((0.03...0.06).contains(cost(d1)) && (0.004...0.012).contains(cost(d1, .dense)))
        for mode in [DecodeMode.strict, .dense] {
            let shares = LoadStep.allCases.map { DecodeCost.share(at: $0, mode: mode) }
            #expect(shares == shares.sorted(by: >) && shares[0] == 1)
        }
    }

    private func site(_ count: Int, decode: DecodeMode = .strict) -> [CameraConfiguration] {
        (0..<count).map { index in
            CameraConfiguration(
                id: CameraID("c\(index)")!,
                place: CameraPlace(
                    site: "1", area: nil, grid: nil, gbID: nil, location: nil, cameraName: "c", cameraClass: .c),
                address: StreamAddress("rtsp://127.0.0.1/c"), decode: decode, model: "visible")
        }
    }

    @Test("a list that is too much says so, with both numbers and what to do")
    func sentence() {
        let tooMuch = LoadEstimate(site(60), cores: 8, records: [:])
        #expect(tooMuch.isTooMuch && tooMuch.count(.table) == 60)
        #expect(
            tooMuch.sentence.hasPrefix(
                "this list needs \(String(format: "%.1f", tooMuch.needed)) cores, this machine has 8.0 (60 by the table); "
                    + "load will be shed, class C first; to do: decode: dense for all of them would need "),
            "\(tooMuch.sentence)")
        let fits = LoadEstimate(site(2), cores: 8, records: [:])
        #expect(!fits.isTight && fits.sentence.hasSuffix("this machine has 8.0 (2 by the table)"), "\(fits.sentence)")
        #expect(!LoadEstimate(site(60, decode: .dense), cores: 8, records: [:]).sentence.contains("decode: dense"))
    }

    @Test("what was measured counts before what was recorded, and that before the table")
    func sources() {
        let cameras = site(4)
        let record = CostRecord(d1, mode: .strict, cores: 0.5)
        let records = [
            cameras[0].id: record, cameras[1].id: record, cameras[2].id: CostRecord(d1, mode: .dense, cores: 0.01)
        ]
        let estimate = LoadEstimate(cameras, cores: 8, records: records, measured: [cameras[0].id: 0.03])
        #expect(estimate.cameras.map(\.source) == [.measured, .recorded, .table, .table])
        #expect(estimate.cameras.prefix(2).map(\.cores) == [0.03, 0.5])
        // Of another mode the record still says what the stream is.
        #expect(estimate.cameras[2].cores == DecodeCost.prior(d1, mode: .strict, analysisRate: 8))
        #expect(estimate.cameras[3].cores == DecodeCost.prior(.usual, mode: .strict, analysisRate: 8))
    }

    @Test("records are kept in the data folder; a damaged file counts as none")
    func records() throws {
        let scratch = try ScratchFolder()
        #expect(CostRecords.read(folder: scratch.path).isEmpty)
        let records = [CameraID("gate")!: CostRecord(d1, mode: .dense, cores: 0.0052)]
        try CostRecords.write(records, folder: scratch.path)
        #expect(CostRecords.read(folder: scratch.path) == records)
        for text in ["", "[]", "{\"gate\":{\"codec\":\"h264\"}}"] {
            try Files.write(Array(text.utf8), to: scratch.file(CostRecords.fileName))
            #expect(CostRecords.read(folder: scratch.path).isEmpty)
        }
        let strange =
            "{\"gate\":{\"codec\":\"h264\",\"width\":-1,\"height\":5,\"rate\":25,\"mode\":\"dense\",\"cores\":1}}"
        try Files.write(Array(strange.utf8), to: scratch.file(CostRecords.fileName))
        #expect(CostRecords.read(folder: scratch.path).isEmpty)
    }

    @Test("the quota of a control group is a limit")
    func quota() {
        #expect(ProcessorAllowance.share("150000 100000") == 1.5)
        #expect(ProcessorAllowance.share("max 100000\n") == nil && ProcessorAllowance.share("-1\n 100000\n") == nil)
        #expect(ProcessorAllowance.share("") == nil && ProcessorAllowance.cores > 0)
    }
}

@Suite("Measuring what cameras cost")
struct LoadMeterTests {
    private let gate = CameraID("gate")!

    /// Seconds of a camera that uses `cores` and lets go of `leftOut` of its 25 packets a second.
    private func meter(
        seconds: Int, cores: Double, leftOut: Int64 = 0, step: LoadStep = .full, from meter: LoadMeter = LoadMeter(),
        start: Int = 0
    ) -> LoadMeter {
        var meter = meter
        for second in start...(start + seconds) {
            meter.follow(
                [
                    gate: LoadMeter.Sample(
                        processorMicroseconds: Int64(Double(second) * cores * 1e6), packets: Int64(second) * 25,
                        leftOut: Int64(second) * leftOut, step: step)
                ], at: .seconds(second))
        }
        return meter
    }

    @Test("the thread's own time, once it has run for a while")
    func plain() throws {
        #expect(meter(seconds: 10, cores: 0.1).fullCores.isEmpty)
        let measured = try #require(meter(seconds: 60, cores: 0.1).fullCores[gate])
        #expect(abs(measured - 0.1) < 0.001)
    }

    @Test("what is let go of would cost as much again")
    func leftOut() throws {
        let measured = try #require(meter(seconds: 60, cores: 0.1, leftOut: 15).fullCores[gate])
        #expect(abs(measured - 0.25) < 0.001)
    }

    @Test("while load is shed the cost of all of it stays what it was")
    func shed() throws {
        let before = meter(seconds: 60, cores: 0.1)
        let after = meter(seconds: 60, cores: 0.1, leftOut: 24, step: .keyframes, from: before, start: 61)
        #expect(after.fullCores == before.fullCores)
        #expect(abs(after.measures[gate]!.usedCores - 0.1) < 0.001)
    }

    @Test("a camera that was started anew, or is gone, begins again")
    func anew() {
        var measured = meter(seconds: 60, cores: 0.1)
        measured.follow(
            [gate: LoadMeter.Sample(processorMicroseconds: 5, packets: 1, leftOut: 0)], at: .seconds(100))
        #expect(measured.fullCores.isEmpty && measured.measures[gate]?.usedCores == 0)
        measured.follow([:], at: .seconds(101))
        #expect(measured.measures.isEmpty)
    }
}
