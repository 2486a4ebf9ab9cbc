#!/usr/bin/env python3
"""Check scene health on footage: filtered clips must raise what was done to them, untouched ones nothing.

usage: health_check.py [--only CHANGE,CHANGE] [--clips CLIP,CLIP] CORPUS FOLDER [SNOWLINE]

Each change is made by ffmpeg from second 14 to 26 of a clip of 34 seconds, kept in FOLDER for the next run, and
replayed with `snowline replay --conditions`. A condition counts as found where it was dated to within a second and a
half of the change, noticed before the change ended, and over before the footage ended. Prints one line a clip and
change: found, missed, false (anything else). Fails (exit 1) when a line is wrong. Needs ffmpeg with libx264.

There is no footage of a camera that switches to infra-red here; `infrared` stands in for it by swapping the
brightness of some materials, as leaves and cloth do under such a lamp.
"""
import argparse
import calendar
import concurrent.futures
import hashlib
import json
import os
import subprocess
import sys
import time

BEGIN, END, LENGTH = 14, 26, 34
CLIPS = ("cdnet_highway", "cdnet_office", "cdnet_pedestrians", "pets2009_S2L1", "intel_one_by_one")
DURING = f"enable='between(t,{BEGIN},{END})'"
BRIEFLY = f"enable='between(t,{BEGIN},{BEGIN + 3})'"


def other(view):
    return f"[0:v]split[a][b];[b]{view}[c];[a][c]overlay={DURING}"


# What is done, what must be found, what may be found besides.
CHANGES = {
    "box": (f"drawbox=x=0:y=0:w=iw:h=ih*0.75:color=black:t=fill:{DURING}", {"covered"}, set()),
    "sheet": (f"drawbox=x=0:y=0:w=iw:h=ih:color=0x585858:t=fill:{DURING}", {"covered"}, set()),
    "black": (f"eq=brightness=-1:{DURING}", {"too_dark"}, {"lighting_jump"}),
    "white": (f"eq=brightness=1:{DURING}", {"too_bright"}, {"lighting_jump"}),
    "defocus": (f"boxblur=lr=8:lp=3:{DURING}", {"blurred"}, set()),
    "zoom": (other("crop=iw/2:ih/2:iw/4:ih/4,scale=iw*2:ih*2"), {"moved"}, {"lighting_jump"}),
    "turn": (other("hflip,vflip"), {"moved"}, {"lighting_jump"}),
    "freeze": ("[0:v]split[a][b];[a][b]freezeframes=first={first}:last={last}:replace={first}", {"frozen"}, set()),
    "lighter": (f"eq=gamma=1.6:{DURING}", {"lighting_jump"}, set()),
    "darker": (f"eq=brightness=-0.15:contrast=0.7:{DURING}", {"lighting_jump"}, set()),
    "infrared": (f"curves=all='0/0.9 0.5/0.15 1/0.7':{DURING}", {"infrared_switch"}, {"lighting_jump"}),
    "truck": (f"drawbox=x=0:y=0:w=iw:h=ih:color=0x606060:t=fill:{BRIEFLY}", set(), set()),
    "shake": (f"crop=iw-8:ih-8:4+3*sin(40*t):4+3*cos(31*t),scale=iw+8:ih+8", set(), set()),
    "noise": (f"noise=alls=20:allf=t:all_seed=1:{DURING}", set(), set()),
    "dusk": ("eq=eval=frame:brightness='-0.25*clip((t-4)/26,0,1)'", set(), set()),
}
# Where a change is another one in a clip, for what is in it.
OTHERWISE = {
    # All of it is brighter than the middle, where the curve only darkens: no materials change places.
    ("cdnet_pedestrians", "infrared"): (set(), {"lighting_jump"}),
}
# What really happens in untouched footage, and when.
KNOWN = {
    # The sensor recalibrates: the whole picture steps to another brightness and stays there.
    "thermal_skyline": [("lighting_jump", 4.9)],
}
# They change the picture for a moment by themselves: dated by when they begin, not by when the change ends.
PASSING = {"lighting_jump", "infrared_switch"}


def rate(clip):
    probe = ["ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "stream=avg_frame_rate", "-of",
             "csv=p=0", clip]
    above, below = subprocess.run(probe, check=True, capture_output=True, text=True).stdout.strip().split("/")
    return int(above) / int(below)


def make(clip, change, folder, name):
    """The changed clip, made anew only if it is not there yet as it is described here."""
    frames = rate(clip)
    graph = CHANGES[change][0].replace("{first}", str(int(BEGIN * frames))).replace("{last}", str(int(END * frames)))
    way = ["-filter_complex", graph] if graph.startswith("[") else ["-vf", graph]
    quality = ["-qp", "0"] if change == "freeze" else ["-crf", "20"]
    encode = ["-an", "-t", str(LENGTH), *way, "-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", "-g", "50", *quality,
              "-pix_fmt", "yuv420p", "-threads", "1"]
    mark = hashlib.sha256(repr(encode).encode()).hexdigest()[:8]
    target = os.path.join(folder, f"{name}-{change}-{mark}.mkv")
    if not os.path.exists(target):
        partial = target + ".partial.mkv"
        start = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-threads", "1", "-filter_threads", "1", "-i", clip]
        subprocess.run([*start, *encode, partial], check=True)
        os.replace(partial, target)
    return target


