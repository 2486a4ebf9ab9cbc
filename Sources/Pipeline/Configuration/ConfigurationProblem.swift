/// One thing that is wrong in a configuration file, told so that the operator can mend it.
package struct ConfigurationProblem: Hashable, Sendable {
    /// From 1; nil where the whole file is meant.
    package let line: Int?
    /// Such as `cameras[0].fences[1].points[0]`; empty for the whole file.
    package let path: String
    /// What is wrong with which value, what is allowed, what to do. Never a secret.
    package let text: String

    package init(line: Int?, path: String, text: String) {
        self.line = line
        self.path = path
        self.text = text
    }
}

/// A configuration that cannot be used, with everything that is wrong in it.
package struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// As the operator named it, for example `site.yaml`.
    package let file: String
    /// By line, at least one.
    package let problems: [ConfigurationProblem]

    package init(file: String, problems: [ConfigurationProblem]) {
        self.file = file
        self.problems = problems
    }

    /// One problem a line: `site.yaml:12: cameras[0].fences[1].points[0]: [2,2] is outside 0…1; give shares of …`.
    package var lines: [String] {
        problems.map { problem in
            let place = problem.line.map { "\(file):\($0)" } ?? file
            return problem.path.isEmpty ? "\(place): \(problem.text)" : "\(place): \(problem.path): \(problem.text)"
        }
    }

    package var description: String { lines.joined(separator: "\n") }
}

/// Collects the problems of one reading. Bounded: a file of nonsense is not answered with a book.
final class ProblemLog {
    static let limit = 200

    private var collected: [ConfigurationProblem] = []
    private var leftOut = 0

    var isEmpty: Bool { collected.isEmpty }

    func add(line: Int?, path: String, _ text: String) {
        guard collected.count < Self.limit else {
            leftOut += 1
            return
        }
        collected.append(ConfigurationProblem(line: line, path: path, text: text))
    }

    /// By line; problems of one line stay in the order in which they were found.
    var sorted: [ConfigurationProblem] {
        let order = collected.enumerated().sorted { left, right in
            (left.element.line ?? 0, left.offset) < (right.element.line ?? 0, right.offset)
        }
        let problems = order.map(\.element)
        guard leftOut > 0 else { return problems }
        return problems + [ConfigurationProblem(line: nil, path: "", text: "\(leftOut) more problems are not listed")]
    }
}
