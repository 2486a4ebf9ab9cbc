"""On what a figure was measured, and how busy the machine was."""
import os
import platform
import re
import subprocess
from datetime import datetime, timezone

QUIET_LOAD = 0.5
LEFT_OUT = {"processor", "core", "virtual", "cpu", "with", "radeon", "graphics", "r", "tm"}  # of a processor's name


def processor():
    """The processor's name and, where the name is vague, its family and model."""
    fields = {}
    with open("/proc/cpuinfo", encoding="utf-8") as text:
        for line in text:
            key, _, value = line.partition(":")
            fields.setdefault(key.strip(), value.strip())
    name = fields.get("model name") or platform.machine()
    return f"{name} (family {fields.get('cpu family', '?')}, model {fields.get('model', '?')})"


def slug(name):
    """`AMD EPYC (family 25…)` → `amd-epyc`: for the name of a record's folder."""
    words = re.findall(r"[a-z0-9]+", name.lower().partition("(family")[0].partition("@")[0])
    return "-".join(word for word in words if word not in LEFT_OUT) or "unknown"


def output(*command):
    """The first line that a command prints, or nothing where it cannot run."""
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    except OSError:
        return ""
    return (answer.stdout or answer.stderr).strip().partition("\n")[0]


def facts():
    load = os.getloadavg()[0]
    return {
        "started": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "processor": processor(),
        "processors": os.cpu_count(),
        "kernel": platform.release(),
        "system": system_name(),
        "load_average": round(load, 2),
        "is_quiet": load <= QUIET_LOAD,
        "commit": output("git", "describe", "--always", "--dirty"),
        "versions": {
            "ffmpeg": output("ffmpeg", "-version").split(" Copyright")[0],
            "motion": output("dpkg-query", "-W", "-f", "${Version}", "motion"),
            "swift": output("swift", "--version"),
        },
    }


def system_name():
    try:
        with open("/etc/os-release", encoding="utf-8") as text:
            found = re.search(r'^PRETTY_NAME="?([^"\n]*)', text.read(), re.MULTILINE)
    except OSError:
        return platform.system()
    return found.group(1) if found else platform.system()


def thread_seconds(pid):
    """CPU seconds so far of every thread of a process, by thread id: (name, seconds), to the nanosecond."""
    threads = {}
    for thread in os.listdir(f"/proc/{pid}/task"):
        folder = f"/proc/{pid}/task/{thread}"
        try:
            with open(f"{folder}/schedstat", encoding="ascii") as text:
                seconds = int(text.read().split()[0]) / 1e9
            with open(f"{folder}/comm", encoding="utf-8", errors="replace") as text:
                threads[thread] = (text.read().strip(), seconds)
        except (FileNotFoundError, ProcessLookupError):
            continue  # the thread ended while we looked
    return threads
