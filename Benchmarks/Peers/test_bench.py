#!/usr/bin/env python3
"""Tests of the benchmarks' judgement, tables, plot and motion readings, with made-up figures: python3 Benchmarks/Peers/test_bench.py"""
import contextlib
import io
import json
import os
import sys
import tempfile
import unittest
import xml.etree.ElementTree
from unittest import mock

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, os.path.join(ROOT, "scripts")]
import bench  # noqa: E402
import clips  # noqa: E402
import cost  # noqa: E402
import judge  # noqa: E402
import machine  # noqa: E402
import motion_cpu  # noqa: E402
import plot  # noqa: E402
import quality  # noqa: E402
import summary  # noqa: E402
from processes import RunFailure  # noqa: E402

MACHINE = {"started": "2026-01-02T03:04:05Z", "processor": "Test 9000 (family 1, model 2)", "processors": 2, "kernel": "6.1", "system": "Debian",
           "load_average": 0.1, "is_quiet": True, "commit": "abc1234", "versions": {"ffmpeg": "ffmpeg version 5", "motion": "4.5.1-2", "swift": ""}}


def scores(**values):
    return {"a_one": 0.9, "b_two": 0.8, **values}


def mask_peers(**changes):
    peers = {name: scores() for name in quality.MASK_PEERS}
    peers.update(changes)
    return peers


def scene(ours=(0.2, 0.25, 0.22), **peers):
    peers = peers or {"CNT": [3.0, 3.1, 2.9], "motion, despeckle EedDl": [1.0]}
    row = {"median_ms": 0.2, "p95_ms": 0.4, "stages_ms": {"downsample": 0.1, "tracks": 0.1}, "tracks": 7, "digest": "1", "set": "avx2",
           "sets_agree": ["avx2", "baseline"], "warm_up": 50, "pictures": 500}
    return cost.summary({"snowline": list(ours), "peers": peers, "digests": {"1"}, "last": row})


def totals(**changes):
    return {"macro_f1": 0.97, "f1": 0.95, "recall": 0.9, "precision": 1.0, "control_zone_alerts": 0, "false": 0, "median_delay_s": 0.1, "p95_delay_s": 0.4, **changes}


class Ratios(unittest.TestCase):
    def test_rounds_pair_up(self):
        found = judge.ratios([0.2, 0.4, 0.1], {"slow": [2.0, 2.0, 2.0], "short": [1.0]})
        self.assertEqual(found["slow"]["median"], 10)
        self.assertEqual((found["slow"]["least"], found["slow"]["most"]), (5, 20))
        self.assertEqual(found["short"]["rounds"], [5])

    def test_a_peer_without_a_round_is_refused(self):
        with self.assertRaises(ValueError):
            judge.ratios([0.2], {"none": []})

    def test_spread(self):
        self.assertEqual(judge.spread([3, 1, 2]), {"median": 2, "least": 1, "most": 3, "rounds": [3, 1, 2]})


class Masks(unittest.TestCase):
    def test_the_best_peer_counts_raw_or_median(self):
        rows = judge.mask_table(scores(), mask_peers(**{"KNN median5": scores(a_one=0.95), "CNT": scores(b_two=0.85)}))
        self.assertEqual([(row["best_peer"], row["margin"]) for row in rows], [("KNN median5", -0.05), ("CNT", -0.05)])

    def test_other_methods_are_shown_but_are_no_rivals(self):
        rows = judge.mask_table(scores(), mask_peers(SuBSENSE=scores(a_one=0.99)))
        self.assertEqual(rows[0]["margin"], 0)
        self.assertEqual(rows[0]["peers"]["SuBSENSE"], 0.99)

    def test_a_sequence_that_a_peer_lacks_is_refused(self):
        with self.assertRaisesRegex(ValueError, "b_two: no score of KNN"):
            judge.mask_table(scores(), mask_peers(KNN={"a_one": 0.9}))

    def test_a_worse_sequence_fails_even_where_the_mean_holds(self):
        rows = judge.mask_table(scores(a_one=0.99), mask_peers(**{"MOG2": scores(b_two=0.81)}))
        self.assertEqual(len(judge.mask_problems(rows)), 1)
        self.assertIn("b_two", judge.mask_problems(rows)[0])

    def test_a_low_mean_fails_even_where_every_sequence_is_best(self):
        ours = {"a_one": 0.81, "b_two": 0.81}
        rows = judge.mask_table(ours, {name: {"a_one": 0.5, "b_two": 0.5} for name in quality.MASK_PEERS})
        self.assertEqual(judge.mask_problems(rows), ["masks: mean F 0.8100 is below 0.82"])
        exact = judge.mask_table({"a_one": 0.82}, {name: {"a_one": 0.82} for name in quality.MASK_PEERS})
        self.assertEqual(judge.mask_problems(exact), [])


