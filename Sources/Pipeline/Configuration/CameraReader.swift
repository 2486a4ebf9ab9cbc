import Ingest
import Media
import Scene
import Yams

/// Reads one camera.
struct CameraReader {
    let surroundings: ConfigurationSurroundings
    /// Nil where the site itself is wrong; the camera is then checked all the same.
    let site: SiteConfiguration.Site?
    let shelf: ScheduleShelf
    let decode: DecodeDefaults

    func read(_ node: ConfigurationNode) -> CameraConfiguration? {
        guard let section = ConfigurationSection(node, keys: ConfigurationKeys.camera, noun: "a camera")
        else { return nil }
        let id = section.required("id", example: "south-gate")?.plainName("a camera id").flatMap { CameraID($0) }
        let place = readPlace(section, id: id)
        let address = section.required("url", example: "rtsp://192.0.2.7:554/stream1").flatMap(readAddress)
        let evidence = section.optional("evidence_url").flatMap { readEvidence($0, beside: address) }
        let transport = section.value("transport", default: .tcp) { $0.choice(StreamTransport.self) }
        let mode = section.value("decode", default: place.map(usualMode) ?? .strict) { $0.choice(DecodeMode.self) }
        let rates = CameraConfiguration.analysisRates
        let rate = section.value("analysis_fps", default: 8) { $0.number(in: rates, unit: "frames a second") }
        let model = readModel(section)
        let masks = section.value("privacy_masks", default: [], readPrivacyMasks)
        let ignoreMasks = section.value("ignore_masks", default: [], readIgnoreMasks)
        let perspective = PerspectiveReader.Reading(section.optional("perspective"))
        let rules = section.value(
            "fences", default: [],
            FenceReader(
                ground: Self.ground(perspective),
                masks: named("privacy_masks", masks, section) + named("ignore_masks", ignoreMasks, section)
            ).readAll)
        let duties = section.value("fences", default: [:], DutyReader(shelf: shelf).readAll)
        guard let id, let place, let address, let transport, let mode, let rate, let model, let masks,
            let ignoreMasks, let rules, let duties, case .right(let perspective) = perspective
        else { return nil }
        return CameraConfiguration(
            id: id, place: place, address: address, evidenceAddress: evidence, transport: transport, decode: mode,
            quietSpan: decode.quietSpan, analysisRate: rate, model: model, privacyMasks: masks,
            ignoreMasks: ignoreMasks, perspective: perspective, rules: rules,
            duties: duties)
    }

    private func readPlace(_ section: ConfigurationSection, id: CameraID?) -> CameraPlace? {
        let name = section.value("name", default: id?.text) { $0.text() }
        let cameraClass = section.value("class", default: .c) { $0.choice(CameraClass.self) }
        let grid = section.optional("grid")?.text(limit: 64)
        let gbID = section.optional("gb_id").flatMap(readGBID)
        let location = section.optional("location").flatMap(readLocation)
        guard let name, let cameraClass, let site else { return nil }
        return CameraPlace(
            site: site.id, area: site.area, grid: grid, gbID: gbID, location: location,
            cameraName: name, cameraClass: cameraClass)
    }

    /// GB/T 28181 device id: 20 decimal digits.
    private func readGBID(_ node: ConfigurationNode) -> String? {
        guard let text = node.text() else { return nil }
        guard text.utf8.count == 20, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else {
            node.complain("\(node.shown) is not a GB/T 28181 id; give its 20 digits")
            return nil
        }
        return text
    }

    private func readLocation(_ node: ConfigurationNode) -> [Double]? {
        guard case .sequence(let pair) = node.node, pair.count == 2,
            let longitude = ConfigurationNode(node: pair[0], path: node.path, log: node.log).plainNumber,
            let latitude = ConfigurationNode(node: pair[1], path: node.path, log: node.log).plainNumber
        else {
            node.complain("\(node.shown) is not a location; give [longitude, latitude] in degrees")
            return nil
        }
        guard (-180...180).contains(longitude), (-90...90).contains(latitude) else {
            node.complain(
                "\(node.shown) is outside -180…180, -90…90; give [longitude, latitude] in degrees, longitude first")
            return nil
        }
        return [longitude, latitude]
    }

