import Foundation
package import Ingest
package import Scene

/// How many cores a list of cameras needs, and what that means for a machine.
package struct LoadEstimate: Hashable, Sendable {
    /// Where a camera's figure is from.
    package enum Source: String, Hashable, Sendable, Codable {
        /// Its own thread, in this run of the daemon.
        case measured
        /// Its own thread, in an earlier run.
        case recorded
        /// The table of ``DecodeCost``.
        case table
    }

    package struct Camera: Hashable, Sendable {
        package var id: CameraID
        package var cores: Double
        package var source: Source
        /// What it would cost if it were dense, by the table's ratio; the same for one that is.
        package var coresIfDense: Double
    }

    package var cameras: [Camera]
    /// Cores that may be used.
    package var cores: Double

    /// Cores above which a machine has nothing left for what comes at once (a stir before every camera, other work).
    package static let comfort = 0.85

    /// - Parameters:
    ///   - records: what is known of cameras that have run, by id; those of another stream or mode are not used.
    ///   - measured: cores by the thread of each running camera.
    package init(
        _ configured: [CameraConfiguration], cores: Double, records: [CameraID: CostRecord],
        measured: [CameraID: Double] = [:]
    ) {
        self.cores = cores
        cameras = configured.map { camera in
            let record = records[camera.id]
            let stream = record?.stream ?? .usual
            let table = DecodeCost.prior(stream, mode: camera.decode, analysisRate: camera.analysisRate)
            let dense = DecodeCost.prior(stream, mode: .dense, analysisRate: camera.analysisRate)
            var (own, source) = (table, Source.table)
            if let now = measured[camera.id] {
                (own, source) = (now, .measured)
            } else if let record, record.fits(camera) {
                (own, source) = (record.cores, .recorded)
            }
            return Camera(
                id: camera.id, cores: own, source: source, coresIfDense: table > 0 ? own * min(1, dense / table) : own)
        }
    }

    package var needed: Double { cameras.reduce(0) { $0 + $1.cores } }
    package var neededIfDense: Double { cameras.reduce(0) { $0 + $1.coresIfDense } }
    package var isTooMuch: Bool { needed > cores }
    package var isTight: Bool { needed > cores * Self.comfort }

    package func count(_ source: Source) -> Int { cameras.count { $0.source == source } }

    /// "this list needs 9.4 cores, this machine has 8; …what to do"
    package var sentence: String {
        let head = "this list needs \(Self.short(needed)) cores, this machine has \(Self.short(cores))"
        guard isTight else { return "\(head) (\(basis))" }
        var advice: [String] = []
        if neededIfDense < needed * 0.95 {
            advice.append("decode: dense for all of them would need \(Self.short(neededIfDense))")
        }
        advice.append("give cameras a smaller sub-stream or fewer pictures a second")
        advice.append("share them between machines")
        let verdict = isTooMuch ? "load will be shed, class C first" : "little is left for what comes at once"
        return "\(head) (\(basis)); \(verdict); to do: \(advice.joined(separator: ", or "))"
    }

    private var basis: String {
        [("measured", count(.measured)), ("measured earlier", count(.recorded)), ("by the table", count(.table))]
            .filter { $0.1 > 0 }.map { "\($0.1) \($0.0)" }.joined(separator: ", ")
    }

    static func short(_ cores: Double) -> String {
        String(format: cores < 0.95 ? "%.2g" : "%.1f", cores)
    }
}

/// What a camera has cost, kept over restarts beside the journal.
package struct CostRecord: Hashable, Sendable, Codable {
    package var codec: String
    package var width: Int
    package var height: Int
    /// Pictures a second.
    package var rate: Double
    package var mode: DecodeMode
    package var cores: Double

    package init(_ stream: DecodeCost.Stream, mode: DecodeMode, cores: Double) {
        codec = stream.codec
        (width, height) = (stream.size.width, stream.size.height)
        rate = stream.rate
        self.mode = mode
        self.cores = cores
    }

    package var stream: DecodeCost.Stream {
        DecodeCost.Stream(codec: codec, size: PictureSize(width: width, height: height), rate: rate)
    }

    /// Whether it is still what the camera is asked to do.
    func fits(_ camera: CameraConfiguration) -> Bool { mode == camera.decode }
}

/// The records of a site, one file in the data folder. It saves guessing and nothing else: a file that cannot be read
/// counts as none.
package enum CostRecords {
    package static let fileName = "decode-cost.json"
    /// 512 cameras need a tenth of it.
    private static let sizeLimit = 1 << 20

    package static func read(folder: String) -> [CameraID: CostRecord] {
        let path = URL(fileURLWithPath: folder).appendingPathComponent(fileName)
        guard let data = try? Data(contentsOf: path), data.count <= sizeLimit,
            let records = try? JSONDecoder().decode([String: CostRecord].self, from: data)
        else { return [:] }
        return Dictionary(
            uniqueKeysWithValues: records.compactMap { name, record in
                let isSane = record.cores.isFinite && record.cores >= 0 && record.width > 0 && record.height > 0
                return isSane ? CameraID(name).map { ($0, record) } : nil
            })
    }

    /// - Throws: what Foundation throws where the folder cannot be written.
    package static func write(_ records: [CameraID: CostRecord], folder: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        let named = Dictionary(uniqueKeysWithValues: records.map { ($0.key.text, $0.value) })
        try encoder.encode(named).write(
            to: URL(fileURLWithPath: folder).appendingPathComponent(fileName), options: .atomic)
    }
}

extension SiteConfiguration {
    /// What the site's cameras need here, before any of them has run in this process: for `snowline check` and the start.
    package func loadEstimate() -> LoadEstimate {
        LoadEstimate(cameras, cores: coreBudget, records: CostRecords.read(folder: dataFolder))
    }

    /// Cores that the site may use.
    package var coreBudget: Double { load.cores ?? ProcessorAllowance.cores }
}

/// How many cores this process may use: the processors it may run on, or less where its control group has a quota.
package enum ProcessorAllowance {
    package static var cores: Double {
        let processors = Double(ProcessInfo.processInfo.activeProcessorCount)
        return min(processors, quota ?? processors)
    }

    /// Of the control group (version 2, then 1) as a container or a unit's `CPUQuota` sees it.
    private static var quota: Double? {
        let own = (try? String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8)) ?? ""
        let group = own.split(separator: "\n").first { $0.hasPrefix("0::") }.map { String($0.dropFirst(3)) } ?? ""
        for folder in ["/sys/fs/cgroup\(group)", "/sys/fs/cgroup"] {
            if let text = try? String(contentsOfFile: folder + "/cpu.max", encoding: .utf8) { return share(text) }
        }
        let former = "/sys/fs/cgroup/cpu/cpu.cfs_"
        guard let quota = try? String(contentsOfFile: former + "quota_us", encoding: .utf8),
            let period = try? String(contentsOfFile: former + "period_us", encoding: .utf8)
        else { return nil }
        return share(quota + " " + period)
    }

    /// "150000 100000" is one and a half; "max 100000" and "-1 100000" are no quota.
    static func share(_ text: String) -> Double? {
        let values = text.split(whereSeparator: \.isWhitespace).map { Double($0) }
        guard values.count == 2, let quota = values[0], let period = values[1], quota > 0, period > 0 else {
            return nil
        }
        return quota / period
    }
}
