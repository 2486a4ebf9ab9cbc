#!/usr/bin/env python3
"""Draw one picture for each kind of rule into docs/pictures/rules and set it, with its caption, into docs/rules.md.

usage: rule_pictures.py [--check]

Pictures and captions have one source, the table KINDS below. With --check nothing is written: it fails (exit 1) when a
file is not what would be written.
"""
import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FOLDER = os.path.join(ROOT, "docs", "pictures", "rules")
PAGE = os.path.join(ROOT, "docs", "rules.md")
WIDTH, HEIGHT = 320, 180

FENCE, WAY, RAISED, ALLOWED, FIGURE, INK = "#d97706", "#2563eb", "#dc2626", "#15803d", "#374151", "#111827"


# MARK: Pieces; x and y in pixels of the picture, which is also what the markup counts in


def text(x, y, words, colour=INK, anchor="middle", size=13):
    return (
        f'<text x="{x}" y="{y}" fill="{colour}" text-anchor="{anchor}" font-size="{size}" '
        f'stroke="#f8faf7" stroke-width="3" paint-order="stroke">{words}</text>'
    )


def zone(*points, name=None):
    corners = " ".join(f"{x},{y}" for x, y in points)
    area = f'<polygon points="{corners}" fill="{FENCE}" fill-opacity="0.13" stroke="{FENCE}" stroke-width="2.5"/>'
    return area + (text(points[0][0], points[0][1] - 6, name, FENCE, "start") if name else "")


def line(*points, name=None):
    """A tripwire; its direction is that of the points."""
    places = " ".join(f"{x},{y}" for x, y in points)
    drawn = f'<polyline points="{places}" fill="none" stroke="{FENCE}" stroke-width="3" marker-end="url(#fence)"/>'
    return drawn + (text(points[-1][0], points[-1][1] - 8, name, FENCE) if name else "")


def way(*points, colour=WAY, dashed=True):
    places = " ".join(f"{x},{y}" for x, y in points)
    head = {WAY: "way", RAISED: "raised", ALLOWED: "allowed"}[colour]
    dash = ' stroke-dasharray="6 4"' if dashed else ""
    return f'<polyline points="{places}" fill="none" stroke="{colour}" stroke-width="2.5"{dash} marker-end="url(#{head})"/>'


def person(x, y, height=52, faint=False, box=False):
    """Upright on its foot point, which is marked."""
    head, shoulder = height * 0.16, height * 0.2
    shade = ' opacity="0.35"' if faint else ""
    body = (
        f'<g{shade}><circle cx="{x}" cy="{y - height + head / 2:.1f}" r="{head / 2 + 1:.1f}" fill="{FIGURE}"/>'
        f'<path d="M{x - shoulder / 2:.1f} {y - height + head + 2:.1f}h{shoulder:.1f}l3 {height * 0.38:.1f}h-4l-1 '
        f'{height * 0.42:.1f}h-4l-2 -{height * 0.36:.1f}l-2 {height * 0.36:.1f}h-4l-1 -{height * 0.42:.1f}h-4z" fill="{FIGURE}"/></g>'
    )
    around = height * 0.42
    frame = (
        f'<rect x="{x - around / 2:.1f}" y="{y - height - 2}" width="{around:.1f}" height="{height + 2}" fill="{WAY}" '
        f'fill-opacity="0.18" stroke="{WAY}" stroke-width="1.5"/>'
        if box else ""
    )
    return frame + body + foot(x, y)


def car(x, y, length=66):
    """From the side; the foot point is the middle of its lower edge."""
    left, h = x - length / 2, length * 0.22
    return (
        f'<path d="M{left} {y - 4}v-{h:.1f}l{length * 0.2:.1f} -2l{length * 0.14:.1f} -{h:.1f}h{length * 0.34:.1f}l'
        f'{length * 0.16:.1f} {h:.1f}l{length * 0.16:.1f} 4v{h - 2:.1f}z" fill="{FIGURE}"/>'
        f'<circle cx="{left + length * 0.24:.1f}" cy="{y - 4}" r="6" fill="{INK}"/>'
        f'<circle cx="{left + length * 0.76:.1f}" cy="{y - 4}" r="6" fill="{INK}"/>' + foot(x, y)
    )


