/// One text of a page in both of its languages, plain: markup is escaped where it is written.
package struct Bilingual: Hashable, Sendable {
    package let zh: String
    package let en: String

    package init(zh: String, en: String) {
        self.zh = zh
        self.en = en
    }

    /// The same in both languages: names, numbers, times.
    package init(_ same: String) {
        zh = same
        en = same
    }

    /// Both in spans that the page's choice of language shows and hides; one text where both are the same.
    func markup(in element: String = "span") -> String {
        if zh == en { return escaped(zh) }
        return "<\(element) class=\"zh\" lang=\"zh-CN\">\(escaped(zh))</\(element)> "
            + "<\(element) class=\"en\" lang=\"en\">\(escaped(en))</\(element)>"
    }

    /// Where no markup can stand (titles of figures).
    var plain: String { zh == en ? escaped(zh) : "\(escaped(zh)) · \(escaped(en))" }
}

/// Text as it may stand in HTML and SVG, in content and in quoted attributes.
func escaped(_ text: String) -> String {
    var out = ""
    out.reserveCapacity(text.utf8.count)
    for character in text.unicodeScalars {
        switch character {
        case "&": out += "&amp;"
        case "<": out += "&lt;"
        case ">": out += "&gt;"
        case "\"": out += "&quot;"
        case "'": out += "&#39;"
        default: out.unicodeScalars.append(character)
        }
    }
    return out
}
