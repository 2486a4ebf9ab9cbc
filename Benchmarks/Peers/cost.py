"""CPU a picture of the analysis: Snowline beside `motion` and OpenCV, same clips, one thread, in turns (A B A B)."""
import json
import os
import statistics
import subprocess
import tempfile

import clips
import judge
import motion_cpu
from processes import ROOT, Child, RunFailure, say

# name -> arguments of measure_opencv.py after the file: algorithm, size, colour
OPENCV = {
    "CNT": ("CNT", "full", "bgr"),
    "CNT gray": ("CNT", "full", "gray"),
    "MOG2": ("MOG2", "full", "bgr"),
    "MOG2 gray, no shadows": ("MOG2ns", "full", "gray"),
    "KNN": ("KNN", "full", "bgr"),
}
MOTION = {"motion, despeckle EedDl": True, "motion, no despeckle": False}


def run(bench, python, tools, corpus, work, rounds, motion_rounds, motion_seconds):
    """The part's answer: per scene the figure of every side in every round, and the ratios."""
    say("vision: clips")
    files = clips.make(corpus, os.path.join(work, "clips"))
    scenes, commands = {}, []
    for scene, path in files.items():
        scenes[scene] = measure_scene(scene, path, Sides(bench, python, tools, commands), rounds)
    if motion_rounds:
        measure_motion(files, scenes, work, motion_rounds, motion_seconds, commands)
    return {
        "size": clips.SIZE, "pictures": clips.PICTURES, "rounds": rounds, "motion_rounds": motion_rounds,
        "motion_seconds": motion_seconds, "commands": commands, "scenes": {scene: summary(data) for scene, data in scenes.items()},
    }


class Sides:
    """Starts one measuring command after the other and keeps each once, as it can be typed."""

    def __init__(self, bench, python, tools, commands):
        self.bench, self.python, self.script, self.commands = bench, python, os.path.join(tools, "measure_opencv.py"), commands
        if not os.path.exists(self.script):
            raise RunFailure(f"no measure_opencv.py in {tools}; say where by SNOWLINE_SCORER_DIR")

    def snowline(self, path, least_tracks):
        command = [self.bench, "vision", path, "--json", "--rounds", "1", "--size", clips.SIZE, "--pictures", str(clips.PICTURES), "--least-tracks", str(least_tracks)]
        return self._answer(command, {})

    def opencv(self, path, name):
        return self._answer([self.python, self.script, path, *OPENCV[name]], {"MAXN": str(clips.PICTURES), "CVT": "1"})

    def _answer(self, command, environment):
        shown = " ".join([f"{key}={value}" for key, value in environment.items()] + [os.path.basename(part) if os.path.isabs(part) else part for part in command])
        if shown not in self.commands:
            self.commands.append(shown)
        done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, env={**os.environ, **environment})
        if done.returncode:
            raise RunFailure(f"{shown}: exit code {done.returncode}\n{done.stderr.strip()}")
        return json.loads(done.stdout)


def measure_scene(scene, path, sides, rounds):
    data = {"snowline": [], "peers": {name: [] for name in OPENCV}, "digests": set()}
    for number in range(1, rounds + 1):
        say(f"vision: {scene}, round {number} of {rounds}: Snowline, {', '.join(OPENCV)}")
        row = sides.snowline(path, clips.LEAST_TRACKS[scene])["scenes"][0]
        data["snowline"].append(row["mean_ms"])
        data["digests"].add(row["digest"])
        data["last"] = row
        for name in OPENCV:
            answer = sides.opencv(path, name)
            if answer["analysed"] != row["pictures"]:
                raise RunFailure(f"{scene}: {name} analysed {answer['analysed']} pictures, Snowline {row['pictures']}")
            data["peers"][name].append(answer["alg_ms"])
    if len(data["digests"]) != 1:
        raise RunFailure(f"{scene}: Snowline observed different things in the same footage: {sorted(data['digests'])}")
    return data


def measure_motion(files, scenes, work, rounds, seconds, commands):
    """Adds motion's figures: `peers` its detect thread, `motion` everything that was read."""
    mounts = [f"{scene}={path}" for scene, path in files.items()]
    commands.append(f"motion -n -c motion.conf (Debian's, RTSP from scripts/camera_simulator.py, {seconds} s after {motion_cpu.WARM_UP_S} s)")
    with tempfile.TemporaryDirectory(prefix="snowline-bench-") as folder:
        cameras = Child("cameras", ["/usr/bin/python3", os.path.join(ROOT, "scripts", "camera_simulator.py"), "--port", "0", *mounts], os.path.join(folder, "cameras.log"), dict(os.environ))
        try:
            port = cameras.wait_for_port(60)
            for scene in files:
                url = f"rtsp://127.0.0.1:{port}/{scene}"
                say(f"vision: {scene}: how often motion analyses")
                rate = motion_cpu.analyses_a_second(url, clips.SIZE, clips.RATE, os.path.join(folder, "rate"))
                for name in MOTION:
                    scenes[scene]["peers"][name] = []
                detail = scenes[scene]["motion"] = {"analyses_a_second": round(rate, 2), "decode_floor_ms": [], **{name: [] for name in MOTION}}
                for number in range(1, rounds + 1):
                    for name, despeckle in MOTION.items():
                        say(f"vision: {scene}, round {number} of {rounds}: {name}, {seconds} s")
                        figures = motion_cpu.measure(url, clips.SIZE, clips.RATE, os.path.join(folder, "motion"), despeckle, seconds)
                        detail[name].append({key: round(value, 4) for key, value in figures.items()})
                        scenes[scene]["peers"][name].append(round(figures["detect"], 4))
                    detail["decode_floor_ms"].append(round(motion_cpu.decode_floor(url, clips.RATE, min(20, seconds)), 4))
        finally:
            cameras.stop()


def summary(data):
    answer = {
        "snowline": judge.spread(data["snowline"]),
        "snowline_detail": {key: data["last"][key] for key in ("median_ms", "p95_ms", "stages_ms", "tracks", "digest", "set", "sets_agree", "warm_up", "pictures")},
        "peers": {name: judge.spread(values) for name, values in data["peers"].items()},
        "ratios": judge.ratios(data["snowline"], data["peers"]),
    }
    if "motion" in data:
        floor = statistics.median(data["motion"]["decode_floor_ms"])
        answer["motion"] = data["motion"]
        answer["motion_without_decode_ms"] = {
            name: round(statistics.median(row["whole"] for row in data["motion"][name]) - floor, 4) for name in MOTION
        }
    return answer
