#!/usr/bin/env python3
"""Runs the benchmarks part by part and writes a record: JSON of each part, README.md and plot.svg.

usage: bench.py [--parts vision,kernels,masks,events,variants] [--rounds N] [--motion-rounds N] [--motion-seconds S]
                [--variants NAME,NAME] [--kernel NAME] [--settle S] [--record FOLDER]

  vision    CPU a picture of the analysis beside motion and OpenCV, same clips, in turns
  kernels   instructions and nanoseconds a pixel of every kernel beside its twin and plain C
  masks     F of the foreground masks beside OpenCV MOG2, KNN and CNT, raw and with a median filter
  events    alerts beside a tracker script on OpenCV KNN and MOG2
  variants  alerts on the footage re-encoded, mirrored, noisy, swaying, and at fewer pictures a second

Called by scripts/bench.sh, which builds and installs what is needed. Parts that are run again replace their file in the
record; README.md and plot.svg are made of all files there. Ends with 1 where a figure is worse than wanted.
SNOWLINE_CORPUS and SNOWLINE_SCORER_DIR say where footage and the independent scorers are.
"""
import argparse
import json
import os
import signal
import subprocess
import sys
import time
from datetime import datetime, timezone

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, os.path.join(ROOT, "scripts")]
import judge  # noqa: E402
import machine  # noqa: E402
import plot  # noqa: E402
import summary  # noqa: E402
from cost import run as run_cost  # noqa: E402
from processes import RunFailure, say, show_progress  # noqa: E402
from quality import Quality  # noqa: E402

RELEASE = os.path.join(".build", "release")


class Parts:
    """Every part by name: gives its result and what is worse than wanted."""

    names = ("vision", "kernels", "masks", "events", "variants")

    def __init__(self, options):
        self.options = options
        self.corpus, self.tools = options.corpus, options.tools
        self.bench, self.snowline = (os.path.join(RELEASE, name) for name in ("snowline-bench", "snowline"))
        self.python = os.path.join(options.work, "venv", "bin", "python")
        self._quality = None

    @property
    def quality(self):
        if not self._quality:
            requirements = os.path.join("Benchmarks", "requirements.txt")
            self._quality = Quality(self.snowline, self.python, self.tools, requirements, self.corpus, self.options.work)
        return self._quality

    def vision(self):
        options = self.options
        result = run_cost(self.bench, self.python, self.tools, self.corpus, options.work, options.rounds, options.motion_rounds, options.motion_seconds)
        return result, judge.vision_problems(result["scenes"])

    def kernels(self):
        counted = os.path.join(self.options.work, "kernel-instructions.csv")
        only = [self.options.kernel] if self.options.kernel else []
        if only or not is_newer(counted, self.bench):
            say("kernels: instructions by callgrind, four to ten minutes for all")
            with open(counted + ".partial", "wb") as out:
                subprocess.run([os.path.join("Benchmarks", "kernel-instructions.sh"), *only], stdout=out, stdin=subprocess.DEVNULL, check=True)
            os.replace(counted + ".partial", counted)
        say("kernels: times")
        command = [self.bench, "kernels", "--format", "json", "--instructions", counted, "--check", *(["--only", *only] if only else [])]
        done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
        if not done.stdout:
            raise RunFailure(f"snowline-bench kernels: exit code {done.returncode}\n{done.stderr.strip()}")
        problems = [f"kernels: {text.removeprefix('error: ')}" for text in done.stderr.splitlines() if text.startswith("error: ")]
        if done.returncode and not problems:
            problems = [f"kernels: snowline-bench ended with {done.returncode}"]
        return {"rows": json.loads(done.stdout)}, problems

    def masks(self):
        result = self.quality.masks()
        return result, judge.mask_problems(result["rows"])

    def events(self):
        result = self.quality.events()
        return result, judge.event_problems(result["snowline"]["total"])

    def variants(self):
        say("variants: made once (minutes), then scored")
        folder = os.path.join(self.options.work, "variants")
        # Its floor is judged here, so that the record has the figures even when one is below.
        subprocess.run([sys.executable, os.path.join("scripts", "variants.py"), self.corpus, folder, self.snowline, "--only", self.options.variants],
                       stdin=subprocess.DEVNULL, check=False)
        totals = {}
        for name in self.options.variants.split(","):
            with open(os.path.join(folder, name + ".json"), encoding="utf-8") as text:
                totals[name] = json.load(text)["total"]
        return {"totals": totals}, judge.variant_problems(totals)


def is_newer(result, program):
    """Whether a result is of the program as it is now: counts of instructions are exact and need not be taken again."""
    return os.path.exists(result) and os.path.getmtime(result) > os.path.getmtime(program)


