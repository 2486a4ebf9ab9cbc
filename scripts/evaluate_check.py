#!/usr/bin/env python3
"""Judge `snowline evaluate` on the annotated footage: its own totals against the independent scorer, and the floor.

usage: evaluate_check.py SNOWLINE CORPUS SCORER OUTPUT_DIR

Runs `snowline evaluate CORPUS --alerts OUTPUT_DIR/alerts.jsonl --json`, scores the same alerts with SCORER, and fails
(exit 1) when a total differs in any digit, a row differs, or a floor is not reached. The floors and the tolerance
stand below and nowhere else.
"""
import json
import os
import subprocess
import sys
import time

FLOORS = {"macro_f1": 0.75}
TOLERANCE = 0.0  # both round to the scorer's digits, so nothing but equality will do

SHOWN = ("macro_f1", "recall", "precision", "f1", "control_zone_alerts", "false_per_hour", "median_delay_s", "p95_delay_s")


def run(command, stdout):
    started = time.monotonic()
    with open(stdout, "wb") as out:
        code = subprocess.run(command, stdout=out, stdin=subprocess.DEVNULL, check=False).returncode
    if code != 0:
        sys.exit(f"{' '.join(command)}: exit code {code}")
    with open(stdout, encoding="utf-8") as text:
        return json.load(text), time.monotonic() - started


def differs(ours, theirs):
    number = (int, float)
    if isinstance(ours, number) and isinstance(theirs, number) and not isinstance(ours, bool):
        return abs(ours - theirs) > TOLERANCE
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) != len(theirs) or any(differs(a, b) for a, b in zip(ours, theirs))
    return ours != theirs


def compare(ours, theirs, where):
    """Every name that the scorer prints must stand in our answer with the same value."""
    for key, value in theirs.items():
        if key not in ours:
            yield f"{where}: evaluate prints no \"{key}\" (scorer: {value})"
        elif differs(ours[key], value):
            yield f"{where}.{key}: evaluate says {ours[key]}, the scorer {value}"


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    snowline, corpus, scorer, folder = sys.argv[1:]
    os.makedirs(folder, exist_ok=True)
    alerts = os.path.join(folder, "alerts.jsonl")
    ours, seconds = run([snowline, "evaluate", corpus, "--alerts", alerts, "--json"], os.path.join(folder, "evaluate.json"))
    theirs, _ = run([sys.executable, scorer, corpus, alerts, "--json"], os.path.join(folder, "scorer.json"))

    problems = list(compare(ours["total"], theirs["total"], "total"))
    by_fence = {(row["footage"], row["rule"]): row for row in ours["rows"]}
    for row in theirs["rows"]:
        key = (row["footage"], row["rule"])
        problems += compare(by_fence.pop(key, {}), row, "/".join(key))
    problems += [f"{'/'.join(key)}: a row that the scorer does not know" for key in by_fence]
    total = theirs["total"]
    for name, floor in FLOORS.items():
        if total[name] < floor:
            problems.append(f"{name} is {total[name]}, the floor is {floor}")

    print(f"evaluate: {len(theirs['rows'])} fences in {seconds:.1f} s; " + ", ".join(f"{k} {total[k]}" for k in SHOWN if k in total))
    for problem in problems:
        print(f"evaluate: {problem}")
    if not problems:
        print(f"evaluate: agrees with the scorer in every total and row; floors reached: {FLOORS}")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
