import Foundation

/// Curves, steps and points over two axes.
package struct CurvePlot: Hashable, Sendable {
    package enum Form: Hashable, Sendable {
        case line
        /// Holds its value until the next point.
        case step
        case points
    }

    package struct Place: Hashable, Sendable {
        package let x: Double
        package let y: Double
        package let note: String

        package init(_ x: Double, _ y: Double, note: String = "") {
            self.x = x
            self.y = y
            self.note = note
        }
    }

    package struct Series: Hashable, Sendable {
        package let name: Bilingual
        package let form: Form
        package let tone: Tone
        package let places: [Place]

        package init(_ name: Bilingual, _ form: Form, _ tone: Tone, _ places: [Place]) {
            self.name = name
            self.form = form
            self.tone = tone
            self.places = places
        }
    }

    package let title: Bilingual
    package let x: Axis
    package let y: Axis
    package let series: [Series]

    package init(_ title: Bilingual, x: Axis, y: Axis, series: [Series]) {
        self.title = title
        self.x = x
        self.y = y
        self.series = series
    }

    private static let frame = (left: 64.0, top: 14.0, width: 560.0, height: 300.0)

    package func svg() -> String {
        var drawing = Drawing()
        drawAxes(&drawing)
        for (index, series) in series.enumerated() { draw(series, index, &drawing) }
        drawKey(&drawing)
        let height = Self.frame.top + Self.frame.height + 54 + 18 * Double(series.count)
        let places = series.reduce(0) { $0 + $1.places.count }
        return drawing.picture(
            width: 660, height: height, title: title,
            description: Bilingual(
                zh: "\(series.count) 组数据，\(places) 个点", en: "\(series.count) series, \(places) points"))
    }

    private func at(_ place: Place) -> (x: Double, y: Double) {
        (
            Self.frame.left + x.share(of: place.x) * Self.frame.width,
            Self.frame.top + (1 - y.share(of: place.y)) * Self.frame.height
        )
    }

    private func drawAxes(_ drawing: inout Drawing) {
        let frame = Self.frame, bottom = frame.top + frame.height
        for tick in x.ticks {
            let place = frame.left + x.share(of: tick) * frame.width
            drawing.line(place, frame.top, place, bottom, "class=\"grid\"")
            drawing.text(place, bottom + 17, Bilingual(shortNumber(tick)), anchor: "middle")
        }
        for tick in y.ticks {
            let place = bottom - y.share(of: tick) * frame.height
            drawing.line(frame.left, place, frame.left + frame.width, place, "class=\"grid\"")
            drawing.text(frame.left - 7, place + 4, Bilingual(shortNumber(tick)), anchor: "end")
        }
        drawing.line(frame.left, bottom, frame.left + frame.width, bottom)
        drawing.line(frame.left, frame.top, frame.left, bottom)
        drawing.text(frame.left + frame.width / 2, bottom + 36, x.name, anchor: "middle")
        drawing.text(16, frame.top + frame.height / 2, y.name, anchor: "middle", turned: true)
    }

    private func draw(_ series: Series, _ index: Int, _ drawing: inout Drawing) {
        let colour = series.tone.rawValue
        let dash = index % 2 == 0 ? "" : " stroke-dasharray=\"6 3\""
        let places = series.places.map(at)
        switch series.form {
        case .line: drawing.path(places, "stroke=\"\(colour)\" stroke-width=\"2\"\(dash)")
        case .step:
            let steps = places.enumerated().flatMap { index, place in
                index == 0 ? [place] : [(x: place.x, y: places[index - 1].y), place]
            }
            drawing.path(steps, "stroke=\"\(colour)\" stroke-width=\"2\"\(dash)")
        case .points: break
        }
        for (place, source) in zip(places, series.places) {
            let note = source.note.isEmpty ? "" : escaped(source.note) + ": "
            let title = "\(note)\(shortNumber(source.x)), \(shortNumber(source.y))"
            let style = series.form == .points ? "fill=\"\(colour)\" fill-opacity=\".55\"" : "fill=\"\(colour)\""
            drawing.dot(place.x, place.y, radius: series.form == .points ? 3.5 : 3, style, title: title)
        }
    }

    private func drawKey(_ drawing: inout Drawing) {
        for (index, series) in series.enumerated() {
            let row = Self.frame.top + Self.frame.height + 56 + 18 * Double(index)
            let left = Self.frame.left
            if series.form == .points {
                drawing.dot(
                    left + 11, row - 4, radius: 4, "fill=\"\(series.tone.rawValue)\"", title: series.name.plain)
            } else {
                let dash = index % 2 == 0 ? "" : " stroke-dasharray=\"6 3\""
                drawing.line(
                    left, row - 4, left + 22, row - 4, "stroke=\"\(series.tone.rawValue)\" stroke-width=\"3\"\(dash)")
            }
            drawing.text(left + 30, row, series.name)
        }
    }
}

