"""The record of a density run: README.md with its tables, and a plot of CPU against the number of cameras. Made from the JSON alone."""
import json
import os
import statistics

import judging
import machine
import plot
from summary import table

PARTS = ("rows", "recalls", "latency", "curve")
SAID = {"rows": "cost", "recalls": "recall", "latency": "latency", "curve": "curve"}
LEFT, WIDTH, HEIGHT = 70, 640, 300
COLOURS = {"strict": "#0b6e99", "dense": "#b5442e"}
SHOWN = {"keyframes": "ffmpeg, keyframes only", "ffmpeg": "ffmpeg -threads 1", "motion": "motion", "opencv": "OpenCV MOG2", "strict": "**strict**", "dense": "**dense**"}


def medians(rows):
    """CPU seconds a camera and second, by cell and system."""
    groups = {}
    for row in rows:
        groups.setdefault(judging.cell_of(row), {}).setdefault(row["system"], []).append(row)
    return {cell: {system: statistics.median(row["cpu_per_stream_s"] for row in members) for system, members in by_system.items()} for cell, by_system in groups.items()}


def cell_name(cell):
    size, gop, codec, control, activity = cell
    return f"{size} {'H.265' if codec == 'h265' else 'H.264'} {control.upper()}, GOP {gop}, {activity:.0%}"


def cost(rows):
    figures, ratios = medians(rows), judging.ratios(rows)
    names = [name for name in SHOWN if any(name in systems for systems in figures.values())]
    lines = ["## Cost", "", "Milliseconds of CPU a camera and second of its stream, whole process trees, the median of the rounds; in brackets cameras a core.", ""]
    lines += table(["cameras that send", *(SHOWN[name] for name in names)],
                   [[cell_name(cell), *(f"{1000 * systems[name]:.2f} ({1 / systems[name]:.0f})" if name in systems else "–" for name in names)] for cell, systems in figures.items()])
    lines += ["Ratios, both of the same round:", ""]
    pairs = [(ours, other) for ours in ("strict", "dense") for other in ("ffmpeg", "motion", "opencv")]

    def shown(cell, ours, other):
        ratio = ratios.get((cell, ours, other))
        if ratio is None:
            return "–"
        return f"{ratio['median']:.2f}" if ours == "strict" else f"1/{1 / ratio['median']:.1f}"
    lines += table(["cameras that send", *(f"{ours} : {other}" for ours, other in pairs)], [[cell_name(cell), *(shown(cell, *pair) for pair in pairs)] for cell in figures])
    left = [[cell_name(cell), f"{1000 * systems['keyframes']:.2f}", f"{1000 * systems['dense']:.2f}", f"{1000 * (systems['dense'] - systems['keyframes']):+.2f}"]
            for cell, systems in figures.items() if "keyframes" in systems and "dense" in systems]
    if left:
        lines += ["What is left above receiving everything and decoding one picture a GOP, which is the limit of this design (`ffmpeg -skip_frame nokey`, whose "
                  "reader is not free of cost either; below nothing means that ours is cheaper):", ""]
        lines += table(["cameras that send", "limit, ms", "dense, ms", "left, ms"], left)
    starved = [row for row in rows if row["kept"] < 0.95]
    if starved:
        lines += ["Not kept up with (their time counts only as far as they received it):", ""]
        lines += table(["system", "cameras that send", "cameras", "received", "machine busy"],
                       [[row["system"], cell_name(judging.cell_of(row)), row["cameras"], f"{row['kept']:.0%}", f"{row['machine_busy']:.0%}"] for row in starved])
    return lines


def recall(recalls):
    lines = ["## Events found", "", "Recorded files with a person walking in at any phase of the GOP; and while the cost was measured, live, answered by the receiver.", ""]
    rows = [[system, known["events"], f"{known['within_s']} s", known["found"], f"{known['recall']:.4f}", known["false_alerts"], ", ".join(known["missed"]) or "–",
             f"{known['seeds'][0]} … {known['seeds'][-1]}"] for system, known in recalls.items()]
    lines += table(["mode", "events", "within", "found", "recall", "false alerts", "missed", "seeds"], rows)
    scores = [[system, *known["corpus"].values()] for system, known in recalls.items() if "corpus" in known]
    if scores:
        lines += ["The annotated footage (`snowline evaluate CORPUS --mode …`):", "", *table(["mode", "mean F1 of the fences", "F1", "alerts where nothing happens"], scores)]
    return lines


