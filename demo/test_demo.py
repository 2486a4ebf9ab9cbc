#!/usr/bin/env python3
"""Tests of the demo's receiver, table and page, without any program of Snowline: python3 demo/test_demo.py"""
import base64
import http.client
import json
import os
import sys
import tempfile
import threading
import time
import unittest
from datetime import datetime, timedelta, timezone

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import alert_log  # noqa: E402
import page  # noqa: E402
import receiver  # noqa: E402
import run  # noqa: E402

KEY = b"thirty-two bytes for these tests"
SITE_START = datetime(2026, 11, 22, 9, 30, tzinfo=timezone.utc)


def rfc3339(seconds):
    return datetime.fromtimestamp(SITE_START.timestamp() + seconds, timezone.utc).isoformat(timespec="microseconds").replace("+00:00", "Z")


def event(alert="a" * 26, version=1, state="opened", camera="south-gate", rule="lawn", start=52.12, **changes):
    """An event as Delivery sends it: the JSON keys are those of Sources/Scene/Alert.swift."""
    is_line = rule != "lawn"
    decision = {
        "id": alert, "version": version, "state": state, "camera": camera, "rule": rule, "rule_revision": "1f2e3d",
        "place": {"site": "530302", "camera_name": "南门", "camera_class": "A", "area": "530302", "grid": "530302001001001"},
        "kind": "line" if is_line else "zone", "occurrence": "crossed" if is_line else "occupied", "anchor": "foot",
        "start": rfc3339(start), "last": rfc3339(start), "count": 1, "measures": {"dwell_s": 0.4},
        "findings": [{"time": rfc3339(start), "occurrence": "crossed" if is_line else "occupied", "track": 7,
                      "box": [0.58, 0.7, 0.08, 0.27], "point": [0.62, 0.97], **({"direction": "left_to_right"} if is_line else {})}],
        "summary": {"zh": "南门：草坪内有目标 <停留>", "en": "south-gate: something is on the lawn <&>"},
        "provenance": {"model": "visible", "model_hash": "00", "configuration_hash": "11"},
    }
    decision.update(changes)
    reception = {"sequence": version, "server_time": rfc3339(start + 0.3), "latency_ms": 300, "replay": False, "evidence": []}
    return {
        "specversion": "1.0", "id": f"{alert}.{version}", "source": f"urn:snowline:530302/camera/{camera}",
        "type": f"org.snowline.alert.{decision['kind']}.{state}.v1", "datacontenttype": "application/json",
        "time": reception["server_time"], "data": {"decision": decision, "reception": reception, "verified": False},
    }


