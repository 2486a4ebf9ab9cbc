"""Alarms by hand, pressed over HTTP by several people at once: the source of a chaos run's alerts.

A rule is pressed again only when all others have been, which is long after its alert was closed: each press is an alert of its own.
An answer with 200 says that the journal has it.
"""
import http.client
import itertools
import json
import threading
import time


class Presses:
    """Presses until `wanted` answers have come. A press whose answer was lost is not repeated; the next one is another."""

    THREADS = 8

    def __init__(self, port, token, rules, wanted, rate):
        """rate: presses a second, all together; rules: (camera, rule) in the order of pressing."""
        self._port, self._token, self._wanted, self._pause = port, token, wanted, self.THREADS / rate
        self._rules = enumerate(itertools.cycle(rules))
        self._lock = threading.Lock()
        self.promised = []  # "<alert>.<version>" in the order of the answers
        self.unanswered = 0
        self.problems = []
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(self.THREADS)]

    def start(self):
        for thread in self._threads:
            thread.start()

    @property
    def is_over(self):
        return not any(thread.is_alive() for thread in self._threads)

    @property
    def share(self):
        return len(self.promised) / self._wanted

    def _work(self):
        connection = None
        due = time.monotonic()
        while len(self.promised) < self._wanted and not self.problems:
            with self._lock:
                number, (camera, rule) = next(self._rules)
            try:
                connection = connection or http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
                self._press(connection, number, camera, rule)
            except (OSError, http.client.HTTPException):
                self.unanswered += 1
                connection = None
                time.sleep(0.1)
            due = max(due + self._pause, time.monotonic() - 1)
            time.sleep(max(0, due - time.monotonic()))

    def _press(self, connection, number, camera, rule):
        body = json.dumps({"who": "chaos", "why": f"press {number}"})
        connection.request("POST", f"/v1/cameras/{camera}/rules/{rule}/trigger", body, {
            "authorization": f"Bearer {self._token}", "content-type": "application/json"})
        answer = connection.getresponse()
        text = answer.read()
        if answer.status == 200:
            raised = json.loads(text)
            with self._lock:
                self.promised.append(f"{raised['alert']}.{raised['version']}")
        elif answer.status == 503:
            self.unanswered += 1
        else:
            self.problems.append(f"{camera} {rule}: {answer.status} {text.decode(errors='replace')}")
