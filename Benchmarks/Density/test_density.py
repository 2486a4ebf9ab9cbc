#!/usr/bin/env python3
"""Tests of the density benchmark's schedules, matching, accounting and records, with made-up figures: python3 Benchmarks/Density/test_density.py"""
import io
import json
import os
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree
from types import SimpleNamespace

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, os.path.join(ROOT, "Benchmarks", "Peers"), os.path.join(ROOT, "scripts")]
import accounting  # noqa: E402
import cameras  # noqa: E402
import judging  # noqa: E402
import kept  # noqa: E402
import marks  # noqa: E402
import readings  # noqa: E402
import record  # noqa: E402
import results  # noqa: E402
import scaling  # noqa: E402
import streams  # noqa: E402
import systems  # noqa: E402

TRUTH = {"appears_s": 10.0, "start_s": 10.4, "end_s": 13.6, "gone_s": 14.0}


class Store:
    def truth(self, _spec):
        return {"events": [TRUTH]}

    def path(self, spec):
        return f"{spec.kind}-{spec.plate}.mp4"


def stamp(seconds):
    return f"1970-01-01T00:{int(seconds // 60):02d}:{seconds % 60:09.6f}Z"


def delivery(camera, dated, told, latency_ms=50, state="opened"):
    finding = {"occurrence": "occupied", "time": stamp(dated)}
    return told, {"camera": camera, "rule": streams.FENCE["id"], "state": state, "findings": [finding]}, {"server_time": stamp(told), "latency_ms": latency_ms}


def row(system, spent, activity=0.01, number=1, size="704x576", **more):
    return {"system": system, "size": size, "gop": 50, "codec": "h264", "control": "cbr", "activity": activity, "round": number, "cpu_per_stream_s": spent, "kept": 1.0,
            "cameras": 16, "machine_busy": 0.4, "events": 2, "recall": None, "false_alerts": None, **more}


class Resuming(unittest.TestCase):
    def test_rows_are_kept_until_the_program_is_another(self):
        with tempfile.TemporaryDirectory() as folder:
            path, program = os.path.join(folder, "rows.jsonl"), os.path.join(folder, "snowlined")
            with open(program, "wb") as out:
                out.write(b"one")
            cell = SimpleNamespace(size="704x576", gop=50, codec="h264", control="cbr")
            kept.Rows(path, folder, False).keep([row("ffmpeg", 0.03), row("dense", 0.003)])
            with open(path, "a", encoding="utf-8") as out:
                out.write('{"system": "mot')
            again = kept.Rows(path, folder, True)
            self.assertTrue(again.holds(cell, "ffmpeg", 0.01, 1) and again.holds(cell, "dense", 0.01, 1))
            self.assertFalse(again.holds(cell, "dense", 0.05, 1) or again.holds(cell, "dense", 0.01, 2) or again.holds(cell, "motion", 0.01, 1))
            with open(program, "wb") as out:
                out.write(b"two")
            other = kept.Rows(path, folder, True)
            self.assertTrue(other.holds(cell, "ffmpeg", 0.01, 1))
            self.assertFalse(other.holds(cell, "dense", 0.01, 1))
            self.assertEqual(kept.Rows(path, folder, False).rows, [])

    def test_what_was_not_measured_is_named(self):
        content = {"rows": [row("ffmpeg", 0.03)], "cells": [("704x576-g50-h264-cbr", 0.01), ("704x576-g50-h264-cbr", 0.05)]}
        self.assertIn("704x576-g50-h264-cbr at 5%", "\n".join(record.unmeasured(content)))
        self.assertNotIn("at 1%", "\n".join(record.unmeasured(content)))
        self.assertEqual(record.unmeasured({"rows": [row("ffmpeg", 0.03)], "cells": content["cells"][:1]}), [])


