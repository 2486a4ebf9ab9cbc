#!/usr/bin/env python3
"""Receives alerts: verifies the signature, keeps each once, then says so. SECRET=whsec_… receiver.py PORT alerts.sqlite"""
import base64, hashlib, hmac, json, os, sqlite3, sys, time
from http.server import BaseHTTPRequestHandler, HTTPServer

KEY = base64.b64decode(os.environ["SECRET"].removeprefix("whsec_"))
STORE = sqlite3.connect(sys.argv[2], isolation_level=None)
STORE.execute("PRAGMA synchronous = FULL")
STORE.execute("CREATE TABLE IF NOT EXISTS alert (id TEXT PRIMARY KEY, version INTEGER, state TEXT, body TEXT)")

def is_genuine(headers, body):
    stamp = headers.get("webhook-timestamp", "")
    signed = f"{headers.get('webhook-id', '')}.{stamp}.".encode() + body
    right = b"v1," + base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest())
    offered = headers.get("webhook-signature", "").encode().split(b" ")
    return stamp.isdigit() and abs(time.time() - int(stamp)) <= 300 and any(hmac.compare_digest(right, one) for one in offered)

class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(min(int(self.headers.get("content-length", 0)), 1 << 20))
        if not is_genuine(self.headers, body):
            return self.send_error(401)
        event = json.loads(body)
        decision = event["data"]["decision"]  # the id is in the body too: what counts is what was signed
        STORE.execute("INSERT OR IGNORE INTO alert VALUES (?, ?, ?, ?)", (event["id"], decision["version"], decision["state"], body.decode()))
        self.send_response(204)  # only now: it is on disk
        self.end_headers()

HTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver).serve_forever()
