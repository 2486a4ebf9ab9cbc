"""The footage of the cost measurements: two scenes at 704x576, 25 pictures a second, as an IP camera would send them.

Made from the annotated footage: `busy` is a yard with people walking all the time (PETS 2009), `quiet` the same
recipe on an empty office. Both get light sensor noise, fresh on every picture, after they were brought to size and rate,
and are H.264 without B-frames at a constant 1 Mbit/s, a keyframe every 50 pictures.
"""
import hashlib
import json
import os
import subprocess

SIZE = "704x576"
RATE = 25
SCENES = {  # name -> (footage of the corpus, seconds to take)
    "busy": ("pets2009_S2L1", 20),
    "quiet": ("cdnet_office", 20),
}
PICTURES = 500
NOISE = "noise=alls=4:allf=t:all_seed=1"
LEAST_TRACKS = {"busy": 3, "quiet": 0}
ENCODING = ["-an", "-c:v", "libx264", "-profile:v", "main", "-preset", "veryfast", "-tune", "zerolatency", "-x264-params",
            "sliced-threads=0:nal-hrd=cbr", "-b:v", "1024k", "-minrate", "1024k", "-maxrate", "1024k", "-bufsize", "1024k", "-bf", "0", "-g", "50",
            "-keyint_min", "50", "-sc_threshold", "0", "-pix_fmt", "yuv420p", "-threads", "1"]


def footage(corpus, name):
    with open(os.path.join(corpus, name, "meta.json"), encoding="utf-8") as text:
        return os.path.join(corpus, name, json.load(text).get("video_file") or "input.mp4")


def command(source, seconds, target):
    width, height = SIZE.split("x")
    filters = f"fps={RATE},scale={width}:{height}:flags=bicubic,{NOISE}"
    return ["ffmpeg", "-nostdin", "-v", "error", "-y", "-t", str(seconds), "-i", source, "-vf", filters, *ENCODING, "-frames:v", str(seconds * RATE), target]


def make(corpus, folder):
    """Path by scene; a clip that is there already from the same footage and recipe is taken."""
    os.makedirs(folder, exist_ok=True)
    clips = {}
    for scene, (name, seconds) in SCENES.items():
        source = footage(corpus, name)
        recipe = hashlib.sha256(" ".join(command("", seconds, "")).encode() + file_hash(source).encode()).hexdigest()[:12]
        clips[scene] = os.path.join(folder, f"{scene}-{recipe}.mp4")
        if not os.path.exists(clips[scene]):
            partial = clips[scene] + ".partial.mp4"
            subprocess.run(command(source, seconds, partial), check=True)
            os.replace(partial, clips[scene])
    return clips


def file_hash(path):
    digest = hashlib.sha256()
    with open(path, "rb") as data:
        while block := data.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