class Matching(unittest.TestCase):
    def test_an_alert_in_time_is_found_and_a_late_one_is_not(self):
        event = dict(TRUTH)
        self.assertEqual(judging.match([event], [(10.4, 11.0)], 1.0)[0], [11.0 - 10.4])
        self.assertEqual(judging.match([event], [(10.4, 11.5)], 1.0), ([None], []))

    def test_an_alert_about_nothing_is_false(self):
        self.assertEqual(judging.match([dict(TRUTH)], [(30.0, 30.1)], 1.0), ([None], [30.0]))
        self.assertEqual(judging.match([], [(3.0, 3.1)], 1.0)[1], [3.0])

    def test_the_first_telling_counts(self):
        self.assertAlmostEqual(judging.match([dict(TRUTH)], [(10.5, 12.0), (10.4, 10.6)], 1.0)[0][0], 0.2)

    def test_limits(self):
        self.assertEqual((judging.limit("strict", 250), judging.limit("dense", 50)), (1.0, 2.5))

    def test_overlap_counts_the_part_in_the_window(self):
        self.assertEqual(judging.overlap([dict(TRUTH)], 12, 60), 2)
        self.assertEqual(judging.overlap([dict(TRUTH)], 20, 60), 0)

    def test_percentile_is_a_measured_value(self):
        values = [float(n) for n in range(1, 101)]
        self.assertEqual([judging.percentile(values, share) for share in (0.5, 0.95, 0.99, 1)], [50, 95, 99, 100])
        self.assertEqual(judging.percentile([7.0], 0.99), 7)
        self.assertIsNone(judging.percentile([], 0.5))


class Targets(unittest.TestCase):
    def test_ratios_pair_up_by_round(self):
        rows = [row("ffmpeg", 0.04), row("dense", 0.004), row("ffmpeg", 0.08, number=2), row("dense", 0.004, number=2)]
        (cell, ours, other), ratio = next(iter(judging.ratios(rows).items()))
        self.assertEqual((cell[0], ours, other, ratio["rounds"]), ("704x576", "dense", "ffmpeg", [0.1, 0.05]))

    def test_what_is_dearer_than_wanted_is_named(self):
        good = [row("ffmpeg", 0.035), row("motion", 0.06), row("strict", 0.038), row("dense", 0.0045)]
        self.assertEqual(judging.problems(good, {}), [])
        bad = [row("ffmpeg", 0.035), row("motion", 0.06), row("strict", 0.046), row("dense", 0.006)]
        found = "\n".join(judging.problems(bad, {}))
        for text in ("strict at 704x576, activity 1%, is 1.314 × ffmpeg", "is 0.767 × motion", "dense at 704x576, activity 1%, is 0.171 × ffmpeg", "is 0.100 × motion"):
            self.assertIn(text, found)

    def test_other_cells_do_not_bind(self):
        rows = [{**row("ffmpeg", 0.035), "gop": 250}, {**row("strict", 0.3), "gop": 250}]
        self.assertEqual(judging.problems(rows, {}), [])

    def test_cameras_that_fill_the_machine(self):
        self.assertEqual(scaling.count_that_fills([(0, 0.02), (8, 0.22)]), 27)
        # Beside one another they cost more, or less, than a few.
        self.assertEqual(scaling.count_that_fills([(8, 0.22), (27, 0.79)]), 24)
        self.assertEqual(scaling.count_that_fills([(8, 0.30), (22, 0.57)]), 29)
        self.assertEqual(scaling.count_that_fills([(0, 0.9), (8, 0.95)]), 4)
        self.assertEqual(scaling.count_that_fills([(8, 0.5), (8, 0.5)]), 108)

    def test_recall_false_alerts_and_latency(self):
        recalls = {"strict": {"events": 100, "recall": 0.98, "false_alerts": 0, "within_s": 1.0}, "dense": {"events": 100, "recall": 0.99, "false_alerts": 1, "within_s": 2.5}}
        found = judging.problems([], recalls, [{"system": "strict", "p99_ms": 500}])
        self.assertEqual(len(found), 3)
        self.assertIn("strict finds 0.980 of 100", found[0])
        apart = {mode: {**known, "recall": 1.0, "false_alerts": 0, "corpus": {"macro_f1": score}}
                 for (mode, known), score in zip(recalls.items(), (0.97, 0.94))}
        self.assertEqual(len(judging.problems([], apart)), 1)