def foot(x, y):
    return f'<path d="M{x - 4} {y - 4}l8 8m0 -8l-8 8" stroke="#c026d3" stroke-width="2"/>'


def raised(x, y, radius=11):
    return f'<circle cx="{x}" cy="{y}" r="{radius}" fill="none" stroke="{RAISED}" stroke-width="3"/>'


def box(x, y, width, height, fill, more=""):
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{fill}"{more}/>'


def bag(x, y):
    return box(x - 10, y - 15, 20, 15, "#7c2d12", ' rx="3"') + (
        f'<path d="M{x - 5} {y - 15}q5 -9 10 0" fill="none" stroke="#7c2d12" stroke-width="3"/>'
    )


def ring(x, y, radius):
    return f'<circle cx="{x}" cy="{y}" r="{radius}" fill="none" stroke="{INK}" stroke-width="1.5" stroke-dasharray="3 4"/>'


def statue(x, y, dashed):
    look = f'fill="none" stroke="{INK}" stroke-width="1.5" stroke-dasharray="4 3"' if dashed else f'fill="{FIGURE}"'
    return (
        box(x - 17, y - 22, 34, 22, "#9ca3af")
        + f'<path d="M{x - 9} {y - 23}q-5 -16 3 -24a7 7 0 1 1 12 0q8 8 3 24z" {look}/>'
    )


def cells(left, top, columns, rows, stirring):
    drawn = []
    for row in range(rows):
        for column in range(columns):
            fill = RAISED if (column, row) in stirring else "none"
            drawn.append(box(left + 20 * column, top + 18 * row, 20, 18, fill, f' fill-opacity="0.35" stroke="{INK}" stroke-opacity="0.18"'))
    return "".join(drawn)


def bush(x, y):
    return "".join(
        f'<circle cx="{x + dx}" cy="{y + dy}" r="{r}" fill="#4d7c0f" fill-opacity="0.8"/>'
        for dx, dy, r in ((-16, 4, 15), (14, 6, 16), (0, -10, 17), (4, 14, 14))
    ) + f'<path d="M{x - 44} {y - 14}q8 8 0 16t0 16M{x + 46} {y - 14}q8 8 0 16t0 16" fill="none" stroke="{INK}" stroke-width="2"/>'


def small(left, top, words, inside):
    """A quarter of the picture: what one condition looks like."""
    return (
        f'<svg x="{left}" y="{top}" width="148" height="62" viewBox="0 0 148 62">{box(0, 0, 148, 62, "#dfe6dc")}{inside}</svg>'
        + f'<rect x="{left}" y="{top}" width="148" height="62" fill="none" stroke="{INK}" stroke-opacity="0.4"/>'
        + text(left + 74, top + 76, words)
    )


HOUSE = box(20, 16, 44, 38, "#b45309") + '<path d="M14 18l28 -14l28 14z" fill="#7f1d1d"/>' + box(92, 22, 8, 32, "#4b5563") + '<circle cx="96" cy="18" r="14" fill="#4d7c0f"/>'

# MARK: The kinds: what is drawn, and what it shows in Chinese and English

