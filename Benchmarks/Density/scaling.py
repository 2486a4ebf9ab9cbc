"""CPU against the number of cameras, and how long an alert takes on a machine that is filled."""
import os
import statistics
import time

import judging
import marks
import readings
import streams
import systems
from cameras import CameraServer, in_turn, pieces_for, schedule
from processes import RunFailure

CURVE_ACTIVITY, LATENCY_ACTIVITY = 0.05, 0.20
CURVE = {"strict": (1, 8, 24, 40, 56), "dense": (1, 16, 48, 96, 144)}
FILL = 0.70  # of the machine, cameras and receiver included


def server_of(bench, count, activity, first_event_s, prefix, pieces=streams.cost_pieces):
    cell = pieces("704x576", 50)
    bench.store.make([spec for pair in cell for spec in pair])
    mounts, truths = schedule(bench.store, cell, pieces_for(activity), in_turn(count, activity, first_event_s), prefix)
    rate = statistics.mean(os.path.getsize(bench.store.path(spec)) for pair in cell for spec in pair) / streams.PIECE_S
    return CameraServer(mounts, truths, os.path.join(bench.work, "server")), [mount["name"] for mount in mounts], rate


def curve(bench, modes, say, seconds=16):
    """A point for each number of cameras: CPU of the process, of the machine, and what was kept up with; ends where it bends."""
    points = []
    for mode in modes:
        server, names, rate = server_of(bench, max(CURVE[mode]), CURVE_ACTIVITY, 15, "c")
        try:
            for count in CURVE[mode]:
                point = curve_point(bench, server, mode, spread(names, count), rate, seconds)
                points.append(point)
                say(f"curve: {mode}, {count} cameras: {point['cores']:.3f} cores = {1000 * point['cores'] / count:.2f} ms a camera and second, "
                    f"machine busy {point['machine_busy']:.0%}, received {point['kept']:.1%}")
                if judging.is_full(point):
                    break
        finally:
            server.stop()
    return points