class Schedules(unittest.TestCase):
    pairs = streams.cost_pieces("704x576", 50)

    def beginnings(self, moments, pieces):
        mounts, truths = cameras.schedule(Store(), self.pairs, pieces, moments, "c")
        self.assertEqual(truths["c0"], [TRUTH])
        return mounts

    def test_streams_have_the_activity_they_are_named_for(self):
        for activity in (0.01, 0.05, 0.20):
            self.assertAlmostEqual(cameras.EVENT_S / (cameras.pieces_for(activity) * streams.PIECE_S), activity)

    def test_the_person_comes_at_the_moment_asked_for(self):
        for pieces in (1, 4, 20):
            moments = cameras.in_turn(16, 4 / 20 / pieces, 15)
            for mount, moment in zip(self.beginnings(moments, pieces), moments):
                length = pieces * streams.PIECE_S
                comes = (TRUTH["appears_s"] - mount["start_s"]) % length
                off = abs((comes - moment + length / 2) % length - length / 2)
                self.assertLessEqual(off, 1.01, f"{mount['name']} of {pieces} pieces")
                self.assertEqual(len(mount["pieces"]), pieces)

    def test_windows_hold_their_share_of_events_whole(self):
        windows = [(10, 12.5, 0.01), (23.5, 12.5, 0.05)]
        moments = cameras.in_windows(32, windows)
        self.assertEqual(len(moments), 32)
        for begin, length, activity in windows:
            inside = [moment for moment in moments if begin <= moment and moment + cameras.EVENT_S <= begin + length]
            self.assertEqual(len(inside) * cameras.EVENT_S, activity * 32 * length)
        self.assertEqual(sum(moment < 36 for moment in moments), 6)

    def test_more_events_than_cameras_are_refused(self):
        with self.assertRaisesRegex(ValueError, "do not fit"):
            cameras.in_windows(2, [(0, 60, 0.5)])

    def test_walks_cross_the_fence(self):
        for goes_right in (True, False):
            walk = streams.Walk(0, 20.0, 4.0, goes_right, 0.2, 0.8)
            truth = walk.truth()
            self.assertTrue(20 < truth["start_s"] < truth["end_s"] < 24)
            self.assertTrue(all(0.06 <= walk.foot_x(truth[key]) <= 0.94 for key in ("start_s", "end_s")))
            self.assertFalse(0.06 <= walk.foot_x(truth["start_s"] - 0.04) <= 0.94)

    def test_recall_footage_is_large_enough(self):
        files = streams.recall_files(8)
        self.assertGreaterEqual(sum(spec.events for spec in files), 100)
        self.assertEqual(len({spec.seed for spec in files}), 8)
        self.assertGreater(len({spec.plate for spec in files}), 3)

    def test_encoders_are_set_like_cameras(self):
        for spec in (self.pairs[0][0], streams.cost_pieces("1920x1080", 25, "h265", "vbr")[0][1]):
            options = " ".join(streams.encoding(spec))
            self.assertIn("zerolatency", options)
            self.assertIn(str(spec.gop), options)
        self.assertIn("-b:v 1000000", " ".join(streams.encoding(self.pairs[0][0])))
        self.assertIn("sliced-threads=0", " ".join(streams.encoding(self.pairs[0][0])))


def server(plays, lengths=None, truths=None):
    made = object.__new__(cameras.CameraServer)
    made.plays, made.lengths, made.truths = plays, lengths or {"a": 80.0}, truths or {"a": [TRUTH]}
    return made


class Events(unittest.TestCase):
    def test_events_come_again_with_every_loop(self):
        events = server({"a": [(1000.0, 0.0)]}).events("a", 1200.0)
        self.assertEqual([event["start_s"] for event in events], [1010.4, 1090.4, 1170.4])

    def test_a_later_beginning_ends_the_one_before(self):
        events = server({"a": [(1000.0, 0.0), (1050.0, 4.0)]}).events("a", 1100.0)
        self.assertEqual([event["start_s"] for event in events], [1010.4, 1056.4])

    def test_who_was_there_before_the_beginning_is_no_event(self):
        self.assertEqual(server({"a": [(1000.0, 11.0)]}).events("a", 1060.0), [])


