import Delivery

extension SinkReader {
    func readFile(_ section: ConfigurationSection) -> SinkConfiguration.Target? {
        let path = section.required("path", example: "alerts.jsonl")?.text(limit: 1024)
        let megabytes = section.value("max_megabytes", default: 100) {
            $0.integer(in: 1...100_000, unit: "megabytes")
        }
        guard let path, let megabytes else { return nil }
        return .file(FileTarget(path: surroundings.absolutePath(path), rotateBytes: megabytes << 20))
    }
}
