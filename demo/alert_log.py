"""Reads what the receiver stored and puts together, for each alert, what the table and the page show."""
import json
import os
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone


def parse_time(text):
    """An RFC 3339 time in UTC, as alerts and the receiver write it."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


@dataclass
class Delivered:
    """One alert as the receiver knows it: every version that came, in order of arrival."""

    decision: dict  # of the newest version
    source: str
    versions: list = field(default_factory=list)  # (version, received, server_time), first arrivals only
    evidence: dict = field(default_factory=dict)  # kind -> evidence record, newest wins
    repeats: int = 0
    start_s: float | None = None  # seconds into the clip; None where the session's start is not known

    @property
    def id(self):
        return self.decision["id"]

    @property
    def camera(self):
        return self.decision["camera"]

    @property
    def rule(self):
        return self.decision["rule"]

    @property
    def delivered_ms(self):
        """From the first version's entry in the journal to its arrival at the receiver."""
        _, received, journaled = min(self.versions)
        return max(0, round((received - journaled) / timedelta(milliseconds=1)))

    def local(self, seconds_east):
        """Start of the episode in the site's own time."""
        return parse_time(self.decision["start"]).astimezone(timezone(timedelta(seconds=seconds_east)))


def read_lines(path):
    """Whole lines of the receiver's store; a line still being written is left for the next look."""
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as store:
        return [json.loads(line) for line in store if line.endswith("\n")]


def collect(lines, anchors):
    """Alerts in order of their start. `anchors` gives, for a camera, the media time of the clip's first picture."""
    alerts, owner = {}, {}
    for line in lines:
        if line["repeat"] > 0:
            if line["id"] in owner:
                owner[line["id"]].repeats += 1
            continue
        data = line["event"]["data"]
        decision, reception = data["decision"], data["reception"]
        alert = alerts.setdefault(decision["id"], Delivered(decision, line["event"].get("source", "")))
        owner[line["id"]] = alert
        if decision["version"] >= alert.decision["version"]:
            alert.decision = decision
        alert.versions.append((decision["version"], parse_time(line["received"]), parse_time(reception["server_time"])))
        for evidence in reception.get("evidence", []):
            alert.evidence[evidence["kind"]] = evidence
        if decision["camera"] in anchors:
            alert.start_s = (parse_time(decision["start"]) - anchors[decision["camera"]]).total_seconds()
    return sorted(alerts.values(), key=lambda a: (a.decision["start"], a.camera, a.rule))


def table(alerts):
    """The alerts as text, one a line."""
    head = ("camera", "rule", "what", "into clip", "versions", "delivered", "sentence")
    rows = [head]
    for alert in alerts:
        found = alert.decision.get("findings") or [{}]
        direction = found[0].get("direction")
        what = alert.decision["occurrence"] + (f" {direction}" if direction else "")
        states = " ".join(str(version) for version, _, _ in sorted(alert.versions))
        again = f" (+{alert.repeats} again)" if alert.repeats else ""
        rows.append((
            alert.camera, alert.rule, what, "-" if alert.start_s is None else f"{alert.start_s:.2f} s", states + again,
            f"{alert.delivered_ms} ms", alert.decision["summary"]["en"],
        ))
    widths = [max(len(row[column]) for row in rows) for column in range(len(head) - 1)]
    lines = ["  ".join([*(cell.ljust(width) for cell, width in zip(row, widths)), row[-1]]) for row in rows]
    return "\n".join([lines[0], "-" * min(110, max(map(len, lines))), *lines[1:]])