class Thresholds(unittest.TestCase):
    def test_events(self):
        self.assertEqual(judge.event_problems(totals()), [])
        for change in ({"macro_f1": 0.94}, {"f1": 0.91}, {"control_zone_alerts": 1}, {"median_delay_s": 0.51}, {"median_delay_s": None}):
            self.assertEqual(len(judge.event_problems(totals(**change))), 1, change)

    def test_variants_but_not_the_plain_footage(self):
        found = judge.variant_problems({"plain": totals(macro_f1=0.1), "noise": totals(macro_f1=0.89), "fps5": totals(macro_f1=0.9)})
        self.assertEqual(found, ["variants: noise: macro_f1 0.89 is below 0.9"])

    def test_cost(self):
        self.assertEqual(judge.vision_problems({"busy": scene()}), [])
        found = judge.vision_problems({"busy": scene(ours=(0.3, 0.36, 0.37)), "quiet": scene()})
        self.assertEqual(found, ["vision: busy: 0.360 ms a picture is above 0.35 ms"])

    def test_a_starved_motion_is_told(self):
        for rate, count in ((25.0, 0), (22.6, 0), (22.4, 1), (1.1, 1)):
            self.assertEqual(len(judge.vision_problems({"busy": {**scene(), "motion": {"analyses_a_second": rate}}})), count, rate)


class Cost(unittest.TestCase):
    def sides(self, digests, analysed=500):
        rows = iter({"scenes": [{"mean_ms": 0.2, "median_ms": 0.2, "p95_ms": 0.3, "stages_ms": {}, "tracks": 5, "digest": digest, "set": "avx2",
                                 "sets_agree": ["avx2"], "warm_up": 50, "pictures": 500}]} for digest in digests)
        sides = mock.Mock()
        sides.snowline.side_effect = lambda *_: next(rows)
        sides.opencv.return_value = {"alg_ms": 3.0, "analysed": analysed}
        return sides

    def test_sides_take_turns(self):
        sides = self.sides(["1", "1"])
        with contextlib.redirect_stdout(io.StringIO()):
            data = cost.measure_scene("busy", "busy.mp4", sides, 2)
        order = [call[0] for call in sides.method_calls]
        self.assertEqual(order, (["snowline"] + ["opencv"] * len(cost.OPENCV)) * 2)
        self.assertEqual(data["peers"]["CNT"], [3.0, 3.0])

    def test_other_observations_of_the_same_footage_are_refused(self):
        with contextlib.redirect_stdout(io.StringIO()), self.assertRaisesRegex(RunFailure, "different things"):
            cost.measure_scene("busy", "busy.mp4", self.sides(["1", "2"]), 2)

    def test_fewer_pictures_are_refused(self):
        with contextlib.redirect_stdout(io.StringIO()), self.assertRaisesRegex(RunFailure, "analysed 499"):
            cost.measure_scene("busy", "busy.mp4", self.sides(["1"], analysed=499), 1)

    def test_the_decode_floor_is_subtracted_from_the_whole(self):
        row = {"median_ms": 0, "p95_ms": 0, "stages_ms": {}, "tracks": 0, "digest": "1", "set": "avx2", "sets_agree": [], "warm_up": 50, "pictures": 500}
        motion = {"analyses_a_second": 25, "decode_floor_ms": [1.7, 1.9, 1.8], **{name: [{"whole": 3.0}, {"whole": 3.2}, {"whole": 3.1}] for name in cost.MOTION}}
        answer = cost.summary({"snowline": [0.2], "peers": {"CNT": [3.0]}, "last": row, "motion": motion})
        self.assertEqual(set(answer["motion_without_decode_ms"].values()), {1.3})