def seconds(text):
    """Seconds since 1970 of a time like 1970-01-01T00:00:14.040Z."""
    whole, _, part = text.rstrip("Z").partition(".")
    return calendar.timegm(time.strptime(whole, "%Y-%m-%dT%H:%M:%S")) + float("0." + (part or "0"))


def write_site(folder, model):
    with open(os.path.join(folder, f"{model}.yaml"), "w", encoding="utf-8") as text:
        text.write('site: { id: "1", name: check }\ncameras:\n  - id: one\n    url: rtsp://127.0.0.1:1/one\n'
                   f"    model: {model}\n"
                   "    fences: [{ id: all, kind: zone, points: [[0,0],[1,0],[1,1],[0,1]] }]\n"
                   "sinks: [{ id: here, kind: file, path: alerts.jsonl }]\n")


def conditions(snowline, footage, site, out):
    """(condition, since, noticed, end or None) of each."""
    subprocess.run([snowline, "replay", footage, "--site", site, "--camera", "one", "--conditions", out], check=True,
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    found = []
    with open(out, encoding="utf-8") as lines:
        for line in map(json.loads, lines):
            since = seconds(line["since"])
            if line.get("end") is None:
                found.append([line["condition"], since, seconds(line["noticed"]), None])
            else:
                for one in found:
                    if one[0] == line["condition"] and one[1] == since and one[3] is None:
                        one[3] = seconds(line["end"])
    return found


def judge(found, expected, allowed):
    """What was expected and not found, and what was found besides."""
    good = set()
    false = []
    for condition, since, noticed, end in found:
        dated = abs(since - BEGIN) <= 1.5
        if condition in expected and dated and noticed <= END and end is not None:
            good.add(condition)
        elif condition not in allowed and not (condition in PASSING and condition in expected):
            false.append(f"{condition}@{since:.1f}")
    return sorted(good), sorted(expected - good), false


def compare_untouched(name, found):
    """As ``judge`` for footage nobody changed: only what is known to be in it."""
    known = dict(KNOWN.get(name, ()))
    good = set()
    false = []
    for condition, since, _, _ in found:
        if condition in known and abs(since - known[condition]) <= 0.5:
            good.add(condition)
        else:
            false.append(f"{condition}@{since:.1f}")
    return sorted(good), sorted(set(known) - good), false


def check(options, name, change):
    """One line of the table, and whether it is right; None for what is no clip."""
    meta = os.path.join(options.corpus, name, "meta.json")
    if not os.path.exists(meta):
        return None
    with open(meta, encoding="utf-8") as text:
        known = json.load(text)
    footage = os.path.join(options.corpus, name, known.get("video_file") or "input.mp4")
    if change == "untouched":
        expected, allowed = set(), set()
    else:
        expected, allowed = OTHERWISE.get((name, change), CHANGES[change][1:])
        footage = make(footage, change, options.folder, name)
    model = "thermal" if "thermal" in known.get("nuisance", []) else "visible"
    out = os.path.join(options.folder, f"{name}-{change}.jsonl")
    found = conditions(options.snowline, footage, os.path.join(options.folder, f"{model}.yaml"), out)
    if change == "untouched":
        good, missed, false = compare_untouched(name, found)
    else:
        good, missed, false = judge(found, expected, allowed)
    delays = [f"{one[0]} +{one[2] - BEGIN:.1f}" for one in found if one[0] in good and change != "untouched"]
    line = (f"{name:24}{change:10}{', '.join(good) or '-':18}{', '.join(missed) or '-':18}{', '.join(false) or '-':34}"
            f"{'; '.join(delays)}")
    return line, not (missed or false)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus")
    parser.add_argument("folder")
    parser.add_argument("snowline", nargs="?", default=".build/release/snowline")
    parser.add_argument("--only", default=",".join(("untouched", *CHANGES)))
    parser.add_argument("--clips", default=None)
    options = parser.parse_args()
    os.makedirs(options.folder, exist_ok=True)
    for model in ("visible", "thermal"):
        write_site(options.folder, model)
    tasks = []
    for change in options.only.split(","):
        if change != "untouched" and change not in CHANGES:
            parser.error(f"no change {change}; there are untouched, {', '.join(CHANGES)}")
        usual = sorted(os.listdir(options.corpus)) if change == "untouched" else CLIPS
        tasks += [(name, change) for name in (options.clips.split(",") if options.clips else usual)]
    print(f"{'clip':24}{'change':10}{'found':18}{'missed':18}{'false':34}noticed after s")
    wrong = lines = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for result in pool.map(lambda task: check(options, *task), tasks):
            if result is None:
                continue
            print(result[0], flush=True)
            lines += 1
            wrong += not result[1]
    print(f"{lines - wrong} of {lines} right")
    if wrong or not lines:
        sys.exit(1)


main()