def spread(names, count):
    """So many of them at even distances: the cameras' events follow one another, and a few neighbours would have theirs at one time."""
    return [names[number * len(names) // count] for number in range(count)]


def curve_point(bench, server, mode, names, rate, seconds):
    server.forget()
    watcher = systems.start(mode, os.path.join(bench.work, "run", mode), server, names, "704x576", bench.options.python)
    try:
        begun = server.wait_until_playing(names, 120, watcher.check)
        time.sleep(max(0, begun + 12 - time.time()))
        first = bench.reading(watcher, server)
        time.sleep(seconds)
        last = bench.reading(watcher, server)
        watcher.check()
    finally:
        watcher.stop()
    length = last["wall"] - first["wall"]
    return {"system": mode, "cameras": len(names), "cores": round((last["cpu"] - first["cpu"]) / length, 4), "rss_mib": round(last["rss_kib"] / 1024, 1),
            "machine_busy": round((last["busy"] - first["busy"]) / (last["ticks"] - first["ticks"]), 3),
            "kept": round((last["bytes"] - first["bytes"]) / (1.012 * rate * length * len(names)), 4)}


def latency(bench, mode, cameras, seconds, say):
    """Seconds from the moment at which the camera sent the deciding picture to the moment at which the alert was acknowledged.

    The pictures carry their numbers (marks.py). The alert's clean still is the deciding picture: its number says when the camera
    sent it, by the camera's clock, whatever the watcher takes for the time.
    """
    cameras = cameras or cameras_that_fill(bench, mode, say)
    server, names, _ = server_of(bench, cameras, LATENCY_ACTIVITY, 14, "l", streams.marked_pieces)
    try:
        watcher = systems.start(mode, os.path.join(bench.work, "run", mode), server, names, "704x576", bench.options.python)
        try:
            begun = server.wait_until_playing(names, 120, watcher.check)
            time.sleep(max(0, begun + 12 - time.time()))
            first = bench.reading(watcher, server)
            time.sleep(seconds)
            last = bench.reading(watcher, server)
            time.sleep(2)
            deliveries, shifts = watcher.deliveries(), watcher.shifts(server)
        finally:
            watcher.stop()
    finally:
        server.stop()
    delays, unread = latencies(deliveries, server, lambda path: mark_of(os.path.join(watcher.folder, "store", path)), first["wall"], last["wall"])
    if unread:
        raise RunFailure(f"latency: the number cannot be read in {len(unread)} of {len(unread) + len(delays)} deciding pictures, such as {unread[0]}")
    if not delays:
        raise RunFailure(f"no alert came in {seconds} s from {len(names)} cameras in which {LATENCY_ACTIVITY:.0%} of the time somebody walks")
    answer = {"system": mode, "cameras": cameras, "alerts": len(delays), "machine_busy": round((last["busy"] - first["busy"]) / (last["ticks"] - first["ticks"]), 3),
              "anchor_shift_ms": round(1000 * statistics.median(shifts.values()), 1),
              **{f"p{round(100 * share)}_ms": round(1000 * judging.percentile(delays, share), 1) for share in (0.5, 0.95, 0.99)}, "most_ms": round(1000 * max(delays), 1)}
    say(f"latency {mode}: {answer['alerts']} alerts of {cameras} cameras, machine busy {answer['machine_busy']:.0%}: "
        f"p50 {answer['p50_ms']} ms, p95 {answer['p95_ms']} ms, p99 {answer['p99_ms']} ms, most {answer['most_ms']} ms")
    return answer


def latencies(deliveries, server, mark_of, begin, end):
    """(seconds, stills without a number) of every opened alert answered in the window, whose camera has played without a break.

    - mark_of: the number in a still, by its path in the data folder; None where it cannot be read.
    """
    delays, unread = [], []
    for answered, decision, reception in deliveries:
        plays = server.plays.get(decision["camera"], [])
        if decision["state"] != "opened" or decision["rule"] != streams.FENCE["id"] or len(plays) != 1 or not begin <= answered <= end:
            continue
        still = next((entry["path"] for entry in reception["evidence"] if entry["kind"] == "clean"), None)
        number = mark_of(still) if still else None
        if number is None:
            unread.append(still or decision["id"])
            continue
        (wall, from_s), length = plays[0], server.lengths[decision["camera"]]
        # The event's piece is the stream's first; of its repetitions the last one before the answer.
        first = wall + number / streams.RATE - from_s
        delays.append((answered - first) % length)
    return delays, unread


def mark_of(path):
    import cv2  # not needed by whoever only judges

    picture = cv2.imread(path, cv2.IMREAD_GRAYSCALE)
    return None if picture is None else marks.read(picture)


def cameras_that_fill(bench, mode, say):
    """How many cameras fill the machine to FILL, the cameras' server included: from a short run of a few, and of as many as that says."""
    points = []
    for count in (8, None):
        count = count or count_that_fills(points)
        server, names, rate = server_of(bench, count, LATENCY_ACTIVITY, 14, "f")
        try:
            if not points:
                before = readings.machine_ticks()
                time.sleep(4)
                after = readings.machine_ticks()
                points.append((0, (after[0] - before[0]) / max(1, after[1] - before[1])))
            points.append((count, curve_point(bench, server, mode, names, rate, 12)["machine_busy"]))
        finally:
            server.stop()
        say(f"latency: {count} cameras make the machine {points[-1][1]:.1%} busy: {count_that_fills(points)} fill {FILL:.0%}")
    return count_that_fills(points)


def count_that_fills(points):
    """Cameras for FILL on the line through the last two of `points`, each (cameras, share of the machine that is busy)."""
    (fewer, less), (more, busier) = points[-2:]
    each = max(0.002, (busier - less) / max(1, more - fewer))
    return max(4, round(more + (FILL - busier) / each))
