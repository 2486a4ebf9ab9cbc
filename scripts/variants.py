#!/usr/bin/env python3
"""Score `snowline evaluate` on variants of the annotated footage that a good detector does not mind.

usage: variants.py [--only VARIANT,VARIANT] [--rows] CORPUS FOLDER [SNOWLINE]

  plain       the footage as it is
  quarter     encoded again at a quarter of each clip's bit rate
  artefacts   encoded again at a low, constant quality with a key picture every ten seconds
  mirrored    left and right swapped, fences and directions too
  noise       sensor noise added (a fixed seed)
  shake       the camera sways: sines of several frequencies, sub-pixel, up to about 1 % of the picture's width
              each way
  fps8, fps5  the footage as it is, 8 (5) pictures a second analysed throughout
  half, large half (one and a half times) as many columns and rows
  later1, later2   the clip begins 1.3 s (2.7 s) later: other pictures to learn from, what went on then is optional
  slow, fast  half and twice the speed (fast without the clips that are time-compressed already)
  dusk        the light fades to a fifth, the noise grows
  clouds      soft shadows of clouds cross the picture
  exposure    steps of 30 % in the middle of events
  rain, snow  streaks and flakes over the picture
  fog         two fifths of the contrast

Makes the changed footage in FOLDER (kept: the next run uses it again), prints a line for each variant and, with --rows,
what each fence loses or adds against `plain`; fails (exit 1) when a figure is beyond what the variant promises below.
Needs ffmpeg with libx264, and numpy for the variants from `dusk` on.
"""
import argparse
import dataclasses
import fractions
import json
import os
import subprocess
import sys
from collections.abc import Callable

CODEC = ["-c:v", "libx264", "-preset", "veryfast", "-bf", "0", "-g", "50", "-pix_fmt", "yuv420p", "-threads", "1"]
CLEAR = ["-crf", "18"]
# Share of the picture's width, cycles a second, phase; and the rim that the swaying window needs.
SWAY_ACROSS = [(0.006, 0.4, 0.0), (0.003, 1.7, 1.0), (0.0015, 4.3, 2.0)]
SWAY_DOWN = [(0.003, 0.7, 0.5), (0.002, 2.3, 1.5), (0.001, 5.1, 0.0)]
RIM = 0.015
SIDES = {"left_to_right": "right_to_left", "right_to_left": "left_to_right"}
SHOWN = ("macro_f1", "f1", "recall", "precision", "control_zone_alerts", "median_delay_s")
TIMES = ("start_s", "end_s", "cross_s", "first_touch_s", "last_touch_s")
#: Cars move a sixth of the picture from one picture to the next at twice the speed.
COMPRESSED = ("sbi_HighwayII",)


@dataclasses.dataclass
class Variant:
    """How the footage and its fences are changed, what `evaluate` is told, and the figures that must hold."""

    footage: Callable[[str, str, dict], None] | None = None
    fences: Callable[[list], list] = lambda fences: fences
    skips: Callable[[str, dict], bool] = lambda name, meta: False
    arguments: tuple[str, ...] = ()
    macro_f1: float = 0.90
    control_zone_alerts: int = 0


def stream_of(footage):
    probe = ["ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries",
             "stream=width,height,r_frame_rate:format=duration", "-of", "json", footage]
    answer = json.loads(subprocess.run(probe, check=True, capture_output=True, text=True).stdout)
    stream = answer["streams"][0]
    rate = fractions.Fraction(stream["r_frame_rate"])
    return {"width": stream["width"], "height": stream["height"], "rate": (rate.numerator, rate.denominator),
            "duration": float(answer["format"]["duration"])}


def bit_rate(footage):
    """Bits a second of the footage's pictures alone, without the container."""
    probe = ["ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "packet=size,duration_time",
             "-of", "csv=p=0", footage]
    rows = subprocess.run(probe, check=True, capture_output=True, text=True).stdout.split()
    pairs = [row.strip(",").split(",") for row in rows]
    seconds = sum(float(pair[0]) for pair in pairs)
    return 8 * sum(int(pair[1]) for pair in pairs) / seconds


