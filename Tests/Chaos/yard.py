"""One snowlined with its receivers, all of which can be killed and started again on what they left behind."""
import base64
import os
import random
import sqlite3
import sys
import time

from cluster import Cluster
from processes import ROOT, Child, RunFailure, free_port, get_json, is_healthy

HERE = os.path.dirname(os.path.abspath(__file__))
RULES = 64  # of kind manual, a camera
START_S = 120  # a journal of 20,000 alerts and a hundred cameras on a busy machine


class Yard:
    """The processes of a run; use it as a context."""

    def __init__(self, folder, seed):
        self.folder = folder
        os.makedirs(folder)
        self.random = random.Random(seed)
        secret = base64.b64encode(random.Random(f"{seed} secret").randbytes(32)).decode()
        self._environment = dict(os.environ, SNOWLINE_DISPATCH_SECRET="whsec_" + secret, PYTHONUNBUFFERED="1")
        self._children, self._starts = [], {}
        self.listen, self._nowhere = free_port(), free_port()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for child in reversed(self._children):
            if child.process.poll() is None:
                child.process.kill()
                child.process.wait()
            child.stop()

    def spawn(self, name, command):
        """Starts a process; each start of the same name has a log of its own."""
        number = self._starts[name] = self._starts.get(name, 0) + 1
        child = Child(name, command, os.path.join(self.folder, f"{name}.{number}.log"), self._environment)
        self._children.append(child)
        return child

    def python(self, name, script, *options):
        return self.spawn(name, [sys.executable, os.path.join(HERE, script), *options])

    def write_site(self, cameras, sinks):
        """Cameras that nobody answers for: an alarm by hand does not depend on one that works. Returns the rules."""
        names = [f"c{number:03}" for number in range(cameras)]
        fences = ", ".join(f"{{id: m{number}, kind: manual}}" for number in range(RULES))
        lines = ["site: {id: chaos, timezone: UTC, language: en}", "data: ./store", f"listen: 127.0.0.1:{self.listen}", "cameras:"]
        lines += [f"  - {{id: {name}, class: {'ABC'[index % 3]}, url: 'rtsp://127.0.0.1:{self._nowhere}/{name}', fences: [{fences}]}}"
                  for index, name in enumerate(names)]
        with open(os.path.join(self.folder, "site.yaml"), "w", encoding="ascii") as site:
            site.write("\n".join([*lines, "sinks:", *(f"  - {sink}" for sink in sinks), ""]))
        return [(name, f"m{number}") for number in range(RULES) for name in names]

    @property
    def data(self):
        return os.path.join(self.folder, "store")

    @property
    def token(self):
        with open(os.path.join(self.data, "control.token"), encoding="ascii") as text:
            return text.read().strip()

    def start_daemon(self):
        """Returns after how many seconds it answers."""
        program = os.environ.get("SNOWLINE_DAEMON", os.path.join(ROOT, ".build", "release", "snowlined"))
        self.daemon = self.spawn("snowlined", [program, "--site", os.path.join(self.folder, "site.yaml"), "--log-level", "warning"])
        began = time.monotonic()
        while not is_healthy(f"http://127.0.0.1:{self.listen}/healthz"):
            self.daemon.check()
            if time.monotonic() - began > START_S:
                raise RunFailure(f"snowlined does not answer after {START_S} s; see {self.daemon.log_path}")
            time.sleep(0.05)
        return time.monotonic() - began

    def kill(self, child):
        """As a power switch would do it: no handler runs."""
        child.check()
        child.process.kill()
        child.process.wait()

    def drain(self, seconds):
        """Waits until every sink has everything, and stops the daemon. False where it has not by then."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            status = get_json(f"http://127.0.0.1:{self.listen}/v1/status")
            if status and not any(sink["pending"] for sink in status["sinks"]):
                self.daemon.stop()
                # A camera may have closed an episode in the last moment.
                if not waiting_rows(self.data):
                    return True
                self.start_daemon()
            self.daemon.check()
            time.sleep(0.25)
        self.daemon.stop()
        return False


def waiting_rows(folder):
    connection = sqlite3.connect(f"file:{folder}/journal.sqlite?mode=ro", uri=True)
    try:
        return connection.execute("SELECT count(*) FROM outbox WHERE dispatch_confirmed IS NULL").fetchone()[0]
    finally:
        connection.close()


class Dispatch:
    """The receivers of a run: webhook, the consumer of the NATS stream, and the file that the daemon writes itself."""

    def __init__(self, yard, seed, options):
        self._yard, self._seed, self._options = yard, seed, options
        self.cluster = Cluster(os.path.join(yard.folder, "nats"), yard.spawn)
        self._port = free_port()
        self.paths = {kind: os.path.join(yard.folder, f"{kind}.jsonl") for kind in ("webhook", "nats", "file")}
        self.start()

    @property
    def sinks(self):
        servers = ", ".join(f"'{url}'" for url in self.cluster.urls)
        return [
            f"{{id: webhook, kind: webhook, url: 'http://127.0.0.1:{self._port}/alerts', secret: 'env:SNOWLINE_DISPATCH_SECRET', "
            f"timeout_s: {self._options.timeout_s}}}",
            f"{{id: nats, kind: nats, servers: [{servers}], replicas: 3, max_megabytes: 512, confirm: dispatch, resend_s: 10}}",
            f"{{id: file, kind: file, path: {self.paths['file']}, max_megabytes: 10000}}",
        ]

    def start(self):
        self._webhook = self._yard.python(
            "webhook", "webhook.py", "--port", str(self._port), "--store", self.paths["webhook"], "--seed", str(self._seed),
            "--hang-s", str(self._options.timeout_s + 2), "--hang-share", str(self._options.hang_share), "--forget-share",
            "0.1" if self._options.fault == "forget" else "0")
        self._consumer = self._yard.python("nats-consumer", "dispatch.py", "--servers", ",".join(self.cluster.urls), "--store", self.paths["nats"])
        for child in (self._webhook, self._consumer):
            child.wait_for_port(30)

    def kill(self):
        for child in (self._webhook, self._consumer):
            self._yard.kill(child)
