/// A rough reading of Swift source for size limits: comments and string literals blanked, braces counted.
struct SwiftOutline {
    struct Function: Equatable {
        let name: String
        let line: Int
        let lineCount: Int
    }

    /// The source, line structure kept, with the content of comments and string literals replaced by blanks.
    let code: [UInt8]

    init(_ source: String) {
        var blanker = LiteralBlanker(source: Array(source.utf8))
        code = blanker.run()
    }

    /// Functions and initialisers that have a body, in order of appearance, nested ones included.
    var functions: [Function] {
        var found: [Function] = []
        var line = 1
        var index = 0
        while index < code.count {
            if code[index] == UInt8(ascii: "\n") { line += 1 }
            if let keyword = keyword(at: index) {
                let name = keyword == "func" ? word(after: index + keyword.utf8.count) : keyword
                if let end = bodyEnd(from: index + keyword.utf8.count) {
                    let lineCount = code[index...end].count { $0 == UInt8(ascii: "\n") } + 1
                    found.append(Function(name: name, line: line, lineCount: lineCount))
                }
                index += keyword.utf8.count
            } else {
                index += 1
            }
        }
        return found
    }

    private static let keywords = ["func", "init", "deinit"]

    private func keyword(at index: Int) -> String? {
        guard index == 0 || !isWordByte(code[index - 1]), index == 0 || code[index - 1] != UInt8(ascii: ".") else {
            return nil
        }
        return Self.keywords.first { keyword in
            let end = index + keyword.utf8.count
            return end < code.count && code[index..<end].elementsEqual(keyword.utf8) && !isWordByte(code[end])
        }
    }

    private func word(after index: Int) -> String {
        let rest = code[index...].drop { $0 == UInt8(ascii: " ") }
        return String(decoding: rest.prefix { isWordByte($0) }, as: UTF8.self)
    }

    /// Where the body that follows a declaration ends; nil for a requirement without a body.
    private func bodyEnd(from start: Int) -> Int? {
        var parentheses = 0
        var index = start
        while index < code.count {
            switch code[index] {
            case UInt8(ascii: "("), UInt8(ascii: "["): parentheses += 1
            case UInt8(ascii: ")"), UInt8(ascii: "]"): parentheses -= 1
            case UInt8(ascii: "{") where parentheses == 0: return closingBrace(from: index)
            case UInt8(ascii: "}") where parentheses == 0: return nil
            default: if parentheses == 0, index > start, keyword(at: index) != nil { return nil }
            }
            if parentheses < 0 { return nil }
            index += 1
        }
        return nil
    }

    private func closingBrace(from open: Int) -> Int? {
        var depth = 0
        for index in open..<code.count {
            if code[index] == UInt8(ascii: "{") { depth += 1 }
            if code[index] == UInt8(ascii: "}") { depth -= 1 }
            if depth == 0 { return index }
        }
        return nil
    }
}

private func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...:
        true
    default: false
    }
}

/// Walks over the source once and blanks what is not code.
private struct LiteralBlanker {
    private enum Place {
        case code
        case lineComment
        case blockComment
        /// A string literal with the number of `#` around it.
        case string(pounds: Int, isMultiline: Bool)
        /// `\(…)` inside a literal, with the parentheses open in it.
        case interpolation(parentheses: Int)
    }

    private let source: [UInt8]
    private var output: [UInt8] = []
    private var places: [Place] = [.code]
    private var index = 0

    init(source: [UInt8]) {
        self.source = source
    }

    mutating func run() -> [UInt8] {
        output.reserveCapacity(source.count)
        while index < source.count {
            switch places[places.count - 1] {
            case .code: stepInCode(parentheses: nil)
            case .interpolation(let parentheses): stepInCode(parentheses: parentheses)
            case .lineComment:
                if source[index] == UInt8(ascii: "\n") { places.removeLast() }
                blank(1)
            case .blockComment: stepInBlockComment()
            case .string(let pounds, let isMultiline): stepInString(pounds: pounds, isMultiline: isMultiline)
            }
        }
        return output
    }

    private mutating func stepInCode(parentheses: Int?) {
        if starts("//") {
            places.append(.lineComment)
            blank(2)
        } else if starts("/*") {
            places.append(.blockComment)
            blank(2)
        } else if let opening = stringOpening() {
            places.append(.string(pounds: opening.pounds, isMultiline: opening.quotes == 3))
            blank(opening.pounds + opening.quotes)
        } else if let parentheses {
            stepInInterpolation(parentheses)
        } else {
            output.append(source[index])
            index += 1
        }
    }

    private mutating func stepInInterpolation(_ parentheses: Int) {
        var open = parentheses
        if source[index] == UInt8(ascii: "(") { open += 1 }
        if source[index] == UInt8(ascii: ")") { open -= 1 }
        places.removeLast()
        if open > 0 { places.append(.interpolation(parentheses: open)) }
        blank(1)
    }

    private mutating func stepInBlockComment() {
        if starts("*/") {
            places.removeLast()
            blank(2)
        } else if starts("/*") {
            places.append(.blockComment)
            blank(2)
        } else {
            blank(1)
        }
    }

    private mutating func stepInString(pounds: Int, isMultiline: Bool) {
        let marks = String(repeating: "#", count: pounds)
        if starts("\\" + marks + "(") {
            places.append(.interpolation(parentheses: 1))
            blank(2 + pounds)
        } else if starts("\\" + marks) {
            blank(2 + pounds)
        } else if starts((isMultiline ? "\"\"\"" : "\"") + marks) {
            places.removeLast()
            blank((isMultiline ? 3 : 1) + pounds)
        } else {
            blank(1)
        }
    }

    private func stringOpening() -> (pounds: Int, quotes: Int)? {
        let pounds = source[index...].prefix { $0 == UInt8(ascii: "#") }.count
        let quotes = source[min(index + pounds, source.count)...].prefix(3).prefix { $0 == UInt8(ascii: "\"") }.count
        guard quotes > 0 else { return nil }
        return (pounds, quotes == 3 ? 3 : 1)
    }

    private func starts(_ text: String) -> Bool {
        source[index...].starts(with: text.utf8)
    }

    private mutating func blank(_ count: Int) {
        for position in index..<min(index + count, source.count) {
            output.append(source[position] == UInt8(ascii: "\n") ? UInt8(ascii: "\n") : UInt8(ascii: " "))
        }
        index += count
    }
}
