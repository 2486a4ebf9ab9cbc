#!/usr/bin/python3
"""An RTSP camera that is broken in one way for each path, for tests. Speaks just enough RTSP over TCP for that.

usage: broken_camera.py [--port 0]

  /silent            takes the connection and never answers
  /garbage           answers with noise instead of RTSP
  /garbage-sdp       describes its stream in noise
  /garbage-stream    plays noise instead of RTP
  /closes            closes the connection on the first request
  /closes-playing    closes the connection right after PLAY
  /silent-playing    plays, and nothing comes
  /unauthorized      401 whatever the password
  /forbidden         403
  /missing           404
  /busy              503
  /audio-only        has an audio track and no video
  /strange-codec     has video of a codec that no camera analysis takes

Prints `READY <port>` when listening; ends when its standard input closes.
"""
import argparse
import random
import socket
import socketserver
import sys
import threading

STATUS = {"unauthorized": "401 Unauthorized", "forbidden": "403 Forbidden", "missing": "404 Not Found", "busy": "503 Busy"}
H264 = "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1\r\na=control:track1\r\n"
MEDIA = {
    "audio-only": "m=audio 0 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=control:track1\r\n",
    "strange-codec": "m=video 0 RTP/AVP 96\r\na=rtpmap:96 VP8/90000\r\na=control:track1\r\n",
}
NOISE_SEED = 530302


def noise(count):
    return random.Random(NOISE_SEED).randbytes(count)


def description(fault):
    if fault == "garbage-sdp":
        return noise(300).replace(b"\0", b"x")
    head = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=broken\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n"
    return (head + MEDIA.get(fault, H264)).encode()


class Broken(socketserver.StreamRequestHandler):
    def handle(self):
        try:
            while self.answer():
                pass
        except OSError:
            pass

    def answer(self):
        """One request; false when the connection is over."""
        request = self.rfile.readline().decode(errors="replace").split()
        if len(request) < 2:
            return False
        fields = self.fields()
        method, fault = request[0], request[1].split("?")[0].split("/", 3)[-1].split("/")[0]
        if fault == "silent":
            return self.hold()
        if fault == "closes":
            return False
        if fault == "garbage":
            self.wfile.write(noise(4096))
            return False
        if fault in STATUS and method != "OPTIONS":
            extra = 'WWW-Authenticate: Digest realm="broken", nonce="0123456789abcdef"\r\n' if fault == "unauthorized" else ""
            self.reply(fields, STATUS[fault], extra)
            return True
        return self.serve(method, fault, fields)

    def serve(self, method, fault, fields):
        if method == "DESCRIBE":
            body = description(fault)
            self.reply(fields, "200 OK", "Content-Type: application/sdp\r\nContent-Length: %d\r\n" % len(body), body)
        elif method == "SETUP":
            self.reply(fields, "200 OK", "Session: 1\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n")
        elif method == "PLAY":
            self.reply(fields, "200 OK", "Session: 1\r\n")
            return self.play(fault)
        else:
            self.reply(fields, "200 OK", "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n")
        return method != "TEARDOWN"

    def play(self, fault):
        if fault == "closes-playing":
            return False
        if fault == "garbage-stream":
            for _ in range(200):
                payload = noise(1000)
                self.wfile.write(b"$\0" + len(payload).to_bytes(2, "big") + payload)
                self.wfile.write(noise(500))
        return self.hold()

    def hold(self):
        """Waits until the other side goes, and says nothing."""
        while self.connection.recv(4096):
            pass
        return False

    def fields(self):
        fields = {}
        while True:
            line = self.rfile.readline().decode(errors="replace").strip()
            if not line:
                return fields
            name, _, value = line.partition(":")
            fields[name.lower()] = value.strip()

    def reply(self, fields, status, extra="", body=b""):
        head = "RTSP/1.0 %s\r\nCSeq: %s\r\n%s\r\n" % (status, fields.get("cseq", "0"), extra)
        self.wfile.write(head.encode() + body)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    address_family = socket.AF_INET


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0)
    with Server(("127.0.0.1", parser.parse_args().port), Broken) as server:
        print("READY %d" % server.server_address[1], flush=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        sys.stdin.read()


if __name__ == "__main__":
    main()
