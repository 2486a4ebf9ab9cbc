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

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, os.path.join(ROOT, "Benchmarks", "Peers"), os.path.join(ROOT, "scripts")]
import footage  # noqa: E402
import judging  # noqa: E402
import systems  # noqa: E402
from cameras import CameraServer, in_turn, pieces_for, schedule  # noqa: E402
from density import alerts_of  # noqa: E402
from processes import RunFailure, say  # noqa: E402
from soak import read_process, slope  # noqa: E402

GOP, ACTIVITY, SETTLE_S, SAMPLE_S = 50, 0.05, 60, 5
FAULT_EVERY_S = 120  # of each camera, on average
WITHIN_S = judging.limit("dense", GOP)
GRACE_S = 1.5  # an event beside a gap of the ledger: how near counts as in it
OUTAGE_S = 5  # a longer one must be a gap
GROWTH_LIMIT_KIB = 1024  # a minute
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


def inserted(server, faults, name, until):
    """Events of a camera that were really sent: a killed camera's stream ends there."""
    kills = [outage["from"] for outage in faults.outages if outage["camera"] == name and outage["kind"] == "kill"]
    events = []
    for number, (wall, from_s) in enumerate(server.plays.get(name, [])):
        later = [kill for kill in kills if kill > wall]
        following = [other for other, _ in server.plays[name][number + 1:]]
        end = min([until, *later[:1], *following[:1]])
        loop = 0
        while (shift := wall + loop * server.lengths[name] - from_s) < end:
            events += [{key: truth[key] + shift for key in truth} for truth in server.truths[name] if truth["appears_s"] + shift >= wall and truth["end_s"] + shift < end]
            loop += 1
    return events


def gaps_of(site, environment, begin):
    """(from, to, state) by camera, out of the journal."""
    day = datetime.fromtimestamp(begin, timezone.utc).strftime("%Y-%m-%d")
    command = [os.path.join(systems.RELEASE, "snowline"), "coverage", "--site", site, "--from", day, "--json"]
    answer = json.loads(subprocess.run(command, capture_output=True, text=True, check=True, env=environment, stdin=subprocess.DEVNULL).stdout)
    return {rule["camera"]: [(systems.unix(gap["from"]), systems.unix(gap["to"]), gap["state"]) for gap in rule["gaps"]]
            for rule in answer["rules"] if rule["rule"] == footage.FENCE["id"]}


def is_in_gap(event, gaps):
    """Whether the ledger says the fence was blind when the person came in, or for most of the time until it had to be known."""
    begin, end = event["start_s"], min(event["end_s"], event["start_s"] + WITHIN_S)
    return any(since - GRACE_S <= end and begin <= until + GRACE_S for since, until, _ in gaps)


def judge(server, faults, deliveries, gaps, begin, until):
    """Every event that ended before `until`: found, in a gap of the ledger, told with a wrong date, or lost."""
    counts = {"events": 0, "found": 0, "late": 0, "in_gap": 0}
    lost, misdated, unseen, false = [], [], [], []
    for name in faults.names:
        events, alerts = inserted(server, faults, name, until + 60), alerts_of(deliveries, name)
        known, wrong = judging.match(events, alerts, float("inf"))
        wrong = [dated for dated in wrong if begin <= dated < until]
        for event, delay in zip(events, known):
            if event["start_s"] < begin or event["end_s"] >= until:
                continue
            counts["events"] += 1
            stray = next((dated for dated, told in alerts if dated in wrong and event["start_s"] <= told <= event["gone_s"] + WITHIN_S), None)
            if delay is not None:
                counts["found"] += 1
                counts["late"] += delay > WITHIN_S
            elif is_in_gap(event, gaps.get(name, [])):
                counts["in_gap"] += 1
            elif stray is not None:
                wrong.remove(stray)
                misdated.append({"camera": name, "off_s": round(stray - event["start_s"], 2)})
            else:
                lost.append({"camera": name, **{key: round(value, 2) for key, value in event.items()}})
        away = [(outage["from"] - 2, outage["to"] + 6) for outage in faults.outages if outage["camera"] == name]
        false += [{"camera": name, "dated": dated} for dated in wrong if not any(since <= dated <= to for since, to in away)]
    for outage in faults.outages:
        # What a stalled camera held back comes later, with its own stamps: nothing is missing there.
        if outage["kind"] == "kill" and outage["to"] - outage["from"] > OUTAGE_S and not any(
                since < outage["to"] and outage["from"] < to for since, to, _ in gaps.get(outage["camera"], [])):
            unseen.append(outage)
    return {**counts, "misdated": misdated, "lost": lost, "outages": len(faults.outages), "outages_not_in_ledger": unseen, "false_alerts": len(false), "false": false}


def run(options):
    store = footage.Store(os.path.join(options.work, "footage"), options.corpus)
    pairs = footage.cost_pieces("704x576", GOP)
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
        verdict = judge(server, faults, deliveries, gaps_of(watcher.site, environment, begun), begun + 12, until)
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
                samples.append((elapsed, sample))
                taken += 1
                if taken % 12 == 0:
                    say(f"soak: {elapsed / 60:.0f} min, {streaming} streaming, {len(faults.away)} away, {sample['rss_kib'] / 1024:.0f} MiB, {sample['threads']} threads")
            time.sleep(0.2)
    return samples, faults


def report(options, verdict, samples):
    settled = [sample for sample in samples if sample[0] >= min(300, samples[-1][0] / 3)]
    (from_s, first), (to_s, last) = settled[0], settled[-1]
    growth = 60 * slope([(seconds, readings["rss_kib"]) for seconds, readings in settled])
    threads = [readings["threads"] for _, readings in settled]
    facts = {"cameras": options.cameras, "minutes": options.minutes, "mode": options.mode, "seed": options.seed,
             "ms_per_camera_s": round(1000 * (last["cpu_s"] - first["cpu_s"]) / max(to_s - from_s, 1e-9) / options.cameras, 3),
             "rss_mib": [round(first["rss_kib"] / 1024, 1), round(last["rss_kib"] / 1024, 1)], "rss_kib_per_min": round(growth, 1),
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
    if not verdict["found"]:
        problems.append("nothing was found at all")
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