class Motion(unittest.TestCase):
    DEBIAN = "# comment\ndaemon on\nthreshold 1500\ndespeckle_filter EedDl\nvideo_device /dev/video0\nmovie_output on\n; off\nlog_file /var/log/motion.log\n"

    def lines(self, **changes):
        options = {"despeckle": True, "setup": False, **changes}
        return motion_cpu.configuration(self.DEBIAN, "rtsp://127.0.0.1:1/busy", "704x576", 25, "data", **options)

    def test_debians_settings_stay(self):
        lines = self.lines()
        self.assertIn("threshold 1500", lines)
        self.assertIn("despeckle_filter EedDl", lines)
        for wanted in ("daemon off", "movie_output off", "width 704", "height 576", "framerate 25", "netcam_url rtsp://127.0.0.1:1/busy", "setup_mode off"):
            self.assertEqual(lines.count(wanted), 1, wanted)
        self.assertFalse([line for line in lines if line.startswith(("video_device", "log_file", "movie_output on", "daemon on"))])

    def test_without_despeckle(self):
        self.assertFalse([line for line in self.lines(despeckle=False) if "despeckle" in line])

    def test_a_file_without_the_default_is_refused(self):
        with self.assertRaisesRegex(RunFailure, "despeckle"):
            motion_cpu.configuration("threshold 1500\n", "rtsp://x", "704x576", 25, "data", despeckle=True)

    def test_threads(self):
        threads = {"1": ("motion", 0.5), "2": ("ml1", 2.0), "3": ("nc2", 3.0)}
        self.assertEqual(motion_cpu.split(threads), {"detect": 2.0, "receive": 3.0, "whole": 5.5})
        with self.assertRaisesRegex(RunFailure, "no detect thread"):
            motion_cpu.split({"1": ("motion", 0.5)})

    def test_analyses_are_counted_with_their_repetitions(self):
        log = "connected\nAbove message repeats 9 times\nRaw changes: 5\nRaw changes: 6\nAbove message repeats 3 times\nEnd of event\nAbove message repeats 2 times\nRaw changes: 1\n"
        self.assertEqual(motion_cpu.count_analyses(log), 6)
        self.assertIn("noise_tune off", self.lines(setup=True))
        self.assertNotIn("noise_tune off", self.lines())

    def test_a_thread_that_works_is_read(self):
        before = machine.thread_seconds(os.getpid())[str(os.getpid())][1]
        sum(number * number for number in range(300_000))
        self.assertGreater(machine.thread_seconds(os.getpid())[str(os.getpid())][1], before)


class Cache(unittest.TestCase):
    def test_made_once_and_again_when_a_file_changes(self):
        with tempfile.TemporaryDirectory() as folder:
            footage = os.path.join(folder, "footage")
            made = []

            def ask(content):
                with open(footage, "w", encoding="ascii") as text:
                    text.write(content)
                path = os.path.join(folder, "cache", quality.key(footage, text="KNN 5"))
                return quality.cached(path, lambda: made.append(content) or {"f": len(made)})
            self.assertEqual([ask("one")["f"], ask("one")["f"], ask("two")["f"]], [1, 1, 2])

    def test_peers_and_settings_have_keys_of_their_own(self):
        self.assertNotEqual(quality.key(text="KNN 0"), quality.key(text="KNN 5"))

    def test_the_clips_recipe_names_noise_rate_and_size(self):
        command = " ".join(clips.command("in.mp4", 20, "out.mp4"))
        for wanted in ("fps=25,scale=704:576", "noise=alls=4", "-b:v 1024k", "-g 50", "-bf 0", "-frames:v 500"):
            self.assertIn(wanted, command)
        self.assertLess(command.index("fps=25"), command.index("noise="))