def live(rows):
    groups = {}
    for row in rows:
        if "delays_s" in row and row["kept"] >= 0.95:
            known = groups.setdefault(row["system"], {"events": 0, "delays": [], "false": 0})
            known["events"] += row["events"]
            known["delays"] += row["delays_s"]
            known["false"] += row["false_alerts"]
    shown = [[system, known["events"], len(known["delays"]), f"{judging.percentile(known['delays'], 0.5):.2f}", f"{judging.percentile(known['delays'], 0.95):.2f}", known["false"]]
             for system, known in groups.items() if known["delays"]]
    if not shown:
        return []
    return ["Live, seconds from the feet inside the fence to the answered webhook:", "", *table(["mode", "events", "reported", "median", "95 %", "false alerts"], shown)]


def latency(answers):
    lines = ["## From the deciding picture to the acknowledged webhook", ""]
    return lines + table(["mode", "cameras", "machine busy", "alerts", "p50 ms", "p95 ms", "p99 ms", "most ms"],
                         [[a["system"], a["cameras"], f"{a['machine_busy']:.0%}", a["alerts"], a["p50_ms"], a["p95_ms"], a["p99_ms"], a["most_ms"]] for a in answers])


def curve(points):
    lines = ["## CPU against the number of cameras", "", "![CPU against cameras](cameras.svg)", "",
             "704x576, 1 Mbit/s, GOP 50, 5 % activity; the cameras' server runs on the same machine and is not in the figure, but it takes its share of it. "
             "Where the machine is full, load is shed: a camera and second costs less there because less is done.", ""]
    return lines + table(["mode", "cameras", "cores", "ms a camera and second", "machine busy", "received", "MiB"],
                         [[p["system"], p["cameras"], f"{p['cores']:.3f}", f"{1000 * p['cores'] / p['cameras']:.2f}", f"{p['machine_busy']:.0%}", f"{p['kept']:.1%}", p["rss_mib"]] for p in points])


def curve_svg(points, caption):
    most_cameras, most_cores = max(p["cameras"] for p in points), max(p["cores"] for p in points) * 1.1

    def place(point):
        return LEFT + WIDTH * point["cameras"] / most_cameras, 50 + HEIGHT * (1 - point["cores"] / most_cores)
    out = [plot.text(LEFT, 24, "CPU of snowlined against the number of cameras", "t")]
    for share in range(5):
        y, x = 50 + HEIGHT * share / 4, LEFT + WIDTH * share / 4
        out += [plot.line(LEFT, y, LEFT + WIDTH, y), plot.text(LEFT - 8, y + 4, f"{most_cores * (1 - share / 4):.2f}", "s n"),
                plot.text(x, 50 + HEIGHT + 18, f"{most_cameras * share / 4:.0f}", "s m")]
    out.append(plot.text(LEFT + WIDTH / 2, 50 + HEIGHT + 36, "cameras; cores upwards; a hollow point: the machine was full, and load was shed", "s m"))
    for mode in dict.fromkeys(p["system"] for p in points):
        own = [p for p in points if p["system"] == mode]
        way = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(place, own))
        out.append(f'<polyline points="{way}" fill="none" stroke="{COLOURS[mode]}" stroke-width="2"/>')
        for point in own:
            x, y = place(point)
            fill = "#ffffff" if judging.is_full(point) else COLOURS[mode]
            out.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{fill}" stroke="{COLOURS[mode]}"><title>{mode}: {point["cameras"]} cameras, '
                       f'{point["cores"]:.3f} cores, received {point["kept"]:.1%}</title></circle>')
        x, y = place(own[-1])
        out.append(plot.text(x - 8, y - 10, mode, "n"))
    out.append(plot.text(LEFT, 50 + HEIGHT + 58, caption, "s"))
    return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + 40}" height="{HEIGHT + 124}" viewBox="0 0 {LEFT + WIDTH + 40} {HEIGHT + 124}">', plot.STYLE,
                      f'<rect width="{LEFT + WIDTH + 40}" height="{HEIGHT + 124}" fill="#ffffff"/>', *out, "</svg>", ""])


def stamped(row, run):
    """With when and of which commit it was measured."""
    return {"measured": run["started"], "commit": run["commit"], **row}