class Accounting(unittest.TestCase):
    def judge(self, deliveries, outages=(), gaps=None, plays=None):
        faults = SimpleNamespace(names=["a"], outages=list(outages))
        return accounting.judge(server(plays or {"a": [(1000.0, 0.0)]}), faults, deliveries, {"a": gaps or []}, 1000, 1100, 2.5)

    def test_found_late_lost_and_in_a_gap(self):
        answer = self.judge([delivery("a", 1010.4, 1011.0), delivery("a", 1090.4, 1093.5)])
        self.assertEqual((answer["events"], answer["found"], answer["late"], answer["lost"]), (2, 2, 1, []))
        answer = self.judge([delivery("a", 1010.4, 1011.0)], gaps=[(1089.0, 1091.0, "lost")])
        self.assertEqual((answer["found"], answer["in_gap"], answer["lost"]), (1, 1, []))
        self.assertEqual(len(self.judge([])["lost"]), 2)

    def test_a_wrong_date_is_not_a_loss(self):
        answer = self.judge([delivery("a", 1010.4, 1011.0), delivery("a", 1098.0, 1091.5)])
        self.assertEqual((answer["lost"], len(answer["misdated"]), answer["false_alerts"]), ([], 1, 0))
        self.assertAlmostEqual(answer["misdated"][0]["off_s"], 7.6)

    def test_an_alert_about_nothing_is_false(self):
        self.assertEqual(self.judge([delivery("a", 1040, 1040.5)])["false_alerts"], 1)

    def test_somebody_who_was_there_when_the_camera_came_back_is_no_false_alert(self):
        kill = {"camera": "a", "kind": "kill", "from": 1005.0, "to": 1020.0}
        plays = {"a": [(1000.0, 0.0), (1031.0, 11.0)]}  # back with somebody in the picture, until 1034
        gaps = [(1005.5, 1032.0, "lost")]
        self.assertEqual(self.judge([delivery("a", 1031.5, 1032.0)], [kill], gaps, plays)["false_alerts"], 0)
        self.assertEqual(self.judge([delivery("a", 1037.5, 1038.0)], [kill], gaps, plays)["false_alerts"], 1)

    def test_a_dead_camera_sends_nothing_and_its_outage_must_be_known(self):
        kill = {"camera": "a", "kind": "kill", "from": 1005.0, "to": 1030.0}
        plays = {"a": [(1000.0, 0.0), (1031.0, 0.0)]}
        answer = self.judge([delivery("a", 1041.4, 1042.0)], [kill], plays=plays)
        self.assertEqual((answer["events"], answer["found"]), (1, 1))
        self.assertEqual(answer["outages_not_in_ledger"], [kill])
        self.assertEqual(self.judge([], [kill], [(1005.5, 1031.5, "lost")], plays)["outages_not_in_ledger"], [])

    def test_a_stall_need_not_be_a_gap(self):
        stall = {"camera": "a", "kind": "stall", "from": 1005.0, "to": 1030.0}
        self.assertEqual(self.judge([], [stall])["outages_not_in_ledger"], [])


class Latency(unittest.TestCase):
    def test_a_part_of_the_cameras_is_taken_at_even_distances(self):
        names = [f"c{n}" for n in range(8)]
        self.assertEqual(scaling.spread(names, 1), ["c0"])
        self.assertEqual(scaling.spread(names, 3), ["c0", "c2", "c5"])
        self.assertEqual(scaling.spread(names, 8), names)

    def test_from_the_number_in_the_deciding_picture_to_the_answer(self):
        # Camera a began at 1000.0 with place 30 of its 40 s: picture 250 (10 s) was sent at 1020.0, and 40 s later again.
        server = SimpleNamespace(plays={"a": [(1000.0, 30.0)], "b": [(1000.0, 0.0), (1030.0, 0.0)]}, lengths={"a": 40.0, "b": 40.0})
        told = [(*delivery(camera, 1019.0, answered, state=state)[:2], {"evidence": [{"kind": "annotated", "path": "no"}, {"kind": "clean", "path": path}]})
                for camera, answered, state, path in (("a", 1020.2, "opened", "250"), ("a", 1060.3, "opened", "250"), ("a", 1060.3, "closed", "250"),
                                                      ("b", 1060.3, "opened", "250"), ("a", 1200.0, "opened", "250"), ("a", 1020.2, "opened", "none"))]
        found, unread = scaling.latencies(told, server, {"250": 250}.get, 1000, 1100)
        self.assertEqual([round(value, 3) for value in found], [0.2, 0.3])
        self.assertEqual(unread, ["none"])

    def test_numbers_are_read_as_they_are_drawn_or_not_at_all(self):
        for number in (0, 1, 250, 499, 511):
            levels = [200 if is_white else 50 for is_white in marks.cells(number)]
            self.assertEqual(marks.number_of(levels), number)
            for place in range(len(levels)):
                self.assertIsNone(marks.number_of([*levels[:place], 120, *levels[place + 1:]]), "neither white nor black")
                self.assertNotEqual(marks.number_of([*levels[:place], 250 - levels[place], *levels[place + 1:]]), number)
        self.assertIsNone(marks.number_of([]))
        self.assertRaises(ValueError, marks.cells, 512)

    def test_alerts_of_a_camera_on_its_own_clock(self):
        told = systems.alerts_of([delivery("a", 50.0, 51.0), delivery("a", 50.0, 52.0, state="updated"), delivery("b", 50.0, 51.0)], "a", 2.0)
        self.assertEqual(told, [(48.0, 51.0)])