class ReceiverTests(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = os.path.join(self.folder.name, "events.jsonl")
        self.open(receiver.Troubles(0, 0))

    def open(self, troubles):
        store = receiver.EventStore(self.path)
        self.server = receiver.Receiver(("127.0.0.1", 0), KEY, store, troubles)
        self.server.RequestHandlerClass = type("Quiet", (receiver.Handler,), {"_say": lambda *_: None})
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def tearDown(self):
        self.server.shutdown()
        self.server.server_close()
        self.folder.cleanup()

    def post(self, body, message_id, key=KEY, age=0, signature=None):
        timestamp = str(int(time.time()) - age)
        connection = http.client.HTTPConnection(*self.server.server_address, timeout=5)
        try:
            connection.request("POST", "/alerts", body, {
                "content-type": "application/cloudevents+json", "webhook-id": message_id, "webhook-timestamp": timestamp,
                "webhook-signature": signature or receiver.sign(key, message_id, timestamp, body)})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def announce(self, length):
        """The answer to a request that names a length and sends no body yet."""
        connection = http.client.HTTPConnection(*self.server.server_address, timeout=5)
        try:
            connection.putrequest("POST", "/alerts")
            connection.putheader("content-length", str(length))
            connection.endheaders()
            return connection.getresponse().status
        finally:
            connection.close()

    def send(self, sent, **options):
        return self.post(json.dumps(sent).encode(), sent["id"], **options)[0]

    def stored(self):
        return [(line["id"], line["repeat"]) for line in alert_log.read_lines(self.path)]

    def test_known_vector_of_the_standard(self):
        key = receiver.decode_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        self.assertEqual(
            receiver.sign(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}'),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")

    def test_takes_an_event_once(self):
        self.assertEqual([self.send(event()), self.send(event()), self.send(event(version=2, state="closed"))], [204] * 3)
        first, second = "a" * 26 + ".1", "a" * 26 + ".2"
        self.assertEqual(self.stored(), [(first, 0), (first, 1), (second, 0)])

    def test_knows_its_events_after_a_restart(self):
        self.send(event())
        self.server.shutdown()
        self.server.server_close()
        with open(self.path, "a", encoding="utf-8") as store:
            store.write('{"received": "cut off by a cra')
        self.open(receiver.Troubles(0, 0))
        self.assertEqual(self.send(event()), 204)
        self.assertEqual([repeat for _, repeat in self.stored()], [0, 1])

    def test_refuses_what_is_not_genuine(self):
        self.assertEqual(self.send(event(), key=b"another secret"), 401)
        self.assertEqual(self.send(event(), age=3600), 401)
        self.assertEqual(self.send(event(), age=-3600), 401)
        self.assertEqual(self.send(event(), signature="v1,ü"), 401)
        self.assertEqual(self.post(json.dumps(event()).encode(), "another-id")[0], 400)
        self.assertEqual(self.post(b"[]", "x")[0], 400)
        self.assertEqual(self.post(b"{", "x")[0], 400)
        self.assertEqual(self.announce(receiver.BODY_LIMIT + 1), 413)
        self.assertEqual(self.stored(), [])

    def test_one_signature_of_several_is_enough(self):
        sent = event()
        body = json.dumps(sent).encode()
        good = receiver.sign(KEY, sent["id"], str(int(time.time())), body)
        self.assertEqual(self.post(body, sent["id"], signature=f"v1,AAAA {good}")[0], 204)

    def test_loses_an_answer_after_storing(self):
        self.server.troubles = receiver.Troubles(lose=1, refuse=0)
        with self.assertRaises((http.client.RemoteDisconnected, ConnectionError)):
            self.send(event())
        self.assertEqual(self.send(event()), 204)
        self.assertEqual([repeat for _, repeat in self.stored()], [0, 1])

    def test_refuses_on_purpose_without_storing(self):
        self.server.troubles = receiver.Troubles(lose=0, refuse=1)
        self.assertEqual([self.send(event()), self.send(event())], [500, 204])
        self.assertEqual([repeat for _, repeat in self.stored()], [0])

    def test_secret_form(self):
        self.assertEqual(receiver.decode_secret("whsec_" + base64.b64encode(KEY).decode()), KEY)
        self.assertRaises(ValueError, receiver.decode_secret, "plain")
        self.assertRaises(ValueError, receiver.decode_secret, "whsec_!")


def lines_of(*events):
    seen = {}
    for sent in events:
        repeat = seen[sent["id"]] = seen.get(sent["id"], -1) + 1
        yield {"received": rfc3339(52.5), "id": sent["id"], "repeat": repeat, **({} if repeat else {"event": sent})}


class AlertLogTests(unittest.TestCase):
    def collect(self, *events):
        return alert_log.collect(list(lines_of(*events)), {"south-gate": SITE_START})

    def test_versions_of_one_alert_come_together(self):
        alert, = self.collect(event(version=2, state="closed"), event(), event())
        self.assertEqual((sorted(v for v, _, _ in alert.versions), alert.repeats, alert.decision["state"]), ([1, 2], 1, "closed"))
        self.assertAlmostEqual(alert.start_s, 52.12)
        self.assertEqual(alert.delivered_ms, 80)

    def test_known_event_is_judged_by_its_place_in_the_clip(self):
        early = self.collect(event(start=20.0))
        other = self.collect(event(rule="path"))
        self.assertEqual((run.known_alerts(early, False), run.known_alerts(other, False)), ({}, {}))
        self.assertEqual(set(run.known_alerts(self.collect(event()), False)), {"south-gate"})

    def test_start_of_the_clip_is_the_anchor_or_counted_back(self):
        status = {"cameras": [
            {"id": "one", "anchor": rfc3339(1), "pictures": 500}, {"id": "two", "pictures": 50}, {"id": "three", "pictures": 0}]}
        now = SITE_START + timedelta(seconds=9)
        self.assertEqual(run.session_anchors(status, now), {
            "one": (SITE_START + timedelta(seconds=1), True), "two": (SITE_START + timedelta(seconds=7), False)})
        self.assertEqual(run.session_anchors(None, now), {})

    def test_table_has_a_line_for_each_alert(self):
        text = alert_log.table(self.collect(event(), event(alert="b" * 26, rule="path", start=12)))
        self.assertEqual(len(text.splitlines()), 4)
        self.assertIn("crossed left_to_right  12.00 s", text)


class PageTests(unittest.TestCase):
    def test_page_shows_everything_and_escapes_text(self):
        with tempfile.TemporaryDirectory() as folder:
            sent = event()
            still = b"\xff\xd8 not really a picture"
            os.mkdir(os.path.join(folder, "stills"))
            with open(os.path.join(folder, "stills", "a.jpg"), "wb") as file:
                file.write(still)
            record = {"kind": "annotated", "path": "stills/a.jpg", "sha256": "0", "bytes": len(still), "width": 768, "height": 576, "media_time": rfc3339(52)}
            clips = os.path.join(folder, "clips", "south-gate", "2026-11-22")
            os.makedirs(clips)
            with open(os.path.join(clips, "told clip.mp4"), "wb") as file:
                file.write(b"not really a clip")
            told = {**record, "kind": "clip", "path": "clips/south-gate/2026-11-22/told clip.mp4"}
            sent["data"]["reception"]["evidence"] = [record, {**record, "kind": "clean", "path": "../../etc/passwd"}, told]
            alerts = alert_log.collect(list(lines_of(sent, sent)), {"south-gate": SITE_START})
            result = run.Result(("south-gate",), folder, seconds=61, raised=1, known={alerts[0].id}, succeeded=True, verdict_zh="好", verdict_en="good")
            target = os.path.join(folder, "index.html")
            page.write_page(target, result, alerts)
            with open(target, encoding="utf-8") as text:
                made = text.read()
        self.assertIn(base64.b64encode(still).decode(), made)
        self.assertIn('src="clips/south-gate/2026-11-22/told%20clip.mp4"', made)
        self.assertIn("52.12 s", made)
        self.assertIn("&lt;停留&gt;", made)
        self.assertNotIn("<停留>", made)
        self.assertIn("outside the data folder", made)
        self.assertIn("17:30:52.120", made)


    def test_a_clip_that_no_message_named_is_found_and_others_are_not(self):
        with tempfile.TemporaryDirectory() as folder:
            alert = alert_log.collect(list(lines_of(event())), {"south-gate": SITE_START})[0]
            self.assertEqual(page.clip(folder, folder, alert), "")
            clips = os.path.join(folder, "clips", alert.camera, "2026-11-22")
            os.makedirs(clips)
            with open(os.path.join(clips, f"{alert.id}.mp4"), "wb") as file:
                file.write(b"not really a clip")
            self.assertIn(f"{alert.id}.mp4", page.clip(folder, folder, alert))
            alert.evidence["clip"] = {"path": "../outside.mp4"}
            self.assertEqual(page.clip(folder, folder, alert), "")


class SiteTests(unittest.TestCase):
    def test_ports_of_the_run_are_put_into_the_copy(self):
        with tempfile.TemporaryDirectory() as folder:
            with open(run.write_site(folder, 1111, 2222, 3333), encoding="utf-8") as text:
                made = text.read()
        for wanted in ("rtsp://127.0.0.1:1111/north-path", "http://127.0.0.1:2222/alerts", "listen: 127.0.0.1:3333", "data: ./store"):
            self.assertIn(wanted, made)
        for camera in run.CAMERAS:
            self.assertIn(f"- id: {camera}\n", made)


if __name__ == "__main__":
    unittest.main()
