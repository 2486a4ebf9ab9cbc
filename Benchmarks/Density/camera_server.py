#!/usr/bin/python3
"""Many RTSP cameras out of one process, whose streams are put together from pieces, and which die, stall and come back.

usage: camera_server.py --mounts MOUNTS.json [--port 0]

MOUNTS.json is a list of {"name": "cam0", "pieces": [FILE, ...], "start_s": 12.5}: the pieces are played one after the
other for ever, beginning at the last keyframe not after start_s; a piece that comes several times is in memory once.

Standard output, a JSON object a line: {"mount", "length_s"} for each, {"ready": PORT} when listening, and
{"play": NAME, "wall": UNIX TIME, "from_s": PLACE} each time a camera begins to send: its picture at the place p of
the timeline is sent at wall + (p - from_s). Standard input, a command a line:

  stall NAME     keeps the connection and sends nothing
  resume NAME    goes on, with what should have been sent meanwhile sent at once
  kill NAME      closes the connections and answers 404 from then on
  revive NAME    is there again, from its start_s on

Ends when its standard input closes. Built on scripts/camera_simulator.py; wants the same Debian packages.
"""
import argparse
import json
import os
import signal
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scripts"))
import camera_simulator as simulator  # noqa: E402
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

PLAYING = int(Gst.State.PLAYING)


def tell(**fields):
    print(json.dumps(fields), flush=True)


class Feed(simulator.Feed):
    """Like the simulator's, but each camera stalls for itself."""

    def __init__(self, camera, *arguments):
        self.camera, self.is_hungry = camera, False
        super().__init__(*arguments)

    def _need_data(self, _source, _length):
        if self.camera.is_stalled:
            self.is_hungry = True
        else:
            self.push()

    def resume(self):
        if self.is_hungry:
            self.is_hungry = False
            self.push()


class Camera(simulator.CameraFactory):
    def __init__(self, name, pieces, start_s):
        super().__init__([simulator.Clip.load(path) for path in pieces])
        self.name, self.is_stalled, self.clients = name, False, set()
        places = [index for index, unit in enumerate(self.units) if unit[3] and unit[1] <= start_s * Gst.SECOND]
        self.start = places[-1] if places else 0
        self.set_protocols(simulator.GstRtsp.RTSPLowerTrans.TCP)

    def do_configure(self, media):
        GstRtspServer.RTSPMediaFactory.do_configure(self, media)
        element = media.get_element()
        self.feeds[:] = [Feed(self, element.get_by_name("src"), self.units, self.length, self.start)]
        media.connect("new-state", self._new_state, element)

    def _new_state(self, _media, state, element):
        if state == PLAYING:
            GLib.timeout_add(10, self._tell_beginning, element)

    def _tell_beginning(self, element):
        """Says when the first picture was sent, once the elements follow the media; true while they do not."""
        clock = element.get_clock()
        if clock is None or element.current_state != Gst.State.PLAYING:
            return element in (feed.source.get_parent() for feed in self.feeds)
        # Running time 0 is the first picture; the sinks send by the clock.
        wall = time.time() - (clock.get_time() - element.get_base_time()) / Gst.SECOND
        tell(play=self.name, wall=wall, from_s=self.units[self.start][1] / Gst.SECOND)
        return False


class Server:
    def __init__(self, mounts, port):
        self.server = GstRtspServer.RTSPServer()
        self.server.set_service(str(port))
        self.server.set_address("127.0.0.1")
        self.server.set_backlog(256)
        self.points = self.server.get_mount_points()
        self.cameras = {mount["name"]: Camera(**mount) for mount in mounts}
        for name, camera in self.cameras.items():
            self.points.add_factory("/" + name, camera)
            tell(mount=name, length_s=camera.length / Gst.SECOND)
        self.server.connect("client-connected", lambda _, client: client.connect("play-request", self._played))
        if not self.server.attach(None):
            sys.exit("camera_server: cannot listen on 127.0.0.1:%s" % port)

    def _played(self, client, context):
        camera = self.cameras.get(context.uri.abspath.strip("/").split("/")[0])
        if camera is not None:
            camera.clients.add(client)
            client.connect("closed", camera.clients.discard)

    def obey(self, line):
        order, _, name = line.strip().partition(" ")
        camera = self.cameras.get(name)
        if camera is None or order not in ("stall", "resume", "kill", "revive"):
            tell(error="unknown order: " + line.strip())
            return
        getattr(self, order)(camera)
        tell(order=order, camera=name, wall=time.time())

    def stall(self, camera):
        camera.is_stalled = True

    def resume(self, camera):
        camera.is_stalled = False
        for feed in camera.feeds:
            feed.resume()

    def kill(self, camera):
        self.points.remove_factory("/" + camera.name)
        for client in list(camera.clients):
            client.close()
        camera.clients.clear()

    def revive(self, camera):
        camera.is_stalled = False
        self.points.add_factory("/" + camera.name, camera)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mounts", required=True)
    parser.add_argument("--port", default="0")
    options = parser.parse_args()
    with open(options.mounts, encoding="utf-8") as text:
        mounts = json.load(text)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGTERM})
    Gst.init(None)
    server, loop = Server(mounts, options.port), GLib.MainLoop()

    pending = bytearray()

    def read(_channel, _condition):
        data = os.read(0, 65536)
        if not data:
            loop.quit()
            return False
        pending.extend(data)
        while b"\n" in pending:
            line, _, rest = bytes(pending).partition(b"\n")
            pending[:] = rest
            server.obey(line.decode())
        return True

    GLib.io_add_watch(0, GLib.PRIORITY_DEFAULT, GLib.IOCondition.IN | GLib.IOCondition.HUP, read)
    for number in (signal.SIGINT, signal.SIGTERM):
        GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, number, loop.quit)
    GLib.timeout_add_seconds(5, lambda: (server.server.get_session_pool().cleanup(), True)[1])
    tell(ready=server.server.get_bound_port())
    loop.run()


if __name__ == "__main__":
    main()
