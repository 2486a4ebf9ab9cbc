#!/usr/bin/env python3
"""What watching a camera costs, beside the peers, and what is found: called by `snowline-bench density`.

usage: density.py [--quick] [--json] [--parts cost,recall,latency,curve] [--systems ffmpeg,motion,opencv,strict,dense]
                  [--cells NAME,NAME] [--activities 0.01,0.05] [--rounds N] [--cameras N] [--record FOLDER] [--resume]

  cost      CPU seconds of each system for a camera and second, every cell
  recall    events found in recorded files, false alerts
  latency   from the deciding picture to the acknowledged webhook, on a machine filled to 70 %
  curve     CPU against the number of cameras

A full run takes long, so it may be done in parts: what it has measured is kept, and --resume goes on from there (figures of
Snowline only as long as its program is the same).

Progress goes to standard error, results to standard output (--json: a JSON object a line). Ends with 0 when all was measured, with 2
when something is missing, named, and with 1 when a run did not work: a stream that was not kept up with, events of the cost
footage of which nothing was reported. How each figure is taken: Benchmarks/README.md.
"""
import argparse
import fcntl
import json
import os
import signal
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, os.path.join(ROOT, "Benchmarks", "Peers"), os.path.join(ROOT, "scripts")]
try:
    import footage  # noqa: E402
except ModuleNotFoundError as absent:
    print(f"density: {absent.name} of Python is missing; make bench-deps", file=sys.stderr)
    sys.exit(2)
import judging  # noqa: E402
import kept  # noqa: E402
import machine  # noqa: E402
import readings  # noqa: E402
import record  # noqa: E402
import results  # noqa: E402
import scaling  # noqa: E402
import streams  # noqa: E402
import systems  # noqa: E402
from cameras import CameraServer, in_turn, in_windows, pieces_for, schedule  # noqa: E402
from processes import RunFailure  # noqa: E402

# Seconds between the start of the last camera and the window: probing and learning the background are start-up.
WARM_UP_S = {"keyframes": 6, "ffmpeg": 6, "motion": 8, "opencv": 6, "strict": 10, "dense": 12}  # dense trusts a stream after two GOPs
FIRST_EVENT_S = 15
QUICK_WINDOW_S = 12.5  # holds one event at 1 % and five at 5 % of dense's 32 cameras
# Of what the cameras send must have been received in the window. What was not received was not watched and does not count
# as time; below the second limit the figure is not worth having.
LEAST_KEPT, USELESS_KEPT = 0.95, 0.7
RTP_OVERHEAD = 1.012  # headers of RTP and of its interleaving in TCP, by 1400-byte packets
PARTS = ("cost", "recall", "latency", "curve")
ACTIVITIES = (0.01, 0.05, 0.20)


def tell(text):
    print(text, file=sys.stderr, flush=True)


class Cell:
    """One kind of camera; the cost is measured at each activity."""

    def __init__(self, size, gop=50, codec="h264", control="cbr", activities=ACTIVITIES, cameras=16):
        self.size, self.gop, self.codec, self.control, self.activities, self.cameras = size, gop, codec, control, activities, cameras

    @property
    def name(self):
        return f"{self.size}-g{self.gop}-{self.codec}-{self.control}"

    def pairs(self):
        return streams.cost_pieces(self.size, self.gop, self.codec, self.control)


# Full decoding of sixteen 1080p cameras is more than two processors do: there the systems that decode everything get fewer.
FULL = [
    Cell("704x576"), Cell("1280x720", cameras=8), Cell("1920x1080", cameras=4),
    Cell("704x576", gop=25, activities=(0.05,)), Cell("704x576", gop=250, activities=(0.05,)),
    Cell("704x576", control="vbr", activities=(0.01, 0.05)), Cell("704x576", codec="h265", activities=(0.05,), cameras=8),
    Cell("1920x1080", control="vbr", activities=(0.05,), cameras=4), Cell("1920x1080", codec="h265", activities=(0.05,), cameras=2),
]
QUICK = [Cell("704x576", activities=(0.01, 0.05))]


