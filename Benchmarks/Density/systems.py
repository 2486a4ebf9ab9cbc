"""The systems that watch the same cameras: how each is started, what its processes are, what it found."""
import base64
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
from datetime import datetime

import streams
import motion_cpu
from processes import ROOT, Child, free_port, get_json

HERE = os.path.dirname(os.path.abspath(__file__))
NAMES = ("ffmpeg", "motion", "opencv", "strict", "dense")
RELEASE = os.path.join(ROOT, ".build", "release")
SNOWLINE = ("strict", "dense")
KEYFRAMES = "keyframes"  # ffmpeg that decodes keyframes alone: the limit of the design, shown in the record


class Watcher:
    """Base: children that are started, checked and stopped together."""

    def __init__(self, folder):
        self.folder, self.children = folder, []
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)

    def start(self, name, *command, environment=None):
        child = Child(name, command, os.path.join(self.folder, f"{name}.log"), environment or dict(os.environ))
        self.children.append(child)
        return child

    def pids(self):
        return [child.process.pid for child in self.children]

    def check(self):
        for child in self.children:
            child.check()

    def stop(self):
        # All at once, else sixteen ends follow one another.
        for child in self.children:
            if child.process.poll() is None:
                child.process.send_signal(signal.SIGTERM)
        for child in self.children:
            child.stop()


class FFmpeg(Watcher):
    """The floor: receive and decode everything, a process a camera; `keyframes` decodes one picture a GOP."""

    def __init__(self, folder, server, names, size, python, options=()):
        super().__init__(folder)
        for name in names:
            self.start(name, "ffmpeg", "-nostdin", "-v", "error", "-threads", "1", *options, "-rtsp_transport", "tcp", "-i", server.url(name), "-an", "-f", "null", "-")


class Motion(Watcher):
    """The `motion` package as Debian configures it, outputs off, one process."""

    PER_CAMERA = ("netcam_url", "width", "height", "framerate")

    def __init__(self, folder, server, names, size, python):
        super().__init__(folder)
        with open(motion_cpu.DEBIAN_CONFIGURATION, encoding="utf-8") as text:
            lines = motion_cpu.configuration(text.read(), "-", size, streams.RATE, folder, despeckle=True)
        main = [line for line in lines if line.split()[0] not in self.PER_CAMERA]
        width, height = size.split("x")
        for number, name in enumerate(names, 1):
            path = os.path.join(folder, f"camera{number}.conf")
            with open(path, "w", encoding="utf-8") as text:
                text.write(f"camera_id {number}\nnetcam_url {server.url(name)}\nwidth {width}\nheight {height}\nframerate {streams.RATE}\n")
            main.append(f"camera {path}")
        with open(os.path.join(folder, "motion.conf"), "w", encoding="utf-8") as text:
            text.write("\n".join(main) + "\n")
        self.start("motion", "motion", "-n", "-c", os.path.join(folder, "motion.conf"))


class OpenCV(Watcher):
    def __init__(self, folder, server, names, size, python):
        super().__init__(folder)
        self.start("opencv", python, os.path.join(HERE, "opencv_streams.py"), *(server.url(name) for name in names))


class Snowline(Watcher):
    """snowlined with the cameras in one mode and a webhook to a receiver; the receiver is not counted."""

    def __init__(self, folder, server, names, size, python, mode):
        super().__init__(folder)
        secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
        environment = dict(os.environ, SNOWLINE_DISPATCH_SECRET=secret)
        self.store, self.listen, self.names = os.path.join(folder, "delivered.jsonl"), free_port(), names
        self.receiver = self.start("receiver", "/usr/bin/python3", os.path.join(HERE, "webhook.py"), "--store", self.store, environment=environment)
        self.site = write_site(folder, [(name, server.url(name)) for name in names], self.receiver.wait_for_port(10), self.listen, mode)
        self.daemon = self.start("snowlined", os.path.join(RELEASE, "snowlined"), "--site", self.site, environment=environment)

    def pids(self):
        return [self.daemon.process.pid]

    def status(self):
        return get_json(f"http://127.0.0.1:{self.listen}/v1/status") or {}

    def shifts(self, server):
        """Media time less the camera's own clock, by camera: the first picture's media time less the moment at which it was sent.

        Only of cameras whose first session still runs; later ones begin at another picture.
        """
        return {camera["id"]: unix(camera["anchor"]) - server.plays[camera["id"]][0][0] for camera in self.status().get("cameras", [])
                if camera.get("anchor") and camera["sessions"] == 1 and len(server.plays.get(camera["id"], [])) == 1}

    def deliveries(self):
        """What was delivered, in order of arrival: (when it was answered, decision, reception), wall times in Unix seconds."""
        if not os.path.exists(self.store):
            return []
        with open(self.store, encoding="utf-8") as lines:
            rows = [json.loads(line) for line in lines if line.endswith("\n")]
        return [(row["answered"], row["event"]["data"]["decision"], row["event"]["data"]["reception"]) for row in rows]


