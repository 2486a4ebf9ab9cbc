#!/usr/bin/python3
"""Watches CPU and memory of snowlined while simulated cameras run, and judges whether it works and stays bounded.

usage: soak.py --cameras N --minutes M --clip FILE [--out FOLDER] [--growth-limit MIB]     called by scripts/soak.sh

Every 5 s it writes a line for each process to FOLDER/samples.csv (/proc: CPU seconds, resident memory, threads, open
files; /v1/status: pictures analysed) and at the end prints CPU and memory per camera and the slope of memory. Fails (1)
when a process ends, a camera is not analysed at the least rate, or memory grows faster than the limit.
"""
import argparse
import base64
import csv
import os
import secrets
import shutil
import signal
import sys
import time
from contextlib import ExitStack

from processes import ROOT, Child, RunFailure, free_port, get_json, is_healthy, say, show_progress

SAMPLE_S = 5
WARM_UP_S = 60  # caches fill, the journal opens its pages: not counted as growth
LEAST_FPS = 5.0  # strict mode analyses at least this many pictures a second
TROUBLES = ("corrupt", "reconnects", "journal_failures", "failure")  # of a camera in /v1/status, shown when not nothing
TICKS = os.sysconf("SC_CLK_TCK")


def read_process(pid):
    """CPU seconds, resident KiB, threads and open files of a process."""
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as text:
        fields = text.read().rpartition(")")[2].split()
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as text:
        status = dict(line.split(":", 1) for line in text if ":" in line)
    return {
        "cpu_s": (int(fields[11]) + int(fields[12])) / TICKS, "rss_kib": int(status["VmRSS"].split()[0]),
        "threads": int(status["Threads"]), "files": len(os.listdir(f"/proc/{pid}/fd")),
    }


def analysed_pictures(status):
    """Pictures analysed so far, by camera, as /v1/status says."""
    return {camera["id"]: camera["analyzed"] for camera in (status or {}).get("cameras", [])}


def slope(points):
    """Least-squares slope of (x, y) points; 0 for fewer than 3."""
    if len(points) < 3:
        return 0.0
    mean_x, mean_y = (sum(values) / len(points) for values in zip(*points))
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread if spread else 0.0


def write_site(folder, cameras, rtsp_port, hook_port, listen):
    lines = [
        'site: { id: soak, name: soak, timezone: UTC, language: en }', "data: ./store", f"listen: 127.0.0.1:{listen}",
        "retention: { days: 1, gigabytes: 2 }", "cameras:",
    ]
    for name in cameras:
        lines += [
            f"  - id: {name}", f"    name: {name}", "    class: B", f"    url: rtsp://127.0.0.1:{rtsp_port}/{name}", "    transport: tcp",
            "    decode: strict", "    analysis_fps: 8", "    model: visible", "    fences:",
            "      - { id: lawn, kind: zone, points: [[0,0.6],[0.3,0.66],[0.6,0.84],[0.66,1],[0,1]], anchor: foot }",
            "      - { id: path, kind: line, points: [[0.5,0.75],[0.5,0.2]], direction: any }",
        ]
    lines += ["sinks:", f'  - {{ id: dispatch, kind: webhook, url: "http://127.0.0.1:{hook_port}/alerts", secret: "env:SNOWLINE_DISPATCH_SECRET" }}']
    path = os.path.join(folder, "site.yaml")
    with open(path, "w", encoding="utf-8") as site:
        site.write("\n".join(lines) + "\n")
    return path


