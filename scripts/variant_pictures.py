"""Pictures of a variant of footage: weather, light and lens effects that scripts/variants.py lays over the luma.

Each effect is a class with `apply(luma, seconds)`: luma is a float32 array in 16…235, seconds counts from the first
picture. All of them are deterministic: random numbers come from a generator with a fixed seed.
"""
import subprocess

import numpy as np

BLACK = 16.0
SEED = 20261122


class Dusk:
    """From full light to a fifth of it over the clip, with the noise of a sensor that turns its gain up."""

    darkest = 0.2

    def __init__(self, width, height, duration, events):
        self.duration = duration
        self.random = np.random.default_rng(SEED)

    def apply(self, luma, seconds):
        share = min(1.0, seconds / max(1.0, 0.8 * self.duration))
        gain = 1 - (1 - self.darkest) * share
        noise = self.random.standard_normal(luma.shape, dtype=np.float32) * np.float32(1 + 4 * share)
        return BLACK + (luma - BLACK) * np.float32(gain) + noise


class Clouds:
    """Soft shadows of clouds, a quarter darker, that cross the picture in about eight seconds one after another."""

    depth = 0.25
    crossing_s = 8.0

    def __init__(self, width, height, duration, events):
        self.y, self.x = np.mgrid[0:height, 0:width].astype(np.float32)
        self.width, self.height = width, height

    def apply(self, luma, seconds):
        shade = np.zeros_like(luma)
        for number, (row, size) in enumerate(((0.3, 0.35), (0.8, 0.25), (0.5, 0.5))):
            phase = (seconds / self.crossing_s + number * 0.6) % 1.8
            x = (phase - 0.4) * self.width
            reach = size * self.width
            far = ((self.x - x) / reach) ** 2 + ((self.y - row * self.height) / reach) ** 2
            shade = np.maximum(shade, np.exp(-2 * far))
        return BLACK + (luma - BLACK) * (1 - np.float32(self.depth) * shade)


class ExposureSteps:
    """Up by 30 %, back, down by 30 %, back: each in the middle of an event, from one picture to the next."""

    gains = (1.0, 1.3, 1.0, 0.7)
    least_gap_s = 4.0

    def __init__(self, width, height, duration, events):
        middles = sorted((start + end) / 2 for start, end in events) or [0.4 * duration, 0.7 * duration]
        self.steps = []
        for at in middles:
            if at >= 3.0 and (not self.steps or at - self.steps[-1] >= self.least_gap_s):
                self.steps.append(at)

    def apply(self, luma, seconds):
        passed = sum(at <= seconds for at in self.steps)
        return BLACK + (luma - BLACK) * np.float32(self.gains[passed % len(self.gains)])


class Rain:
    """Streaks half transparent, each somewhere else in every picture."""

    share = 0.0006

    def __init__(self, width, height, duration, events):
        self.random = np.random.default_rng(SEED)
        self.width, self.height = width, height

    def apply(self, luma, seconds):
        count = int(self.share * self.width * self.height)
        length = max(6, self.height // 16)
        x = self.random.integers(0, self.width, count)
        y = self.random.integers(-length, self.height, count)
        strength = self.random.uniform(0.1, 0.35, count).astype(np.float32)
        out = luma.copy()
        for step in range(length):
            rows, columns = y + step, x + step // 6
            inside = (rows >= 0) & (rows < self.height) & (columns < self.width)
            rows, columns, alpha = rows[inside], columns[inside], strength[inside]
            out[rows, columns] += alpha * (200 - out[rows, columns])
        return out


class Snow:
    """Flakes that sink and sway, most far and small, a few near, large and fast."""

    share = 0.0004

    def __init__(self, width, height, duration, events):
        random = np.random.default_rng(SEED)
        count = int(self.share * width * height)
        self.width, self.height = width, height
        self.near = random.beta(1, 8, count)
        self.x, self.y = random.uniform(0, width, count), random.uniform(0, height, count)
        self.sway = random.uniform(0, 2 * np.pi, count)

    def apply(self, luma, seconds):
        out = luma.copy()
        falling = (0.15 + 0.9 * self.near) * self.height
        ys = (self.y + falling * seconds) % self.height
        xs = (self.x + 0.02 * self.width * np.sin(2 * seconds + self.sway) + 0.05 * self.width * seconds) % self.width
        for x, y, near in zip(xs.astype(int), ys.astype(int), self.near):
            radius = int(near * self.height / 50)
            part = out[max(0, y - radius):y + radius + 1, max(0, x - radius):x + radius + 1]
            part += np.float32(0.55) * (225 - part)
        return out


class Fog:
    """Contrast of two fifths, lifted towards a bright grey."""

    contrast = 0.4
    grey = 165.0

    def __init__(self, width, height, duration, events):
        pass

    def apply(self, luma, seconds):
        return np.float32(self.grey) + (luma - np.float32(self.grey)) * np.float32(self.contrast)


def pictures(source, width, height):
    """Luma and the two halved chroma planes as they lie, one picture after another."""
    decode = ["ffmpeg", "-nostdin", "-v", "error", "-threads", "1", "-i", source, "-f", "rawvideo", "-pix_fmt",
              "yuv420p", "-fps_mode", "passthrough", "-"]
    size = width * height * 3 // 2
    with subprocess.Popen(decode, stdout=subprocess.PIPE) as process:
        while len(data := process.stdout.read(size)) == size:
            yield np.frombuffer(data, np.uint8)
    if process.returncode:
        raise RuntimeError(f"{source}: ffmpeg failed")


def redraw(source, target, effect, stream, codec):
    """Encodes `source` again with `effect` laid over the luma of every picture."""
    width, height, rate = stream["width"], stream["height"], stream["rate"]
    encode = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-s",
              f"{width}x{height}", "-framerate", f"{rate[0]}/{rate[1]}", "-i", "-", *codec, target]
    with subprocess.Popen(encode, stdin=subprocess.PIPE) as process:
        for number, picture in enumerate(pictures(source, width, height)):
            luma = picture[:width * height].reshape(height, width).astype(np.float32)
            drawn = effect.apply(luma, number * rate[1] / rate[0])
            process.stdin.write(np.clip(drawn + np.float32(0.5), 16, 235).astype(np.uint8).tobytes())
            process.stdin.write(picture[width * height:].tobytes())
        process.stdin.close()
    if process.returncode:
        raise RuntimeError(f"{target}: ffmpeg failed")
