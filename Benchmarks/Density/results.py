"""The results as they are printed: JSON lines that scripts read, or a table. Pure."""
import json
import statistics

import judging
import systems


def lines(rows, recalls):
    """The results as they are printed: medians over the rounds; recall of the recall footage where it was run."""
    groups = {}
    for row in rows:
        groups.setdefault((judging.cell_of(row), row["system"]), []).append(row)
    for ((size, gop, codec, control, activity), system), members in groups.items():
        if system == systems.KEYFRAMES:
            continue
        known = recalls.get(system)
        if known and (known["size"], known["gop"]) != (size, gop):
            known = None
        source = known or members[-1]
        line = {"system": system, "size": size, "gop": gop, "activity": activity,
                "cpu_per_stream_s": round(statistics.median(member["cpu_per_stream_s"] for member in members), 6),
                "events": source["events"], "recall": source["recall"], "false_alerts": source["false_alerts"]}
        if (codec, control) != ("h264", "cbr"):
            line |= {"codec": codec, "control": control}
        yield line


def show(printed, out, as_json):
    if not as_json and printed:
        print(f"{'system':<8} {'size':<10} {'GOP':>4} {'activity':>8} {'ms CPU a camera and second':>27} {'cameras a core':>15} {'events':>7} {'recall':>7} {'false':>6}", file=out)
    for line in printed:
        spent = line["cpu_per_stream_s"]
        text = json.dumps(line) if as_json else (
            f"{line['system']:<8} {line['size']:<10} {line['gop']:>4} {line['activity']:>8.0%} {1000 * spent:>27.2f} {1 / spent:>15.1f} {line['events']:>7} "
            f"{'-' if line['recall'] is None else line['recall']:>7} {'-' if line['false_alerts'] is None else line['false_alerts']:>6}")
        print(text, file=out, flush=True)
