"""Judges what came out of a chaos run: the journal, what was promised over HTTP, and what each receiver kept."""
import hashlib
import json
import sqlite3
from collections import defaultdict
from dataclasses import dataclass, field

SHOWN = 5  # examples of each kind of trouble that are printed


@dataclass(frozen=True)
class Message:
    """One alert version as a receiver kept it."""

    id: str  # what receivers de-duplicate by
    alert: str
    version: int
    camera: str
    sequence: int
    presses: tuple  # the reasons of the alarms by hand that it tells of; each was given once
    digest: str  # of the bytes

    @staticmethod
    def of(line):
        event = json.loads(line)
        decision, reception = event["data"]["decision"], event["data"]["reception"]
        presses = tuple(one["request"]["why"] for one in decision["findings"] if one.get("request"))
        return Message(event["id"], decision["id"], decision["version"], decision["camera"], reception["sequence"], presses,
                       hashlib.sha256(line.encode()).hexdigest())


@dataclass
class Finding:
    """What is wrong at one receiver. Every list should be empty."""

    lost: list = field(default_factory=list)
    duplicated: list = field(default_factory=list)
    misordered: list = field(default_factory=list)
    changed: list = field(default_factory=list)
    kept: int = 0
    repeats: int = 0

    @property
    def is_clean(self):
        return not (self.lost or self.duplicated or self.misordered or self.changed)


def messages(lines):
    """Of a file that a killed process wrote: a torn line, which it ended when it came back, is none."""
    found = []
    for line in lines:
        try:
            found.append(Message.of(line))
        except ValueError:
            continue
    return found


def journaled(folder):
    """The alert versions of a journal: id -> (camera, sequence), and how many rows of its outbox wait."""
    connection = sqlite3.connect(f"file:{folder}/journal.sqlite?mode=ro", uri=True)
    try:
        rows = connection.execute("SELECT id, version, camera, sequence FROM alert_version").fetchall()
        waiting = connection.execute("SELECT count(*) FROM outbox WHERE dispatch_confirmed IS NULL").fetchone()[0]
    finally:
        connection.close()
    return {f"{alert}.{version}": (camera, sequence) for alert, version, camera, sequence in rows}, waiting


def gaps(journal):
    """Cameras whose counter misses or repeats a number, as text."""
    found = []
    numbers = defaultdict(list)
    for camera, sequence in journal.values():
        numbers[camera].append(sequence)
    for camera, sequences in sorted(numbers.items()):
        if sorted(sequences) != list(range(1, len(sequences) + 1)):
            found.append(f"{camera}: {len(sequences)} alerts numbered up to {max(sequences)}")
    return found


def judge(committed, messages, is_ordered=True):
    """Holds the messages of one receiver, in the order in which it kept them, against all that must be there.

    A repeat is what has the id of a message before it. Duplicated is what is left of an alert twice when repeats are taken
    out: the same version, the same number of its camera, or the same press of a button under two alerts.
    """
    finding = Finding()
    first, versions, numbers, presses, newest = {}, {}, {}, {}, {}
    for message in messages:
        known = first.get(message.id)
        if known is not None:
            finding.repeats += 1
            if known.digest != message.digest:
                finding.changed.append(message.id)
            continue
        first[message.id] = message
        double = [
            book.setdefault(key, value) != value
            for book, key, value in [(versions, (message.alert, message.version), message.id), (numbers, (message.camera, message.sequence), message.id)]
            + [(presses, press, message.alert) for press in message.presses]]
        if any(double):
            finding.duplicated.append(message.id)
        if is_ordered and newest.get(message.camera, 0) > message.sequence:
            finding.misordered.append(f"{message.camera}: {message.sequence} after {newest[message.camera]}")
        newest[message.camera] = max(newest.get(message.camera, 0), message.sequence)
    finding.kept = len(first)
    finding.lost = sorted(set(committed) - set(first))
    return finding


def examples(items):
    more = f" and {len(items) - SHOWN} more" if len(items) > SHOWN else ""
    return ", ".join(items[:SHOWN]) + more