KINDS = {
    "line": (
        person(70, 150, faint=True) + person(235, 128) + way((70, 150), (222, 130)) + line((140, 168), (170, 60), name="path")
        + raised(148, 140),
        "绊线：脚点越过线时报警，标在越线处；身体碰到线不算。",
        "A tripwire: raised where the foot point goes over the line; a body over it does not count.",
    ),
    "zone": (
        zone((110, 92), (235, 92), (265, 160), (80, 160), name="yard") + person(172, 140)
        + way((30, 122), (120, 134), (172, 140), (228, 128), (300, 110)) + raised(96, 131) + raised(252, 124)
        + text(62, 112, "enter") + text(278, 148, "leave"),
        "区域：脚点进入、离开，或区域内有目标。",
        "An area: the foot point goes in, goes out, or somebody is inside.",
    ),
    "dwell": (
        zone((90, 86), (240, 86), (262, 160), (66, 160), name="door")
        + way((20, 120), (110, 128), (190, 116), (205, 146), (130, 150), (120, 132), (166, 132)) + person(176, 136)
        + raised(176, 136) + text(176, 76, "≥ 60 s", RAISED),
        "滞留（徘徊）：同一目标在区域内停留达到规定秒数。",
        "Loitering: one object stays inside for the given seconds, wherever it goes there.",
    ),
    "appear": (
        zone((110, 62), (230, 62), (240, 160), (100, 160), name="hatch") + box(140, 70, 46, 70, "#6b7280")
        + box(145, 75, 36, 65, "#d1d5db") + person(163, 140) + way((163, 140), (290, 152)) + raised(163, 140)
        + text(163, 174, "appear"),
        "出现（消失）：目标在区域内首次（最后一次）被看到，而不是从画面边缘进出。",
        "An object is first (or last) seen inside, and has not come over the border of the picture.",
    ),
    "wrong_way": (
        zone((20, 84), (300, 84), (312, 160), (8, 160), name="exit") + way((70, 150), (250, 150), colour=ALLOWED, dashed=False)
        + text(160, 142, "allowed", ALLOWED) + person(110, 124, height=48) + way((270, 118), (124, 122), colour=RAISED) + raised(110, 124),
        "逆行：区域内逆着允许方向走够距离。",
        "Inside, an object goes far enough against the allowed direction.",
    ),
    "speed": (
        zone((6, 96), (314, 96), (314, 160), (6, 160), name="road") + car(190, 146) + way((30, 146), (150, 146))
        + raised(190, 146) + text(190, 90, "42 km/h &gt; 30 km/h", RAISED) + text(86, 138, "1 s"),
        "测速：标定相机上，区域内目标快于（或慢于）限值。",
        "On a calibrated camera an object inside is faster (or slower) than the limit.",
    ),
    "sequence": (
        line((80, 164), (92, 66), name="1") + zone((190, 88), (290, 88), (304, 160), (178, 160), name="2")
        + way((24, 140), (88, 132), (184, 128), (226, 130)) + person(238, 132) + raised(184, 128) + text(136, 120, "0.5…20 s"),
        "次序：同一目标按次序经过各段，间隔在规定时间内。",
        "One object passes the stages in order, with the given time between one and the next.",
    ),
    "stopped": (
        zone((6, 96), (314, 96), (314, 160), (6, 160), name="lane") + way((20, 144), (146, 144)) + car(190, 144) + raised(190, 144)
        + text(190, 90, "≥ 20 s", RAISED),
        "停留：移动过来的目标在区域内静止达到规定秒数。",
        "An object that came moving is at rest inside for the given seconds.",
    ),
    "left_object": (
        zone((24, 80), (296, 80), (312, 164), (8, 164), name="platform") + ring(120, 128, 34) + bag(120, 136) + person(246, 142)
        + way((134, 134), (230, 142)) + raised(120, 128, 17) + text(120, 90, "≥ 30 s", RAISED) + text(192, 126, "attended"),
        "遗留物：物品静止在区域内，附近无人达到规定秒数。",
        "Something rests inside, and nobody is near it for the given seconds.",
    ),
    "removed_object": (
        zone((60, 70), (180, 70), (190, 164), (50, 164), name="statue") + statue(120, 156, dashed=True) + raised(120, 116, 20)
        + person(244, 156) + way((136, 150), (228, 156)) + statue(244, 132, dashed=False).replace("#9ca3af", "none")
        + text(150, 64, "≥ 10 s", RAISED),
        "移走物：原有物品不见达到规定秒数。",
        "Something that belongs there has been gone for the given seconds.",
    ),
    "occupancy": (
        zone((40, 76), (280, 76), (304, 164), (16, 164), name="square") + person(90, 140) + person(150, 156) + person(206, 132)
        + person(250, 154) + text(160, 70, "4 &gt; 3", RAISED) + raised(90, 140, 8) + raised(150, 156, 8) + raised(206, 132, 8) + raised(250, 154, 8),
        "人数：区域内目标数多于（或少于）限值达到规定秒数。",
        "More (or fewer) objects than the limit are inside for the given seconds.",
    ),
    "density": (
        zone((80, 70), (240, 70), (256, 166), (64, 166), name="stairs")
        + "".join(person(x, y, box=True) for x, y in ((110, 128), (140, 124), (172, 130), (204, 126), (98, 162), (126, 158), (158, 163), (190, 158), (222, 162))) + text(160, 64, "≥ 50 %", RAISED),
        "密度：目标框盖住区域的比例达到限值。",
        "The boxes of objects cover at least the given share of the area.",
    ),
    "motion": (
        bush(170, 118) + cells(90, 68, 8, 5, {(3, 2), (4, 2), (3, 3), (4, 3), (4, 1), (2, 2)})
        + zone((90, 68), (250, 68), (250, 158), (90, 158), name="vault") + text(170, 62, "≥ 1 %", RAISED),
        "移动侦测：区域内有足够比例的画面在动，不要求能跟踪。",
        "Enough of the area stirs, whether it can be followed or not.",
    ),
    "scene_health": (
        small(8, 10, "covered", HOUSE + '<path d="M0 62V20q30 -26 74 -14t74 -4V62z" fill="#1f2937"/>')
        + small(164, 10, "moved", f'<g transform="translate(-30 26) rotate(-14)">{HOUSE}</g>')
        + small(8, 98, "blurred", f'<g filter="url(#soft)">{HOUSE}</g>')
        + small(164, 98, "too_dark", HOUSE + box(0, 0, 148, 62, "#030712", ' fill-opacity="0.86"')),
        "画面异常：整个画面被遮挡、转动、模糊、过暗、过亮、冻结等。",
        "The picture as a whole is covered, moved, blurred, too dark, too bright, frozen and the like.",
    ),
    "manual": (
        box(110, 120, 100, 30, "#9ca3af", ' rx="6"') + box(132, 104, 56, 18, RAISED, ' rx="8"')
        + f'<path d="M160 100v-50" stroke="{INK}" stroke-width="3" marker-end="url(#ink)"/>'.replace("M160 100v-50", "M160 44v48")
        + person(84, 150, height=64) + raised(160, 112, 34) + text(160, 36, "manual", RAISED),
        "手动报警：由人发出请求，与画面内容无关。",
        "Raised by a person's request, whatever the picture shows.",
    ),
}


