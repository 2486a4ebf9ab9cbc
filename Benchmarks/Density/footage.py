"""Camera-like streams with a person in them now and then, and the ground truth of each, in a bounded folder.

A stream is made of pieces of 20 s that begin with a keyframe: `quiet` ones, and `event` ones in which a person walks through
the picture once. The camera server plays pieces one after the other, so a stream of 400 s with one event costs the encoding of 40 s,
and every camera its few megabytes once. Recall footage is made in one go: files of several minutes with an event every 10 to
12 s, at any phase of the GOP.

Pictures: a plate and walkers of the annotated footage (scenes.py); sensor noise, fresh on every picture, of the given
sigma in luma (half of it in chroma), correlated with its neighbours by a Gaussian of 0.7 pixels, as demosaicing leaves it.
Encoders are set like a camera's: no B-frames, no scene cuts, one slice a picture, closed GOPs.
"""
import hashlib
import json
import multiprocessing
import os
import pickle
import random
import shutil
import subprocess
import sys
import time
from dataclasses import asdict

import cv2
import numpy as np

import marks
import scenes
from streams import FENCE, PLATES, RATE, SIZES, Spec, Walk, cost_pieces, encoding

REVISION = 4  # of this recipe: another one never meets the old one's files
CACHE_LIMIT = 6 << 30  # bytes
LEAST_CONTRAST = 12  # grey levels between a walker and what is behind, on average: people in camouflage are another test
NOISE_FIELDS, NOISE_SLACK = 8, 64


class Assets:
    """Plates and walkers, made once from the annotated footage and kept beside the streams."""

    def __init__(self, folder, corpus):
        self.folder, self.corpus = folder, corpus

    def plate(self, name, size):
        return self._kept(f"plate-{name}-{size}", lambda: scenes.plate(self.corpus, name, SIZES[size]))

    def walkers(self):
        return self._kept("walkers", lambda: scenes.walkers(self.corpus))

    def _kept(self, name, make):
        path = os.path.join(self.folder, f"{name}.{REVISION}.pickle")
        if os.path.exists(path):
            with open(path, "rb") as data:
                return pickle.load(data)
        content = make()
        with open(f"{path}.{os.getpid()}", "wb") as data:
            pickle.dump(content, data)
        os.replace(f"{path}.{os.getpid()}", path)
        return content


