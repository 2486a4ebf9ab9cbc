#!/usr/bin/python3
"""An RTSP camera that plays recorded files once, with every kind of damage that networks and cameras do, for tests.

usage: damaged_camera.py [--port 0] [--speed 1] [--mtu 300] [--seed N] NAME=FILE[+FILE...] ...

Played is rtsp://HOST:PORT/NAME/FAULT/FAULT/..., over TCP or UDP as the client asks; the connection ends with the file.
A FAULT is KIND-AMOUNT-FROM-UNTIL, in media seconds after the first picture:

  to the camera's pictures
    skip-SHARE       left out by the encoder: the RTP sequence has no gap, the pictures after it refer to what never came
    cut-SHARE        broken off somewhere
    flip-SHARE       with wrong bits in one of their units
    noise-SHARE      with a unit of noise before them
    jump-SECONDS     time stamps jump forward by so much at FROM and stay there; back-SECONDS: backward
    drift-SHARE      the camera's clock runs faster by this share; lag-SHARE: slower
    still            time stamps stand still
    scatter-SECONDS  each time stamp wrong by up to so much
    hold             nothing is sent until UNTIL, then everything at once
    wrap             stamps and sequence numbers pass their end at FROM
  to the packets
    loss-SHARE       lost; burst-NUMBER: so many in a row once a second; gap: all of them
    swap-SHARE       sent after the next one; late-SHARE: eight packets later; twice-SHARE: sent twice
    alien-SHARE      followed by a packet of another source; junk-SHARE: followed by one of noise, in sequence
    between-SHARE    followed by noise that is no packet (TCP only, and only for the first viewer of each path)

SHARE is of the pictures or packets in the window. The same seed gives the same damage. With --speed 4 everything is
sent four times as fast as it was recorded.

Prints `READY <port>` when listening; ends when its standard input closes.
"""
import argparse
import random
import socket
import sys
import threading
import time

import gi

gi.require_version("Gst", "1.0")
from gi.repository import Gst  # noqa: E402

from broken_camera import Broken, Server  # noqa: E402
from camera_simulator import Clip, joined  # noqa: E402

CLOCK = 90_000
REPORT_EVERY = 2.0
EPOCH_1900 = 2_208_988_800
CODECS = {
    "h264": "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1\r\n",
    "h265": "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H265/90000\r\n",
    "jpeg": "m=video 0 RTP/AVP 26\r\na=rtpmap:26 JPEG/90000\r\n",
}


class Fault:
    def __init__(self, text):
        parts = text.split("-")
        self.kind = parts[0]
        self.amount, self.start, self.end = (float(part) for part in (parts[1:] + ["0"] * 3)[:3])

    def holds(self, at):
        return self.start <= at < self.end


class Faults:
    def __init__(self, texts):
        self.all = [Fault(text) for text in texts]

    def amount(self, kind, at):
        return next((fault.amount for fault in self.all if fault.kind == kind and fault.holds(at)), None)

    def strikes(self, kind, at, chance):
        share = self.amount(kind, at)
        return share is not None and chance.random() < share

    def offset(self, at):
        """Seconds by which the camera's stamps are wrong."""
        wrong = 0.0
        for fault in self.all:
            since = min(max(0.0, at - fault.start), fault.end - fault.start)
            wrong += {"drift": fault.amount * since, "lag": -fault.amount * since}.get(fault.kind, 0.0)
            if at >= fault.start:
                wrong += {"jump": fault.amount, "back": -fault.amount}.get(fault.kind, 0.0)
        return wrong

    def first(self, kind):
        return next((fault for fault in self.all if fault.kind == kind), None)


def units_of(data):
    """The units (NAL) between the start codes of a byte stream."""
    units, place = [], data.find(b"\0\0\1")
    while place >= 0:
        begin = place + 3
        place = data.find(b"\0\0\1", begin)
        units.append(data[begin : place if place >= 0 else len(data)].rstrip(b"\0"))
    return [unit for unit in units if unit]


def h264_payloads(units, mtu):
    for unit in units:
        if len(unit) <= mtu + 1:
            yield unit
            continue
        indicator, kind = unit[0] & 0xE0 | 28, unit[0] & 0x1F
        for place in range(1, len(unit), mtu):
            ends = (0x80 if place == 1 else 0) | (0x40 if place + mtu >= len(unit) else 0)
            yield bytes([indicator, kind | ends]) + unit[place : place + mtu]


def h265_payloads(units, mtu):
    for unit in units:
        if len(unit) <= mtu + 1:
            yield unit
            continue
        kind = unit[0] >> 1 & 0x3F
        for place in range(2, len(unit), mtu):
            ends = (0x80 if place == 2 else 0) | (0x40 if place + mtu >= len(unit) else 0)
            yield bytes([unit[0] & 0x81 | 49 << 1, unit[1], kind | ends]) + unit[place : place + mtu]


