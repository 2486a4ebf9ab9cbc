"""Masks and alerts of Snowline beside the peers', scored by the independent scorers. Peers are cached by footage hash."""
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor

import clips
import judge
from processes import RunFailure, say

MASK_PEERS = {f"{name}{' median5' if median else ''}": (name, median) for name in judge.BEST_MASK_PEERS for median in (0, 5)}
EVENT_PEERS = ("KNN", "MOG2")
SHOWN_EVENTS = ("macro_f1", "f1", "recall", "precision", "control_zone_alerts", "false", "median_delay_s", "p95_delay_s")


def call(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if done.returncode:
        raise RunFailure(f"{' '.join(command)}: exit code {done.returncode}\n{done.stderr.strip()[-2000:]}")
    return done.stdout


def key(*paths, text=""):
    """A name for what these files make; another when any of them changes."""
    digest = hashlib.sha256(text.encode())
    for path in paths:
        digest.update(clips.file_hash(path).encode())
    return digest.hexdigest()[:16]


def load(path):
    with open(path, encoding="utf-8") as text:
        return json.load(text)


def cached(path, make):
    """The JSON at `path`, made first where it is not there."""
    if not os.path.exists(path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        answer = make()
        with open(path + ".partial", "w", encoding="utf-8") as text:
            json.dump(answer, text, indent=1)
        os.replace(path + ".partial", path)
    return load(path)


def with_fences(corpus):
    return [name for name in sorted(os.listdir(corpus)) if os.path.exists(os.path.join(corpus, name, "fences.json"))]


def with_masks(corpus):
    """Footage by name whose masks are annotated."""
    found = []
    for name in sorted(os.listdir(corpus)):
        meta = os.path.join(corpus, name, "meta.json")
        if os.path.exists(meta) and load(meta).get("groundtruth_file"):
            found.append(name)
    return found


class Quality:
    """The tools and folders of one run."""

    def __init__(self, snowline, python, tools, requirements, corpus, work):
        self.snowline, self.python, self.tools, self.requirements = snowline, python, tools, requirements
        self.corpus, self.cache, self.work = corpus, os.path.join(work, "peers"), work
        for script in ("peer_masks.py", "score_masks.py", "peer_events.py", "score_events.py"):
            if not os.path.exists(self.tool(script)):
                raise RunFailure(f"no {script} in {tools}; say where by SNOWLINE_SCORER_DIR")
        self._ours = None

    def tool(self, name):
        return os.path.join(self.tools, name)

    def ours(self):
        """Folder with our masks and alerts, made once in a run."""
        if not self._ours:
            say("masks and events: snowline evaluate")
            self._ours = os.path.join(self.work, "snowline")
            shutil.rmtree(self._ours, ignore_errors=True)
            os.makedirs(self._ours)
            call(self.snowline, "evaluate", self.corpus, "--masks", self._ours, "--alerts", os.path.join(self._ours, "alerts.jsonl"), "--json")
        return self._ours

    # Masks

    def masks(self):
        names = with_masks(self.corpus)
        if not names:
            raise RunFailure(f"no footage in {self.corpus} has a groundtruth_file in its meta.json")
        scored = json.loads(call(self.python, self.tool("score_masks.py"), self.corpus, self.ours(), "--json"))
        rows = {row["footage"]: row for row in scored["rows"]}
        peers = {peer: {} for peer in MASK_PEERS}
        wanted = [(name, peer) for peer in MASK_PEERS for name in names]
        done = 0
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for (name, peer), score in zip(wanted, pool.map(lambda pair: self.peer_mask(*pair), wanted)):
                done += 1
                say(f"masks: {done} of {len(wanted)}: {peer} on {name}: F {score['f']:.3f}")
                peers[peer][name] = score["f"]
        table = judge.mask_table({name: row["f"] for name, row in rows.items()}, peers)
        return {"rows": table, "scores": scored["rows"], "mean_f": judge.mean(row["snowline"] for row in table),
                "peer_mean_f": {peer: judge.mean(scores.values()) for peer, scores in peers.items()}}

    def peer_mask(self, name, peer):
        """One peer's score on one sequence."""
        algorithm, median = MASK_PEERS[peer]
        folder = os.path.join(self.corpus, name)
        meta = load(os.path.join(folder, "meta.json"))
        made_of = key(clips.footage(self.corpus, name), os.path.join(folder, meta["groundtruth_file"]), os.path.join(folder, "meta.json"),
                      self.tool("peer_masks.py"), self.tool("score_masks.py"), self.requirements, text=f"{algorithm} {median}")

        def make():
            with tempfile.TemporaryDirectory(prefix="snowline-bench-") as masks:
                call(self.python, self.tool("peer_masks.py"), self.corpus, masks, algorithm, "--median", str(median), "--only", name)
                return json.loads(call(self.python, self.tool("score_masks.py"), self.corpus, masks, "--only", name, "--json"))["rows"][0]
        return cached(os.path.join(self.cache, "masks", f"{name}-{peer.replace(' ', '-')}-{made_of}.json"), make)

    # Alerts

    def events(self):
        ours = self.score_events(os.path.join(self.ours(), "alerts.jsonl"))
        return {"snowline": ours, "peers": {peer: self.peer_events(peer) for peer in EVENT_PEERS}}

    def score_events(self, alerts, *only):
        answer = json.loads(call(self.python, self.tool("score_events.py"), self.corpus, alerts, "--json", *only))
        return {"total": answer["total"], "rows": answer["rows"]}

    def peer_events(self, peer):
        names = with_fences(self.corpus)
        files = [path for name in names for path in (clips.footage(self.corpus, name), os.path.join(self.corpus, name, "fences.json"))]
        made_of = key(*files, self.tool("peer_events.py"), self.tool("score_events.py"), self.requirements, text=peer)

        def one(name, folder):
            alerts = os.path.join(folder, name + ".jsonl")
            call(self.python, self.tool("peer_events.py"), self.corpus, alerts, "--alg", peer, "--only", name)
            say(f"events: {peer} on {name}")
            return alerts

        def make():
            with tempfile.TemporaryDirectory(prefix="snowline-bench-") as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
                together = os.path.join(folder, "all-alerts")
                with open(together, "w", encoding="utf-8") as out:
                    for alerts in pool.map(lambda name: one(name, folder), names):
                        with open(alerts, encoding="utf-8") as text:
                            out.write(text.read())
                return self.score_events(together)
        return cached(os.path.join(self.cache, "events", f"{peer}-{made_of}.json"), make)
