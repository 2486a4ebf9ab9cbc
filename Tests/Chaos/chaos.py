#!/usr/bin/env python3
"""Kills snowlined, its receivers and the leader of its NATS stream while alerts are raised, and counts what is missing.

usage: chaos.py [--quick] [--alerts N] [--kills N] [--seed N] [--fault forget] [--no-mqtt] [--out FOLDER]     called by scripts/chaos.sh

Alarms are pressed by hand over HTTP at cameras that nobody answers for; every answer is a promise that the journal has it. Meanwhile
snowlined, the webhook receiver with the consumer of the stream, and the stream's leader are each killed with SIGKILL, at moments that
follow from the seed. Then everything is delivered, and what each receiver kept is held against the journal and the promises.

The last line is LOST=… DUPLICATED=… …; ends with 0 only when nothing is lost, left twice, out of order or changed.
"""
import argparse
import os
import random
import shutil
import signal
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "scripts"))
import audit  # noqa: E402
import kept  # noqa: E402
import mqtt_feed  # noqa: E402
from presses import Presses  # noqa: E402
from processes import ROOT, RunFailure, say  # noqa: E402
from yard import RULES, Dispatch, Yard  # noqa: E402

CAMERAS = 100  # at most: with 64 rules each, a rule is pressed again only when its alert has long been closed
VICTIMS = ("snowlined", "receivers", "stream leader")


class Chaos:
    def __init__(self, options, yard):
        self._options, self._yard = options, yard
        self._killed = dict.fromkeys(VICTIMS, 0)

    def run(self):
        began = time.monotonic()
        dispatch = Dispatch(self._yard, self._options.seed, self._options)
        cameras = min(CAMERAS, self._options.alerts // RULES + 1)
        rules = self._yard.write_site(cameras, dispatch.sinks)
        self._yard.start_daemon()
        say(f"seed {self._options.seed}: {self._options.alerts} alerts at {cameras} cameras, {self._options.kills} kills of each of "
            f"{', '.join(VICTIMS)}; logs in {os.path.relpath(self._yard.folder, ROOT)}")
        presses = Presses(self._yard.listen, self._yard.token, rules, self._options.alerts, self._options.rate)
        self._press(presses, dispatch)
        say(f"{time.monotonic() - began:6.1f} s  {len(presses.promised)} alarms promised, {presses.unanswered} presses without an answer")
        is_drained = self._yard.drain(self._options.drain_s)
        say(f"{time.monotonic() - began:6.1f} s  " + ("everything delivered" if is_drained else "NOT everything delivered in time"))
        return self._judge(presses, dispatch)

    def _press(self, presses, dispatch):
        kills = sorted((self._yard.random.uniform(0.05, 0.8), victim) for victim in VICTIMS for _ in range(self._options.kills))
        began = time.monotonic()
        presses.start()
        while not presses.is_over or kills:
            if kills and (presses.share >= kills[0][0] or presses.is_over):
                self._kill(kills.pop(0)[1], dispatch, f"{time.monotonic() - began:6.1f} s  {100 * presses.share:3.0f} %")
            time.sleep(0.02)
        if presses.problems or presses.share < 1:
            raise RunFailure("; ".join(presses.problems[:3]) or f"only {len(presses.promised)} alarms were raised")

    def _kill(self, victim, dispatch, when):
        down = self._yard.random.uniform(0.1, 1.5)
        name = victim
        if victim == "snowlined":
            self._yard.kill(self._yard.daemon)
        elif victim == "receivers":
            dispatch.kill()
        else:
            name = dispatch.cluster.kill_leader()
        say(f"{when}  killed {victim}{f' {name}' if name != victim else ''}, down for {down:.1f} s")
        self._killed[victim] += 1
        time.sleep(down)
        if victim == "snowlined":
            say(f"          snowlined answers again after {self._yard.start_daemon():.1f} s")
        elif victim == "receivers":
            dispatch.start()
        else:
            dispatch.cluster.revive(name)

    def _judge(self, presses, dispatch):
        journal, waiting = audit.journaled(self._yard.data)
        promised = set(presses.promised)
        totals = {"lost": 0, "duplicated": 0, "misordered": 0, "changed": 0}
        missing = sorted(promised - set(journal))
        troubles = [f"promised and not in the journal: {audit.examples(missing)}"] if missing else []
        totals["lost"] += len(missing)
        troubles += [f"gap in the numbers of {one}" for one in audit.gaps(journal)]
        if waiting:
            troubles.append(f"{waiting} rows of the outbox wait")
        committed = promised | set(journal)
        stream = dispatch.cluster.messages()
        for name, lines, is_ordered in [
            ("webhook", kept.read(dispatch.paths["webhook"]), True), ("nats stream", stream, True),
            # Its own order is that of redelivery; what it owes is that nothing is missing.
            ("nats consumer", kept.read(dispatch.paths["nats"]), False), ("file", kept.read(dispatch.paths["file"]), True),
        ]:
            finding = audit.judge(committed, audit.messages(lines), is_ordered)
            say(f"{name:<13} {finding.kept} of {len(committed)} kept, {finding.repeats} came again and were recognised")
            for kind in totals:
                found = getattr(finding, kind)
                totals[kind] += len(found)
                troubles += [f"{name}: {kind}: {audit.examples(found)}"] if found else []
        for trouble in troubles:
            say(f"chaos: {trouble}")
        counts = " ".join(f"{kind.upper()}={count}" for kind, count in totals.items())
        kills = ",".join(str(count) for count in self._killed.values())
        return bool(troubles), f"{counts} alerts={len(promised)} versions={len(committed)} kills={kills} seed={self._options.seed}"


def read_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="2,000 alerts, two kills of each, answers that never come after 2 s instead of 30 s")
    parser.add_argument("--alerts", type=int)
    parser.add_argument("--kills", type=int, help="of each victim")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--fault", choices=["forget"], help="a receiver that acknowledges and does not keep: must be found")
    parser.add_argument("--no-mqtt", action="store_true")
    parser.add_argument("--out", default=os.path.join(ROOT, ".build", "chaos"))
    options = parser.parse_args()
    options.out = os.path.abspath(options.out)
    options.alerts = options.alerts or (2_000 if options.quick else 20_000)
    options.kills = (2 if options.quick else 5) if options.kills is None else options.kills
    options.rate = 100 if options.quick else 200
    options.timeout_s = 2 if options.quick else 30
    options.hang_share = (8 if options.quick else 24) / (2 * options.alerts)
    options.drain_s = 90 if options.quick else 600
    return options


def main():
    options = read_options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    shutil.rmtree(options.out, ignore_errors=True)
    try:
        is_wrong, total = False, ""
        if not options.no_mqtt:
            with Yard(os.path.join(options.out, "mqtt"), options.seed) as yard:
                is_wrong = not mqtt_feed.show(yard)
        with Yard(os.path.join(options.out, "run"), options.seed) as yard:
            found, total = Chaos(options, yard).run()
        print(total, flush=True)
        sys.exit(1 if is_wrong or found else 0)
    except RunFailure as failure:
        sys.exit(f"chaos: {failure}")
    except KeyboardInterrupt:
        sys.exit("chaos: interrupted; everything it started is stopped")


if __name__ == "__main__":
    main()
