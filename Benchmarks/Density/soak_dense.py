#!/usr/bin/env python3
"""Many dense cameras that die, stall and come back at random, for minutes: nothing leaks, nothing is lost unseen.

usage: soak_dense.py [--cameras 96] [--minutes 30] [--mode dense] [--seed N] [--out FOLDER]      called by scripts/soak-dense.sh

Streams of 704x576 with a person in them for 5 % of the time (footage.py), shifted against one another. Every few seconds a random
camera is killed for 10 to 40 s or stalls for 2 to 20 s. At the end every person that was in a stream must be an alert, or the
coverage ledger must have a gap there; every outage of more than 5 s must stand in the ledger; memory must not grow and threads
must not become more. Ends with 1 where one of these fails, with 2 when something is missing.
"""
import argparse
import csv
import json
import os
import random
import subprocess
import sys
import time
from datetime import datetime, timezone

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, os.path.join(ROOT, "Benchmarks", "Peers"), os.path.join(ROOT, "scripts")]
import accounting  # noqa: E402
import footage  # noqa: E402
import judging  # noqa: E402
import streams  # noqa: E402
import systems  # noqa: E402
from cameras import CameraServer, in_turn, pieces_for, schedule  # noqa: E402
from processes import RunFailure, say  # noqa: E402
from soak import read_process, slope  # noqa: E402

GOP, ACTIVITY, SETTLE_S, SAMPLE_S = 50, 0.05, 60, 5
FAULT_EVERY_S = 120  # of each camera, on average
GROWTH_LIMIT_KIB = 1024  # a minute
LEAST_FOUND = 0.5  # the faults explain no more
SHORTEST_JUDGED_S = 480  # rings and caches fill for minutes


class Faults:
    """Kills and stalls cameras at random; knows until when each is away."""

    def __init__(self, server, names, seed):
        self.server, self.random, self.names = server, random.Random(seed), names
        self.away, self.outages = {}, []  # name -> (ends, order to end it, kind, began)
        self.next = time.time() + SETTLE_S / 2

    def act(self, now):
        for name in [name for name, fault in self.away.items() if fault[0] <= now]:
            self.end(name, now)
        while self.next <= now and len(self.away) < len(self.names) / 3:
            self.next += self.random.expovariate(len(self.names) / FAULT_EVERY_S)
            name = self.random.choice([name for name in self.names if name not in self.away])
            kind = self.random.choice(("kill", "stall"))
            length = self.random.uniform(10, 40) if kind == "kill" else self.random.uniform(2, 20)
            self.server.order(kind, name)
            self.away[name] = (now + length, "revive" if kind == "kill" else "resume", kind, now)

    def end(self, name, now):
        _, order, kind, began = self.away.pop(name)
        self.server.order(order, name)
        self.outages.append({"camera": name, "kind": kind, "from": began, "to": now})


def gaps_of(site, environment, begin):
    """(from, to, state) by camera, out of the journal."""
    day = datetime.fromtimestamp(begin, timezone.utc).strftime("%Y-%m-%d")
    command = [os.path.join(systems.RELEASE, "snowline"), "coverage", "--site", site, "--from", day, "--json"]
    answer = json.loads(subprocess.run(command, capture_output=True, text=True, check=True, env=environment, stdin=subprocess.DEVNULL).stdout)
    return {rule["camera"]: [(systems.unix(gap["from"]), systems.unix(gap["to"]), gap["state"]) for gap in rule["gaps"]]
            for rule in answer["rules"] if rule["rule"] == streams.FENCE["id"]}


def run(options):
    store = footage.Store(os.path.join(options.work, "footage"), options.corpus)
    pairs = streams.cost_pieces("704x576", GOP)
    store.make([spec for pair in pairs for spec in pair], say)
    mounts, truths = schedule(store, pairs, pieces_for(ACTIVITY), in_turn(options.cameras, ACTIVITY, 20), "cam")
    names = [mount["name"] for mount in mounts]
    server = CameraServer(mounts, truths, os.path.join(options.out, "server"))
    samples = []
    try:
        watcher = systems.start(options.mode, os.path.join(options.out, "run"), server, names, "704x576", sys.executable)
        try:
            begun = server.wait_until_playing(names, 180, watcher.check)
            say(f"soak: {len(names)} cameras in {options.mode} mode play; seed {options.seed}")
            samples, faults = watch(options, watcher, server, names)
            # What is still away comes back, and what was sent is told, before the account is read.
            for name in list(faults.away):
                faults.end(name, time.time())
            until = time.time()
            time.sleep(45)
            deliveries = watcher.deliveries()
            ended = watcher.status()
        finally:
            watcher.stop()
        environment = dict(os.environ, SNOWLINE_DISPATCH_SECRET="whsec_" + "A" * 32)
        with open(os.path.join(options.out, "streams.json"), "w", encoding="utf-8") as text:
            json.dump({"plays": server.plays, "outages": faults.outages, "truths": truths, "lengths": server.lengths}, text)
        verdict = accounting.judge(server, faults, deliveries, gaps_of(watcher.site, environment, begun), begun + 12, until, judging.limit("dense", GOP))
    finally:
        server.stop()
    return verdict, samples, ended


