import Delivery
import Foundation
import Ingest
import Scene
import Yams

/// Reads the outermost mapping and what concerns the whole site. Cameras, fences and sinks have files of their own.
struct SiteReader {
    let surroundings: ConfigurationSurroundings

    func read(_ root: ConfigurationNode) -> SiteConfiguration? {
        guard let section = ConfigurationSection(root, keys: ConfigurationKeys.root, noun: "a configuration")
        else { return nil }
        let site = section.required("site", example: "{ id: \"530302\", name: 麒麟区 }").flatMap(readSite)
        let data = section.value("data", default: "./data") { $0.text(limit: 1024) }
        let listen = section.value(
            "listen", default: SiteConfiguration.ListenAddress(host: "127.0.0.1", port: 8600), readListen)
        let retention = section.value(
            "retention", default: SiteConfiguration.Retention(), readRetention)
        let shelf = readShelf(section, timezone: site?.timezone)
        let decode = section.value("decode", default: DecodeDefaults(), readDecode)
        let clips = section.value("evidence", default: ClipSettings(), EvidenceReader().read)
        let load = section.value("load", default: LoadPolicy(), readLoad)
        let cameras = section.required("cameras", example: "[{ id: gate, url: rtsp://… }]")
            .flatMap {
                readCameras($0, site: site, shelf: shelf ?? ScheduleShelf(), decode: decode ?? DecodeDefaults())
            }
        let sinks = section.value("sinks", default: [], readSinks)
        guard let site, let data, let listen, let retention, shelf != nil, let decode, let clips, let load, let cameras,
            let sinks
        else { return nil }
        return SiteConfiguration(
            site: site, dataFolder: surroundings.absolutePath(data), listen: listen, retention: retention,
            decode: decode, clips: clips, load: load, cameras: cameras, sinks: sinks)
    }

    /// Day lists, and the schedules that name them.
    private func readShelf(_ section: ConfigurationSection, timezone: String?) -> ScheduleShelf? {
        var shelf = ScheduleShelf()
        if let timezone, let calendar = SiteCalendar(identifier: timezone) { shelf.calendar = calendar }
        guard let dayLists = section.value("day_lists", default: [:], DayListReader().readAll) else { return nil }
        shelf.dayLists = dayLists
        guard
            let schedules = section.value("schedules", default: [:], ScheduleReader(shelf: shelf).readAll)
        else { return nil }
        shelf.schedules = schedules
        return shelf
    }

    private func readSite(_ node: ConfigurationNode) -> SiteConfiguration.Site? {
        guard let section = ConfigurationSection(node, keys: ConfigurationKeys.site, noun: "a site") else { return nil }
        let id = section.required("id", example: "\"530302\"")?.plainName("a site id")
        let name = section.value("name", default: id) { $0.text() }
        let area = section.optional("area")?.text()
        let timezone = section.value("timezone", default: "UTC", readTimezone)
        let language = section.value("language", default: .zh) { $0.choice(SiteConfiguration.Language.self) }
        guard let id, let name, let timezone, let language else { return nil }
        return SiteConfiguration.Site(
            id: id, name: name, area: area, timezone: timezone, language: language)
    }

    private func readTimezone(_ node: ConfigurationNode) -> String? {
        guard let name = node.text(limit: 64) else { return nil }
        guard name == "UTC" || name.contains("/"), TimeZone(identifier: name) != nil else {
            node.complain("\(node.shown) is not a known time zone; give one like Asia/Shanghai or UTC")
            return nil
        }
        return name
    }

