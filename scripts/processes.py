"""Processes that a demo or a soak run starts, watches and stops, and how it talks to them and to the terminal."""
import ctypes
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from datetime import datetime, timezone

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
STOP_S = 15  # a clean end of snowlined takes less; then it is killed and said so


class RunFailure(Exception):
    """Said to the user as it stands."""


class Child:
    """A process with its own log; it never outlives the run that started it."""

    def __init__(self, name, command, log, environment):
        self.name, self.log_path = name, log
        self._log = open(log, "wb")
        self.started = datetime.now(timezone.utc)
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=self._log, stderr=subprocess.STDOUT, cwd=ROOT, env=environment,
            start_new_session=True, preexec_fn=die_with_parent)

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as text:
            return text.read()

    def check(self):
        code = self.process.poll()
        if code is not None:
            tail = "\n".join(self.log().splitlines()[-12:])
            raise RunFailure(f"{self.name} ended by itself (code {code}); the end of {os.path.relpath(self.log_path, ROOT)}:\n{tail}")

    def wait_for_port(self, seconds):
        """The number in the line `READY port`."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = re.search(r"^READY (\d+)$", self.log(), re.MULTILINE)
            if found:
                return int(found.group(1))
            self.check()
            time.sleep(0.1)
        raise RunFailure(f"{self.name} was not ready after {seconds} s; see {os.path.relpath(self.log_path, ROOT)}")

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                say(f"{self.name} did not stop within {STOP_S} s and is killed")
                self.process.kill()
                self.process.wait()
        self._log.close()


def die_with_parent():
    """In the child: SIGTERM when the run itself is killed (prctl PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def say(text):
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()
    print(text, flush=True)


def show_progress(elapsed, longest, text):
    if not sys.stderr.isatty():
        return
    filled = min(30, int(30 * elapsed / longest))
    sys.stderr.write(f"\r\x1b[K[{'#' * filled:<30}] {elapsed:.0f}/{longest} s  {text}")
    sys.stderr.flush()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def get_json(url):
    """The JSON at a local address, or None while it does not answer."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return json.load(answer)
    except (OSError, ValueError):
        return None


def is_healthy(url):
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False