class Record(unittest.TestCase):
    def parts(self):
        rows = judge.mask_table(scores(), mask_peers())
        answer = {
            "vision": {"size": "704x576", "commands": ["snowline-bench vision busy.mp4"], "scenes": {"busy": scene(), "quiet": scene(ours=(0.1, 0.1, 0.1))}},
            "masks": {"rows": rows, "mean_f": 0.85, "peer_mean_f": {name: 0.85 for name in quality.MASK_PEERS}},
            "events": {"snowline": {"total": totals(), "rows": [{"footage": "a", "rule": "gate", "events": 2, "found": 1, "alerts": 1, "false": 0, "extra": 0, "f1": 0.67}]},
                       "peers": {"KNN": {"total": totals(macro_f1=0.8), "rows": []}}},
            "variants": {"totals": {"plain": totals(), "noise": totals()}},
            "kernels": {"rows": [{"kernel": "median", "set": "avx512", "swift_ns": 0.04, "c_ns": 0.1, "twin_ns": 13.0, "swift_instructions": None,
                                  "c_instructions": None, "twin_instructions": 274.0}]},
        }
        return {name: {"machine": MACHINE, "seconds": 3, "problems": [], "result": result} for name, result in answer.items()}

    def test_every_part_is_told(self):
        text = summary.markdown(self.parts())
        for wanted in ("## Cost: 704x576", "| **Snowline** | **0.220 (0.200–0.250)** | 1 |", "| CNT | 3.000 (2.900–3.100) | 13.2 (12.4–15.0) |", "## Masks", "| a_one | **0.900** |",
                       "OpenCV KNN script", "| a | gate | 2 | 1 |", "| noise |", "| median | avx512 |", "abc1234", "![Bars of the tables below](plot.svg)"):
            self.assertIn(wanted, text)
        self.assertNotIn("busy: trust", text)
        for line in text.splitlines():
            if line.startswith("|"):
                self.assertTrue(line.endswith("|"), line)

    def test_a_busy_machine_and_a_miss_are_told(self):
        parts = {"variants": self.parts()["variants"]}
        parts["variants"]["machine"] = {**MACHINE, "is_quiet": False, "load_average": 7.5}
        parts["variants"]["problems"] = ["variants: noise is low"]
        text = summary.markdown(parts)
        self.assertIn("7.5 **busy: trust the ratios only**", text)
        self.assertIn("variants: noise is low", text)
        self.assertNotIn("plot.svg", text)

    def test_the_plot_is_well_formed_and_to_scale(self):
        parts = self.parts()
        drawn = plot.svg(parts["masks"]["result"], parts["vision"]["result"], 0.35, "a < b & c")
        root = xml.etree.ElementTree.fromstring(drawn)
        space = "{http://www.w3.org/2000/svg}"
        bars = {bar.find(space + "title").text: bar for bar in root.iter(space + "rect") if bar.find(space + "title") is not None}
        self.assertAlmostEqual(float(bars["a_one: Snowline 0.900"].get("height")) / float(bars["b_two: Snowline 0.800"].get("height")), 0.9 / 0.8, places=2)
        self.assertIn("13.2 ×", drawn)
        self.assertGreater(float(bars["busy: CNT 3.000 ms"].get("width")), float(bars["busy: Snowline 0.220 ms"].get("width")))
        self.assertIn("a &lt; b &amp; c", drawn)
        self.assertNotIn("href", drawn)

    def test_a_single_part_can_be_drawn(self):
        parts = self.parts()
        for masks, vision in ((parts["masks"]["result"], None), (None, parts["vision"]["result"])):
            xml.etree.ElementTree.fromstring(plot.svg(masks, vision, 0.35, ""))

    def test_a_part_that_ran_before_stays_in_the_record(self):
        with tempfile.TemporaryDirectory() as folder:
            for name, part in self.parts().items():
                with open(os.path.join(folder, name + ".json"), "w", encoding="utf-8") as text:
                    json.dump(part, text)
            self.assertEqual(list(bench.write_record(folder)), list(bench.Parts.names))
            with open(os.path.join(folder, "README.md"), encoding="utf-8") as text:
                self.assertIn("## Pixel kernels", text.read())

    def test_the_folder_is_named_by_the_processor(self):
        self.assertEqual(machine.slug("AMD EPYC (family 25, model 17)"), "amd-epyc")
        self.assertEqual(machine.slug("Intel(R) Xeon(R) CPU @ 2.80GHz (family 6, model 85)"), "intel-xeon")


class Command(unittest.TestCase):
    def run_main(self, *words, parts=None):
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()) as out, mock.patch.object(bench.Parts, "events", parts, create=True), \
                mock.patch.object(sys, "argv", ["bench.py", "--parts", "events", "--settle", "0", "--corpus", folder, "--work", folder, "--record", folder, *words]):
            with self.assertRaises(SystemExit) as ended:
                bench.main()
            return ended.exception.code, out.getvalue(), sorted(os.listdir(folder))

    def test_exit_code_and_record(self):
        result = Record().parts()["events"]["result"]
        code, _, files = self.run_main(parts=lambda _: (result, []))
        self.assertEqual((code, files), (0, ["README.md", "events.json"]))
        code, text, files = self.run_main(parts=lambda _: (result, ["events: f1 is low"]))
        self.assertEqual((code, files), (1, ["README.md", "events.json"]))
        self.assertIn("bench: events: f1 is low", text)

    def test_an_unknown_part_is_refused(self):
        with contextlib.redirect_stderr(io.StringIO()) as said, mock.patch.object(sys, "argv", ["bench.py", "--parts", "events,evnts"]), self.assertRaises(SystemExit):
            bench.arguments()
        self.assertIn("no part evnts", said.getvalue())


if __name__ == "__main__":
    unittest.main()
