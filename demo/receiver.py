#!/usr/bin/env python3
"""A small dispatch platform: takes alerts by webhook, checks them, keeps each one once.

usage: receiver.py [--listen 127.0.0.1:9000] --store events.jsonl [--lose-answer N] [--refuse-first N]

The secret is read from SNOWLINE_DISPATCH_SECRET (whsec_<base64>). What a receiver has to do is all here:
  1. check the Standard Webhooks signature over "id.timestamp.body" and the age of the timestamp;
  2. store the event before answering, and answer 2xx only then;
  3. recognise a webhook-id it has stored before: deliveries may come twice, an answer can be lost.
--lose-answer N stores the first N events and closes the connection without an answer; --refuse-first N answers the
first N requests with 500. Both make the sender try again. Prints "READY port" when it listens.
"""
import argparse
import base64
import hashlib
import hmac
import json
import os
import signal
import sys
import threading
import time
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

BODY_LIMIT = 1 << 20  # bytes; a longer event is refused with 413
AGE_LIMIT_S = 300  # a timestamp further off than this is refused: an old request played again
SECRET_VARIABLE = "SNOWLINE_DISPATCH_SECRET"


class Refusal(Exception):
    """A request that is not taken: the status to answer and the reason in words."""

    def __init__(self, status, reason):
        super().__init__(reason)
        self.status = status


def decode_secret(text):
    """The key inside whsec_<base64>."""
    if not text.startswith("whsec_"):
        raise ValueError(f"{SECRET_VARIABLE} must be whsec_<base64>")
    return base64.b64decode(text[len("whsec_"):], validate=True)


def sign(key, message_id, timestamp, body):
    """The value of the webhook-signature header for one message."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def verify(key, headers, body, now):
    """Returns the webhook-id of a request that is genuine and fresh; raises Refusal otherwise."""
    message_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not message_id or not timestamp:
        raise Refusal(401, "webhook-id or webhook-timestamp is missing")
    if not timestamp.isascii() or not timestamp.isdigit() or abs(now - int(timestamp)) > AGE_LIMIT_S:
        raise Refusal(401, f"webhook-timestamp {timestamp[:20]} is not within {AGE_LIMIT_S} s of this clock")
    wanted = sign(key, message_id, timestamp, body)
    offered = headers.get("webhook-signature", "").split()
    if not any(hmac.compare_digest(wanted.encode(), one.encode("utf-8", "replace")) for one in offered):
        raise Refusal(401, "webhook-signature does not fit the body and the shared secret")
    return message_id


def parse_event(message_id, body):
    """The CloudEvent in a body, with what this receiver relies on present."""
    try:
        event = json.loads(body)
        decision, reception = event["data"]["decision"], event["data"]["reception"]
        known = (event["specversion"], event["type"].split(".")[:3], decision["camera"], decision["rule"], reception["server_time"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Refusal(400, f"not an alert event: {error!r}") from error
    if known[:2] != ("1.0", ["org", "snowline", "alert"]):
        raise Refusal(400, "not a CloudEvents 1.0 event of type org.snowline.alert.*")
    if event.get("id") != message_id:
        raise Refusal(400, "the event's id and webhook-id differ")
    return event


class EventStore:
    """Events as JSON lines, each id once, on disk before `keep` returns."""

    def __init__(self, path):
        self._lock = threading.Lock()
        self._file = open(path, "a+", encoding="utf-8")
        self._file.seek(0)
        lines = self._file.readlines()
        if lines and not lines[-1].endswith("\n"):  # cut off by a crash: that event was never answered
            self._file.truncate(sum(len(line.encode()) for line in lines[:-1]))
            lines.pop()
        self._seen = {json.loads(line)["id"]: 1 for line in lines}

    def close(self):
        self._file.close()

    def keep(self, message_id, event):
        """Stores an event; returns how many times this id has come before."""
        received = datetime.now(timezone.utc).isoformat(timespec="microseconds").replace("+00:00", "Z")
        with self._lock:
            before = self._seen.get(message_id, 0)
            self._seen[message_id] = before + 1
            line = {"received": received, "id": message_id, "repeat": before}
            if before == 0:
                line["event"] = event
            self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
            self._file.flush()
            os.fsync(self._file.fileno())
            return before


class Troubles:
    """How many answers are still to be lost and how many requests to be refused."""

    def __init__(self, lose, refuse):
        self._lock = threading.Lock()
        self._left = {"lose": lose, "refuse": refuse}

    def take(self, kind):
        with self._lock:
            self._left[kind] -= 1
            return self._left[kind] >= 0


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "receiver"
    sys_version = ""
    timeout = 30

    def do_POST(self):
        try:
            body = self._body()
            if self.server.troubles.take("refuse"):
                raise Refusal(500, "refused on purpose (--refuse-first)")
            message_id = verify(self.server.key, self.headers, body, time.time())
            repeat = self.server.store.keep(message_id, parse_event(message_id, body))
        except Refusal as refusal:
            self._say(f"refused {refusal.status}: {refusal}")
            self._answer(refusal.status, str(refusal))
            return
        self._say(f"stored {message_id}" if repeat == 0 else f"known already: {message_id}")
        if repeat == 0 and self.server.troubles.take("lose"):
            self._say(f"answer lost on purpose: {message_id}")
            self.close_connection = True
            return
        self._answer(204, "")

    def do_GET(self):
        self._answer(200 if self.path == "/healthz" else 404, "alive" if self.path == "/healthz" else "not here")

    def _body(self):
        length = self.headers.get("content-length", "")
        if not length.isdigit():
            self.close_connection = True
            raise Refusal(411, "content-length is missing")
        if int(length) > BODY_LIMIT:
            self.close_connection = True
            raise Refusal(413, f"{length} bytes are more than {BODY_LIMIT}")
        body = self.rfile.read(int(length))
        if len(body) != int(length):
            self.close_connection = True
            raise Refusal(400, "the body is shorter than content-length")
        return body

    def _answer(self, status, text):
        body = text.encode()
        self.send_response(status)
        if status != 204:
            self.send_header("content-type", "text/plain; charset=utf-8")
            self.send_header("content-length", str(len(body)))
        self.end_headers()
        if status != 204:
            self.wfile.write(body)

    def _say(self, text):
        print(f"{datetime.now(timezone.utc).isoformat(timespec='milliseconds')} {text}", flush=True)

    def log_message(self, *_):
        """Every request has its own line already."""


class Receiver(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address, key, store, troubles):
        super().__init__(address, Handler)
        self.key, self.store, self.troubles = key, store, troubles

    def server_close(self):
        super().server_close()
        self.store.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--listen", default="127.0.0.1:9000")
    parser.add_argument("--store", required=True)
    parser.add_argument("--lose-answer", type=int, default=0, metavar="N")
    parser.add_argument("--refuse-first", type=int, default=0, metavar="N")
    options = parser.parse_args()
    try:
        key = decode_secret(os.environ.get(SECRET_VARIABLE, ""))
    except ValueError as error:
        sys.exit(f"receiver: {error}")
    host, _, port = options.listen.rpartition(":")
    troubles = Troubles(options.lose_answer, options.refuse_first)
    server = Receiver((host, int(port)), key, EventStore(options.store), troubles)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
    print(f"READY {server.server_address[1]}", flush=True)
    with server:
        server.serve_forever(poll_interval=0.1)


if __name__ == "__main__":
    main()