    /// `127.0.0.1:8600`, `localhost:8600` or `[::1]:8600`.
    private func readListen(_ node: ConfigurationNode) -> SiteConfiguration.ListenAddress? {
        guard let text = node.text() else { return nil }
        let form = "give host:port, for example 127.0.0.1:8600"
        guard let colon = text.lastIndex(of: ":"), colon > text.startIndex else {
            node.complain("\(node.shown) has no port; \(form)")
            return nil
        }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
        } else if host.contains(":") {
            node.complain("\(node.shown) is ambiguous; write an IPv6 address in brackets: [::1]:8600")
            return nil
        }
        let digits = text[text.index(after: colon)...]
        guard !host.isEmpty, digits.allSatisfy(\.isASCII), let port = Int(digits), (1...65_535).contains(port) else {
            node.complain("\(node.shown) is not an address; \(form), port 1…65535")
            return nil
        }
        return SiteConfiguration.ListenAddress(host: host, port: port)
    }

    private func readRetention(_ node: ConfigurationNode) -> SiteConfiguration.Retention? {
        guard let section = ConfigurationSection(node, keys: ConfigurationKeys.retention, noun: "a retention")
        else { return nil }
        let days = section.value("days", default: 30) { $0.integer(in: 1...3650, unit: "days") }
        let gigabytes = section.value("gigabytes", default: 20) {
            $0.number(in: 0.1...1_000_000, unit: "gigabytes")
        }
        guard let days, let gigabytes else { return nil }
        return SiteConfiguration.Retention(days: days, gigabytes: gigabytes)
    }

    private func readDecode(_ node: ConfigurationNode) -> DecodeDefaults? {
        guard
            let section = ConfigurationSection(node, keys: ConfigurationKeys.decode, noun: "a policy of decoding")
        else { return nil }
        var defaults = DecodeDefaults()
        var isRight = true
        for cameraClass in CameraClass.allCases {
            guard let node = section.optional(cameraClass.rawValue) else { continue }
            defaults.modes[cameraClass] = node.choice(DecodeMode.self)
            if defaults.modes[cameraClass] == nil { isRight = false }
        }
        let quiet = section.value("quiet_s", default: defaults.quietSpan) {
            $0.number(in: DecodeDefaults.quietSpans, unit: "seconds").map { MediaSpan.seconds($0) }
        }
        let wakes = section.value("wakes", default: .some(nil)) {
            $0.integer(in: DecodeDefaults.wakeLimits, unit: "cameras").map { Int?.some($0) }
        }
        guard isRight, let quiet, let wakes else { return nil }
        defaults.quietSpan = quiet
        defaults.wakes = wakes
        return defaults
    }

    private func readLoad(_ node: ConfigurationNode) -> LoadPolicy? {
        guard let section = ConfigurationSection(node, keys: ConfigurationKeys.load, noun: "a policy of load")
        else { return nil }
        var policy = LoadPolicy()
        let shed = section.value("shed", default: policy.shed) { $0.choice(LoadPolicy.Shedding.self) }
        let cores = section.value("cores", default: .some(nil)) {
            $0.number(in: LoadPolicy.coreCounts, unit: "cores").map { Double?.some($0) }
        }
        guard let shed, let cores else { return nil }
        policy.shed = shed
        policy.cores = cores
        return policy
    }

    private func readCameras(
        _ node: ConfigurationNode, site: SiteConfiguration.Site?, shelf: ScheduleShelf, decode: DecodeDefaults
    ) -> [CameraConfiguration]? {
        guard let nodes = node.elements(limit: SiteConfiguration.cameraLimit, noun: "cameras") else { return nil }
        guard !nodes.isEmpty else {
            node.complain("is empty; give at least one camera")
            return nil
        }
        let reader = CameraReader(surroundings: surroundings, site: site, shelf: shelf, decode: decode)
        refuseRepeatedIDs(nodes, noun: "cameras")
        return allOrNil(nodes.map(reader.read))
    }

    private func readSinks(_ node: ConfigurationNode) -> [SinkConfiguration]? {
        guard let nodes = node.elements(limit: SiteConfiguration.sinkLimit, noun: "sinks") else { return nil }
        let reader = SinkReader(surroundings: surroundings)
        refuseRepeatedIDs(nodes, noun: "sinks")
        return allOrNil(nodes.map(reader.read))
    }
}

extension ConfigurationSurroundings {
    /// A path of the configuration as an absolute one; relative paths start at the file's folder.
    func absolutePath(_ path: String) -> String {
        URL(fileURLWithPath: path, relativeTo: URL(fileURLWithPath: folder, isDirectory: true))
            .standardizedFileURL.path
    }

    /// The value itself, or what the environment holds where it is written `env:NAME`.
    ///
    /// - Parameter standIn: taken where the variable is not set and the reader does not mind.
    func resolved(_ text: String, at node: ConfigurationNode, standIn: String) -> String? {
        guard text.hasPrefix("env:") else { return text }
        let name = String(text.dropFirst("env:".count))
        let isName = !name.isEmpty && name.utf8.count <= 128 && !(name.first?.isNumber ?? true)
        guard isName, name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }) else {
            node.complain("the name after env: is not one of an environment variable; use letters, digits and _")
            return nil
        }
        guard let value = environment(name), !value.isEmpty else {
            if let noteMissingVariable {
                noteMissingVariable(name)
                return standIn
            }
            node.complain("the environment variable \(name) is not set; set it for the daemon's user or service")
            return nil
        }
        return value
    }
}

extension ConfigurationNode {
    /// An id that may stand in paths, subjects and metric labels.
    func plainName(_ noun: String) -> String? {
        guard let text = text() else { return nil }
        guard CameraID(text) != nil else {
            complain("\(shown) is not \(noun); use 1…64 of A–Z a–z 0–9 . _ - and do not begin with a dot")
            return nil
        }
        return text
    }
}

/// Records a problem at every element whose `id` an earlier one has, also where either has other problems.
func refuseRepeatedIDs(_ nodes: [ConfigurationNode], noun: String) {
    var firstPlaces: [String: ConfigurationNode] = [:]
    for node in nodes {
        guard let idNode = node.node.mapping?["id"], let id = idNode.scalar?.string else { continue }
        guard let first = firstPlaces[id] else {
            firstPlaces[id] = node
            continue
        }
        let shown = id.count <= 64 ? id : String(id.prefix(63)) + "…"
        node.log.add(
            line: idNode.mark?.line, path: "\(node.path).id",
            "\(shown) is already the id of \(first.path); give the \(noun) different ids")
    }
}

/// All values, or nil where one is missing (its problem has been recorded).
func allOrNil<Value>(_ values: [Value?]) -> [Value]? {
    let present = values.compactMap { $0 }
    return present.count == values.count ? present : nil
}