def jpeg_payloads(data, mtu):
    """RFC 2435, baseline with the standard Huffman tables."""
    tables, size, sampling, place = {}, (0, 0), 0, 2
    while True:
        marker, length = data[place + 1], int.from_bytes(data[place + 2 : place + 4], "big")
        body = data[place + 4 : place + 2 + length]
        place += 2 + length
        if marker == 0xDB:
            while body:
                tables[body[0] & 15] = body[1:65]
                body = body[65:]
        elif marker == 0xC0:
            size = int.from_bytes(body[3:5], "big") // 8, int.from_bytes(body[1:3], "big") // 8
            sampling = body[7]
        elif marker == 0xDA:
            break
    scan = data[place : -2 if data.endswith(b"\xff\xd9") else len(data)]
    kind = 1 if sampling == 0x22 else 0
    quantisers = tables[0] + tables.get(1, tables[0])
    for begin in range(0, len(scan), mtu):
        head = b"\0" + begin.to_bytes(3, "big") + bytes([kind, 255, size[1], size[0]])
        if begin == 0:
            head += b"\0\0" + len(quantisers).to_bytes(2, "big") + quantisers
        yield head + scan[begin : begin + mtu]


def damaged(units, at, faults, chance):
    """One picture's units with the damage of its time; None where it is left out."""
    if faults.strikes("skip", at, chance):
        return None
    units = list(units)
    if faults.strikes("cut", at, chance):
        units[-1] = units[-1][: chance.randrange(4, max(5, len(units[-1])))]
    if faults.strikes("flip", at, chance):
        spoilt = bytearray(units[-1])
        for _ in range(3):
            spoilt[chance.randrange(min(3, len(spoilt) - 1), len(spoilt))] ^= 1 << chance.randrange(8)
        units[-1] = bytes(spoilt)
    if faults.strikes("noise", at, chance):
        units.insert(0, units[-1][:2] + chance.randbytes(chance.randrange(20, 400)))
    return units


class Player:
    """One viewer's playback: pictures to packets, with all damage, sent in time."""

    def __init__(self, clips, faults, options, send, report):
        self.faults, self.options, self.send, self.report = faults, options, send, report
        self.chance = random.Random(options.seed)
        self.units, self.length = joined(clips)
        self.codec = clips[0].codec
        wrap = faults.first("wrap")
        self.stamp_zero = (1 << 32) - int(wrap.start * CLOCK) if wrap else self.chance.randrange(1 << 31)
        self.sequence = 65_500 if wrap else self.chance.randrange(1 << 15)
        self.source = self.chance.randbytes(4)
        self.waiting = []
        self.last_burst = 0
        self.origin = time.time()

    def play(self, is_over):
        begun, next_report, held_stamp = time.monotonic(), 0.0, None
        for data, pts, dts, _ in self.units:
            at = pts / Gst.SECOND
            self.pace(begun, (pts if dts is None else dts) / Gst.SECOND)
            if is_over():
                return
            stamp = at + self.faults.offset(at)
            held_stamp = held_stamp or stamp
            if self.faults.amount("still", at) is None:
                held_stamp = stamp
            scatter = self.faults.amount("scatter", at)
            if scatter is not None:
                held_stamp += self.chance.uniform(-scatter, scatter)
            if at >= next_report:
                next_report = at + REPORT_EVERY
                self.send_report(at, stamp)
            self.picture(data.extract_dup(0, data.get_size()), at, self.stamp_zero + round(held_stamp * CLOCK))
        self.flush()

    def pace(self, begun, at):
        hold = self.faults.first("hold")
        if hold and hold.holds(at):
            at = hold.end
        wait = at / self.options.speed - (time.monotonic() - begun)
        if wait > 0:
            time.sleep(wait)

    def picture(self, data, at, stamp):
        if self.codec == "jpeg":
            units = damaged([data], at, self.faults, self.chance)
            try:
                payloads = list(jpeg_payloads(units[0], self.options.mtu)) if units else []
            except (IndexError, KeyError):
                payloads = []
        else:
            units = damaged(units_of(data), at, self.faults, self.chance)
            pack = h264_payloads if self.codec == "h264" else h265_payloads
            payloads = list(pack(units or [], self.options.mtu))
        for index, payload in enumerate(payloads):
            self.packet(payload, index == len(payloads) - 1, at, stamp)

    def head(self, stamp, ends, source=None):
        kind = 26 if self.codec == "jpeg" else 96
        self.sequence += 1
        return (
            bytes([0x80, kind | (0x80 if ends else 0)])
            + (self.sequence & 0xFFFF).to_bytes(2, "big")
            + (stamp & 0xFFFFFFFF).to_bytes(4, "big")
            + (source or self.source)
        )

    def packet(self, payload, ends, at, stamp):
        faults, chance = self.faults, self.chance
        packet = self.head(stamp, ends) + payload
        burst = faults.amount("burst", at)
        if burst is not None and self.sequence - self.last_burst > 3 * burst and int(at) != int(at - 0.04):
            self.last_burst = self.sequence
        is_in_burst = burst is not None and self.sequence - self.last_burst < burst
        if faults.amount("gap", at) is None and not is_in_burst and not faults.strikes("loss", at, chance):
            delay = 8 if faults.strikes("late", at, chance) else 1 if faults.strikes("swap", at, chance) else 0
            self.out(packet, delay)
            if faults.strikes("twice", at, chance):
                self.out(packet, 0)
        if faults.strikes("alien", at, chance):
            own, self.sequence = self.sequence, chance.randrange(1 << 15)
            self.out(self.head(chance.randrange(1 << 32), ends, chance.randbytes(4)) + payload, 0)
            self.sequence = own
        if faults.strikes("junk", at, chance):
            self.out(self.head(stamp, False) + chance.randbytes(chance.randrange(1, self.options.mtu)), 0)
        if faults.strikes("between", at, chance):
            self.send(None, chance.randbytes(chance.randrange(1, 200)).replace(b"$", b"x"))

    def out(self, packet, delay):
        if delay:
            self.waiting.append([delay, packet])
            return
        self.send(0, packet)
        for entry in self.waiting:
            entry[0] -= 1
        for entry in [entry for entry in self.waiting if entry[0] <= 0]:
            self.waiting.remove(entry)
            self.send(0, entry[1])

    def flush(self):
        for _, packet in self.waiting:
            self.send(0, packet)
        self.waiting = []

    def send_report(self, at, stamp):
        """An RTCP sender report: which wall clock belongs to which stamp."""
        wall = self.origin + at + EPOCH_1900
        self.report(
            b"\x80\xc8\0\6" + self.source + int(wall * (1 << 32)).to_bytes(8, "big")
            + (self.stamp_zero + round(stamp * CLOCK) & 0xFFFFFFFF).to_bytes(4, "big") + bytes(8)
        )


