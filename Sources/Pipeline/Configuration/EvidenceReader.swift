import Evidence
import Scene

/// Reads what is kept of an alert besides its stills.
struct EvidenceReader {
    func read(_ node: ConfigurationNode) -> ClipSettings? {
        guard let section = ConfigurationSection(node, keys: ConfigurationKeys.evidence, noun: "a policy of evidence")
        else { return nil }
        return section.value("clips", default: ClipSettings(), readClips)
    }

    private func readClips(_ node: ConfigurationNode) -> ClipSettings? {
        guard let section = ConfigurationSection(node, keys: ConfigurationKeys.clips, noun: "a policy of clips")
        else { return nil }
        var settings = ClipSettings()
        let usual = settings.lengths
        let classes = section.value("classes", default: settings.classes, readClasses)
        let before = span("pre_s", usual.before, ClipSettings.beforeLimits, section)
        let after = span("post_s", usual.after, ClipSettings.afterLimits, section)
        let most = span("max_s", usual.most, ClipSettings.lengthLimits, section)
        let megabytes = section.value("max_megabytes", default: settings.megabytes) {
            $0.number(in: ClipSettings.megabyteLimits, unit: "megabytes")
        }
        let ring = section.value("ring_megabytes", default: settings.ringMegabytes) {
            $0.number(in: ClipSettings.ringLimits, unit: "megabytes")
        }
        let encoding = section.value("encode", default: settings.encoding) { $0.choice(ClipSettings.Encoding.self) }
        guard let classes, let before, let after, let most, let megabytes, let ring, let encoding else { return nil }
        guard most > before else {
            (section.optional("max_s") ?? node).complain(
                "a clip of \(most.seconds) s would end before the event; give max_s more than pre_s (\(before.seconds))"
            )
            return nil
        }
        settings.classes = classes
        settings.lengths = ClipWindow.Lengths(before: before, after: after, most: most)
        settings.megabytes = megabytes
        settings.ringMegabytes = ring
        settings.encoding = encoding
        return settings
    }

    private func readClasses(_ node: ConfigurationNode) -> Set<CameraClass>? {
        guard let nodes = node.elements(limit: CameraClass.allCases.count, noun: "classes") else { return nil }
        return allOrNil(nodes.map { $0.choice(CameraClass.self) }).map { Set($0) }
    }

    private func span(
        _ key: String, _ usual: MediaSpan, _ limits: ClosedRange<Double>, _ section: ConfigurationSection
    ) -> MediaSpan? {
        section.value(key, default: usual) { $0.number(in: limits, unit: "seconds").map { MediaSpan.seconds($0) } }
    }
}
