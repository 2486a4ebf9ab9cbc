import Foundation

/// One self-contained page: what it says, tables, plots and stills in one HTML file that asks nothing of any network.
///
/// Chinese and English both stand in it; three buttons show both or one, without any script.
package struct ReportPage: Sendable {
    package struct Cell: Hashable, Sendable {
        package let text: Bilingual
        package let isNumber: Bool
        /// A digest: broken anywhere where there is no room.
        package let isDigits: Bool
        /// Set off, with a word or sign in the text besides the colour.
        package let tone: Tone?
        /// A file beside the page that it leads to.
        package let file: String?

        package init(_ text: Bilingual, tone: Tone? = nil, file: String? = nil) {
            self.text = text
            isNumber = false
            isDigits = false
            self.tone = tone
            self.file = file
        }

        package init(_ text: String, tone: Tone? = nil) { self.init(Bilingual(text), tone: tone) }

        package init(number: String, tone: Tone? = nil) {
            text = Bilingual(number)
            isNumber = true
            isDigits = false
            self.tone = tone
            file = nil
        }

        package init(digits: String) {
            text = Bilingual(digits)
            isNumber = false
            isDigits = true
            tone = nil
            file = nil
        }
    }

    package struct Table: Hashable, Sendable {
        package let caption: Bilingual
        package let heads: [Bilingual]
        package let rows: [[Cell]]

        package init(_ caption: Bilingual, heads: [Bilingual], rows: [[Cell]]) {
            self.caption = caption
            self.heads = heads
            self.rows = rows
        }
    }

    package struct Still: Hashable, Sendable {
        package let caption: Bilingual
        /// Nil where there is none, which the page says.
        package let jpeg: [UInt8]?

        package init(_ caption: Bilingual, jpeg: [UInt8]?) {
            self.caption = caption
            self.jpeg = jpeg
        }
    }

    /// A film beside the page, with controls.
    package struct Film: Hashable, Sendable {
        package let caption: Bilingual
        /// Relative to the page.
        package let file: String
        /// What is seen before it plays.
        package let poster: [UInt8]?

        package init(_ caption: Bilingual, file: String, poster: [UInt8]?) {
            self.caption = caption
            self.file = file
            self.poster = poster
        }
    }

    package enum Block: Sendable {
        case paragraph(Bilingual)
        case facts([(name: Bilingual, value: Bilingual)])
        case table(Table)
        case curves(CurvePlot)
        case bars(BarPlot)
        case timeline(TimelinePlot)
        /// Side by side under one heading.
        case stills(Bilingual, [Still])
        /// The same, smaller, two and two that belong together.
        case pairs(Bilingual, [Still])
        case film(Film)
    }

    package struct Section: Sendable {
        package let heading: Bilingual
        package let blocks: [Block]

        package init(_ heading: Bilingual, _ blocks: [Block]) {
            self.heading = heading
            self.blocks = blocks
        }
    }

    package let title: Bilingual
    package let sections: [Section]

    package init(title: Bilingual, sections: [Section]) {
        self.title = title
        self.sections = sections
    }

    package func html() -> String {
        let body = sections.enumerated().map { number, section in
            """
            <section aria-labelledby="part\(number)">
            <h2 id="part\(number)">\(section.heading.markup())</h2>
            \(section.blocks.map(Self.markup).joined(separator: "\n"))
            </section>
            """
        }
        return """
            <!doctype html>
            <html lang="zh-CN">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="\(policy)">
            <title>\(title.plain)</title>
            <style>\(Self.style)</style>
            </head>
            <body>
            <input type="radio" name="language" id="both" checked><label for="both">中文 + English</label>
            <input type="radio" name="language" id="zh"><label for="zh">中文</label>
            <input type="radio" name="language" id="en"><label for="en">English</label>
            <main>
            <h1>\(title.markup())</h1>
            \(body.joined(separator: "\n"))
            </main>
            </body>
            </html>

            """
    }

    /// Nothing is loaded but what stands in the page; films from beside it.
    private var policy: String {
        let blocks = sections.flatMap(\.blocks)
        let hasFilm = blocks.contains { if case .film = $0 { true } else { false } }
        return
            "default-src 'none'; img-src data:; \(hasFilm ? "media-src 'self' file:; " : "")style-src 'unsafe-inline'"
    }

    /// - Throws: an error of Foundation that names the file.
    package func write(to path: String) throws {
        try Data(html().utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    }

    private static func markup(_ block: Block) -> String {
        switch block {
        case .paragraph(let text): "<p>\(text.markup())</p>"
        case .facts(let facts):
            "<dl>" + facts.map { "<dt>\($0.name.markup())</dt><dd>\($0.value.markup())</dd>" }.joined() + "</dl>"
        case .table(let table): markup(table)
        case .curves(let plot): figure(plot.title, plot.svg())
        case .bars(let plot): figure(plot.title, plot.svg())
        case .timeline(let plot): figure(plot.title, plot.svg())
        case .stills(let heading, let stills): markup(heading, stills)
        case .pairs(let heading, let stills): markup(heading, stills, style: "stills pairs")
        case .film(let film): markup(film)
        }
    }

    private static func markup(_ film: Film) -> String {
        let poster = film.poster.map { " poster=\"data:image/jpeg;base64,\(Data($0).base64EncodedString())\"" } ?? ""
        let words = Bilingual(zh: "浏览器无法播放此文件", en: "this browser cannot play the file").markup()
        return """
            <figure class="film"><video controls preload="metadata" src="\(address(film.file))"\(poster)>\(words)</video>
            <figcaption>\(film.caption.markup())</figcaption></figure>
            """
    }

    /// A relative file name as it may stand in an attribute; never a scheme or a host.
    private static func address(_ file: String) -> String {
        escaped("./" + (file.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? ""))
    }

    private static func figure(_ caption: Bilingual, _ svg: String) -> String {
        "<figure><figcaption>\(caption.markup())</figcaption><div class=\"wide\">\(svg)</div></figure>"
    }

    private static func markup(_ table: Table) -> String {
        let heads = table.heads.map { "<th scope=\"col\">\($0.markup())</th>" }.joined()
        let rows = table.rows.map { row in
            "<tr>"
                + row.map { cell in
                    let style = cell.tone.map { " style=\"color:\($0.rawValue);font-weight:600\"" } ?? ""
                    let text = cell.text.markup()
                    let content = cell.file.map { "<a href=\"\(address($0))\">\(text)</a>" } ?? text
                    let kind = cell.isNumber ? " class=\"number\"" : cell.isDigits ? " class=\"digits\"" : ""
                    return "<td\(kind)\(style)>\(content)</td>"
                }.joined() + "</tr>"
        }
        return """
            <div class="wide"><table><caption>\(table.caption.markup())</caption>
            <thead><tr>\(heads)</tr></thead>
            <tbody>
            \(rows.joined(separator: "\n"))
            </tbody></table></div>
            """
    }

    private static func markup(_ heading: Bilingual, _ stills: [Still], style: String = "stills") -> String {
        let figures = stills.map { still in
            let picture =
                still.jpeg.map {
                    "<img alt=\"\(still.caption.plain)\" src=\"data:image/jpeg;base64,\(Data($0).base64EncodedString())\">"
                } ?? "<p class=\"none\">\(Bilingual(zh: "没有图像", en: "no picture").markup())</p>"
            return "<figure>\(picture)<figcaption>\(still.caption.markup())</figcaption></figure>"
        }
        return "<h3>\(heading.markup())</h3><div class=\"\(style)\">\(figures.joined(separator: "\n"))</div>"
    }

    private static let style = """
        :root{color-scheme:light}
        body{margin:0 auto;max-width:1080px;padding:1rem 1.25rem 4rem;background:#fff;color:#1b1f24;
        font:15px/1.55 "Noto Sans CJK SC","PingFang SC","Microsoft YaHei","Segoe UI",system-ui,sans-serif}
        h1{font-size:1.6rem;margin:.8rem 0}h2{font-size:1.2rem;margin:2rem 0 .6rem;border-bottom:1px solid #d5d9df}
        h3{font-size:1rem;margin:1.2rem 0 .4rem}
        .zh+.en{color:#57606a}#zh:checked~main .en,#en:checked~main .zh{display:none}
        #en:checked~main .en{color:inherit}
        input[name=language]{margin:0 .3rem 0 .8rem}input:focus-visible{outline:3px solid #0072b2}
        dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem;margin:.6rem 0}dt{color:#57606a}dd{margin:0}
        .wide{overflow-x:auto}table{border-collapse:collapse;margin:.6rem 0;font-size:.92em}
        caption{text-align:left;font-weight:600;padding:.3rem 0}
        th,td{padding:.25rem .6rem;border-bottom:1px solid #e4e7eb;text-align:left;vertical-align:top}
        th{background:#f5f7f9}td.number{text-align:right;font-variant-numeric:tabular-nums}
        figure{margin:.8rem 0}figcaption{font-weight:600;margin-bottom:.3rem}
        svg{max-width:100%;height:auto;font-size:12px}svg text{fill:#1b1f24}
        .axis{stroke:#57606a}.grid{stroke:#e4e7eb}.whisker{stroke:#1b1f24;stroke-width:1.5}
        .stills{display:grid;grid-template-columns:repeat(auto-fit,minmax(300px,1fr));gap:.8rem}
        .stills img{width:100%;height:auto;border:1px solid #d5d9df}
        .stills figcaption{font-weight:400;font-size:.9em}.none{background:#f5f7f9;padding:2rem;text-align:center}
        .pairs{grid-template-columns:repeat(4,1fr)}@media(max-width:700px){.pairs{grid-template-columns:1fr 1fr}}
        .film video{display:block;width:100%;max-width:800px;max-height:70vh;background:#1b1f24}.film figcaption{font-weight:400;font-size:.9em}
        dd{overflow-wrap:anywhere}
        td.digits{font-family:monospace;font-size:.85em;min-width:33ch;overflow-wrap:anywhere}
        @media print{input,label{display:none}}
        """
}