def merged(before, now):
    """What was measured now in place of what was measured of the same system in the same cell before."""
    replaced = {(judging.cell_of(row), row["system"]) for row in now}
    return [row for row in before if (judging.cell_of(row), row["system"]) not in replaced] + now


def origins(rows):
    """Which cost figures are of which run, where they are not all of one."""
    runs = {}
    for row in rows:
        name = f"{row['size']}-g{row['gop']}-{row['codec']}-{row['control']} at {row['activity']:.0%}"
        runs.setdefault((row.get("measured", "?")[:16], row.get("commit", "?")), {}).setdefault(name, []).append(row["system"])
    if len(runs) < 2:
        return []
    return ["Cost was measured in several runs:", ""] + table(
        ["begun", "commit", "of"], [[begun, commit, "; ".join(f"{cell}: {', '.join(dict.fromkeys(names))}" for cell, names in cells.items())]
                                    for (begun, commit), cells in runs.items()])


def taken(content):
    """Of which run each part is, where they are not all of one."""
    runs = content.get("taken", {})
    if len({run["started"] for run in runs.values()}) < 2:
        return []
    return ["## Parts", "", "Not all figures are of one run:", ""] + table(
        ["part", "begun", "commit", "load at the start", "command"],
        [[SAID[part], run["started"][:16], run["commit"], run["load_average"], f"`{run['command']}`"] for part, run in runs.items()])


def unmeasured(content):
    """Cells of a full run that this record has no figures of."""
    measured = {(f"{row['size']}-g{row['gop']}-{row['codec']}-{row['control']}", row["activity"]) for row in content["rows"]}
    left = [f"{name} at {activity:.0%}" for name, activity in content.get("cells", []) if (name, activity) not in measured]
    return ["## Not measured", "", f"For want of time: {', '.join(left)}.", ""] if left else []


def markdown(content):
    facts = content["machine"]
    lines = [f"# Density, {facts['started'][:10]}, {facts['processor']}", "",
             f"{facts['processors']} processors, {facts['system']}, Linux {facts['kernel']}, commit {facts['commit']}, load at the start {facts['load_average']}"
             + ("" if facts["is_quiet"] else " **(busy: trust the ratios only)**") + f". `{content['command']}`. How to read this: [Benchmarks](../../../README.md#density).", ""]
    if content["rows"]:
        lines += cost(content["rows"])
    if content["recalls"]:
        lines += recall(content["recalls"])
    lines += live(content["rows"])
    if content["latency"]:
        lines += latency(content["latency"])
    if content["curve"]:
        lines += curve(content["curve"])
    lines += taken(content)
    lines += origins(content["rows"])
    lines += unmeasured(content)
    lines += ["## Verdict", "", *([f"- {problem}" for problem in content["problems"]] or ["As wanted."]), ""]
    return "\n".join(lines)


def write(folder, content):
    """Beside what earlier runs of other parts left there: a part that did not run keeps its figures, and says of which run they are."""
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, "density.json")
    own = {**content["machine"], "command": content["command"]}
    content = {**content, "rows": [stamped(row, own) for row in content["rows"]], "taken": {part: own for part in PARTS if content[part]}}
    if os.path.exists(path):
        with open(path, encoding="utf-8") as text:
            before = json.load(text)
        earlier = before.get("taken", {})
        content["rows"] = merged([stamped(row, earlier.get("rows", before["machine"])) for row in before["rows"]], content["rows"])
        content["taken"] = {**earlier, **content["taken"]}
        content |= {part: content[part] or before[part] for part in PARTS}
    # The verdict is on all that the record holds, whichever run it is of.
    judged = judging.problems(content["rows"], content["recalls"], content["latency"])
    content["problems"] = content["problems"] + judged
    with open(path, "w", encoding="utf-8") as text:
        json.dump(content, text, indent=1)
        text.write("\n")
    with open(os.path.join(folder, "README.md"), "w", encoding="utf-8") as text:
        text.write(markdown(content))
    if content["curve"]:
        with open(os.path.join(folder, "cameras.svg"), "w", encoding="utf-8") as text:
            text.write(curve_svg(content["curve"], f"{content['machine']['processor']}, {content['machine']['started'][:10]}"))


def default_folder(root):
    facts = machine.facts()
    return os.path.join(root, "Benchmarks", "Records", f"{facts['started'][:10]}-{machine.slug(machine.processor())}", "density")
