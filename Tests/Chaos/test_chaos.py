"""The judgement of a chaos run must find what it is there to find.

usage: test_chaos.py     no packages and no network are needed
"""
import json
import os
import sqlite3
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import audit  # noqa: E402
import kept  # noqa: E402


def event(alert="aaa", version=1, camera="c000", sequence=1, press="press 1", message_id=None):
    findings = [{"request": {"who": "chaos", "why": press}}] if press else [{}]
    return json.dumps({
        "id": message_id or f"{alert}.{version}",
        "data": {"decision": {"id": alert, "version": version, "camera": camera, "findings": findings}, "reception": {"sequence": sequence}}})


def judge(lines, committed=("aaa.1",), is_ordered=True):
    return audit.judge(committed, audit.messages(lines), is_ordered)


class Judgement(unittest.TestCase):
    def test_what_is_there_once_and_in_order_is_clean(self):
        later = event("bbb", sequence=2, press="press 2")
        finding = judge([event(), later, event(camera="c001", alert="ccc", press="press 3")], ("aaa.1", "bbb.1"))
        self.assertTrue(finding.is_clean)
        self.assertEqual((finding.kept, finding.repeats), (3, 0))

    def test_what_is_missing_is_lost(self):
        self.assertEqual(judge([event()], ("aaa.1", "bbb.1")).lost, ["bbb.1"])

    def test_a_repeat_by_id_is_recognised_and_no_duplicate(self):
        finding = judge([event(), event()])
        self.assertTrue(finding.is_clean)
        self.assertEqual(finding.repeats, 1)

    def test_a_repeat_with_other_bytes_is_changed(self):
        self.assertEqual(judge([event(), event(sequence=2)]).changed, ["aaa.1"])

    def test_the_same_version_under_another_id_is_a_duplicate(self):
        self.assertEqual(judge([event(), event(message_id="zzz", sequence=2)]).duplicated, ["zzz"])

    def test_the_same_number_of_a_camera_twice_is_a_duplicate(self):
        self.assertEqual(judge([event(), event("bbb", press=None)]).duplicated, ["bbb.1"])

    def test_one_press_that_became_two_alerts_is_a_duplicate(self):
        self.assertEqual(judge([event(), event("bbb", sequence=2)]).duplicated, ["bbb.1"])
        self.assertTrue(judge([event(), event(version=2, sequence=2)]).is_clean, "a later version tells of the press again")

    def test_a_camera_out_of_order_is_found_where_order_is_owed(self):
        lines = [event("bbb", sequence=2, press="press 2"), event()]
        self.assertEqual(judge(lines).misordered, ["c000: 1 after 2"])
        self.assertTrue(judge(lines, is_ordered=False).is_clean)
        self.assertTrue(judge([event(), event("bbb", sequence=2, press="press 2"), event()]).is_clean, "a repeat comes late")

    def test_gaps_and_repeats_of_a_counter_are_found(self):
        self.assertEqual(audit.gaps({"a.1": ("c", 1), "b.1": ("c", 2)}), [])
        self.assertEqual(len(audit.gaps({"a.1": ("c", 1), "b.1": ("c", 3)})), 1)
        self.assertEqual(len(audit.gaps({"a.1": ("c", 1), "b.1": ("c", 1)})), 1)


class Books(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def test_a_receiver_keeps_each_id_once_over_a_kill_in_the_middle_of_a_line(self):
        path = os.path.join(self.folder, "kept.jsonl")
        kept.Kept(path).take("aaa.1", event().encode())
        with open(path, "ab") as torn:
            torn.write(event("bbb").encode()[:20])
        again = kept.Kept(path)
        again.take("aaa.1", event().encode())
        again.take("bbb.1", event("bbb", sequence=2, press=None).encode())
        self.assertEqual([json.loads(line)["id"] for line in kept.read(path)], ["aaa.1", "bbb.1", "aaa.1"])

    def test_a_line_torn_in_a_file_that_goes_on_is_no_message(self):
        path = os.path.join(self.folder, "file.jsonl")
        with open(path, "w", encoding="utf-8") as text:
            text.write(event()[:30] + "\n" + event() + "\n")
        self.assertEqual(audit.messages(kept.read(path))[0].id, "aaa.1")

    def test_the_journal_is_read(self):
        with sqlite3.connect(os.path.join(self.folder, "journal.sqlite")) as journal:
            journal.execute("CREATE TABLE alert_version (id, version, camera, sequence)")
            journal.execute("CREATE TABLE outbox (dispatch_confirmed)")
            journal.execute("INSERT INTO alert_version VALUES ('aaa', 1, 'c', 1)")
            journal.execute("INSERT INTO outbox VALUES (NULL), (5)")
        journal.close()
        self.assertEqual(audit.journaled(self.folder), ({"aaa.1": ("c", 1)}, 1))


if __name__ == "__main__":
    unittest.main()
