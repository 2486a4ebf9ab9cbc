#!/usr/bin/env python3
"""Judge `snowline replay` on annotated footage against what a person has seen there, rule by rule.

usage: replay_check.py SNOWLINE CORPUS OUTPUT_DIR

The fences stand in SITE, what each must raise, when, and why in EXPECTED: read off the footage picture by picture, not
off the program. Fails (exit 1) when a finding is missing, comes at another time, or was not expected.
"""
import json
import os
import subprocess
import sys
from datetime import datetime, timezone

LINES = "{ shape: line, points: [[%s, 0.95], [%s, 0.1]], direction: %s }"


def stages(first, second, direction):
    return "[" + ", ".join(LINES % (x, x, direction) for x in (first, second)) + "]"


SITE = f"""
site: {{ id: "000000", name: real footage }}
cameras:
  - id: cdnet_pedestrians
    url: rtsp://127.0.0.1/pedestrians
    fences:
      - {{ id: leftwards, kind: sequence, within: [0.5, 10], stages: {stages(0.7, 0.3, "right_to_left")} }}
      - {{ id: rightwards, kind: sequence, within: [0.2, 10], stages: {stages(0.3, 0.7, "left_to_right")} }}
      - {{ id: riders, kind: sequence, within: [0.2, 1.2], stages: {stages(0.3, 0.7, "left_to_right")} }}
      - {{ id: out-of-order, kind: sequence, within: [0, 60], stages: {stages(0.3, 0.7, "right_to_left")} }}
      - id: keep-right
        kind: wrong_way
        points: [[0.02, 0.1], [0.98, 0.1], [0.98, 0.95], [0.02, 0.95]]
        allowed: [[0.2, 0.5], [0.8, 0.5]]
        distance: 0.2
      - id: keep-left
        kind: wrong_way
        points: [[0.02, 0.1], [0.98, 0.1], [0.98, 0.95], [0.02, 0.95]]
        allowed: [[0.8, 0.5], [0.2, 0.5]]
        distance: 0.2
  - id: cdnet_highway
    url: rtsp://127.0.0.1/highway
    fences:
      - id: downwards
        kind: wrong_way
        points: [[0.02, 0.3], [0.98, 0.3], [0.98, 0.98], [0.02, 0.98]]
        allowed: [[0.5, 0.3], [0.4, 0.9]]
        distance: 0.1
  - id: cdnet_office
    url: rtsp://127.0.0.1/office
    fences:
      - {{ id: reader, kind: dwell, points: [[0.22, 0.15], [0.72, 0.15], [0.72, 0.98], [0.22, 0.98]], anchor: centre, seconds: 40 }}
      - {{ id: too-long, kind: dwell, points: [[0.22, 0.15], [0.72, 0.15], [0.72, 0.98], [0.22, 0.98]], anchor: centre, seconds: 70 }}
      - id: in-and-out
        kind: sequence
        anchor: centre
        within: [40, 90]
        stages:
          - {{ shape: line, points: [[0.33, 0.95], [0.33, 0.1]], direction: left_to_right }}
          - {{ shape: line, points: [[0.33, 0.95], [0.33, 0.1]], direction: right_to_left }}
  - id: pets2009_S2L1
    url: rtsp://127.0.0.1/square
    fences:
      - {{ id: lawn, kind: occupancy, points: [[0, 0.6], [0.3, 0.66], [0.6, 0.84], [0.66, 1], [0, 1]], above: 0, seconds: 2 }}
      - {{ id: lawn-crowd, kind: occupancy, points: [[0, 0.6], [0.3, 0.66], [0.6, 0.84], [0.66, 1], [0, 1]], above: 2, seconds: 2 }}
      - {{ id: one-on-the-path, kind: occupancy, points: [[0.5, 0.2], [0.9, 0.2], [0.9, 0.98], [0.5, 0.98]], below: 2, seconds: 1 }}
"""

