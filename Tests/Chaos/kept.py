"""What a receiver keeps: one event a line, each id once, over any number of kills."""
import json
import os


class Kept:
    """Appends events and knows the ids it has. A kill in the middle of a line leaves a torn one, which was never answered."""

    def __init__(self, path):
        self._file = open(path, "a+b", buffering=0)
        self._file.seek(0)
        data = self._file.read()
        whole = data.rfind(b"\n") + 1
        os.ftruncate(self._file.fileno(), whole)
        self._lines = {json.loads(line)["id"]: line for line in data[:whole].splitlines()}
        self._repeats = open(path + ".repeats", "ab", buffering=0)

    def take(self, message_id, body):
        """Stores the event unless it is there; a repeat is kept apart, so that its bytes can be compared.

        What the kernel has survives the kill of this process; only a power cut would need fsync.
        """
        if message_id in self._lines:
            self._repeats.write(body + b"\n")
            return
        self._file.write(body + b"\n")
        self._lines[message_id] = body


def read(path):
    """All lines of a receiver: what it keeps first, then what came again. A torn last line is no message."""
    lines = []
    for name in (path, path + ".repeats"):
        if os.path.exists(name):
            with open(name, encoding="utf-8") as text:
                lines += [line[:-1] for line in text if line.endswith("\n")]
    return lines