class Damaged(Broken):
    options = None
    clips = {}
    sockets = None
    played = set()

    def serve(self, method, _fault, fields):
        if method == "DESCRIBE":
            clips, _ = self.asked
            head = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=damaged\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n"
            body = (head + CODECS[clips[0].codec] + "a=control:track1\r\n").encode()
            self.reply(fields, "200 OK", "Content-Type: application/sdp\r\nContent-Length: %d\r\n" % len(body), body)
            return True
        if method == "SETUP":
            return self.set_up(fields)
        return super().serve(method, "", fields)

    def answer(self):
        line = self.rfile.readline().decode(errors="replace").split()
        if len(line) < 2:
            return False
        path = [part for part in line[1].split("//")[-1].split("/")[1:] if part and part != "track1"]
        self.path = path
        self.asked = self.clips.get(path[0] if path else ""), Faults(path[1:])
        fields = self.fields()
        if not self.asked[0]:
            self.reply(fields, "404 Not Found")
            return True
        return self.serve(line[0], "", fields)

    def set_up(self, fields):
        wanted = fields.get("transport", "")
        if "TCP" in wanted:
            self.reply(fields, "200 OK", "Session: 1\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n")
            return True
        first = int(wanted.split("client_port=")[1].split(";")[0].split("-")[0])
        self.sockets = []
        for number in range(2):
            made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            made.bind(("127.0.0.1", 0))
            made.connect((self.client_address[0], first + number))
            self.sockets.append(made)
        ports = "-".join(str(made.getsockname()[1]) for made in self.sockets)
        self.reply(
            fields, "200 OK",
            "Session: 1\r\nTransport: RTP/AVP;unicast;client_port=%d-%d;server_port=%s\r\n" % (first, first + 1, ports),
        )
        return True

    def play(self, _fault):
        clips, faults = self.asked
        if "/".join(self.path) in self.played:
            faults.all = [fault for fault in faults.all if fault.kind != "between"]
        self.played.add("/".join(self.path))
        over = threading.Event()
        threading.Thread(target=self.wait_for_end, args=(over,), daemon=True).start()
        try:
            Player(clips, faults, self.options, self.send, lambda packet: self.send(1, packet)).play(over.is_set)
        finally:
            if not over.is_set():
                # The viewer reads what is on its way before the connection closes.
                time.sleep(0.3)
            for made in self.sockets or []:
                made.close()
        return False

    def wait_for_end(self, over):
        try:
            while self.connection.recv(4096):
                pass
        except OSError:
            pass
        over.set()

    def send(self, channel, data):
        if not self.sockets:
            self.wfile.write(data if channel is None else b"$" + bytes([channel]) + len(data).to_bytes(2, "big") + data)
        elif channel is not None:
            try:
                self.sockets[channel].send(data)
            except ConnectionRefusedError:
                pass


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--speed", type=float, default=1)
    parser.add_argument("--mtu", type=int, default=300, help="bytes of a packet's payload")
    parser.add_argument("--seed", type=int, default=20_260_101)
    parser.add_argument("clips", nargs="+", metavar="NAME=FILE[+FILE...]")
    Damaged.options = parser.parse_args()
    Gst.init(None)
    for clip in Damaged.options.clips:
        name, _, files = clip.partition("=")
        Damaged.clips[name] = [Clip.load(path) for path in files.split("+")]
    with Server(("127.0.0.1", Damaged.options.port), Damaged) as server:
        print("READY %d" % server.server_address[1], flush=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        sys.stdin.read()


if __name__ == "__main__":
    main()
