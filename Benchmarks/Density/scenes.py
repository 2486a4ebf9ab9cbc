"""Empty scenes and walking people out of the annotated footage, for the streams of the density measurements.

A plate is the median of real pictures, so nobody is in it. A walker is one person of a real sequence, cut out along the
ground-truth masks of consecutive pictures, with soft edges. Both come from footage with people in daylight or indoors.
"""
import json
import os
import tarfile
from dataclasses import dataclass

import cv2
import numpy as np

WALKERS = ("cdnet_pedestrians", "sbi_HallAndMonitor", "sbi_CAVIAR1")
PLATE_SAMPLES = 61
EMPTY_UNTIL = {"cdnet_office": 560}  # somebody stands there for most of the rest: the median would be him
MOVING = 255  # of a mask, CDnet convention
LEAST_MASKS = 15  # a shorter sequence shows no stride
MOST_MASKS = 150
SOFT_EDGE_PX = 3


@dataclass
class Walker:
    """One person: pictures (BGR) with their share of coverage, `step` source pictures of 25 a second apart."""

    name: str
    step: int
    pictures: list

    def at(self, seconds, rate=25):
        """Picture and coverage at a moment, there and back again so that no jump is seen."""
        count = len(self.pictures)
        place = int(seconds * rate / self.step) % max(1, 2 * count - 2)
        return self.pictures[place if place < count else 2 * count - 2 - place]


def footage(corpus, name):
    with open(os.path.join(corpus, name, "meta.json"), encoding="utf-8") as text:
        return os.path.join(corpus, name, json.load(text).get("video_file") or "input.mp4")


def pictures(path, wanted=None):
    """(number, picture) of a file, of all or of the wanted numbers."""
    video = cv2.VideoCapture(path)
    number = 0
    while video.grab():
        if wanted is None or number in wanted:
            yield number, video.retrieve()[1]
        number += 1
    video.release()


def plate(corpus, name, size):
    """The scene without anybody, as planes Y, U, V of 4:2:0."""
    with open(os.path.join(corpus, name, "meta.json"), encoding="utf-8") as text:
        count = EMPTY_UNTIL.get(name) or json.load(text)["frames"]
    wanted = {int(place) for place in np.linspace(0, count - 1, PLATE_SAMPLES)}
    stack = np.stack([picture for _, picture in pictures(footage(corpus, name), wanted)])
    empty = np.partition(stack, len(stack) // 2, axis=0)[len(stack) // 2]
    return planes(cv2.resize(empty, size, interpolation=cv2.INTER_CUBIC if empty.shape[1] < size[0] else cv2.INTER_AREA))


def planes(picture):
    """Y, U, V of 4:2:0; width and height must be even."""
    height, width = picture.shape[:2]
    flat = cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420).reshape(-1)
    luma, chroma = height * width, height * width // 4
    half = (height // 2, width // 2)
    return flat[:luma].reshape(height, width), flat[luma:luma + chroma].reshape(half), flat[luma + chroma:].reshape(half)


def walkers(corpus):
    found = []
    for name in WALKERS:
        ways = tracks(masks(corpus, name))
        seen = dict(pictures(footage(corpus, name), {number for way in ways for number, _ in way}))
        for way in ways:
            step = max(1, round((way[-1][0] - way[0][0]) / (len(way) - 1)))
            found.append(Walker(f"{name} {way[0][0]}-{way[-1][0]}", step, [cut_out(seen[number], *figure) for number, figure in way]))
    if not found:
        raise ValueError(f"no walker in {', '.join(WALKERS)} of {corpus}; is this the annotated footage?")
    return found


def masks(corpus, name):
    """Ground truth by the number of its picture."""
    folder = os.path.join(corpus, name)
    archive = os.path.join(folder, "groundtruth.tar")
    if not os.path.exists(archive):
        return {number: mask[:, :, 0] for number, mask in pictures(os.path.join(folder, "groundtruth.mkv"))}
    answer = {}
    with tarfile.open(archive) as members:
        for member in members.getmembers():
            digits = "".join(letter for letter in os.path.basename(member.name) if letter.isdigit())
            if digits and member.isfile():
                answer[int(digits)] = cv2.imdecode(np.frombuffer(members.extractfile(member).read(), np.uint8), cv2.IMREAD_GRAYSCALE)
    return answer


def tracks(masks_by_number):
    """Upright figures that keep clear of the border and go on from mask to mask: lists of (number, (mask, box))."""
    running, ended, before = [], [], None
    for number in sorted(masks_by_number):
        if before is not None and number - before > 4:
            ended, running = ended + running, []
        before = number
        continued = []
        for figure in figures(masks_by_number[number]):
            place = next((place for place, track in enumerate(running) if is_same(track[-1][1][1], figure[1])), None)
            continued.append([*([] if place is None else running.pop(place)), (number, figure)])
        ended, running = ended + running, continued
    return [track[:MOST_MASKS] for track in ended + running if len(track) >= LEAST_MASKS]


def figures(mask):
    height, width = mask.shape
    count, labels, stats, _ = cv2.connectedComponentsWithStats((mask == MOVING).astype(np.uint8))
    for label in range(1, count):
        x, y, w, h, area = (int(value) for value in stats[label])
        if area > 400 and h >= 60 and h > 1.5 * w and x > 1 and y > 1 and x + w < width - 1 and y + h < height - 1:
            yield labels == label, (x, y, w, h)


def is_same(before, now):
    (x, y, w, h), (a, b, c, d) = before, now
    return abs(x + w / 2 - a - c / 2) < 0.5 * d and abs(y + h - b - d) < 0.15 * d and abs(d / h - 1) < 0.2


def cut_out(picture, mask, box):
    x, y, w, h = box
    margin = SOFT_EDGE_PX
    top, left = max(0, y - margin), max(0, x - margin)
    area = np.s_[top:y + h + margin, left:x + w + margin]
    coverage = cv2.GaussianBlur(mask[area].astype(np.float32), (0, 0), SOFT_EDGE_PX / 3)
    return picture[area].copy(), coverage