def settle(longest):
    """Waits until the machine is quiet, which a build just before delays; goes on after `longest` seconds."""
    began = time.monotonic()
    while os.getloadavg()[0] > machine.QUIET_LOAD and (elapsed := time.monotonic() - began) < longest:
        show_progress(elapsed, longest, f"load {os.getloadavg()[0]:.2f}, waiting for {machine.QUIET_LOAD}")
        time.sleep(2)


def write(path, content):
    with open(path + ".partial", "w", encoding="utf-8") as text:
        text.write(content)
    os.replace(path + ".partial", path)


def write_record(folder):
    """README.md and plot.svg of all parts whose file is in the folder."""
    parts = {}
    for name in Parts.names:
        path = os.path.join(folder, name + ".json")
        if os.path.exists(path):
            with open(path, encoding="utf-8") as text:
                parts[name] = json.load(text)
    write(os.path.join(folder, "README.md"), summary.markdown(parts))
    drawn = {name: parts[name]["result"] for name in ("masks", "vision") if name in parts}
    if drawn:
        facts = max((parts[name]["machine"] for name in drawn), key=lambda facts: facts["started"])
        caption = f"{facts['processor']}, {facts['started'][:10]}, load at the start {facts['load_average']}; make bench"
        write(os.path.join(folder, "plot.svg"), plot.svg(drawn.get("masks"), drawn.get("vision"), judge.TARGETS["vision_ms"], caption))
    return parts


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", default=",".join(Parts.names))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--motion-rounds", type=int, default=3, help="0 leaves motion out")
    parser.add_argument("--motion-seconds", type=float, default=60)
    parser.add_argument("--variants", default="plain,quarter,mirrored,noise,shake,fps8,fps5")
    parser.add_argument("--kernel", help="only this one of the kernels")
    parser.add_argument("--settle", type=float, default=120, help="seconds to wait for a quiet machine")
    parser.add_argument("--record", help="folder; default Benchmarks/Records/<date>-<processor>")
    parser.add_argument("--corpus", default=os.environ.get("SNOWLINE_CORPUS") or os.path.join("..", "shared", "corpus"))
    parser.add_argument("--tools", default=os.environ.get("SNOWLINE_SCORER_DIR") or os.path.join("..", "shared", "tools"))
    parser.add_argument("--work", default=os.path.join(".build", "bench"))
    options = parser.parse_args()
    options.parts = [name for name in options.parts.replace(",", " ").split() if name]
    unknown = set(options.parts) - set(Parts.names)
    if unknown or not options.parts:
        parser.error(f"no part {', '.join(sorted(unknown)) or 'given'}; there are {', '.join(Parts.names)}")
    if options.rounds < 1 or options.motion_rounds < 0 or options.motion_seconds < 1:
        parser.error("--rounds must be at least 1, --motion-rounds at least 0, --motion-seconds at least 1")
    needs_footage = [name for name in options.parts if name != "kernels"]
    if needs_footage and not os.path.isdir(options.corpus):
        parser.error(f"no footage at {options.corpus}, which {', '.join(needs_footage)} need; say where by SNOWLINE_CORPUS")
    if not options.record:
        date = datetime.now(timezone.utc).strftime("%Y-%m-%d")
        options.record = os.path.join("Benchmarks", "Records", f"{date}-{machine.slug(machine.processor())}")
    return options


def main():
    os.chdir(ROOT)
    options = arguments()
    os.makedirs(options.work, exist_ok=True)
    os.makedirs(options.record, exist_ok=True)
    settle(options.settle)
    facts = machine.facts()
    if not facts["is_quiet"]:
        say(f"warning: load average {facts['load_average']} is above {machine.QUIET_LOAD}: trust the ratios, not the times")
    parts, problems = Parts(options), []
    for name in options.parts:
        say(f"== {name}")
        began = time.monotonic()
        started = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        result, found = getattr(parts, name)()
        problems += found
        answer = {"machine": {**facts, "started": started}, "seconds": round(time.monotonic() - began), "problems": found, "result": result}
        write(os.path.join(options.record, name + ".json"), json.dumps(answer, indent=1) + "\n")
        written = write_record(options.record)
        say("\n" + "\n".join(summary.SECTIONS[name](written[name]["result"])))
    say(f"record: {options.record}/README.md")
    for problem in problems:
        say(f"bench: {problem}")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        main()
    except (RunFailure, subprocess.CalledProcessError, ValueError) as failure:
        sys.exit(f"bench: {failure}")
    except KeyboardInterrupt:
        sys.exit("bench: interrupted; everything it started is stopped")