class Sites(unittest.TestCase):
    def test_strict_says_nothing_and_dense_says_it_for_every_class(self):
        with tempfile.TemporaryDirectory() as folder:
            for mode, expected in (("strict", False), ("dense", True)):
                with open(systems.write_site(folder, [("a", "rtsp://127.0.0.1:9/a")], 1, 2, mode), encoding="utf-8") as text:
                    self.assertEqual("decode: { A: dense, B: dense, C: dense }" in text.read(), expected)


class Results(unittest.TestCase):
    ROWS = [row("ffmpeg", 0.036), row("ffmpeg", 0.038, number=2), row("ffmpeg", 0.034, number=3), row("keyframes", 0.001),
            row("dense", 0.004, recall=0.5, false_alerts=3), row("dense", 0.008, activity=0.05, recall=0.75, false_alerts=1)]
    RECALL = {"dense": {"size": "704x576", "gop": 50, "events": 28, "recall": 0.9643, "false_alerts": 0}}

    def test_a_line_is_what_scripts_read(self):
        lines = list(results.lines(self.ROWS, self.RECALL))
        self.assertEqual(lines[0], {"system": "ffmpeg", "size": "704x576", "gop": 50, "activity": 0.01, "cpu_per_stream_s": 0.036, "events": 2,
                                    "recall": None, "false_alerts": None})
        self.assertEqual([line["system"] for line in lines], ["ffmpeg", "dense", "dense"], "what only shows the limit is no result")
        self.assertEqual([(line["events"], line["recall"], line["false_alerts"]) for line in lines[1:]], [(28, 0.9643, 0)] * 2)

    def test_recall_of_another_size_is_not_this_ones(self):
        lines = list(results.lines(self.ROWS[-1:], {"dense": {**self.RECALL["dense"], "gop": 25}}))
        self.assertEqual((lines[0]["recall"], lines[0]["false_alerts"]), (0.75, 1))

    def test_json_is_a_line_each_and_nothing_else(self):
        lines, out = list(results.lines(self.ROWS, {})), io.StringIO()
        results.show(lines, out, True)
        self.assertEqual([json.loads(line) for line in out.getvalue().splitlines()], lines)
        out = io.StringIO()
        results.show(lines, out, False)
        self.assertEqual(len(out.getvalue().splitlines()), 1 + len(lines))
        self.assertIn("27.8", out.getvalue(), "cameras a core")

    def test_what_is_missing_is_named_with_2_and_no_line_is_printed(self):
        with tempfile.TemporaryDirectory() as folder:
            program = os.path.join(HERE, "density.py")
            ended = subprocess.run([sys.executable, program, "--quick", "--json", "--corpus", os.path.join(folder, "none"), "--work", folder],
                                   capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
        self.assertEqual((ended.returncode, ended.stdout), (2, ""), ended.stderr)
        self.assertIn("missing" if "Python" in ended.stderr else "no annotated footage", ended.stderr)


class Readings(unittest.TestCase):
    def test_own_processor_time_rises(self):
        before = readings.tree_cpu([os.getpid()])
        deadline = before + 0.05
        while readings.tree_cpu([os.getpid()]) < deadline:
            pass
        self.assertGreater(readings.tree_cpu([os.getpid()]), before)
        self.assertEqual(readings.tree_cpu([]), 0)


class Records(unittest.TestCase):
    content = {
        "machine": {"started": "2026-01-02T03:04:05Z", "processor": "Test 9000", "processors": 2, "kernel": "6.1", "system": "Debian", "load_average": 0.1, "is_quiet": True, "commit": "abc"},
        "command": "snowline-bench density", "seconds": 10, "problems": [],
        "rows": [row("keyframes", 0.004), row("ffmpeg", 0.035), row("motion", 0.06, kept=0.6), row("strict", 0.036, delays_s=[0.2, 0.4], recall=1.0, false_alerts=0),
                 row("dense", 0.005, delays_s=[1.0], recall=0.5, false_alerts=0)],
        "recalls": {"dense": {"events": 112, "found": 111, "recall": 0.9911, "false_alerts": 0, "within_s": 2.5, "missed": ["recall_01 at 3.0 s"], "seeds": [1, 2], "size": "704x576", "gop": 50}},
        "latency": [{"system": "strict", "cameras": 30, "machine_busy": 0.7, "alerts": 100, "p50_ms": 80, "p95_ms": 120, "p99_ms": 150, "most_ms": 200}],
        "curve": [{"system": "dense", "cameras": n, "cores": 0.005 * n, "machine_busy": 0.2 if n < 64 else 1.0, "kept": 1.0, "rss_mib": 10 * n} for n in (1, 16, 64)],
    }

    def test_every_figure_is_in_the_text(self):
        text = record.markdown(self.content)
        for part in ("35.00 (29)", "1/7.0", "1/12.0", "0.60", "+1.00", "0.9911", "recall_01 at 3.0 s", "| 150 |", "As wanted", "Not kept up with", "0.320"):
            self.assertIn(part, text)

    def test_the_plot_is_a_picture_with_hollow_points_where_it_bends(self):
        drawn = record.curve_svg(self.content["curve"], "caption")
        xml.etree.ElementTree.parse(io.StringIO(drawn))
        self.assertEqual(drawn.count("<circle"), 3)
        self.assertEqual(drawn.count('r="4" fill="#ffffff"'), 1)

    def test_a_part_that_did_not_run_keeps_its_figures(self):
        with tempfile.TemporaryDirectory() as folder:
            record.write(folder, self.content)
            record.write(folder, {**self.content, "rows": [], "curve": [], "latency": [{**self.content["latency"][0], "p99_ms": 333}]})
            with open(os.path.join(folder, "density.json"), encoding="utf-8") as text:
                kept = json.load(text)
            self.assertEqual((len(kept["rows"]), len(kept["curve"]), kept["latency"][0]["p99_ms"]), (5, 3, 333))
            self.assertEqual(set(kept["taken"]), {"rows", "recalls", "latency", "curve"})
            self.assertTrue(os.path.exists(os.path.join(folder, "cameras.svg")))

    def test_what_is_measured_again_takes_the_place_of_that_alone_and_is_compared_with_its_own_run(self):
        later = {**self.content["machine"], "started": "2026-01-03T03:04:05Z", "commit": "later"}
        again = [row("strict", 0.040), row("ffmpeg", 0.030, activity=0.05), row("strict", 0.033, activity=0.05)]
        with tempfile.TemporaryDirectory() as folder:
            record.write(folder, self.content)
            record.write(folder, {**self.content, "machine": later, "rows": again})
            with open(os.path.join(folder, "density.json"), encoding="utf-8") as text:
                rows = json.load(text)["rows"]
            with open(os.path.join(folder, "README.md"), encoding="utf-8") as text:
                told = text.read()
        self.assertEqual({(r["system"], r["activity"]): (r["cpu_per_stream_s"], r["commit"]) for r in rows if r["system"] in ("strict", "ffmpeg")},
                         {("ffmpeg", 0.01): (0.035, "abc"), ("strict", 0.01): (0.040, "later"), ("ffmpeg", 0.05): (0.030, "later"), ("strict", 0.05): (0.033, "later")})
        ratios = {(cell[-1], ours, other): ratio["median"] for (cell, ours, other), ratio in judging.ratios(rows).items()}
        self.assertNotIn((0.01, "strict", "ffmpeg"), ratios, "of two runs")
        self.assertAlmostEqual(ratios[(0.05, "strict", "ffmpeg")], 1.1)
        self.assertIn("Cost was measured in several runs", told)

    def test_the_verdict_is_on_all_that_the_record_holds(self):
        rows = [{**row, "cpu_per_stream_s": 1.0} if row["system"] == "strict" else row for row in self.content["rows"]]
        wanted = judging.problems(rows, {})
        self.assertTrue(wanted, "a strict that costs a core is worse than wanted")
        with tempfile.TemporaryDirectory() as folder:
            record.write(folder, {**self.content, "rows": rows})
            later = {**self.content["machine"], "started": "2031-01-01T00:00:00Z", "commit": "later"}
            record.write(folder, {**self.content, "machine": later, "rows": [], "problems": ["a stream was lost"]})
            with open(os.path.join(folder, "README.md"), encoding="utf-8") as text:
                told = text.read()
        for problem in [*wanted, "a stream was lost"]:
            self.assertIn(f"- {problem}", told)
        self.assertNotIn("As wanted.", told)
        self.assertIn("Not all figures are of one run", told)


if __name__ == "__main__":
    unittest.main()