def alerts_of(deliveries, camera, shift=0.0):
    """(moment, when it was delivered) of each person found inside, by the first version that tells it.

    `shift`: media time less the camera's own clock, as far as it is known.
    """
    told = {}
    for arrived, decision, _ in deliveries:
        if decision["camera"] == camera and decision["rule"] == streams.FENCE["id"]:
            for finding in decision["findings"]:
                if finding["occurrence"] == "occupied":
                    dated = unix(finding["time"]) - shift
                    told[dated] = min(told.get(dated, arrived), arrived)
    return sorted(told.items())


def unix(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def write_site(folder, cameras, hook_port, listen, mode):
    lines = ["site: { id: density, name: density, timezone: UTC, language: en }", "data: ./store", f"listen: 127.0.0.1:{listen}",
             "retention: { days: 1, gigabytes: 2 }"]
    # Strict is the default, and versions before dense mode do not know the key.
    if mode != "strict":
        lines.append(f"decode: {{ A: {mode}, B: {mode}, C: {mode} }}")
    lines.append("cameras:")
    for name, url in cameras:
        lines += [f"  - id: {name}", "    class: B", f'    url: "{url}"', "    transport: tcp", "    fences:", f"      - {json.dumps(streams.FENCE)}"]
    lines += ["sinks:", f'  - {{ id: dispatch, kind: webhook, url: "http://127.0.0.1:{hook_port}/alerts", secret: "env:SNOWLINE_DISPATCH_SECRET" }}']
    path = os.path.join(folder, "site.yaml")
    with open(path, "w", encoding="utf-8") as site:
        site.write("\n".join(lines) + "\n")
    return path


def start(name, folder, server, mounts, size, python):
    if name in SNOWLINE:
        return Snowline(folder, server, mounts, size, python, name)
    if name == KEYFRAMES:
        return FFmpeg(folder, server, mounts, size, python, ("-skip_frame", "nokey"))
    return {"ffmpeg": FFmpeg, "motion": Motion, "opencv": OpenCV}[name](folder, server, mounts, size, python)


def missing(names, python, work):
    """What cannot be measured here and what to do about it, a line each."""
    problems = []

    def want(program, remedy):
        if shutil.which(program) is None and not os.access(program, os.X_OK):
            problems.append(f"{os.path.basename(program)} is missing; {remedy}")
    want("ffmpeg", "make build-deps or apt-get install ffmpeg")
    want("ss", "apt-get install iproute2")
    if subprocess.run(["/usr/bin/python3", "-c", "import gi; gi.require_version('GstRtspServer', '1.0')"], capture_output=True, check=False).returncode:
        problems.append("the RTSP server of GStreamer is missing; make bench-deps")
    if "motion" in names:
        want("motion", "make bench-deps")
        if not os.path.exists(motion_cpu.DEBIAN_CONFIGURATION):
            problems.append(f"{motion_cpu.DEBIAN_CONFIGURATION} is missing; make bench-deps")
    if set(names) & set(SNOWLINE):
        for program in ("snowlined", "snowline"):
            want(os.path.join(RELEASE, program), f"swift build -c release --product {program}")
    if "dense" in names and not problems and not knows_dense(work):
        problems.append("dense is missing: this snowlined refuses `decode: dense`")
    return problems


def knows_dense(work):
    folder = os.path.join(work, "check")
    os.makedirs(folder, exist_ok=True)
    site = write_site(folder, [("one", "rtsp://127.0.0.1:9/one")], 9, 9, "dense")
    environment = dict(os.environ, SNOWLINE_DISPATCH_SECRET="whsec_" + base64.b64encode(bytes(32)).decode())
    return subprocess.run([os.path.join(RELEASE, "snowline"), "check", site], capture_output=True, env=environment, stdin=subprocess.DEVNULL, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit("systems.py is a part of density.py")
