/// The measurements of all scenes, for people and for programs.
struct VisionReport {
    /// Name and first digits of the hash.
    let model: String
    let measurements: [VisionMeasurement]

    var table: String {
        let heading =
            "scene                    size      set       pictures  tracks   mean ms  median ms  95 % ms"
            + "   downsample background morphology    rest   digest"
        let rows = measurements.map { row in
            let times = [row.mean, row.median, row.percentile95].map { right(milliseconds($0), 10) }
            let stages = row.stages.map { right(milliseconds($0), 10) }
            return left(row.scene, 25) + left("\(row.size)", 10) + left(row.set, 10) + right("\(row.pictures)", 8)
                + right("\(row.trackCount)", 8) + times.joined() + "  " + stages.joined() + "   "
                + String(row.digest, radix: 16)
        }
        let sets = measurements.map { "\($0.scene): the same on \($0.agreeingSets.joined(separator: ", "))" }
        return ([heading] + rows + sets + ["model \(model); stages are of a round of their own, the clock included"])
            .joined(separator: "\n")
    }

    var json: String {
        let scenes = measurements.map { row in
            let rounds = row.roundMeans.map(milliseconds).joined(separator: ", ")
            let sets = row.agreeingSets.map { "\"\($0)\"" }.joined(separator: ", ")
            let stages = zip(StageClock.Stage.allCases, row.stages).map { "\"\($0)\": \(milliseconds($1))" }
            return """
                  {"scene": \(quoted(row.scene)), "size": "\(row.size)", "set": "\(row.set)", \
                "pictures": \(row.pictures), "warm_up": \(row.warmUp), "tracks": \(row.trackCount), \
                "mean_ms": \(milliseconds(row.mean)), "median_ms": \(milliseconds(row.median)), \
                "p95_ms": \(milliseconds(row.percentile95)), "round_mean_ms": [\(rounds)], \
                "stages_ms": {\(stages.joined(separator: ", "))}, "digest": "\(String(row.digest, radix: 16))", \
                "sets_agree": [\(sets)], "problems": [\(row.problems.map(quoted).joined(separator: ", "))]}
                """
        }
        return "{\"model\": \"\(model)\", \"scenes\": [\n\(scenes.joined(separator: ",\n"))\n]}"
    }

    private func milliseconds(_ value: Double) -> String { String((value * 10_000).rounded() / 10_000) }

    private func left(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }

    private func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(1, width - text.count)) + text
    }

    private func quoted(_ text: String) -> String {
        let escaped = text.unicodeScalars.map { scalar -> String in
            switch scalar {
            case "\"", "\\": "\\\(scalar)"
            case _ where scalar.value < 0x20: "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: String(scalar)
            }
        }
        return "\"\(escaped.joined())\""
    }
}
