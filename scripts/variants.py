#!/usr/bin/env python3
"""Score `snowline evaluate` on variants of the annotated footage that a good detector does not mind.

usage: variants.py [--only VARIANT,VARIANT] [--floor 0.90] CORPUS FOLDER [SNOWLINE]

  plain     the footage as it is
  quarter   encoded again at a quarter of each clip's bit rate
  mirrored  left and right swapped, fences and directions too
  noise     sensor noise added (a fixed seed)
  shake     the camera sways: sines of several frequencies, sub-pixel, up to about 1 % of the picture's width each way
  fps8      the footage as it is, 8 pictures a second analysed throughout
  fps5      the same with 5

Makes the changed footage in FOLDER (kept: the next run uses it again), prints a line for each variant, and fails
(exit 1) when one has a macro_f1 below the floor. Needs ffmpeg with libx264.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys

CODEC = ["-c:v", "libx264", "-preset", "veryfast", "-bf", "0", "-g", "50", "-pix_fmt", "yuv420p"]
CLEAR = ["-crf", "18"]
NOISE = "noise=alls=8:allf=t:all_seed=1"
# Share of the picture's width, cycles a second, phase; and the rim that the swaying window needs.
SWAY_ACROSS = [(0.006, 0.4, 0.0), (0.003, 1.7, 1.0), (0.0015, 4.3, 2.0)]
SWAY_DOWN = [(0.003, 0.7, 0.5), (0.002, 2.3, 1.5), (0.001, 5.1, 0.0)]
RIM = 0.015
SIDES = {"left_to_right": "right_to_left", "right_to_left": "left_to_right"}
SHOWN = ("macro_f1", "f1", "recall", "precision", "control_zone_alerts", "median_delay_s")


def bit_rate(footage):
    """Bits a second of the footage's pictures alone, without the container."""
    probe = ["ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "packet=size,duration_time",
             "-of", "csv=p=0", footage]
    rows = subprocess.run(probe, check=True, capture_output=True, text=True).stdout.split()
    pairs = [row.strip(",").split(",") for row in rows]
    seconds = sum(float(pair[0]) for pair in pairs)
    return 8 * sum(int(pair[1]) for pair in pairs) / seconds


def quarter(source, target):
    rate = str(int(bit_rate(source) / 4))
    encode(source, target, ["-b:v", rate, "-maxrate", rate, "-bufsize", str(2 * int(rate))])


def mirrored(source, target):
    encode(source, target, ["-vf", "hflip", *CLEAR])


def noise(source, target):
    encode(source, target, ["-vf", NOISE, *CLEAR])


def shake(source, target):
    encode(source, target, ["-vf", sway(frame_rate(source)), *CLEAR])


def frame_rate(footage):
    probe = ["ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "stream=avg_frame_rate",
             "-of", "csv=p=0", footage]
    above, below = subprocess.run(probe, check=True, capture_output=True, text=True).stdout.strip(",\n ").split("/")
    return float(above) / float(below)


def sway(rate):
    """A filter that looks at all but a rim of the picture through a window that sways."""
    def path(waves):
        return "+".join(f"{share}*W*sin({6.283185 * hertz / rate:.6f}*on+{phase})" for share, hertz, phase in waves)
    x, y = path(SWAY_ACROSS), path(SWAY_DOWN)
    left, right, top, bottom = f"{RIM}*W+{x}", f"{1 - RIM}*W+{x}", f"{RIM}*H+{y}", f"{1 - RIM}*H+{y}"
    corners = [(left, top), (right, top), (left, bottom), (right, bottom)]
    places = ":".join(f"x{index}='{place[0]}':y{index}='{place[1]}'" for index, place in enumerate(corners))
    return f"perspective={places}:interpolation=cubic:sense=source:eval=frame"


def encode(source, target, options):
    partial = target + ".partial.mp4"
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-threads", "1", "-i", source, "-an", "-fps_mode",
               "passthrough", "-enc_time_base", "-1", *options, *CODEC, "-threads", "1", partial]
    subprocess.run(command, check=True)
    os.replace(partial, target)


def mirror_fences(fences):
    for fence in fences:
        fence["points"] = [[1 - x, y] for x, y in fence["points"]]
        fence["direction"] = SIDES.get(fence.get("direction"), fence.get("direction"))
        for event in fence["events"]:
            event["direction"] = SIDES.get(event.get("direction"), event.get("direction"))
    return fences


def zoom_fences(fences):
    for fence in fences:
        fence["points"] = [[min(max((part - RIM) / (1 - 2 * RIM), 0), 1) for part in point] for point in fence["points"]]
    return fences


def load(path):
    with open(path, encoding="utf-8") as text:
        return json.load(text)


def make(corpus, folder, change):
    """A corpus in `folder` with every footage that has fences, changed; returns the folder."""
    for name in sorted(os.listdir(corpus)):
        source = os.path.join(corpus, name)
        if not os.path.exists(os.path.join(source, "fences.json")):
            continue
        target = os.path.join(folder, name)
        os.makedirs(target, exist_ok=True)
        meta = load(os.path.join(source, "meta.json"))
        shutil.copy(os.path.join(source, "fences.json"), target)
        if change in FENCES:
            with open(os.path.join(target, "fences.json"), "w", encoding="utf-8") as text:
                json.dump(FENCES[change](load(os.path.join(source, "fences.json"))), text)
        footage = os.path.join(target, "input.mp4")
        if not os.path.exists(footage):
            change(os.path.join(source, meta.get("video_file") or "input.mp4"), footage)
        with open(os.path.join(target, "meta.json"), "w", encoding="utf-8") as text:
            json.dump({"video_file": "input.mp4", "nuisance": meta.get("nuisance", [])}, text)
    return folder


FENCES = {mirrored: mirror_fences, shake: zoom_fences}

VARIANTS = {
    "plain": (None, []),
    "quarter": (quarter, []),
    "mirrored": (mirrored, []),
    "noise": (noise, []),
    "shake": (shake, []),
    "fps8": (None, ["--steady", "--analysis-fps", "8"]),
    "fps5": (None, ["--steady", "--analysis-fps", "5"]),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus")
    parser.add_argument("folder")
    parser.add_argument("snowline", nargs="?", default=".build/release/snowline")
    parser.add_argument("--only", default=",".join(VARIANTS))
    parser.add_argument("--floor", type=float, default=0.90)
    options = parser.parse_args()
    unknown = set(options.only.split(",")) - set(VARIANTS)
    if unknown:
        parser.error(f"no variant {', '.join(sorted(unknown))}; there are {', '.join(VARIANTS)}")
    os.makedirs(options.folder, exist_ok=True)
    low = []
    print(f"{'variant':10}" + "".join(f"{key:>21}" for key in SHOWN), flush=True)
    for name in options.only.split(","):
        change, arguments = VARIANTS[name]
        corpus = make(options.corpus, os.path.join(options.folder, name), change) if change else options.corpus
        command = [options.snowline, "evaluate", corpus, "--json", *arguments]
        answer = json.loads(subprocess.run(command, check=True, capture_output=True, stdin=subprocess.DEVNULL).stdout)
        with open(os.path.join(options.folder, name + ".json"), "w", encoding="utf-8") as text:
            json.dump(answer, text, indent=1)
        print(f"{name:10}" + "".join(f"{answer['total'][key]!s:>21}" for key in SHOWN), flush=True)
        if answer["total"]["macro_f1"] < options.floor:
            low.append(name)
    if low:
        sys.exit(f"macro_f1 below {options.floor}: {', '.join(low)}")


main()
