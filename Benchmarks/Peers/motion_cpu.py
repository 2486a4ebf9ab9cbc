"""What `motion`, as Debian ships it, spends on analysing one RTSP camera: CPU of its detect thread in steady state.

motion gives each camera two threads: `nc…` receives and decodes, `ml…` takes the newest decoded picture at `framerate` and
analyses it (copy, difference, despeckle, labelling, noise and threshold tuning, reference picture, overlay text). The
`ml…` thread's CPU over a window of steady state, by the pictures of that window, is the analysis figure: nothing is
subtracted. Beside it stands the whole process minus what `ffmpeg -threads 1` takes to receive and decode the same
camera in the same run, which also holds motion's own receiving and copying.

Debian's /etc/motion/motion.conf is used as it is but for: source, size and rate; no pictures, films, web and stream ports
(that is recording, not analysis); log and data folder; and `despeckle_filter`, as Debian sets it (EedDl) and left out.
"""
import os
import re
import subprocess
import time

import machine
from processes import Child, RunFailure

DEBIAN_CONFIGURATION = "/etc/motion/motion.conf"
WARM_UP_S = 8
RATE_CHECK_S = 8
OUTPUTS = {"daemon": "off", "picture_output": "off", "movie_output": "off", "webcontrol_port": "0", "stream_port": "0"}
LEFT_OUT = {"video_device", "log_file", "netcam_url"}


def configuration(text, url, size, rate, folder, despeckle, setup=False):
    """Debian's configuration with our source and without outputs; a list of lines."""
    width, height = size.split("x")
    ours = {**OUTPUTS, "target_dir": folder, "netcam_url": url, "width": width, "height": height, "framerate": str(rate),
            "setup_mode": "on" if setup else "off", "log_level": "7" if setup else "6"}
    if setup:
        ours |= {"noise_tune": "off", "noise_level": "1"}
    lines, despeckled = [], False
    for line in text.splitlines():
        key, _, value = line.strip().partition(" ")
        if not key or key[0] in "#;" or key in ours or key in LEFT_OUT:
            continue
        if key == "despeckle_filter":
            despeckled = True
            if not despeckle:
                continue
        lines.append(f"{key} {value.strip()}")
    if despeckle and not despeckled:
        raise RunFailure(f"{DEBIAN_CONFIGURATION} sets no despeckle_filter; is this Debian's file?")
    return lines + [f"{key} {value}" for key, value in ours.items()]


def split(threads):
    """CPU seconds of the detect threads, the receiving threads and the whole, from ``machine.thread_seconds``."""
    def total(pattern):
        return sum(seconds for name, seconds in threads.values() if re.fullmatch(pattern, name))
    detect, receive = total(r"ml\d+.*"), total(r"nc\d+.*")
    if not detect:
        raise RunFailure(f"motion has no detect thread among {sorted(name for name, _ in threads.values())}")
    return {"detect": detect, "receive": receive, "whole": sum(seconds for _, seconds in threads.values())}


def start(url, size, rate, folder, despeckle, setup=False):
    os.makedirs(folder, exist_ok=True)
    with open(DEBIAN_CONFIGURATION, encoding="utf-8") as text:
        lines = configuration(text.read(), url, size, rate, folder, despeckle, setup)
    path = os.path.join(folder, "motion.conf")
    with open(path, "w", encoding="utf-8") as text:
        text.write("\n".join(lines) + "\n")
    motion = Child("motion", ["motion", "-n", "-c", path], os.path.join(folder, "motion.log"), dict(os.environ))
    deadline = time.monotonic() + 30
    while not re.search(r"netcam_rtsp_connect: .* connected", motion.log()):
        motion.check()
        if time.monotonic() > deadline:
            motion.stop()
            raise RunFailure(f"motion did not connect to the camera within 30 s; see {motion.log_path}")
        time.sleep(0.05)
    return motion


def window(pid, seconds, read):
    """What `read(pid)` rose by over a window, and the window's length."""
    before, began = read(pid), time.monotonic()
    time.sleep(seconds)
    after, ended = read(pid), time.monotonic()
    return {key: after[key] - before[key] for key in after}, ended - began


def measure(url, size, rate, folder, despeckle, seconds):
    """Milliseconds a picture: `detect` (the analysis), `receive` and `whole`."""
    motion = start(url, size, rate, folder, despeckle)
    try:
        time.sleep(WARM_UP_S)
        spent, length = window(motion.process.pid, seconds, lambda pid: split(machine.thread_seconds(pid)))
        motion.check()
    finally:
        motion.stop()
    return {key: 1000 * value / (length * rate) for key, value in spent.items()}


def decode_floor(url, rate, seconds):
    """Milliseconds a picture that `ffmpeg -threads 1` takes to receive and decode the camera, start-up left out."""
    command = ["ffmpeg", "-nostdin", "-v", "error", "-threads", "1", "-rtsp_transport", "tcp", "-i", url, "-f", "null", "-"]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        time.sleep(3)
        spent, length = window(process.pid, seconds, lambda pid: {"whole": sum(s for _, s in machine.thread_seconds(pid).values())})
        if process.poll() is not None:
            raise RunFailure(f"ffmpeg ended by itself: {' '.join(command)}")
    finally:
        process.terminate()
        process.wait()
    return 1000 * spent["whole"] / (length * rate)


def count_analyses(log):
    """Analyses that motion's setup mode told: a line `Raw changes` each, and how often the log says it came again."""
    count, is_analysis = 0, False
    for text in log.splitlines():
        repeated = re.search(r"Above message repeats (\d+) times", text)
        if repeated:
            count += int(repeated.group(1)) if is_analysis else 0
            continue
        is_analysis = "Raw changes" in text
        count += is_analysis
    return count


def analyses_a_second(url, size, rate, folder):
    """How often motion analyses, by its setup mode, with noise counted as change so that its lines differ."""
    motion = start(url, size, rate, folder, despeckle=True, setup=True)
    try:
        time.sleep(4)
        before, began = count_analyses(motion.log()), time.monotonic()
        time.sleep(RATE_CHECK_S)
        after, ended = count_analyses(motion.log()), time.monotonic()
    finally:
        motion.stop()
    return (after - before) / (ended - began)