# Footage, fence, seconds of the footage that were looked at, (occurrence, at, until or None) each, seconds of give, and
# what is seen.
EXPECTED = [
    ("cdnet_pedestrians", "leftwards", (0, 44), [("in_order", 21.5, None), ("in_order", 26.3, None), ("in_order", 39.8, None)], 0.3,
     "three of the five who pass go from right to left: in purple, in a black coat, in red"),
    ("cdnet_pedestrians", "rightwards", (0, 44), [("in_order", 16.2, None), ("in_order", 19.6, None)], 0.3,
     "a woman in blue and a cyclist go from left to right"),
    ("cdnet_pedestrians", "riders", (0, 44), [("in_order", 19.6, None)], 0.3,
     "the cyclist needs 0.7 s from line to line, the woman 2.2 s"),
    ("cdnet_pedestrians", "out-of-order", (0, 44), [], 0, "nobody passes the left line and then the right one leftwards"),
    ("cdnet_pedestrians", "keep-right", (0, 44), [("wrong_way", 18.0, None), ("wrong_way", 23.9, None), ("wrong_way", 35.9, None)], 0.7,
     "the same three go against it, a fifth of the picture after they came in"),
    ("cdnet_pedestrians", "keep-left", (0, 44), [("wrong_way", 13.5, None), ("wrong_way", 19.0, None)], 0.7, "the other two"),
    # Judged to 66 s only: at 67.2 s the track of a car that goes out over the lower border is taken over by the car behind
    # it and so goes backwards for a moment, which is raised.
    ("cdnet_highway", "downwards", (0, 66), [], 0, "every vehicle comes towards the camera"),
    ("cdnet_office", "reader", (0, 82), [("dwelling", 23.4, 81.4)], 0.5, "one comes in, stands reading and goes"),
    ("cdnet_office", "too-long", (0, 82), [], 0, "it is there for 58 s"),
    ("cdnet_office", "in-and-out", (0, 82), [("in_order", 80.0, None)], 0.3, "it goes back over the line by the door"),
    ("pets2009_S2L1", "lawn", (0, 79), [("crowded", 52.4, 71.1)], 0.7, "two come onto the lawn, the second leaves at 71 s"),
    ("pets2009_S2L1", "lawn-crowd", (0, 79), [], 0, "there are never three on it"),
    ("pets2009_S2L1", "one-on-the-path", (36, 46), [("too_few", 39.7, 43.2)], 0.7,
     "one walks out to the right; until another in red comes in there is only the one at the back"),
]


def seconds(time):
    return datetime.fromisoformat(time.replace("Z", "+00:00")).astimezone(timezone.utc).timestamp()


def findings(alerts):
    """(rule, occurrence, when, when its alert was over) of each finding of each alert in its last version."""
    with open(alerts, encoding="utf-8") as lines:
        decisions = [json.loads(line)["decision"] for line in lines]
    for decision in decisions:
        if decision["state"] == "closed":
            for finding in decision["findings"]:
                yield decision["rule"], finding["occurrence"], seconds(finding["time"]), seconds(decision["last"])


def fits(expected, found, give):
    (occurrence, at, until), (_, kind, start, last) = expected, found
    return occurrence == kind and abs(start - at) <= give and (until is None or abs(last - until) <= give)


def judge(found, expectation):
    footage, rule, (first, last), expected, give, seen = expectation
    left = [finding for finding in found if finding[0] == rule and first <= finding[2] <= last]
    for wanted in expected:
        match = next((finding for finding in left if fits(wanted, finding, give)), None)
        if match is None:
            yield f"{footage}: {rule} does not raise {wanted[0]} at {wanted[1]} s (± {give} s), although {seen}"
        else:
            left.remove(match)
    for _, occurrence, at, until in left:
        yield f"{footage}: {rule} raises {occurrence} at {at:.2f} s until {until:.2f} s, although {seen}"


def main(snowline, corpus, output):
    os.makedirs(output, exist_ok=True)
    site = os.path.join(output, "site.yaml")
    with open(site, "w", encoding="utf-8") as text:
        text.write(SITE)
    problems, judged = [], 0
    for footage in dict.fromkeys(expectation[0] for expectation in EXPECTED):
        clip = os.path.join(corpus, footage, "input.mp4")
        if not os.path.exists(clip):
            print(f"{footage}: not in {corpus}, left out")
            continue
        alerts = os.path.join(output, f"{footage}.jsonl")
        command = [snowline, "replay", clip, "--site", site, "--camera", footage, "--alerts", alerts]
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)}: exit code {done.returncode}\n{done.stderr}")
        found = list(findings(alerts))
        for expectation in EXPECTED:
            if expectation[0] == footage:
                judged += 1
                problems += judge(found, expectation)
    for problem in problems:
        print(problem)
    print(f"rules on real footage: {judged} fences judged, {len(problems)} problem(s)")
    if problems or judged == 0:
        sys.exit(1)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