class Bench:
    def __init__(self, options):
        self.options, self.work = options, options.work
        self.store = footage.Store(os.path.join(options.work, "footage"), options.corpus)
        self.recalls, self.troubles = {}, []
        self.kept = None if options.quick else kept.Rows(os.path.join(options.work, "rows.jsonl"), systems.RELEASE, options.resume)
        self.rows = list(self.kept.rows) if self.kept else []

    def window(self, system, activity, cameras):
        """A window's length in a full run: of Snowline's, so long that each holds the same number of whole events."""
        if self.options.window:
            return self.options.window
        if system not in systems.SNOWLINE:
            return 20
        step = streams.PIECE_S * pieces_for(activity) / cameras
        return min(100, step * max(1, -(-20 // step)))

    def runs(self, cell):
        """(system, mounts' prefix, moments, pieces, windows) of a round; a window is (activity, begin, length) in seconds after the start.

        A full run takes every activity by itself, with streams that have it all the time. A quick one takes one window after the other
        of one run. Dense gets twice as many cameras: it costs little, and holds as many events in half the time.
        """
        cameras = self.options.cameras or cell.cameras
        if self.options.quick:
            for system in self.order():
                count = 2 * cameras if system == "dense" else cameras
                begin, windows = WARM_UP_S[system], []
                for activity in cell.activities:
                    length = self.options.window or (QUICK_WINDOW_S if system in systems.SNOWLINE else 10)
                    windows.append((activity, begin, length))
                    begin += length + 1
                yield system, f"{system}-", in_windows(count, [(begin, length, activity) for activity, begin, length in windows]), 20, windows
            return
        for activity in cell.activities:
            if self.options.activities and activity not in self.options.activities:
                continue
            for system in self.order():
                # What decodes little always has room for sixteen.
                count = {"dense": max(16, 2 * cameras), systems.KEYFRAMES: max(16, cameras)}.get(system, cameras)
                window = (activity, WARM_UP_S[system], self.window(system, activity, count))
                yield system, f"n{count}-a{activity * 100:.0f}-", in_turn(count, activity, FIRST_EVENT_S), pieces_for(activity), [window]

    def cell(self, cell):
        specs = [spec for pair in cell.pairs() for spec in pair]
        seconds = self.store.make(specs, tell)
        if seconds > 1:
            tell(f"footage of {cell.name}: made in {seconds:.0f} s")
        runs, mounts, truths = list(self.runs(cell)), {}, {}
        for _, prefix, moments, pieces, _ in runs:
            some, known = schedule(self.store, cell.pairs(), pieces, moments, prefix)
            mounts |= {mount["name"]: mount for mount in some}
            truths |= known
        rate = statistics.mean(os.path.getsize(self.store.path(spec)) for spec in specs) / streams.PIECE_S * RTP_OVERHEAD
        server = CameraServer(list(mounts.values()), truths, os.path.join(self.work, "server"))
        try:
            for number in range(1, self.options.rounds + 1):
                for system, prefix, moments, _, windows in runs:
                    if self.kept and all(self.kept.holds(cell, system, activity, number) for activity, _, _ in windows):
                        continue
                    rows = self.run(server, cell, system, [f"{prefix}{n}" for n in range(len(moments))], windows, rate, number)
                    self.rows += rows
                    if self.kept:
                        self.kept.keep(rows)
        finally:
            server.stop()

    def order(self):
        """The systems of a round; a full run also has the limit of the design."""
        return ([] if self.options.quick else [systems.KEYFRAMES]) + self.options.systems

    def run(self, server, cell, system, names, windows, rate, number):
        """One system watching the cameras once; a row for each window."""
        server.forget()
        watcher, taken = systems.start(system, os.path.join(self.work, "run", system), server, names, cell.size, self.options.python), []
        try:
            begun = server.wait_until_playing(names, 90, watcher.check)
            for activity, begin, length in windows:
                time.sleep(max(0, begun + begin - time.time()))
                first = self.reading(watcher, server)
                time.sleep(max(0, first["wall"] + length - time.time()))
                taken.append((activity, first, self.reading(watcher, server)))
                watcher.check()
            if system in systems.SNOWLINE:
                time.sleep(judging.limit(system, cell.gop))  # what began in the window is told by now
                deliveries, shifts = watcher.deliveries(), watcher.shifts(server)
        finally:
            watcher.stop()
        rows, events = [], {name: server.events(name, time.time()) for name in names}
        for activity, first, last in taken:
            row = {"system": system, "size": cell.size, "gop": cell.gop, "codec": cell.codec, "control": cell.control, "activity": activity, "round": number,
                   **self.spent(system, first, last, events, rate)}
            if system in systems.SNOWLINE:
                self.live(row, events, {name: systems.alerts_of(deliveries, name, shifts.get(name, 0)) for name in names}, first["wall"], last["wall"])
            self.say_row(row)
            rows.append(row)
        return rows

    def spent(self, system, first, last, events, rate):
        """What a window cost; `rate` is what a camera sends, bytes a second."""
        begin, end, cameras = first["wall"], last["wall"], len(events)
        seconds = end - begin
        kept = (last["bytes"] - first["bytes"]) / (rate * seconds * cameras)
        watched = seconds * cameras * kept  # what is late in a busy machine is watched in another window
        if not watched:
            raise RunFailure(f"{system} received nothing from {cameras} cameras in {seconds:.0f} s")
        return {
            "cameras": cameras, "window_s": round(seconds, 2), "cpu_per_stream_s": round((last["cpu"] - first["cpu"]) / watched, 6), "kept": round(kept, 4),
            "active": round(sum(judging.overlap(rows, begin, end) for rows in events.values()) / seconds / cameras, 4),
            "machine_busy": round((last["busy"] - first["busy"]) / max(1, last["ticks"] - first["ticks"]), 3), "rss_mib": round(last["rss_kib"] / 1024, 1),
            "events": sum(begin <= event["start_s"] < end for rows in events.values() for event in rows), "recall": None, "false_alerts": None,
        }

    def reading(self, watcher, server):
        busy, ticks = readings.machine_ticks()
        return {"wall": time.time(), "cpu": readings.tree_cpu(watcher.pids()), "bytes": readings.received_bytes(server.port),
                "rss_kib": sum(readings.memory_kib(pid) for pid in watcher.pids()), "busy": busy, "ticks": ticks}

    def live(self, row, events, alerts, begin, end):
        """What was delivered while the cost was measured: a watcher that finds nothing is not cheap, it is broken."""
        within = judging.limit(row["system"], row["gop"])
        false, delays = 0, []
        for name, all_events in events.items():
            known, wrong = judging.match(all_events, alerts[name], float("inf"))
            delays += [delay for event, delay in zip(all_events, known) if delay is not None and begin <= event["start_s"] < end]
            false += sum(begin <= dated < end for dated in wrong)
        row.update(recall=round(sum(delay <= within for delay in delays) / row["events"], 4) if row["events"] else None, false_alerts=false,
                   delays_s=[round(delay, 3) for delay in sorted(delays)])

    def say_row(self, row):
        told = f"{row['system']:<7} {row['size']} GOP {row['gop']} {row['codec']} {row['control']} {row['activity']:.0%}: " \
               f"{1000 * row['cpu_per_stream_s']:.2f} ms CPU a camera and second, {row['cameras']} cameras, {row['window_s']:.0f} s"
        if row["system"] in systems.SNOWLINE:
            told += f"; {row['events']} events, {len(row['delays_s'])} reported, recall in time {row['recall']}, {row['false_alerts']} false alerts"
        tell(told + f"; somebody there {row['active']:.1%} of the time, received {row['kept']:.1%}, machine busy {row['machine_busy']:.0%}")
        label = f"{row['system']} at {row['size']}, activity {row['activity']:.0%}"
        if abs(row["kept"] - 1) > 1 - LEAST_KEPT:
            tell(f"warning: {label}: received {row['kept']:.1%} of what the cameras sent: the machine is too busy for {row['cameras']} cameras of it")
        if abs(row["kept"] - 1) > 1 - USELESS_KEPT:
            self.troubles.append(f"{label}: received {row['kept']:.1%} of what the cameras sent; measure again on a quiet machine")
        elif row["system"] in systems.SNOWLINE and row["events"] and not row["delays_s"]:
            self.troubles.append(f"{label}: {row['events']} events and none was reported")

    def recall(self, count, systems_wanted, with_control):
        """Events found in files, by mode; both modes at one time, since nothing is timed here."""
        specs = streams.recall_files(count) + (streams.control_files() if with_control else [])
        seconds = self.store.make(specs, tell)
        if seconds > 1:
            tell(f"recall footage: made in {seconds:.0f} s")
        folder = os.path.join(self.work, "recall")
        footage.corpus_of(self.store, specs, os.path.join(folder, "corpus"))
        tell(f"recall: {count} files, seeds {', '.join(str(spec.seed) for spec in specs)}, {sum(spec.events for spec in specs)} events")
        running = {}
        for mode in systems_wanted:
            out = os.path.join(folder, f"{mode}.jsonl")
            command = [os.path.join(systems.RELEASE, "snowline"), "evaluate", os.path.join(folder, "corpus"), "--mode", mode, "--alerts", out, "--json"]
            running[mode] = (out, subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True))
        for mode, (out, process) in running.items():
            error = process.communicate()[1]
            if process.returncode:
                raise RunFailure(f"snowline evaluate --mode {mode}: exit code {process.returncode}\n{error.strip()}")
            self.recalls[mode] = self.judge_files(mode, specs, out)
            answer = self.recalls[mode]
            tell(f"recall {mode}: {answer['found']} of {answer['events']} events within {answer['within_s']} s = {answer['recall']}, {answer['false_alerts']} false alerts"
                 + (f"; missed {', '.join(answer['missed'])}" if answer["missed"] else ""))

    def corpus(self, modes):
        """The annotated footage in each mode: what is not decoded must not cost alerts. Clips whose GOP is longer than 2 s fall back to strict."""
        running = {mode: subprocess.Popen([os.path.join(systems.RELEASE, "snowline"), "evaluate", self.options.corpus, "--mode", mode, "--json"],
                                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for mode in modes}
        for mode, process in running.items():
            answer, error = process.communicate()
            if process.returncode:
                raise RunFailure(f"snowline evaluate {self.options.corpus} --mode {mode}: exit code {process.returncode}\n{error.strip()}")
            score = json.loads(answer)["total"]
            self.recalls[mode]["corpus"] = {name: score[name] for name in ("macro_f1", "f1", "control_zone_alerts")}
            tell(f"annotated footage {mode}: " + ", ".join(f"{name} {figure}" for name, figure in self.recalls[mode]["corpus"].items()))

    def judge_files(self, mode, specs, path):
        with open(path, encoding="utf-8") as lines:
            alerts = [json.loads(line) for line in lines]
        within, found, false, total, delays, missed = judging.limit(mode, specs[0].gop), 0, 0, 0, [], []
        for number, spec in enumerate(specs):
            events = self.store.truth(spec)["events"]
            name = f"{spec.kind}_{number:02d}"
            # An alert of recorded footage tells the moment it is about, which stands for the moment it is known.
            known, wrong = judging.match(events, [(alert["start_s"],) * 2 for alert in alerts if alert["footage"] == name], within)
            total, found, false = total + len(events), found + sum(delay is not None for delay in known), false + len(wrong)
            delays += [delay for delay in known if delay is not None]
            missed += [f"{name} at {event['start_s']:.1f} s" for event, delay in zip(events, known) if delay is None]
        return {"events": total, "found": found, "recall": round(found / total, 4) if total else None, "false_alerts": false, "within_s": within,
                "median_offset_s": round(statistics.median(delays), 3) if delays else None, "missed": missed, "gop": specs[0].gop, "size": specs[0].size,
                "seeds": [spec.seed for spec in specs]}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="704x576, GOP 50, 1 and 5 %%: at most 5 minutes")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--parts", help="default cost,recall with --quick, else all")
    parser.add_argument("--systems", default=",".join(systems.NAMES))
    parser.add_argument("--cells", help="names such as 704x576-g50-h264-cbr; default all")
    parser.add_argument("--activities", help="shares of the time in which somebody is there; default all of the cell")
    parser.add_argument("--resume", action="store_true", help="go on from what an earlier full run has measured")
    parser.add_argument("--rounds", type=int, help="default 1 with --quick, else 2")
    parser.add_argument("--cameras", type=int, help="of the systems that decode everything; default by size")
    parser.add_argument("--window", type=float, help="seconds; default such that each holds the same number of events")
    parser.add_argument("--recall-files", type=int, help="of 14 events each; default 2 with --quick, else 8")
    parser.add_argument("--record", help="folder for a record; default none with --quick, else Benchmarks/Records/<date>-<processor>/density")
    parser.add_argument("--latency-cameras", type=int, help="default: as many as fill 70 %% of the machine")
    parser.add_argument("--latency-seconds", type=float, default=90)
    parser.add_argument("--corpus", default=os.environ.get("SNOWLINE_CORPUS") or os.path.join(ROOT, "..", "shared", "corpus"))
    parser.add_argument("--work", default=os.path.join(ROOT, ".build", "bench", "density"))
    options = parser.parse_args()
    options.systems = [name for name in options.systems.split(",") if name]
    if unknown := set(options.systems) - set(systems.NAMES):
        parser.error(f"no system {', '.join(sorted(unknown))}; there are {', '.join(systems.NAMES)}")
    known = QUICK if options.quick else FULL
    options.cells = [cell for cell in known if not options.cells or cell.name in options.cells.split(",")]
    if not options.cells:
        parser.error(f"no such cell; there are {', '.join(cell.name for cell in known)}")
    options.parts = (options.parts or ("cost,recall" if options.quick else ",".join(PARTS))).split(",")
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    options.activities = [float(share) for share in options.activities.split(",")] if options.activities else None
    options.rounds = options.rounds or (1 if options.quick else 2)
    options.recall_files = (2 if options.quick else 8) if options.recall_files is None else options.recall_files
    options.python = sys.executable
    return options


def main(out):
    options = arguments()
    os.makedirs(options.work, exist_ok=True)
    lock = open(os.path.join(options.work, "lock"), "w", encoding="ascii")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise RunFailure(f"another run is going on in {options.work}") from None
    absent = systems.missing(options.systems, options.python, options.work)
    if not os.path.isdir(options.corpus):
        absent.append(f"no annotated footage at {options.corpus}; say where by SNOWLINE_CORPUS")
    for problem in absent:
        tell(f"density: {problem}")
    if absent and not all(problem.startswith("dense is missing") for problem in absent):
        return 2
    options.systems = [name for name in options.systems if not (absent and name == "dense")]
    facts, began, bench = machine.facts(), time.monotonic(), Bench(options)
    modes = [name for name in options.systems if name in systems.SNOWLINE]
    latency, curve = [], []
    if "cost" in options.parts:
        for cell in options.cells:
            bench.cell(cell)
    if "recall" in options.parts and modes:
        bench.recall(options.recall_files, modes, with_control=not options.quick)
        if not options.quick:
            bench.corpus(modes)
    if "latency" in options.parts and modes:
        latency = [scaling.latency(bench, mode, options.latency_cameras, options.latency_seconds, tell) for mode in modes if mode == "strict" or options.latency_cameras]
    if "curve" in options.parts and modes:
        curve = scaling.curve(bench, modes, tell)
    problems = bench.troubles + judging.problems(bench.rows, bench.recalls, latency)
    results.show(list(results.lines(bench.rows, bench.recalls)), out, options.json)
    for (cell, ours, other), ratio in judging.ratios(bench.rows).items():
        tell(f"{ours} / {other} at {record.cell_name(cell)}: {ratio['median']:.3f} = 1/{1 / ratio['median']:.1f}")
    for problem in problems:
        tell(f"density: {problem}")
    if options.record or not options.quick:
        folder = options.record or record.default_folder(ROOT)
        command = "snowline-bench density " + " ".join(sys.argv[1:])
        record.write(folder, {"machine": facts, "command": command.strip(), "seconds": round(time.monotonic() - began), "problems": bench.troubles, "rows": bench.rows,
                              "recalls": bench.recalls, "latency": latency, "curve": curve, "cells": [(cell.name, activity) for cell in FULL for activity in cell.activities]})
        tell(f"record: {os.path.relpath(folder, ROOT)}/README.md")
    tell(f"density: {time.monotonic() - began:.0f} s")
    return 2 if absent else 1 if bench.troubles else 0


if __name__ == "__main__":
    # Whatever is printed by others is progress, also what children print.
    answers, sys.stdout = os.fdopen(os.dup(1), "w", encoding="utf-8"), sys.stderr
    os.dup2(2, 1)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        sys.exit(main(answers))
    except (RunFailure, subprocess.CalledProcessError, ValueError) as failure:
        sys.exit(f"density: {failure}")
    except KeyboardInterrupt:
        sys.exit("density: interrupted; everything it started is stopped")