class Soak:
    """One run: the processes, the samples taken, the judgement."""

    def __init__(self, options):
        self.options, self.folder = options, options.out
        self.cameras = [f"camera{n}" for n in range(options.cameras)]
        self.samples = {"snowlined": [], "cameras": [], "receiver": []}  # name -> [(seconds, readings)]
        self.pictures, self.last_status = [], {}  # [(seconds, {camera: count})]

    def run(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder)
        with ExitStack() as children, open(os.path.join(self.folder, "samples.csv"), "w", newline="", encoding="ascii") as out:
            self._start(children)
            writer = csv.writer(out)
            writer.writerow(["seconds", "process", "cpu_s", "rss_kib", "threads", "files", "pictures_analysed"])
            self._sample_for(60 * self.options.minutes, writer, out)
        return self._report()

    def _start(self, children):
        environment = dict(os.environ, SNOWLINE_DISPATCH_SECRET="whsec_" + base64.b64encode(secrets.token_bytes(32)).decode())

        def start(name, *command):
            child = Child(name, command, os.path.join(self.folder, f"{name}.log"), environment)
            children.callback(child.stop)
            return child

        simulator = start("cameras", "/usr/bin/python3", os.path.join(ROOT, "scripts", "camera_simulator.py"), "--port", "0", "--shift",
                          f"camera*{self.options.cameras}={self.options.clip}")
        receiver = start("receiver", "/usr/bin/python3", os.path.join(ROOT, "demo", "receiver.py"), "--listen", "127.0.0.1:0",
                         "--store", os.path.join(self.folder, "delivered.jsonl"))
        self.listen = free_port()
        site = write_site(self.folder, self.cameras, simulator.wait_for_port(60), receiver.wait_for_port(10), self.listen)
        daemon = start("snowlined", os.path.join(ROOT, ".build", "release", "snowlined"), "--site", site)
        self.children = {"snowlined": daemon, "cameras": simulator, "receiver": receiver}
        deadline = time.monotonic() + 60
        while not is_healthy(f"http://127.0.0.1:{self.listen}/healthz"):
            daemon.check()
            if time.monotonic() > deadline:
                raise RunFailure(f"snowlined does not answer /healthz after 60 s; see {daemon.log_path}")
            time.sleep(0.2)

    def _sample_for(self, longest, writer, out):
        began = time.monotonic()
        taken = 0
        while (elapsed := time.monotonic() - began) < longest:
            if elapsed >= taken * SAMPLE_S:
                self._sample(elapsed, writer)
                out.flush()
                taken += 1
            resident = self.samples["snowlined"][-1][1]["rss_kib"] / 1024
            show_progress(elapsed, int(longest), f"{len(self.cameras)} cameras, snowlined {resident:.0f} MiB")
            time.sleep(0.5)
        self._sample(time.monotonic() - began, writer)

    def _sample(self, elapsed, writer):
        status = get_json(f"http://127.0.0.1:{self.listen}/v1/status")
        self.last_status = status or self.last_status
        counts = analysed_pictures(status)
        if counts:
            self.pictures.append((elapsed, counts))
        for name, child in self.children.items():
            child.check()
            readings = read_process(child.process.pid)
            self.samples[name].append((elapsed, readings))
            writer.writerow([f"{elapsed:.1f}", name, *readings.values(), int(sum(counts.values())) if name == "snowlined" else ""])

    def _report(self):
        problems = []
        say(f"\n{'process':<10} {'cores':>7} {'ms CPU per camera-second':>25} {'MiB start':>10} {'MiB end':>9} {'KiB/min':>9} {'threads':>8} {'files':>6}")
        for name, samples in self.samples.items():
            settled = [sample for sample in samples if sample[0] >= min(WARM_UP_S, samples[-1][0] / 2)]
            (from_s, first), (to_s, last) = settled[0], settled[-1]
            cores = (last["cpu_s"] - first["cpu_s"]) / max(to_s - from_s, 1e-9)
            growth = 60 * slope([(seconds, readings["rss_kib"]) for seconds, readings in settled])
            say(f"{name:<10} {cores:>7.3f} {1000 * cores / len(self.cameras):>25.2f} {first['rss_kib'] / 1024:>10.1f} {last['rss_kib'] / 1024:>9.1f} "
                f"{growth:>9.1f} {last['threads']:>8} {last['files']:>6}")
            if name == "snowlined":
                say(f"{'':<10} {'':>7} memory per camera: {last['rss_kib'] / 1024 / len(self.cameras):.1f} MiB")
                if growth > 1024 * self.options.growth_limit:
                    problems.append(f"snowlined grows by {growth:.0f} KiB a minute, the limit is {1024 * self.options.growth_limit:.0f}")
        problems += self._judge_pictures()
        for camera in self.last_status.get("cameras", []):
            troubles = {name: camera[name] for name in TROUBLES if camera.get(name)}
            if troubles:
                say(f"{camera['id']}: {troubles}")
        for sink in self.last_status.get("sinks", []):
            say(f"sink {sink['id']}: {sink['state']}, {sink['confirmed']} confirmed, {sink['pending']} pending")
        say(f"samples: {os.path.relpath(os.path.join(self.folder, 'samples.csv'), ROOT)}")
        for problem in problems:
            say(f"soak: {problem}")
        return 1 if problems else 0

    def _judge_pictures(self):
        if len(self.pictures) < 2:
            return ["/v1/status never told the pictures analysed by camera; was anything analysed at all?"]
        (from_s, first), (to_s, last) = self.pictures[0], self.pictures[-1]
        rates = {camera: (last.get(camera, 0) - first.get(camera, 0)) / (to_s - from_s) for camera in self.cameras}
        say(f"pictures analysed a second: least {min(rates.values()):.2f}, most {max(rates.values()):.2f} (strict mode wants at least {LEAST_FPS})")
        return [f"{camera}: {rate:.2f} pictures a second, {LEAST_FPS} are wanted" for camera, rate in rates.items() if rate < LEAST_FPS]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cameras", type=int, default=16)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--clip", required=True)
    parser.add_argument("--out", default=os.path.join(ROOT, "demo", "data", "soak"))
    parser.add_argument("--growth-limit", type=float, default=1.0, metavar="MIB", help="a minute, of snowlined, after the first minute")
    options = parser.parse_args()
    options.clip = os.path.abspath(options.clip)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        sys.exit(Soak(options).run())
    except RunFailure as failure:
        sys.exit(f"soak: {failure}")
    except KeyboardInterrupt:
        sys.exit("soak: interrupted; everything it started is stopped")


if __name__ == "__main__":
    main()