def watch(options, watcher, server, names):
    faults, began, samples, taken = Faults(server, names, options.seed), time.time(), [], 0
    with open(os.path.join(options.out, "samples.csv"), "w", newline="", encoding="ascii") as out:
        table = csv.writer(out)
        table.writerow(["seconds", "cpu_s", "rss_kib", "threads", "files", "streaming", "away"])
        while (elapsed := time.time() - began) < 60 * options.minutes:
            faults.act(time.time())
            if elapsed >= taken * SAMPLE_S:
                watcher.check()
                sample = read_process(watcher.daemon.process.pid)
                streaming = sum(camera["phase"] == "streaming" for camera in watcher.status().get("cameras", []))
                table.writerow([f"{elapsed:.1f}", *sample.values(), streaming, len(faults.away)])
                out.flush()
                samples.append((elapsed, sample | {"streaming": streaming}))
                taken += 1
                if taken % 12 == 0:
                    say(f"soak: {elapsed / 60:.0f} min, {streaming} streaming, {len(faults.away)} away, {sample['rss_kib'] / 1024:.0f} MiB, {sample['threads']} threads")
            time.sleep(0.2)
    return samples, faults


def growth_at_equal(samples):
    """KiB a minute at the same number of streaming cameras, and KiB of one of these: least squares over both."""
    known = [(1, seconds / 60, readings["streaming"]) for seconds, readings in samples]
    _, growth, camera = np.linalg.lstsq(np.array(known), [readings["rss_kib"] for _, readings in samples], rcond=None)[0]
    return float(growth), float(camera)


def report(options, verdict, samples):
    settled = [sample for sample in samples if sample[0] >= min(300, samples[-1][0] / 3)]
    (from_s, first), (to_s, last) = settled[0], settled[-1]
    # A camera that is away has given its decoder and its planes back: the plain slope tells who was away when.
    growth, camera = growth_at_equal(settled)
    late_growth, _ = growth_at_equal([sample for sample in settled if sample[0] >= samples[-1][0] / 2])
    plain = 60 * slope([(seconds, readings["rss_kib"]) for seconds, readings in settled])
    threads = [readings["threads"] for _, readings in settled]
    facts = {"cameras": options.cameras, "minutes": options.minutes, "mode": options.mode, "seed": options.seed,
             "ms_per_camera_s": round(1000 * (last["cpu_s"] - first["cpu_s"]) / max(to_s - from_s, 1e-9) / options.cameras, 3),
             "rss_mib": [round(first["rss_kib"] / 1024, 1), round(last["rss_kib"] / 1024, 1)], "rss_kib_per_min": round(plain, 1),
             "rss_kib_per_min_at_equal_cameras": round(growth, 1), "in_the_second_half": round(late_growth, 1), "rss_kib_of_a_streaming_camera": round(camera),
             "threads": [min(threads), max(threads), threads[-1]], "files": last["files"], **verdict}
    problems = []
    if to_s - from_s < SHORTEST_JUDGED_S:
        say(f"soak: {to_s - from_s:.0f} s after settling are too short to judge memory ({SHORTEST_JUDGED_S} s are needed)")
    elif growth > GROWTH_LIMIT_KIB:
        problems.append(f"memory grows by {growth:.0f} KiB a minute; at most {GROWTH_LIMIT_KIB} is wanted")
    half = len(threads) // 2
    if half and max(threads[half:]) > max(threads[:half]) + 4:
        problems.append(f"threads grow: at most {max(threads[:half])} in the first half, {max(threads[half:])} in the second")
    if verdict["lost"]:
        problems.append(f"{len(verdict['lost'])} of {verdict['events']} events neither found nor in a gap of the ledger")
    if verdict["misdated"]:
        problems.append(f"{len(verdict['misdated'])} alerts came while the person was there and carry another time")
    if verdict["outages_not_in_ledger"]:
        problems.append(f"{len(verdict['outages_not_in_ledger'])} of {verdict['outages']} outages (of dead cameras) are not in the ledger")
    if verdict["found"] < LEAST_FOUND * verdict["events"]:
        problems.append(f"only {verdict['found']} of {verdict['events']} events were found; is the machine too busy for {options.cameras} cameras?")
    facts["problems"] = problems
    with open(os.path.join(options.out, "soak.json"), "w", encoding="utf-8") as text:
        json.dump(facts, text, indent=1)
    say(json.dumps({key: value if not isinstance(value, list) else value[:5] for key, value in facts.items()}, indent=1))
    for problem in problems:
        say(f"soak: {problem}")
    return 1 if problems else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cameras", type=int, default=96)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--mode", default="dense", choices=systems.SNOWLINE)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    parser.add_argument("--out", default=os.path.join(ROOT, "demo", "data", "soak-dense"))
    parser.add_argument("--corpus", default=os.environ.get("SNOWLINE_CORPUS") or os.path.join(ROOT, "..", "shared", "corpus"))
    parser.add_argument("--work", default=os.path.join(ROOT, ".build", "bench", "density"))
    options = parser.parse_args()
    os.makedirs(options.out, exist_ok=True)
    absent = systems.missing([options.mode], sys.executable, options.out)
    if absent:
        for problem in absent:
            say(f"soak: {problem}")
        return 2
    return report(options, *run(options)[:2])


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (RunFailure, subprocess.CalledProcessError, ValueError) as failure:
        sys.exit(f"soak: {failure}")
    except KeyboardInterrupt:
        sys.exit("soak: interrupted; everything it started is stopped")
