#!/usr/bin/python3
"""Runs the demo: simulated cameras, receiver and snowlined, until the known event was delivered; then stops them all.

usage: run.py [--seconds MAX]        called by scripts/demo.sh, which builds and fetches what is needed here
Ends with 0 only if every camera's alert of the known event arrived at the receiver.
"""
import argparse
import base64
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
sys.path[:0] = [HERE, os.path.join(ROOT, "scripts")]
from alert_log import collect, parse_time, read_lines, table  # noqa: E402
from page import write_page  # noqa: E402
from processes import Child, RunFailure, free_port, get_json, is_healthy, say, show_progress  # noqa: E402

# Looked up in the frames: two people come in from the lower right; their feet pass the lawn's edge between 51.9 s
# and 52.2 s. Nobody treads on the lawn before. What may differ: a frame grid of 8 a second, and the box of two people.
KNOWN_RULE = "lawn"
KNOWN_WINDOW_S = (50.5, 54.5)
COUNTED_BACK_SLACK_S = 1.0  # where the clip's start is only counted back from pictures (see session_anchors)
CLIP_FPS = 25
LINGER_S = 5  # after the known event, for what else is on its way
SECONDS_EAST = 8 * 3600  # Asia/Shanghai, the timezone in site.yaml; it has no daylight saving
CAMERAS = ("south-gate", "east-lawn", "north-path")


@dataclass
class Result:
    """What the table and the page say of the whole run."""

    cameras: tuple
    data_folder: str
    seconds: float = 0
    raised: int | None = None
    known: set = field(default_factory=set)  # alert ids
    about: bool = False  # the start of the clip is known only roughly
    seconds_east: int = SECONDS_EAST
    succeeded: bool = False
    verdict_zh: str = ""
    verdict_en: str = ""


def write_site(folder, cameras_port, receiver_port, listen_port):
    """A copy of site.yaml with the ports of this run."""
    with open(os.path.join(HERE, "site.yaml"), encoding="utf-8") as shipped:
        text = shipped.read()
    for old, new in (
        ("rtsp://127.0.0.1:8554/", f"rtsp://127.0.0.1:{cameras_port}/"), ("http://127.0.0.1:9000/", f"http://127.0.0.1:{receiver_port}/"),
        ("listen: 127.0.0.1:8600", f"listen: 127.0.0.1:{listen_port}"), ("data: ./data", "data: ./store"),
    ):
        if old not in text:
            raise RunFailure(f"demo/site.yaml no longer says \"{old}\"; demo/run.py puts this run's value there")
        text = text.replace(old, new)
    path = os.path.join(folder, "site.yaml")
    with open(path, "w", encoding="utf-8") as copy:
        copy.write(text)
    return path


def session_anchors(status, now):
    """By camera, the moment of the clip's first picture, for cameras that send pictures; and whether it is exact.

    The daemon's own anchor is exact. Without one it is counted back from now: the clip begins when a camera is first
    asked for it, and its pictures come in real time.
    """
    anchors = {}
    for camera in (status or {}).get("cameras", []):
        if camera.get("anchor"):
            anchors[camera["id"]] = (parse_time(camera["anchor"]), True)
        elif camera.get("pictures", 0) > 0:
            anchors[camera["id"]] = (now - timedelta(seconds=camera["pictures"] / CLIP_FPS), False)
    return anchors


def known_alerts(alerts, about):
    """The alerts of the known event, by camera."""
    slack = COUNTED_BACK_SLACK_S if about else 0.0
    low, high = KNOWN_WINDOW_S
    return {
        alert.camera: alert for alert in alerts
        if alert.rule == KNOWN_RULE and alert.decision["occurrence"] == "occupied"
        and alert.start_s is not None and low - slack <= alert.start_s <= high + slack
    }


