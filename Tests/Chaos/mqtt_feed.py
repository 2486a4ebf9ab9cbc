"""What MQTT promises and what not, with a real broker that is killed: shown, not claimed.

A display that is away for a moment has a session at the broker; the broker acknowledges alerts for it, dies, and the alerts are gone.
The journal has them. What the broker could not acknowledge waits and is heard when it is back.
"""
import os
import shutil
import sqlite3
import time

from presses import Presses
from processes import RunFailure, free_port, get_json, say
from yard import RULES

BROKER = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin")
LISTENER = shutil.which("mosquitto_sub")
ALERTS = RULES  # of each part
PATIENCE_S = 60


class Feed:
    def __init__(self, yard):
        if not BROKER or not LISTENER:
            raise RunFailure("mosquitto or mosquitto_sub is missing; apt-get install mosquitto mosquitto-clients")
        self._yard, self.port = yard, free_port()
        self._file = os.path.join(yard.folder, "mosquitto.conf")
        with open(self._file, "w", encoding="ascii") as text:
            text.write(f"listener {self.port} 127.0.0.1\nallow_anonymous true\npersistence false\n")
        self.start()

    def start(self):
        self._broker = self._yard.spawn("mosquitto", [BROKER, "-c", self._file])
        time.sleep(0.5)
        self._broker.check()

    def kill(self):
        self._yard.kill(self._broker)

    def listen(self):
        """A display with a session that the broker keeps for an hour."""
        return self._yard.spawn("display", [
            LISTENER, "-V", "5", "-h", "127.0.0.1", "-p", str(self.port), "-i", "display", "-c", "-x", "3600", "-q", "1", "-t", "snowline/#"])


def show(yard):
    """Prints what became of the alerts; False where it is not as docs/bus.md says."""
    feed = Feed(yard)
    rules = yard.write_site(2, [f"{{id: feed, kind: mqtt, url: 'mqtt://127.0.0.1:{feed.port}'}}"])
    display = feed.listen()
    yard.start_daemon()
    _wait("the display hears nothing", lambda: '"online"' in display.log() or "online" in display.log())
    yard.kill(display)
    acknowledged = _press(yard, rules[:ALERTS])
    _wait("the broker does not take the alerts", lambda: _pending(yard) == 0)
    feed.kill()
    unacknowledged = _press(yard, rules[ALERTS:2 * ALERTS])
    feed.start()
    display = feed.listen()
    _wait("what waited is not heard", lambda: _heard(display, unacknowledged) == len(unacknowledged))
    heard, journaled = _heard(display, acknowledged), _journaled(yard.data, acknowledged + unacknowledged)
    yard.daemon.stop()
    count = len(acknowledged) + len(unacknowledged)
    say(f"mqtt: of {len(acknowledged)} alerts that the broker had acknowledged before it was killed {len(acknowledged) - heard} are gone with "
        f"it; of {len(unacknowledged)} that it had not, none; the journal has {journaled} of {count}")
    if heard == len(acknowledged):
        say("mqtt: nothing was lost with the broker, so this has shown nothing; was it killed?")
    return heard < len(acknowledged) and journaled == count


def _press(yard, rules):
    presses = Presses(yard.listen, yard.token, rules, len(rules), 200)
    presses.start()
    _wait("the alarms are not raised", lambda: presses.is_over)
    if presses.problems:
        raise RunFailure("; ".join(presses.problems))
    return presses.promised


def _pending(yard):
    status = get_json(f"http://127.0.0.1:{yard.listen}/v1/status")
    return sum(sink["pending"] for sink in status["sinks"]) if status else None


def _heard(display, ids):
    log = display.log()
    return sum(f'"id":"{one}"' in log for one in ids)


def _journaled(folder, ids):
    connection = sqlite3.connect(f"file:{folder}/journal.sqlite?mode=ro", uri=True)
    try:
        known = {f"{alert}.{version}" for alert, version in connection.execute("SELECT id, version FROM alert_version")}
    finally:
        connection.close()
    return sum(one in known for one in ids)


def _wait(problem, look):
    deadline = time.monotonic() + PATIENCE_S
    while not look():
        if time.monotonic() > deadline:
            raise RunFailure(f"mqtt: {problem} after {PATIENCE_S} s")
        time.sleep(0.1)
