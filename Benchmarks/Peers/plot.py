"""One SVG of a record, drawn from its JSON alone: F of the masks by sequence, and cost a picture on a logarithmic scale."""
import math
from html import escape

WIDTH, MARGIN = 1080, 60
OURS, PEERS = "#0b6e99", ("#c9c2b6", "#a89f91", "#877d6f")
INK, FAINT, TARGET = "#22262a", "#d9dde0", "#b5442e"
STYLE = f'<style>text{{font:13px system-ui,sans-serif;fill:{INK};paint-order:stroke;stroke:#fff;stroke-width:3px}}.t{{font-size:17px;font-weight:600}}.s{{font-size:11px;fill:#5b6268}}.n{{text-anchor:end}}.m{{text-anchor:middle}}</style>'


def text(x, y, content, style=""):
    return f'<text x="{x:.1f}" y="{y:.1f}"{f" class={chr(34)}{style}{chr(34)}" if style else ""}>{escape(str(content))}</text>'


def bar(x, y, width, height, fill, title):
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0.5):.1f}" height="{max(height, 0.5):.1f}" fill="{fill}"><title>{escape(title)}</title></rect>'


def line(x1, y1, x2, y2, colour=FAINT, dash=""):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"{f" stroke-dasharray={chr(34)}{dash}{chr(34)}" if dash else ""}/>'


def mask_bars(rows, top):
    """Groups of bars, a group a sequence: ours and the better of raw and median of each OpenCV method."""
    height, left = 220, MARGIN
    methods = sorted({peer.split()[0] for row in rows for peer in row["peers"]})
    step = (WIDTH - 2 * MARGIN) / len(rows)
    width = step * 0.82 / (len(methods) + 1)
    out = [text(left, top, "Foreground masks: F by sequence", "t"), *legend(left, top + 22, [("Snowline", OURS), *zip((f"OpenCV {m}, better of raw and median 5" for m in methods), PEERS)])]
    base = top + 48 + height
    for share in (0, 0.2, 0.4, 0.6, 0.8, 1):
        y = base - share * height
        out += [line(left, y, WIDTH - MARGIN, y), text(left - 8, y + 4, f"{share:.1f}", "s n")]
    for index, row in enumerate(rows):
        x = left + index * step + step * 0.09
        values = [("Snowline", row["snowline"], OURS)]
        values += [(m, max(f for peer, f in row["peers"].items() if peer.split()[0] == m), colour) for m, colour in zip(methods, PEERS)]
        for place, (name, value, colour) in enumerate(values):
            out.append(bar(x + place * width, base - value * height, width * 0.92, value * height, colour, f"{row['sequence']}: {name} {value:.3f}"))
        out.append(text(x + width / 2, base - row["snowline"] * height - 4, f"{row['snowline']:.2f}", "s m"))
        out.append(text(x + step * 0.41, base + 16, row["sequence"].split("_", 1)[-1], "s m"))
    return out, base + 40


def legend(x, y, entries):
    out = []
    for name, colour in entries:
        out += [bar(x, y - 9, 11, 11, colour, name), text(x + 16, y, name, "s")]
        x += 34 + 6.1 * len(name)
    return out


def cost_bars(scenes, size, top, target):
    """Horizontal bars on a logarithmic scale, a group a scene."""
    left, right = 260, WIDTH - MARGIN - 120
    rows = [(scene, name, spread) for scene, data in scenes.items()
            for name, spread in [("Snowline", data["snowline"]), *sorted(data["peers"].items(), key=lambda item: item[1]["median"])]]
    least, most = min(spread["least"] for *_, spread in rows), max(spread["most"] for *_, spread in rows)
    low, high = math.floor(math.log10(min(least, target))), math.ceil(math.log10(most))

    def place(value):
        return left + (math.log10(value) - low) / max(1, high - low) * (right - left)
    title = f"CPU a picture of {size}, analysis alone, one thread"
    out = [text(MARGIN, top, title, "t"), text(MARGIN, top + 18, "milliseconds, logarithmic; the thin line is the range of the rounds; × is peer to Snowline, round by round", "s")]
    begin = top + 30
    end = begin + 6 + 8 * len(scenes) + 19 * len(rows)
    for power in range(low, high + 1):
        x = place(10 ** power)
        out += [line(x, begin, x, end), text(x, end + 14, f"{10 ** power:g}", "s m")]
    out += [line(place(target), begin, place(target), end, TARGET, "4 3"), text(place(target), end + 28, f"target {target} ms", "s m")]
    y, scene_before = begin + 6, None
    for scene, name, spread in rows:
        if scene != scene_before:
            y += 8
            out.append(text(MARGIN, y + 12, scene))
            scene_before = scene
        colour = OURS if name == "Snowline" else PEERS[1]
        out.append(text(left - 8, y + 12, name, "s n"))
        out.append(bar(left, y + 2, place(spread["median"]) - left, 13, colour, f"{scene}: {name} {spread['median']:.3f} ms"))
        out.append(line(place(spread["least"]), y + 8.5, place(spread["most"]), y + 8.5, INK))
        ratio = "" if name == "Snowline" else f", {scenes[scene]['ratios'][name]['median']:.1f} ×"
        out.append(text(place(spread["most"]) + 6, y + 12, f"{spread['median']:.2f} ms{ratio}", "s"))
        y += 19
    return out, end + 50


def svg(masks, vision, target, caption):
    """The picture as text. `masks` and `vision` are the parts' answers, or None where a part has not run."""
    body, top = [], 40
    for draw in ([lambda t: mask_bars(masks["rows"], t)] if masks else []) + ([lambda t: cost_bars(vision["scenes"], vision["size"], t, target)] if vision else []):
        drawn, top = draw(top)
        body += drawn
        top += 24
    body.append(text(MARGIN, top, caption, "s"))
    height = top + 24
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height:.0f}" viewBox="0 0 {WIDTH} {height:.0f}">', STYLE,
        f'<rect width="{WIDTH}" height="{height:.0f}" fill="#ffffff"/>', *body, "</svg>", ""])