    /// `rtsp://`, `rtsps://`, or a recorded file as `file:///…` or a path. The value never goes into a problem,
    /// because it may hold a password; its scheme may.
    private func readAddress(_ node: ConfigurationNode) -> StreamAddress? {
        guard let text = node.text(limit: 2048),
            let value = surroundings.resolved(text, at: node, standIn: "rtsp://unset.invalid/")
        else { return nil }
        let address = StreamAddress(value)
        switch address.scheme {
        case "rtsp", "rtsps":
            guard value.drop(while: { $0 != ":" }).dropFirst("://".count).first.map({ $0 != "/" }) ?? false else {
                node.complain("has no host; give rtsp://host:port/path")
                return nil
            }
            return address
        case "file":
            return StreamAddress(surroundings.absolutePath(String(value.dropFirst("file://".count))))
        case let scheme?:
            node.complain("the scheme \(scheme.prefix(16)) is not supported; use rtsp, rtsps or the path of a file")
            return nil
        case nil:
            guard !value.contains("@") || value.hasPrefix("/") || value.hasPrefix("./") else {
                node.complain("has no scheme; begin it with rtsp:// (or ./ for a file)")
                return nil
            }
            return StreamAddress(surroundings.absolutePath(value))
        }
    }

    /// A second stream of the same camera. A recorded file has no clock in common with anything.
    private func readEvidence(_ node: ConfigurationNode, beside analysed: StreamAddress?) -> StreamAddress? {
        guard let address = readAddress(node) else { return nil }
        guard address.filePath == nil else {
            node.complain("is a recorded file; give the camera's other stream as rtsp:// or leave it out")
            return nil
        }
        if analysed?.filePath != nil {
            node.complain("stands beside a recorded file in url, which has no second stream; leave it out")
            return nil
        }
        if analysed?.revealed == address.revealed {
            node.complain("is the same as url; give the camera's other stream or leave it out")
            return nil
        }
        return address
    }

    private func usualMode(_ place: CameraPlace) -> DecodeMode { decode.modes[place.cameraClass] ?? .strict }

    private func readModel(_ section: ConfigurationSection) -> String? {
        let node = section.optional("model")
        guard let name = section.value("model", default: "visible", { $0.text(limit: 64) }) else { return nil }
        guard surroundings.modelNames.contains(name) else {
            let known = surroundings.modelNames.sorted().joined(separator: ", ")
            let shown = node?.shown ?? "visible (the default)"
            (node ?? section.node).complain("\(shown) is not a model; known: \(known.isEmpty ? "none" : known)")
            return nil
        }
        return name
    }

    private func readPrivacyMasks(_ node: ConfigurationNode) -> [Polygon]? {
        readMasks(node, limit: CameraConfiguration.privacyMaskLimit, noun: "privacy mask")
    }

    private func readIgnoreMasks(_ node: ConfigurationNode) -> [Polygon]? {
        readMasks(node, limit: CameraConfiguration.ignoreMaskLimit, noun: "ignore mask")
    }

    private func readMasks(_ node: ConfigurationNode, limit: Int, noun: String) -> [Polygon]? {
        guard let nodes = node.elements(limit: limit, noun: "\(noun)s") else { return nil }
        return allOrNil(nodes.map { readPolygon($0, noun: (noun == "ignore mask" ? "an " : "a ") + noun) })
    }

    /// The masks with their places in the file; none where one of them is wrong.
    private func named(_ key: String, _ masks: [Polygon]?, _ section: ConfigurationSection) -> [FenceReader.Mask] {
        (masks ?? []).enumerated().map { index, mask in
            FenceReader.Mask(path: "\(section.node.path).\(key)[\(index)]", area: mask)
        }
    }

    /// A perspective that is wrong has its own problem; the fences are then read as if it were right.
    private static func ground(_ reading: PerspectiveReader.Reading) -> FenceReader.Ground {
        switch reading {
        case .wrong: .heightsAndSpeeds
        case .right(nil): .nothing
        case .right(let perspective?):
            perspective.horizon != nil && perspective.verticalViewDegrees != nil ? .heightsAndSpeeds : .heights
        }
    }
}
