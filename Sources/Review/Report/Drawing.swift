import Foundation

/// Colours that stay apart for colour-blind readers (Okabe and Ito, "Color Universal Design", 2008); every mark has a
/// shape or a word besides.
package enum Tone: String, Hashable, Sendable, CaseIterable {
    case blue = "#0072b2"
    case vermilion = "#d55e00"
    case green = "#009e73"
    case purple = "#aa4a86"
    case amber = "#b87a00"
    case grey = "#8a8f98"
}

/// A scale of a plot: its name, its range and where it is marked.
package struct Axis: Hashable, Sendable {
    package let name: Bilingual
    package let range: ClosedRange<Double>

    /// - Parameter range: widened where it is a point, so that a plot of one value can be drawn.
    package init(_ name: Bilingual, _ range: ClosedRange<Double>) {
        self.name = name
        let isPoint = !(range.upperBound > range.lowerBound)
        self.range = isPoint ? range.lowerBound...(range.lowerBound + 1) : range
    }

    /// Four to nine round places (1, 2 or 5 times a power of ten) within the range.
    package var ticks: [Double] {
        let length = range.upperBound - range.lowerBound
        let power = pow(10, (log10(length / 5)).rounded(.down))
        let step = [1, 2, 5, 10].map { $0 * power }.first { length / $0 <= 8 } ?? 10 * power
        let first = Int((range.lowerBound / step - 1e-9).rounded(.up))
        let last = Int((range.upperBound / step + 1e-9).rounded(.down))
        return first <= last ? (first...last).map { Double($0) * step } : [range.lowerBound]
    }

    func share(of value: Double) -> Double {
        min(max((value - range.lowerBound) / (range.upperBound - range.lowerBound), 0), 1)
    }
}

/// A number as short as it can be told to six digits.
func shortNumber(_ value: Double) -> String { String(format: "%.6g", value == 0 ? 0 : value) }

/// Lines of SVG in pixels, y down.
struct Drawing {
    private(set) var lines: [String] = []

    mutating func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ style: String = "class=\"axis\"") {
        lines.append("<line x1=\"\(px(x1))\" y1=\"\(px(y1))\" x2=\"\(px(x2))\" y2=\"\(px(y2))\" \(style)/>")
    }

    mutating func text(_ x: Double, _ y: Double, _ text: Bilingual, anchor: String = "start", turned: Bool = false) {
        let turn = turned ? " transform=\"rotate(-90 \(px(x)) \(px(y)))\"" : ""
        let words = text.markup(in: "tspan")
        lines.append("<text x=\"\(px(x))\" y=\"\(px(y))\" text-anchor=\"\(anchor)\"\(turn)>\(words)</text>")
    }

    mutating func box(_ x: Double, _ y: Double, _ width: Double, _ height: Double, _ style: String, title: String) {
        lines.append(
            "<rect x=\"\(px(x))\" y=\"\(px(y))\" width=\"\(px(max(width, 1.5)))\" height=\"\(px(height))\" \(style)>"
                + "<title>\(title)</title></rect>")
    }

    mutating func path(_ points: [(x: Double, y: Double)], _ style: String) {
        let text = points.map { "\(px($0.x)),\(px($0.y))" }.joined(separator: " ")
        lines.append("<polyline points=\"\(text)\" fill=\"none\" \(style)/>")
    }

    mutating func dot(_ x: Double, _ y: Double, radius: Double, _ style: String, title: String) {
        lines.append(
            "<circle cx=\"\(px(x))\" cy=\"\(px(y))\" r=\"\(px(radius))\" \(style)><title>\(title)</title></circle>")
    }

    /// A triangle that points down onto a place.
    mutating func pin(_ x: Double, _ y: Double, _ style: String, title: String) {
        lines.append(
            "<path d=\"M\(px(x)) \(px(y))l-5 -9h10z\" \(style)><title>\(title)</title></path>")
    }

    func picture(width: Double, height: Double, title: Bilingual, description: Bilingual) -> String {
        """
        <svg viewBox="0 0 \(px(width)) \(px(height))" width="\(px(width))" role="img" aria-label="\(title.plain)">
        <title>\(title.plain)</title><desc>\(description.plain)</desc>
        \(lines.joined(separator: "\n"))
        </svg>
        """
    }

    private func px(_ value: Double) -> String {
        guard value.isFinite else { return "0" }
        let tenths = (value * 10).rounded() / 10
        return tenths == tenths.rounded() ? "\(Int(tenths))" : "\(tenths)"
    }
}
