#!/usr/bin/python3
"""The demo's checking receiver, for measurements: notes when it answered, and does not wait for its disk before it does.

usage: webhook.py --store events.jsonl      prints READY <port>; the secret is read as demo/receiver.py reads it
"""
import argparse
import json
import os
import signal
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "demo"))
import receiver  # noqa: E402


class Store:
    def __init__(self, path):
        self._lock, self._file, self._pending, self._seen = threading.Lock(), open(path, "w", encoding="utf-8"), {}, set()

    def keep(self, message_id, event):
        with self._lock:
            self._pending[message_id] = event
            return int(message_id in self._seen)

    def answered(self, message_id):
        now = time.time()
        with self._lock:
            event = self._pending.pop(message_id, None)
            if event is not None and message_id not in self._seen:
                self._seen.add(message_id)
                self._file.write(json.dumps({"answered": now, "event": event}) + "\n")
                self._file.flush()

    def close(self):
        self._file.close()


class Handler(receiver.Handler):
    def do_POST(self):
        super().do_POST()
        self.wfile.flush()
        self.server.store.answered(self.headers.get("webhook-id", ""))

    def _say(self, text):
        if "refused" in text:
            super()._say(text)


class Receiver(receiver.Receiver):
    request_queue_size = 128

    def __init__(self, address, key, store):
        receiver.ThreadingHTTPServer.__init__(self, address, Handler)
        self.key, self.store, self.troubles = key, store, receiver.Troubles(0, 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", required=True)
    options = parser.parse_args()
    server = Receiver(("127.0.0.1", 0), receiver.decode_secret(os.environ.get(receiver.SECRET_VARIABLE, "")), Store(options.store))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(0))
    print(f"READY {server.server_address[1]}", flush=True)
    with server:
        server.serve_forever(poll_interval=0.1)


if __name__ == "__main__":
    main()
