"""A dispatch platform that misbehaves by a seed: errors, answers lost after acceptance, answers that never come.

usage: webhook.py --port N --store FILE --seed N [--hang-s S] [--hang-share P] [--forget-share P]

It checks signatures as demo/receiver.py shows it, and keeps every event once. --forget-share makes it acknowledge events that it does
not keep: a run must then say LOST. The secret is taken from SNOWLINE_DISPATCH_SECRET.
"""
import argparse
import os
import random
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from kept import Kept

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "demo"))
import receiver as platform  # noqa: E402

ERROR_SHARE = 0.06
LOST_ANSWER_SHARE = 0.03
RETRY_AFTER_SHARE = 0.02  # of the errors


class Mischief:
    """Draws what happens to a request. Every start of the receiver draws anew."""

    def __init__(self, options):
        self._random = random.Random(f"{options.seed}-{time.time_ns()}")
        self._lock = threading.Lock()
        self.options = options

    def draw(self):
        with self._lock:
            number = self._random.random()
        for name, share in [("error", ERROR_SHARE), ("lost answer", LOST_ANSWER_SHARE), ("hang", self.options.hang_share / 2),
                            ("late hang", self.options.hang_share / 2), ("forget", self.options.forget_share)]:
            if number < share:
                return name, number / share
            number -= share
        return "", 0.0


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        try:
            message_id = platform.verify(self.server.key, self.headers, body, time.time())
        except platform.Refusal as refusal:
            print(f"refused: {refusal}", flush=True)
            return self._answer(refusal.status)
        deed, share = self.server.mischief.draw()
        if deed == "error":
            return self._answer((500, 502, 503, 429)[int(share * 4)], retry_after=share < RETRY_AFTER_SHARE)
        if deed == "hang":
            return self._hang()
        if deed != "forget":
            with self.server.lock:
                self.server.kept.take(message_id, body)
        if deed == "late hang":
            return self._hang()
        if deed == "lost answer":
            self.close_connection = True
            return None
        return self._answer(204)

    def _hang(self):
        time.sleep(self.server.mischief.options.hang_s)
        self.close_connection = True

    def _answer(self, status, retry_after=False):
        self.send_response_only(status)
        if retry_after:
            self.send_header("Retry-After", "1")
        if status != 204:
            self.send_header("Content-Length", "0")
        self.end_headers()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--store", required=True)
    parser.add_argument("--seed", required=True)
    parser.add_argument("--hang-s", type=float, default=30)
    parser.add_argument("--hang-share", type=float, default=0)
    parser.add_argument("--forget-share", type=float, default=0)
    options = parser.parse_args()
    ThreadingHTTPServer.daemon_threads = True
    ThreadingHTTPServer.request_queue_size = 64
    server = ThreadingHTTPServer(("127.0.0.1", options.port), Handler)
    server.key = platform.decode_secret(os.environ[platform.SECRET_VARIABLE])
    server.kept, server.lock, server.mischief = Kept(options.store), threading.Lock(), Mischief(options)
    print(f"READY {options.port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