def encode(source, target, options):
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-threads", "1", "-i", source, "-an", "-fps_mode",
               "passthrough", "-enc_time_base", "-1", *CODEC, *options, target]
    subprocess.run(command, check=True)


def quarter(source, target, truth):
    rate = str(int(bit_rate(source) / 4))
    encode(source, target, ["-b:v", rate, "-maxrate", rate, "-bufsize", str(2 * int(rate))])


def filtered(pictures, *options):
    return lambda source, target, truth: encode(source, target, ["-vf", pictures, *(options or CLEAR)])


def drawn(effect):
    def draw(source, target, truth):
        import variant_pictures  # needs numpy, which the other variants do not

        stream = stream_of(source)
        events = [(event["start_s"], event["end_s"]) for fence in truth for event in fence["events"]]
        kind = getattr(variant_pictures, effect)
        picture = kind(stream["width"], stream["height"], stream["duration"], events)
        variant_pictures.redraw(source, target, picture, stream, [*CODEC, *CLEAR])
    return draw


def shake(source, target, truth):
    above, below = stream_of(source)["rate"]
    encode(source, target, ["-vf", sway(above / below), *CLEAR])


def sway(rate):
    """A filter that looks at all but a rim of the picture through a window that sways."""
    def path(waves):
        return "+".join(f"{share}*W*sin({6.283185 * hertz / rate:.6f}*on+{phase})" for share, hertz, phase in waves)
    x, y = path(SWAY_ACROSS), path(SWAY_DOWN)
    left, right, top, bottom = f"{RIM}*W+{x}", f"{1 - RIM}*W+{x}", f"{RIM}*H+{y}", f"{1 - RIM}*H+{y}"
    corners = [(left, top), (right, top), (left, bottom), (right, bottom)]
    places = ":".join(f"x{index}='{place[0]}':y{index}='{place[1]}'" for index, place in enumerate(corners))
    return f"perspective={places}:interpolation=cubic:sense=source:eval=frame"


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


def later(seconds):
    """The footage without its first pictures; nobody is asked for what had begun before."""
    def begin_later(fences):
        for fence in fences:
            at = "cross_s" if fence["kind"] == "line" else "end_s"
            fence["events"] = [event for event in fence["events"] if event.get(at, event["start_s"]) > seconds]
            for event in fence["events"]:
                event["optional"] = event.get("optional", False) or event["start_s"] < seconds
                event.update({key: max(0, event[key] - seconds) for key in TIMES if key in event})
            for key in ("judged_from_s", "judged_to_s"):
                fence[key] = max(0, fence[key] - seconds)
        return fences
    return Variant(filtered(f"trim=start={seconds},setpts=PTS-STARTPTS"), begin_later)


def timed(factor, **more):
    """Everything takes `factor` times as long."""
    def stretch(fences):
        for fence in fences:
            for event in fence["events"]:
                event.update({key: event[key] * factor for key in TIMES if key in event})
            for key in ("judged_from_s", "judged_to_s", "tolerance_s"):
                if key in fence:
                    fence[key] *= factor if key != "tolerance_s" else max(1, factor)
        return fences
    return Variant(filtered(f"setpts=PTS*{factor}"), stretch, **more)


def is_thermal(name, meta):
    return "thermal" in meta.get("nuisance", [])


VARIANTS = {
    "plain": Variant(),
    "quarter": Variant(quarter),
    "artefacts": Variant(filtered("null", "-crf", "35", "-g", "250")),
    "mirrored": Variant(filtered("hflip"), mirror_fences),
    "noise": Variant(filtered("noise=alls=8:allf=t:all_seed=1")),
    "shake": Variant(shake, zoom_fences),
    "fps8": Variant(arguments=("--steady", "--analysis-fps", "8")),
    "fps5": Variant(arguments=("--steady", "--analysis-fps", "5")),
    "half": Variant(filtered("scale=iw/4*2:ih/4*2:flags=area")),
    "large": Variant(filtered("scale=iw/4*6:ih/4*6:flags=bicubic")),
    "later1": later(1.3),
    "later2": later(2.7),
    "slow": timed(2),
    "fast": timed(0.5, skips=lambda name, meta: name in COMPRESSED, macro_f1=0.85),
    "dusk": Variant(drawn("Dusk"), skips=is_thermal, macro_f1=0.80),
    "clouds": Variant(drawn("Clouds"), skips=is_thermal),
    "exposure": Variant(drawn("ExposureSteps"), skips=is_thermal),
    "rain": Variant(drawn("Rain"), skips=is_thermal),
    "snow": Variant(drawn("Snow"), skips=is_thermal),
    "fog": Variant(drawn("Fog"), skips=is_thermal),
}