class Painter:
    """Draws the pictures of one file."""

    def __init__(self, spec, assets):
        self.spec, self.random = spec, random.Random(spec.seed)
        self.width, self.height = SIZES[spec.size]
        self.plate = assets.plate(spec.plate, spec.size)
        self.walkers = assets.walkers()
        self.noise = [self._noise_fields(spec.sigma, 1), self._noise_fields(spec.sigma / 2, 2)]
        self.walks = self._plan()

    def _noise_fields(self, sigma, divisor):
        source = np.random.default_rng(self.spec.seed)
        shape = (self.height // divisor + NOISE_SLACK, self.width // divisor + NOISE_SLACK)
        fields = []
        for _ in range(NOISE_FIELDS):
            field = cv2.GaussianBlur(source.standard_normal(shape, np.float32), (0, 0), 0.7)
            fields.append(np.rint(field * (sigma / field.std())).astype(np.int16))
        return fields

    def _plan(self):
        if self.spec.kind in ("event", "marked"):
            return [self._walk(self.random.uniform(8, 12), stay=4)]
        walks, begin = [], 10.0
        for _ in range(self.spec.events):
            walks.append(self._walk(begin + self.random.uniform(0, 0.9), stay=self.random.uniform(3, 6)))
            begin += self.random.uniform(10.9, 11.0)
        return walks

    def _walk(self, appears_s, stay):
        for _ in range(60):
            walk = Walk(self.random.randrange(len(self.walkers)), appears_s, stay, self.random.random() < 0.5,
                        self.random.uniform(0.16, 0.34), self.random.uniform(0.62, 0.96))
            if min(self._contrast(walk, share) for share in (0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9)) >= LEAST_CONTRAST:
                return walk
        raise ValueError(f"{self.spec.plate}: no walker stands out from it by {LEAST_CONTRAST} grey levels")

    def _contrast(self, walk, share):
        seconds = walk.appears_s + share * walk.stay_s
        placed = self._placed(walk, seconds)
        if placed is None:
            return 0
        (luma, _, _), (coverage, _), (y, x) = placed
        behind = self.plate[0][y:y + luma.shape[0], x:x + luma.shape[1]]
        return float((np.abs(luma.astype(np.float32) - behind) * coverage).sum() / max(coverage.sum(), 1e-6))

    def _placed(self, walk, seconds):
        """Planes, coverages and place of a walker at a moment, clipped to the picture; None where nothing is left."""
        picture, coverage = self.walkers[walk.walker].at(seconds)
        high = 2 * max(8, round(walk.height * self.height / 2))
        # The plates' pixels are not square at 704x576: what is drawn there is narrower by the same.
        wide = 2 * max(2, round(high * picture.shape[1] / picture.shape[0] * self.width / self.height * 9 / 16 * 0.75 / 2 + high * picture.shape[1] / picture.shape[0] / 8))
        picture = cv2.resize(picture, (wide, high), interpolation=cv2.INTER_AREA if high < picture.shape[0] else cv2.INTER_CUBIC)
        coverage = cv2.resize(coverage, (wide, high), interpolation=cv2.INTER_LINEAR)
        # Walkers are cut from sequences that go either way; they face where they go.
        if not walk.goes_right:
            picture, coverage = cv2.flip(picture, 1), cv2.flip(coverage, 1)
        y = 2 * round((walk.foot_y * self.height - high) / 2)
        x = 2 * round((walk.foot_x(seconds) * self.width - wide / 2) / 2)
        top, left = max(0, -y), max(0, -x)
        bottom, right = min(high, self.height - y), min(wide, self.width - x)
        if bottom - top < 2 or right - left < 2:
            return None
        area, half = np.s_[top:bottom, left:right], np.s_[top // 2:bottom // 2, left // 2:right // 2]
        luma, u, v = scenes.planes(picture)
        small = cv2.resize(coverage, (wide // 2, high // 2), interpolation=cv2.INTER_AREA)
        return (luma[area], u[half], v[half]), (coverage[area], small[half]), (y + top, x + left)

    def paint(self, number):
        """One picture as three planes."""
        seconds, source = number / RATE, self.plate
        active = [walk for walk in self.walks if walk.appears_s <= seconds <= walk.appears_s + walk.stay_s]
        if active:
            source = tuple(plane.copy() for plane in source)
            for walk in active:
                placed = self._placed(walk, seconds)
                if placed is not None:
                    self._blend(source, *placed)
        if self.spec.kind == "control":  # the day goes on: light rises and falls by 8 %
            gain = 1 + 0.08 * np.sin(2 * np.pi * seconds / 90)
            source = (cv2.convertScaleAbs(source[0], alpha=gain), *source[1:])
        planes = [cv2.add(plane, self._noise(0 if index == 0 else 1, plane.shape), dtype=cv2.CV_8U) for index, plane in enumerate(source)]
        if active and self.spec.kind == "marked":
            marks.draw(planes[0], number)
        return planes

    def _noise(self, kind, shape):
        field = self.noise[kind][self.random.randrange(NOISE_FIELDS)]
        y, x = self.random.randrange(NOISE_SLACK), self.random.randrange(NOISE_SLACK)
        return field[y:y + shape[0], x:x + shape[1]]

    @staticmethod
    def _blend(target, planes, coverages, place):
        for index, plane in enumerate(planes):
            y, x = place if index == 0 else (place[0] // 2, place[1] // 2)
            coverage = coverages[0 if index == 0 else 1]
            behind = target[index][y:y + plane.shape[0], x:x + plane.shape[1]]
            behind[:] = np.rint(behind + (plane.astype(np.float32) - behind) * coverage).astype(np.uint8)


class Store:
    """Files made from specs, each once; the longest unused ones go when the folder is full."""

    def __init__(self, folder, corpus):
        self.folder, self.assets = folder, Assets(folder, corpus)
        os.makedirs(folder, exist_ok=True)

    def key(self, spec):
        return hashlib.sha256(json.dumps([REVISION, asdict(spec), encoding(spec), FENCE]).encode()).hexdigest()[:16]

    def path(self, spec):
        return os.path.join(self.folder, f"{spec.kind}-{spec.size}-{self.key(spec)}.mp4")

    def truth(self, spec):
        """{"events": [...]}: when a person appears, is inside the fence, is gone; seconds of the file."""
        with open(self.path(spec) + ".json", encoding="utf-8") as text:
            return json.load(text)

    def make(self, specs, progress=lambda text: None):
        """Makes what is missing, as many files at once as there are processors; returns the seconds it took."""
        missing = [spec for spec in dict.fromkeys(specs) if not os.path.exists(self.path(spec) + ".json")]
        began = time.monotonic()
        if missing:
            self._make_room()
            missing.sort(key=lambda spec: -spec.seconds)
            with multiprocessing.get_context("spawn").Pool(min(os.cpu_count(), len(missing))) as pool:
                assets = dict.fromkeys([None, *((spec.plate, spec.size) for spec in missing)])
                pool.map(prepare, [(self.assets, wanted) for wanted in assets], chunksize=1)
                done = pool.imap_unordered(build, [(spec, self.path(spec), self.assets) for spec in missing])
                for count, _ in enumerate(done, 1):
                    progress(f"footage: {count} of {len(missing)} files, {time.monotonic() - began:.0f} s")
        for spec in specs:
            os.utime(self.path(spec))
        return time.monotonic() - began

    def _make_room(self):
        names = [name for name in os.listdir(self.folder) if name.endswith(".mp4") and os.path.exists(os.path.join(self.folder, name + ".json"))]
        paths = sorted((os.path.join(self.folder, name) for name in names), key=os.path.getmtime)
        total = sum(os.path.getsize(path) for path in paths)
        while paths and total > CACHE_LIMIT * 0.8:
            oldest = paths.pop(0)
            total -= os.path.getsize(oldest)
            os.remove(oldest + ".json")
            os.remove(oldest)


def prepare(job):
    """A plate, or the walkers."""
    assets, wanted = job
    cv2.setNumThreads(1)
    if wanted is None:
        assets.walkers()
    else:
        assets.plate(*wanted)


def build(job):
    """One file and, when it is whole, its ground truth beside it."""
    spec, path, assets = job
    cv2.setNumThreads(1)
    painter = Painter(spec, assets)
    command = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-video_size", spec.size, "-framerate", str(RATE),
               "-i", "pipe:0", *encoding(spec), "-f", "mp4", path + ".partial"]
    encoder = subprocess.Popen(command, stdin=subprocess.PIPE)
    try:
        for number in range(int(spec.seconds * RATE)):
            for plane in painter.paint(number):
                encoder.stdin.write(np.ascontiguousarray(plane).data)
    except BrokenPipeError:
        pass  # said by ffmpeg itself
    finally:
        encoder.stdin.close()
    if encoder.wait():
        raise RuntimeError(f"ffmpeg ended with {encoder.returncode} making {os.path.basename(path)}")
    os.replace(path + ".partial", path)
    truth = {"spec": asdict(spec), "seconds": spec.seconds, "fence": FENCE, "events": [walk.truth() for walk in painter.walks],
             "walks": [{**asdict(walk), "walker": painter.walkers[walk.walker].name} for walk in painter.walks]}
    with open(path + ".json.partial", "w", encoding="utf-8") as text:
        json.dump(truth, text, indent=1)
    os.replace(path + ".json.partial", path + ".json")
    return path


def corpus_of(store, specs, folder):
    """The files as annotated footage that `snowline evaluate` reads: a folder each with meta.json and fences.json."""
    shutil.rmtree(folder, ignore_errors=True)
    for number, spec in enumerate(specs):
        truth, place = store.truth(spec), os.path.join(folder, f"{spec.kind}_{number:02d}")
        os.makedirs(place)
        os.symlink(os.path.abspath(store.path(spec)), os.path.join(place, "input.mp4"))
        width, height = SIZES[spec.size]
        frames = int(spec.seconds * RATE)
        meta = {"name": os.path.basename(place), "nuisance": [], "width": width, "height": height, "fps": RATE, "frames": frames,
                "frame_range": [0, frames - 1], "video_file": "input.mp4"}
        fence = {**FENCE, "direction": "any", "judged_from_s": 8, "judged_to_s": spec.seconds, "tolerance_s": 1.0,
                 "events": [{"start_s": event["start_s"], "end_s": event["end_s"]} for event in truth["events"]]}
        for name, content in (("meta.json", meta), ("fences.json", [fence])):
            with open(os.path.join(place, name), "w", encoding="utf-8") as text:
                json.dump(content, text, indent=1)


if __name__ == "__main__":
    store = Store(sys.argv[1], sys.argv[2])
    size, gop = sys.argv[3], int(sys.argv[4])
    print(f"{store.make([spec for pair in cost_pieces(size, gop) for spec in pair], print):.1f} s")
