"""The Markdown of a record, made from its JSON files alone."""
import judge
from quality import SHOWN_EVENTS


def table(heading, rows):
    return ["| " + " | ".join(heading) + " |", "|" + "---|" * len(heading), *("| " + " | ".join(str(cell) for cell in row) + " |" for row in rows), ""]


def span(spread, digits=3):
    return f"{spread['median']:.{digits}f} ({spread['least']:.{digits}f}–{spread['most']:.{digits}f})"


def markdown(parts):
    """`parts` is the content of each part's file by its name."""
    if not parts:
        raise ValueError("no part has run")
    latest = max((part["machine"] for part in parts.values()), key=lambda facts: facts["started"])
    lines = [f"# Benchmarks, {latest['started'][:10]}, {latest['processor']}", "",
             f"{latest['processors']} processors, {latest['system']}, Linux {latest['kernel']}. How to read this: [Benchmarks](../../README.md).", ""]
    if any(name in parts for name in ("masks", "vision")):
        lines += ["![Bars of the tables below](plot.svg)", ""]
    for name, write in SECTIONS.items():
        if name in parts:
            lines += write(parts[name]["result"])
    lines += ["## Runs", ""]
    lines += table(["part", "command", "started", "seconds", "load at the start", "commit", "verdict"],
                   [[name, f"`make bench PARTS={name}`", part["machine"]["started"], part["seconds"], load(part["machine"]), part["machine"]["commit"],
                     "; ".join(part["problems"]) or "as wanted"] for name, part in parts.items()])
    versions = ", ".join(f"{name} {version}" for name, version in latest["versions"].items() if version)
    return "\n".join([*lines, f"Versions: {versions}.", ""])


def load(facts):
    return f"{facts['load_average']}" + ("" if facts["is_quiet"] else " **busy: trust the ratios only**")


def vision(result):
    lines = [f"## Cost: {result['size']}, 25 pictures a second, H.264 with sensor noise", "",
             "Milliseconds of CPU a picture for the analysis alone, one thread, median (range) of the rounds; the ratio is peer to Snowline, "
             "round by round.", ""]
    for scene, data in result["scenes"].items():
        rows = [["**Snowline**", f"**{span(data['snowline'])}**", "1"]]
        rows += [[name, span(spread), span(data["ratios"][name], 1)] for name, spread in data["peers"].items()]
        lines += table([f"{scene} scene", "ms a picture", "× Snowline"], rows)
        detail = data["snowline_detail"]
        stages = ", ".join(f"{name} {value:.3f}" for name, value in detail["stages_ms"].items())
        lines += [f"Snowline on {detail['set']}: median picture {detail['median_ms']:.3f}, 95 % within {detail['p95_ms']:.3f} ms; {detail['tracks']} tracks, "
                  f"the same observations in every round and on {', '.join(detail['sets_agree'])}. Stages (a round of their own): {stages} ms.", ""]
        if "motion" in data:
            without = ", ".join(f"{name.removeprefix('motion, ')} {value:.3f}" for name, value in data["motion_without_decode_ms"].items())
            lines += [f"motion: {data['motion']['analyses_a_second']} analyses a second; the table has its detect thread. The whole process without "
                      f"`ffmpeg -threads 1` for the same camera ({judge.spread(data['motion']['decode_floor_ms'])['median']:.3f} ms): {without} ms.", ""]
    return lines + ["Commands:", "", "```", *result["commands"], "```", ""]


def masks(result):
    lines = ["## Masks: F by the CDnet convention", ""]
    peers = list(result["rows"][0]["peers"])
    rows = [[row["sequence"], f"**{row['snowline']:.3f}**", *(f"{row['peers'][peer]:.3f}" for peer in peers), row["best_peer"], f"{row['margin']:+.3f}"] for row in result["rows"]]
    rows.append(["mean", f"**{result['mean_f']:.3f}**", *(f"{result['peer_mean_f'][peer]:.3f}" for peer in peers), "", ""])
    return lines + table(["sequence", "Snowline", *peers, "best OpenCV", "margin"], rows)


def events(result):
    lines = ["## Alerts, fences of the annotated footage", ""]
    sides = [("**Snowline**", result["snowline"]), *((f"OpenCV {peer} script", answer) for peer, answer in result["peers"].items())]
    lines += table(["", *(key.replace("_", " ") for key in SHOWN_EVENTS)], [[name, *(answer["total"][key] for key in SHOWN_EVENTS)] for name, answer in sides])
    lacking = [row for row in result["snowline"]["rows"] if row["f1"] < 1]
    if lacking:
        lines += ["Fences where Snowline is below 1:", ""]
        lines += table(["footage", "fence", "events", "found", "alerts", "false", "extra", "F1"],
                       [[row[key] for key in ("footage", "rule", "events", "found", "alerts", "false", "extra", "f1")] for row in lacking])
    return lines


def variants(result):
    return ["## Alerts on variants of the footage", "",
            *table(["variant", *(key.replace("_", " ") for key in SHOWN_EVENTS)], [[name, *(total[key] for key in SHOWN_EVENTS)] for name, total in result["totals"].items()])]


def kernels(result):
    lines = ["## Pixel kernels", "", "Nanoseconds of thread time and instructions (callgrind; not for AVX-512) a pixel: Swift, plain C for the same set, scalar twin.", ""]
    number = "{:.3f}".format
    rows = [[row["kernel"], row["set"], *(number(row[key]) if row[key] is not None else "–" for key in
             ("swift_ns", "c_ns", "twin_ns", "swift_instructions", "c_instructions", "twin_instructions"))] for row in result["rows"]]
    return lines + table(["kernel", "set", "Swift ns", "C ns", "twin ns", "Swift insn", "C insn", "twin insn"], rows)


SECTIONS = {"vision": vision, "masks": masks, "events": events, "variants": variants, "kernels": kernels}