def marker(name, colour):
    return (
        f'<marker id="{name}" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="5" markerHeight="5" orient="auto">'
        f'<path d="M0 0L8 4L0 8z" fill="{colour}"/></marker>'
    )


def picture(kind):
    drawn, zh, en = KINDS[kind]
    ground = box(0, 0, WIDTH, HEIGHT, "#f8faf7") + box(0, 52, WIDTH, HEIGHT - 52, "#e6e9e3")
    markers = "".join(
        marker(name, colour)
        for name, colour in (("fence", FENCE), ("way", WAY), ("raised", RAISED), ("allowed", ALLOWED), ("ink", INK))
    )
    soft = '<filter id="soft"><feGaussianBlur stdDeviation="4"/></filter>'
    pieces = drawn.replace("><", ">\n<")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'font-family="sans-serif">\n<title>{kind}: {en}</title>\n<desc>{zh}</desc>\n<defs>{markers}{soft}</defs>\n'
        f"{ground}\n{pieces}\n</svg>\n"
    )


def page(markdown):
    """The page with each kind's picture and caption below its heading."""
    blocks = []
    for block in markdown.split("\n### "):
        kind = block.split("\n", 1)[0].strip("`")
        if kind in KINDS and blocks:
            _, zh, en = KINDS[kind]
            heading, rest = block.split("\n", 1)
            kept = [row for row in rest.lstrip("\n").split("\n")]
            if kept and kept[0].startswith("!["):
                kept = kept[3:]
            body = "\n".join(kept).lstrip("\n")
            block = f"{heading}\n\n![{en}](pictures/rules/{kind}.svg)\n\n*{zh} {en}*\n\n{body}"
        blocks.append(block)
    return "\n### ".join(blocks)


def main(arguments):
    if arguments not in ([], ["--check"]):
        sys.exit(__doc__)
    with open(PAGE, encoding="utf-8") as markdown:
        wanted = {PAGE: page(markdown.read())}
    for kind in KINDS:
        wanted[os.path.join(FOLDER, f"{kind}.svg")] = picture(kind)
    stale = []
    for path, content in wanted.items():
        try:
            with open(path, encoding="utf-8") as written:
                is_same = written.read() == content
        except FileNotFoundError:
            is_same = False
        if not is_same:
            stale.append(os.path.relpath(path, ROOT))
            if not arguments:
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "w", encoding="utf-8") as target:
                    target.write(content)
    if arguments and stale:
        sys.exit("not what scripts/rule_pictures.py draws: " + ", ".join(stale))


if __name__ == "__main__":
    main(sys.argv[1:])
