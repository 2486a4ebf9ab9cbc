package import Scene

/// One picture of an annotated film: what is drawn on it, and what is written in a strip below it, so that text does
/// not hide what a person wants to see.
package struct FilmFrame: Sendable, Hashable {
    /// A run of text in one colour, ASCII; other characters show as `?`.
    package struct Words: Sendable, Hashable {
        package var text: String
        package var colour: Overlay.Colour

        package init(_ text: String, _ colour: Overlay.Colour = .text) {
            self.text = text
            self.colour = colour
        }
    }

    /// Lines of the strip; those beyond are left out.
    package static let lineLimit = 6

    package var foreground: ForegroundMask?
    package var items: [Overlay.Item]
    package var lines: [[Words]]

    package init(foreground: ForegroundMask? = nil, items: [Overlay.Item] = [], lines: [[Words]] = []) {
        self.foreground = foreground
        self.items = items
        self.lines = lines
    }

    /// What the colours mean, each word in its own.
    package static let legend: [Words] = [
        Words("foreground", .foreground), Words("region", .region), Words("candidate", .candidate),
        Words("track", .track), Words("predicted", .predicted), Words("foot", .mark), Words("fence", .fence),
        Words("held", .held), Words("crossed", .crossed)
    ]
}

extension Overlay.Colour {
    package static let foreground = Self(red: 255, green: 64, blue: 200)
    package static let region = Self(red: 176, green: 176, blue: 176)
    package static let candidate = Self(red: 255, green: 144, blue: 0)
    package static let predicted = Self(red: 112, green: 144, blue: 255)
    package static let held = Self(red: 255, green: 48, blue: 48)
    package static let crossed = Self(red: 64, green: 255, blue: 64)
    package static let quiet = Self(red: 160, green: 160, blue: 160)
}