/// Bars from zero with the range that the value may lie in.
package struct BarPlot: Hashable, Sendable {
    package struct Bar: Hashable, Sendable {
        package let name: Bilingual
        package let value: Double
        package let interval: ClosedRange<Double>?
        package let note: String

        package init(_ name: Bilingual, _ value: Double, _ interval: ClosedRange<Double>?, note: String = "") {
            self.name = name
            self.value = value
            self.interval = interval
            self.note = note
        }
    }

    package let title: Bilingual
    package let axis: Axis
    package let bars: [Bar]

    package init(_ title: Bilingual, axis: Axis, bars: [Bar]) {
        self.title = title
        self.axis = axis
        self.bars = bars
    }

    package func svg() -> String {
        let left = 290.0, width = 340.0, row = 26.0
        var drawing = Drawing()
        let bottom = Double(bars.count) * row + 6
        for tick in axis.ticks {
            let place = left + axis.share(of: tick) * width
            drawing.line(place, 0, place, bottom, "class=\"grid\"")
            drawing.text(place, bottom + 16, Bilingual(shortNumber(tick)), anchor: "middle")
        }
        drawing.line(left, 0, left, bottom)
        for (index, bar) in bars.enumerated() {
            let top = Double(index) * row + 6
            let length = axis.share(of: bar.value) * width
            let range = bar.interval.map { " [\(shortNumber($0.lowerBound)), \(shortNumber($0.upperBound))]" } ?? ""
            drawing.text(left - 8, top + 13, bar.name, anchor: "end")
            drawing.box(
                left, top, length, row - 10, "fill=\"\(Tone.blue.rawValue)\" fill-opacity=\".75\"",
                title: "\(bar.name.plain): \(shortNumber(bar.value))\(range)")
            if let interval = bar.interval {
                let middle = top + (row - 10) / 2
                let ends = (
                    left + axis.share(of: interval.lowerBound) * width,
                    left + axis.share(of: interval.upperBound) * width
                )
                drawing.line(ends.0, middle, ends.1, middle, "class=\"whisker\"")
                for end in [ends.0, ends.1] { drawing.line(end, middle - 5, end, middle + 5, "class=\"whisker\"") }
            }
            drawing.text(left + width + 10, top + 13, Bilingual(bar.note))
        }
        drawing.text(left + width / 2, bottom + 34, axis.name, anchor: "middle")
        return drawing.picture(
            width: 820, height: bottom + 44, title: title,
            description: Bilingual(zh: "\(bars.count) 条", en: "\(bars.count) bars"))
    }
}

/// What lay when, a lane each: spans as bars, moments as pins.
package struct TimelinePlot: Sendable {
    package struct Span: Hashable, Sendable {
        package let from: Double
        package let to: Double
        package let tone: Tone
        package let note: Bilingual

        package init(_ from: Double, _ to: Double, _ tone: Tone, note: Bilingual) {
            self.from = from
            self.to = to
            self.tone = tone
            self.note = note
        }
    }

    package struct Lane: Hashable, Sendable {
        package let name: Bilingual
        package let spans: [Span]
        /// Spans of no length.
        package let moments: [Span]

        package init(_ name: Bilingual, spans: [Span], moments: [Span] = []) {
            self.name = name
            self.spans = spans
            self.moments = moments
        }
    }

    package let title: Bilingual
    package let axis: Axis
    package let lanes: [Lane]
    /// Places on the axis with their names; the axis's own ticks where there are none.
    package let marks: [(place: Double, name: String)]

    package init(_ title: Bilingual, axis: Axis, lanes: [Lane], marks: [(place: Double, name: String)] = []) {
        self.title = title
        self.axis = axis
        self.lanes = lanes
        self.marks = marks
    }

    package func svg() -> String {
        let left = 200.0, width = 700.0, row = 26.0
        let bottom = Double(lanes.count) * row + 4
        var drawing = Drawing()
        for mark in marks.isEmpty ? axis.ticks.map({ ($0, shortNumber($0)) }) : marks {
            let place = left + axis.share(of: mark.0) * width
            drawing.line(place, 0, place, bottom, "class=\"grid\"")
            drawing.text(place, bottom + 16, Bilingual(mark.1), anchor: "middle")
        }
        drawing.line(left, bottom, left + width, bottom)
        for (index, lane) in lanes.enumerated() {
            let top = Double(index) * row
            drawing.text(left - 8, top + 17, lane.name, anchor: "end")
            for span in lane.spans {
                let start = left + axis.share(of: span.from) * width
                drawing.box(
                    start, top + 8, left + axis.share(of: span.to) * width - start, 11,
                    "fill=\"\(span.tone.rawValue)\" fill-opacity=\".8\"", title: span.note.plain)
            }
            for moment in lane.moments {
                drawing.pin(
                    left + axis.share(of: moment.from) * width, top + 18, "fill=\"\(moment.tone.rawValue)\"",
                    title: moment.note.plain)
            }
        }
        drawing.text(left + width / 2, bottom + 34, axis.name, anchor: "middle")
        return drawing.picture(
            width: 940, height: bottom + 44, title: title,
            description: Bilingual(zh: "\(lanes.count) 行", en: "\(lanes.count) lanes"))
    }
}
