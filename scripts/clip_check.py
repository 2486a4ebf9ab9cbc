#!/usr/bin/env python3
"""Replays footage with evidence and plays the clips in a browser.

usage: clip_check.py SNOWLINE FOOTAGE OUTPUT_DIR

Every alert of a made-up fence must have a clip whose file has the bytes and the SHA-256 that the alert says; H.264 ones
must load in headless Chromium, be as long as the alert says, play and seek. Without Chromium only the files are checked,
and that is said. Fails (exit 1) otherwise.
"""
import hashlib
import http.server
import json
import os
import shutil
import signal
import subprocess
import sys
import time

SITE = """
site: { id: "000000", name: clips }
evidence: { clips: { pre_s: 2, post_s: 3, max_s: 20 } }
cameras:
  - id: footage
    url: rtsp://127.0.0.1/footage
    fences:
      - { id: everywhere, kind: zone, points: [[0.02, 0.02], [0.98, 0.02], [0.98, 0.98], [0.02, 0.98]] }
"""

PAGE = """<!doctype html><body><script>
const clip = CLIP;
const wait = (video, event) => new Promise((done, fail) => {
  video.addEventListener(event, done, { once: true });
  video.addEventListener("error", () => fail(new Error(video.error.message)), { once: true });
  setTimeout(() => fail(new Error("no " + event)), 30000);
});
(async () => {
  const told = {};
  try {
    const video = document.createElement("video");
    video.muted = true;
    video.src = clip;
    document.body.append(video);
    await wait(video, "loadeddata");
    told.duration = video.duration;
    told.width = video.videoWidth;
    await video.play();
    await wait(video, "timeupdate");
    video.pause();
    video.currentTime = video.duration / 2;
    await wait(video, "seeked");
    told.currentTime = video.currentTime;
  } catch (error) { told.error = String(error); }
  fetch(DESK, { method: "POST", mode: "no-cors", body: JSON.stringify(told) });
})();
</script></body>"""


class Desk(http.server.BaseHTTPRequestHandler):
    """Takes what the page has to say. Media play in real time, so the page says when it is done."""

    def do_POST(self):
        self.server.told = json.loads(self.rfile.read(min(int(self.headers.get("content-length", 0)), 4096)))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *arguments):
        pass


def played(browser, clip, folder):
    """What a browser says of the clip."""
    desk = http.server.HTTPServer(("127.0.0.1", 0), Desk)
    desk.told, desk.timeout = None, 1
    page = os.path.join(folder, "player.html")
    with open(page, "w", encoding="utf-8") as out:
        out.write(PAGE.replace("CLIP", json.dumps("file://" + clip)).replace("DESK", f'"http://127.0.0.1:{desk.server_port}/"'))
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
               "--autoplay-policy=no-user-gesture-required", "--allow-file-access-from-files", "--remote-debugging-port=0",
               "--user-data-dir=" + os.path.join(folder, "profile"), "file://" + page]
    running = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               start_new_session=True)
    end = time.monotonic() + 120
    while desk.told is None and running.poll() is None and time.monotonic() < end:
        desk.handle_request()
    try:
        os.killpg(running.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    running.wait()
    desk.server_close()
    return desk.told or {"error": "the browser said nothing"}


def problems(alert, folder, browser):
    reception = alert["reception"]
    clip = [entry for entry in reception["evidence"] if entry["kind"] == "clip"]
    if reception.get("clip", {}).get("state") != "kept" or len(clip) != 1:
        return [f"no clip: {reception.get('clip')}"]
    clip, found = clip[0], []
    path = os.path.join(os.path.abspath(folder), clip["path"])
    with open(path, "rb") as file:
        content = file.read()
    if len(content) != clip["bytes"] or hashlib.sha256(content).hexdigest() != clip["sha256"]:
        found.append("bytes or SHA-256 are not those of the file")
    if browser and clip["codec"] == "h264":
        told = played(browser, path, os.path.abspath(folder))
        print(f"  {clip['path']}: {clip['seconds']} s, the browser: {told}")
        if "error" in told:
            found.append(told["error"])
        elif abs(told["duration"] - clip["seconds"]) > 0.1 or told["width"] != clip["width"]:
            found.append(f"the browser shows {told}")
        elif abs(told["currentTime"] - told["duration"] / 2) > 0.1:
            found.append(f"the browser does not seek: {told}")
    return found


def main():
    snowline, footage, folder = sys.argv[1:4]
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    site = os.path.join(folder, "site.yaml")
    with open(site, "w", encoding="utf-8") as out:
        out.write(SITE)
    subprocess.run([snowline, "replay", footage, "--site", site, "--camera", "footage", "--evidence", folder],
                   stdin=subprocess.DEVNULL, check=True)
    with open(os.path.join(folder, "alerts.jsonl"), encoding="utf-8") as lines:
        alerts = [json.loads(line) for line in lines]
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not browser:
        print("  no Chromium here: the clips are not played")
    failed = 0
    for alert in alerts:
        for problem in problems(alert, folder, browser):
            print(f"{alert['decision']['id']}: {problem}")
            failed += 1
    print(f"clips: {len(alerts)} alerts, {failed} problems" + ("" if browser else ", not played"))
    sys.exit(1 if failed or not alerts else 0)


if __name__ == "__main__":
    main()
