import Rules
import Scene

extension FenceReader {
    func readLine(_ section: ConfigurationSection) -> FenceRule.Watch? {
        let directions = section.value("direction", default: .any) { $0.choice(LineRule.Directions.self) }
        let line = section.required("points", example: "[[0.5,0.9],[0.5,0.2]]").flatMap(readCrossableLine)
        guard let line, let directions else { return nil }
        return .line(LineRule(line: line, directions: directions))
    }
}
