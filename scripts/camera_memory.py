#!/usr/bin/python3
"""What one more camera costs in memory: resident memory of snowlined with few and with more cameras, by size and mode.

usage: camera_memory.py [--cells 704x576-strict,...] [--few 2] [--many 8] [--seconds 40] [--out FOLDER]     make bench-memory

Cameras are played by scripts/camera_simulator.py: H.264 of constant bit rate, 25 pictures a second, a keyframe every 50;
strict sees a busy yard, dense a quiet picture under sensor noise, which keeps a GOP of packets waiting. Prints a row for
each cell and writes memory.json to FOLDER. Ends with 1 where a camera takes more than the table of limits in
docs/architecture.md says, with 2 where something is missing.
"""
import argparse
import base64
import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from contextlib import ExitStack

from processes import ROOT, Child, RunFailure, free_port, get_json, is_healthy, say
from soak import read_process

# Megabit a second of a camera of that size, and MiB that one more camera may take (docs/architecture.md, Limits).
SIZES = {"704x576": (1, {"strict": 20, "dense": 24}), "1920x1080": (4, {"strict": 48, "dense": 56})}
FOOTAGE = os.path.join(ROOT, "demo", "footage")
ATTEMPTS = 60


def clip(size, mode, folder):
    """A looped clip of the cell; made once."""
    rate, _ = SIZES[size]
    path = os.path.join(folder, f"memory-{size}-{mode}.mp4")
    if os.path.exists(path):
        return path
    width, height = size.split("x")
    source = os.path.join(FOOTAGE, "vtest.avi")
    if not os.path.exists(source):
        sys.exit(f"{source} is missing; scripts/footage.sh")
    look = f"scale={width}:{height},fps=25"
    if mode == "dense":
        look = f"trim=end_frame=1,loop=loop=499:size=1,setpts=N/25/TB,scale={width}:{height},noise=alls=4:allf=t"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-nostdin", "-y", "-i", source, "-an", "-t", "20", "-vf", look + ",format=yuv420p", "-r", "25",
         "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-x264-params", "sliced-threads=0:nal-hrd=cbr",
         "-b:v", f"{rate}M", "-minrate", f"{rate}M", "-maxrate", f"{rate}M", "-bufsize", f"{rate}M",
         "-g", "50", "-keyint_min", "50", "-sc_threshold", "0", "-bf", "0", path + ".part.mp4"], check=True)
    os.replace(path + ".part.mp4", path)
    return path


def write_site(folder, count, mode, rtsp_port, listen):
    lines = ["site: { id: memory, name: memory, timezone: UTC, language: en }", "data: ./store", f"listen: 127.0.0.1:{listen}", "cameras:"]
    for number in range(count):
        lines += [
            f"  - id: camera{number}", f"    url: rtsp://127.0.0.1:{rtsp_port}/camera{number}", f"    decode: {mode}", "    fences:",
            "      - { id: lawn, kind: zone, points: [[0,0.6],[0.3,0.66],[0.6,0.84],[0.66,1],[0,1]] }",
            "      - { id: path, kind: line, points: [[0.5,0.75],[0.5,0.2]] }",
        ]
    lines += ["sinks:", "  - { id: record, kind: file, path: alerts.jsonl }"]
    path = os.path.join(folder, "site.yaml")
    with open(path, "w", encoding="utf-8") as site:
        site.write("\n".join(lines) + "\n")
    return path


def resident(size, mode, count, options):
    """Largest resident memory of a daemon in MiB over the time that is looked, all cameras streaming; and its cameras."""
    folder = os.path.join(options.out, f"{size}-{mode}-{count}")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    environment = dict(os.environ, SNOWLINE_DISPATCH_SECRET="whsec_" + base64.b64encode(secrets.token_bytes(32)).decode())
    with ExitStack() as children:
        def start(name, *command):
            child = Child(name, command, os.path.join(folder, f"{name}.log"), environment)
            children.callback(child.stop)
            return child

        simulator = start("cameras", "/usr/bin/python3", os.path.join(ROOT, "scripts", "camera_simulator.py"), "--port", "0", "--shift",
                          f"camera*{count}={clip(size, mode, options.out)}")
        listen = free_port()
        site = write_site(folder, count, mode, simulator.wait_for_port(120), listen)
        daemon = start("snowlined", os.path.join(ROOT, ".build", "release", "snowlined"), "--site", site)
        status = wait_for_streams(daemon, listen, count, mode)
        most, end = 0, time.monotonic() + options.seconds
        while time.monotonic() < end:
            daemon.check()
            most = max(most, read_process(daemon.process.pid)["rss_kib"] / 1024)
            time.sleep(0.5)
        return most, (get_json(f"http://127.0.0.1:{listen}/v1/status") or status)["cameras"]


def wait_for_streams(daemon, listen, count, mode):
    """Until all stream, and sleep where they should."""
    for _ in range(ATTEMPTS):
        time.sleep(1)
        daemon.check()
        if not is_healthy(f"http://127.0.0.1:{listen}/healthz"):
            continue
        status = get_json(f"http://127.0.0.1:{listen}/v1/status")
        cameras = (status or {}).get("cameras", [])
        ready = [c for c in cameras if c["phase"] == "streaming" and (mode == "strict" or c["decode"]["state"] == "keyframes")]
        if len(ready) == count:
            return status
    raise RunFailure(f"not all cameras {'stream' if mode == 'strict' else 'sleep'} after {ATTEMPTS} s")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cells", default=",".join(f"{size}-{mode}" for size in SIZES for mode in ("strict", "dense")))
    parser.add_argument("--few", type=int, default=2)
    parser.add_argument("--many", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=40, help="looked at memory for so long, once all cameras stream")
    parser.add_argument("--out", default=os.path.join(ROOT, ".build", "bench", "memory"))
    options = parser.parse_args()
    os.makedirs(options.out, exist_ok=True)
    rows, is_over = [], False
    say(f"{'cell':<18} {'MiB a camera':>13} {'limit':>6} {'MiB the rest':>13} {'packets kept, KiB':>18}")
    for cell in options.cells.split(","):
        size, mode = cell.split("-")
        few, _ = resident(size, mode, options.few, options)
        many, cameras = resident(size, mode, options.many, options)
        each = (many - few) / (options.many - options.few)
        kept = max((camera["decode"].get("kept_bytes", 0) for camera in cameras), default=0) / 1024
        limit = SIZES[size][1][mode]
        is_over = is_over or each > limit
        rows.append({"cell": cell, "mib_per_camera": round(each, 2), "limit_mib": limit, "mib_rest": round(few - options.few * each, 1),
                     "kept_kib": round(kept, 1)})
        say(f"{cell:<18} {each:>13.1f} {limit:>6} {few - options.few * each:>13.1f} {kept:>18.0f}")
        with open(os.path.join(options.out, "memory.json"), "w", encoding="ascii") as out:
            json.dump(rows, out, indent=1)
    if is_over:
        say("a camera takes more than docs/architecture.md says")
    return 1 if is_over else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (RunFailure, FileNotFoundError) as problem:
        say(str(problem))
        sys.exit(2)
