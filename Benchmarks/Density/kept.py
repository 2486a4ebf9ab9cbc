"""What a full run has measured, kept row by row so that it can be done in parts."""
import hashlib
import json
import os

SNOWLINE = ("strict", "dense")


def fingerprint(path):
    with open(path, "rb") as program:
        return hashlib.file_digest(program, "sha256").hexdigest()[:16]


class Rows:
    """Rows of earlier runs: of the peers always, of Snowline as long as its program is the same."""

    def __init__(self, path, release, resume):
        self.path, self.program = path, fingerprint(os.path.join(release, "snowlined"))
        self.rows = []
        if resume and os.path.exists(path):
            with open(path, encoding="utf-8") as lines:
                # A run that was killed may have left half a line.
                self.rows = [json.loads(line) for line in lines if line.endswith("\n")]
            self.rows = [row for row in self.rows if row["system"] not in SNOWLINE or row["program"] == self.program]
        self._write("w", self.rows)

    def _write(self, mode, rows):
        os.makedirs(os.path.dirname(self.path), exist_ok=True)
        with open(self.path, mode, encoding="utf-8") as out:
            out.writelines(json.dumps(row) + "\n" for row in rows)

    def holds(self, cell, system, activity, number):
        wanted = (system, cell.size, cell.gop, cell.codec, cell.control, activity, number)
        return any(tuple(row[key] for key in ("system", "size", "gop", "codec", "control", "activity", "round")) == wanted for row in self.rows)

    def keep(self, rows):
        for row in rows:
            if row["system"] in SNOWLINE:
                row["program"] = self.program
        self.rows += rows
        self._write("a", rows)