class Demo:
    """One run, with what is started in it."""

    def __init__(self, longest):
        self.longest = longest
        self.data = os.path.join(HERE, "data")
        self.store = os.path.join(self.data, "delivered.jsonl")
        self.result = Result(CAMERAS, os.path.join(self.data, "store"))
        self.anchors, self.alerts, self.told = {}, [], 0

    def run(self):
        started = time.monotonic()
        shutil.rmtree(self.data, ignore_errors=True)
        os.makedirs(self.data)
        with ExitStack() as children:
            self._start(children)
            self._watch(time.monotonic())
        self.result.seconds = time.monotonic() - started
        self._look()
        self.result.raised = self._count_journal()
        self._judge()

    def _start(self, children):
        environment = dict(os.environ, SNOWLINE_DISPATCH_SECRET="whsec_" + base64.b64encode(secrets.token_bytes(32)).decode())

        def start(name, *command):
            child = Child(name, command, os.path.join(self.data, f"{name}.log"), environment)
            children.callback(child.stop)
            return child

        clip = os.path.join(HERE, "footage", "pedestrians-25fps.mp4")
        simulator = start("cameras", "/usr/bin/python3", os.path.join(ROOT, "scripts", "camera_simulator.py"), "--port", "0",
                          *(f"{camera}={clip}" for camera in CAMERAS))
        receiver = start("receiver", "/usr/bin/python3", os.path.join(HERE, "receiver.py"), "--listen", "127.0.0.1:0",
                         "--store", self.store, "--lose-answer", "1")
        listen = free_port()
        site = write_site(self.data, simulator.wait_for_port(30), receiver.wait_for_port(10), listen)
        self.status_url = f"http://127.0.0.1:{listen}/v1/status"
        self.daemon = start("snowlined", os.path.join(ROOT, ".build", "release", "snowlined"), "--site", site)
        self.others = [simulator, receiver]
        deadline = time.monotonic() + 30
        while not is_healthy(f"http://127.0.0.1:{listen}/healthz"):
            self.daemon.check()
            if time.monotonic() > deadline:
                raise RunFailure("snowlined does not answer /healthz after 30 s; see demo/data/snowlined.log")
            time.sleep(0.1)
        say(f"snowlined watches {len(CAMERAS)} cameras; the known event comes 52 s into the clip")

    def _watch(self, began):
        while True:
            elapsed = time.monotonic() - began
            for child in (self.daemon, *self.others):
                child.check()
            self._look()
            known = known_alerts(self.alerts, self.result.about)
            if set(known) == set(CAMERAS):
                break
            if elapsed > self.longest:
                return
            show_progress(elapsed, self.longest, f"{len(self.alerts)} alerts; waiting for {KNOWN_RULE} of {len(CAMERAS) - len(known)} cameras")
            time.sleep(0.25)
        say(f"the known event was delivered from all cameras; {LINGER_S} s more for what is on its way")
        time.sleep(LINGER_S)

    def _look(self):
        """Takes in what was delivered since the last look, and says it."""
        for camera, (anchor, is_exact) in session_anchors(get_json(self.status_url), datetime.now(timezone.utc)).items():
            if camera not in self.anchors:
                self.anchors[camera] = anchor
                self.result.about |= not is_exact
        lines = read_lines(self.store)
        self.alerts = collect(lines, self.anchors)
        for line in lines[self.told:]:
            if line["repeat"]:
                say(f"  delivered again and recognised: {line['id']}")
            else:
                decision = line["event"]["data"]["decision"]
                say(f"  {decision['camera']:<11} {decision['rule']:<8} {decision['state']:<8} {decision['summary']['en']}")
        self.told = len(lines)

    def _count_journal(self):
        """How many alerts the journal holds, by the program's own word; None where it cannot be asked."""
        command = [os.path.join(ROOT, ".build", "release", "snowline"), "alerts", "list", "--data", self.result.data_folder, "--json"]
        try:
            answer = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=True).stdout
            listed = json.loads(answer) if answer.lstrip().startswith("[") else [json.loads(line) for line in answer.splitlines() if line]
            return len({entry.get("data", entry)["decision"]["id"] for entry in listed})
        except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError, AttributeError) as error:
            say(f"the journal could not be listed: {error}")
            return None

    def _judge(self):
        known = known_alerts(self.alerts, self.result.about)
        missing = [camera for camera in CAMERAS if camera not in known]
        self.result.known = {alert.id for alert in known.values()}
        self.result.succeeded = not missing
        if missing:
            self.result.verdict_zh = f"预期事件没有从这些摄像机送达：{'、'.join(missing)}"
            self.result.verdict_en = f"The known event was not delivered from: {', '.join(missing)}"
        else:
            times = " / ".join(f"{known[camera].start_s:.2f} s" for camera in CAMERAS)
            self.result.verdict_zh = f"预期事件（约 52 秒，两人踏上草坪）已从 {len(CAMERAS)} 路摄像机送达：{times}"
            self.result.verdict_en = (
                f"The known event (two people step on the lawn at about 52 s) was delivered from {len(CAMERAS)} cameras: {times}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=90, help="wait no longer than this for the known event")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    demo = Demo(options.seconds)
    try:
        demo.run()
    except RunFailure as failure:
        say("")
        sys.exit(f"demo: {failure}")
    except KeyboardInterrupt:
        say("")
        sys.exit("demo: interrupted; everything it started is stopped")
    result = demo.result
    page = os.path.join(HERE, "index.html")
    write_page(page, result, demo.alerts)
    say("\n" + table(demo.alerts) + "\n")
    repeats = sum(alert.repeats for alert in demo.alerts)
    say(f"{result.raised if result.raised is not None else '?'} alerts in the journal, {len(demo.alerts)} delivered, "
        f"{repeats} came again (one answer is lost on purpose) and were recognised; {result.seconds:.0f} s in all")
    say(result.verdict_en)
    say(f"page with stills: {os.path.relpath(page, ROOT)}; logs: demo/data/*.log")
    sys.exit(0 if result.succeeded else 1)


if __name__ == "__main__":
    main()