def load(path):
    with open(path, encoding="utf-8") as text:
        return json.load(text)


def save(value, path):
    with open(path, "w", encoding="utf-8") as text:
        json.dump(value, text, indent=1)


def make(corpus, folder, variant):
    """A corpus in `folder` with every footage that has fences, changed; returns the folder."""
    for name in sorted(os.listdir(corpus)):
        source = os.path.join(corpus, name)
        if not os.path.exists(os.path.join(source, "fences.json")):
            continue
        meta, truth = (load(os.path.join(source, file)) for file in ("meta.json", "fences.json"))
        if variant.skips(name, meta):
            continue
        target = os.path.join(folder, name)
        os.makedirs(target, exist_ok=True)
        footage = os.path.join(target, "input.mp4")
        if not os.path.exists(footage):
            partial = footage + ".partial.mp4"
            variant.footage(os.path.join(source, meta.get("video_file") or "input.mp4"), partial, truth)
            os.replace(partial, footage)
        save(variant.fences(truth), os.path.join(target, "fences.json"))
        save({"video_file": "input.mp4", "nuisance": meta.get("nuisance", [])}, os.path.join(target, "meta.json"))
    return folder


def evaluate(snowline, corpus, variant):
    command = [snowline, "evaluate", corpus, "--json", *variant.arguments]
    return json.loads(subprocess.run(command, check=True, capture_output=True, stdin=subprocess.DEVNULL).stdout)


def faults(answer):
    """What a row of `evaluate` lost or added, by fence; fences without a fault are left out."""
    out = {}
    for row in answer["rows"]:
        if row["missed"] or row["false"] or row["extra"]:
            parts = [f"missed at {row['missed']}" if row["missed"] else "",
                     f"false at {row['false_at']}" if row["false"] else "",
                     f"{row['extra']} extra" if row["extra"] else ""]
            out[f"{row['footage']}/{row['rule']}"] = ", ".join(filter(None, parts))
    return out


def problems(name, variant, total):
    if total["macro_f1"] < variant.macro_f1:
        yield f"{name}: macro_f1 {total['macro_f1']} is below {variant.macro_f1}"
    if total["control_zone_alerts"] > variant.control_zone_alerts:
        yield f"{name}: {total['control_zone_alerts']} alerts in control zones"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus")
    parser.add_argument("folder")
    parser.add_argument("snowline", nargs="?", default=".build/release/snowline")
    parser.add_argument("--only", default=",".join(VARIANTS))
    parser.add_argument("--rows", action="store_true", help="print what each fence lost or added")
    options = parser.parse_args()
    unknown = set(options.only.split(",")) - set(VARIANTS)
    if unknown:
        parser.error(f"no variant {', '.join(sorted(unknown))}; there are {', '.join(VARIANTS)}")
    os.makedirs(options.folder, exist_ok=True)
    found = []
    print(f"{'variant':10}" + "".join(f"{key:>21}" for key in SHOWN), flush=True)
    for name in options.only.split(","):
        variant = VARIANTS[name]
        folder = os.path.join(options.folder, name)
        corpus = make(options.corpus, folder, variant) if variant.footage else options.corpus
        answer = evaluate(options.snowline, corpus, variant)
        save(answer, folder + ".json")
        print(f"{name:10}" + "".join(f"{answer['total'][key]!s:>21}" for key in SHOWN), flush=True)
        if options.rows:
            for fence, fault in faults(answer).items():
                print(f"    {fence}: {fault}", flush=True)
        found += problems(name, variant, answer["total"])
    if found:
        sys.exit("\n".join(found))


main()
