"""The streams of one run: which pieces each camera plays, when it began, and when its events come by the wall clock."""
import json
import os
import queue
import subprocess
import threading
import time

import streams
from processes import RunFailure, die_with_parent

EVENT_S = 4  # of an event piece


def schedule(store, pairs, pieces, moments, prefix):
    """A camera for each moment: a stream in which a person appears about that many seconds after its beginning.

    A stream is one event piece and quiet ones, `pieces` in all; the cameras take the plates in turn. A stream can begin at a
    keyframe only, so the moment is kept to half a GOP.
    """
    length = pieces * streams.PIECE_S
    mounts, truths = [], {}
    for number, moment in enumerate(moments):
        quiet, event = pairs[number % len(pairs)]
        truth, gop_s = store.truth(event)["events"][0], event.gop / streams.RATE
        begin = round((truth["appears_s"] - moment) / gop_s) * gop_s % length
        name = f"{prefix}{number}"
        mounts.append({"name": name, "pieces": [os.path.abspath(store.path(spec)) for spec in [event] + [quiet] * (pieces - 1)], "start_s": begin + 0.001})
        truths[name] = [truth]
    return mounts, truths


def pieces_for(activity):
    """Pieces of a stream in which somebody is there for that share of the time."""
    return round(EVENT_S / activity / streams.PIECE_S)


def in_turn(count, activity, first):
    """Moments at which the events of so many cameras follow one another evenly for ever."""
    return [first + number * pieces_for(activity) * streams.PIECE_S / count for number in range(count)]


def in_windows(count, windows):
    """Moments such that each window (begin, length, activity) holds its share of events whole, the rest of the cameras none."""
    moments = []
    for begin, length, activity in windows:
        events = max(1, round(activity * count * length / EVENT_S))
        room = length - EVENT_S - 4  # the cameras do not begin at one time, and who was woken must come to rest
        moments += [begin + 2.5 + number * room / max(1, events - 1) for number in range(events)]
    if len(moments) > count:
        raise ValueError(f"{len(moments)} events do not fit into {count} cameras, one each")
    end = max(begin + length for begin, length, _ in windows)
    return moments + [end + 60 + number for number in range(count - len(moments))]


class CameraServer:
    """camera_server.py as a process, its answers by kind."""

    def __init__(self, mounts, truths, folder):
        self.truths, self.lengths, self.plays = truths, {}, {}
        self.port, self.errors, self._ready = None, [], threading.Event()
        self.acts = queue.Queue()
        os.makedirs(folder, exist_ok=True)
        path, self.log_path = os.path.join(folder, "mounts.json"), os.path.join(folder, "cameras.log")
        with open(path, "w", encoding="utf-8") as text:
            json.dump(mounts, text)
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "camera_server.py")
        self._log = open(self.log_path, "wb")
        self.process = subprocess.Popen(["/usr/bin/python3", script, "--mounts", path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log,
                                        text=True, start_new_session=True, preexec_fn=die_with_parent)
        threading.Thread(target=self._listen, daemon=True).start()
        if not self._ready.wait(120) or self.port is None:
            self.stop()
            raise RunFailure(f"the camera server did not start; see {self.log_path}")

    def _listen(self):
        for line in self.process.stdout:
            fields = json.loads(line)
            if "mount" in fields:
                self.lengths[fields["mount"]] = fields["length_s"]
            elif "play" in fields:
                self.plays.setdefault(fields["play"], []).append((fields["wall"], fields["from_s"]))
            elif "ready" in fields:
                self.port = fields["ready"]
                self._ready.set()
            else:
                self.acts.put(fields)
        self._ready.set()

    def url(self, name):
        return f"rtsp://127.0.0.1:{self.port}/{name}"

    def order(self, order, name):
        self.process.stdin.write(f"{order} {name}\n")
        self.process.stdin.flush()

    def forget(self):
        """Before another system begins to watch."""
        self.plays.clear()

    def wait_until_playing(self, names, seconds, check):
        """The wall time at which the last of the cameras began to send."""
        deadline = time.monotonic() + seconds
        while set(names) - self.plays.keys():
            check()
            if self.process.poll() is not None:
                raise RunFailure(f"the camera server ended by itself; see {self.log_path}")
            if time.monotonic() > deadline:
                raise RunFailure(f"{len(set(names) - self.plays.keys())} of {len(names)} cameras were not asked to play within {seconds} s")
            time.sleep(0.05)
        return max(self.plays[name][-1][0] for name in names)

    def events(self, name, until):
        """A camera's events up to a wall time, over all its beginnings: dicts of wall times."""
        found = []
        beginnings = self.plays.get(name, [])
        for number, (wall, from_s) in enumerate(beginnings):
            end = beginnings[number + 1][0] if number + 1 < len(beginnings) else until
            loop = 0
            while wall + loop * self.lengths[name] - from_s < end:
                shift = wall + loop * self.lengths[name] - from_s
                found += [{key: truth[key] + shift for key in ("appears_s", "gone_s", "start_s", "end_s")} for truth in self.truths[name]
                          if wall <= truth["appears_s"] + shift and truth["start_s"] + shift < end]
                loop += 1
        return found

    def stop(self):
        if self.process.poll() is None:
            self.process.stdin.close()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._log.close()
