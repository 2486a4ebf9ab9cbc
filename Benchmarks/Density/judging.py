"""Events found, alerts that are false, ratios and targets. Pure functions."""
import statistics

STRICT_LIMIT_S = 1.0
EARLY_S, LATE_S = 1.0, 1.0  # an alert may be dated so long before the feet are inside, and so long after the person is gone
TARGETS = [  # (system, other, size, activity, at most)
    ("strict", "ffmpeg", None, None, 1.10),
    ("strict", "motion", None, None, 0.75),
    ("dense", "motion", "704x576", 0.01, 1 / 12),
    ("dense", "ffmpeg", "704x576", 0.01, 1 / 7),
    ("dense", "ffmpeg", "1920x1080", 0.01, 1 / 8),
    ("dense", "ffmpeg", None, 0.05, 1 / 5),
]
CORPUS_APART = 0.02
FULL = 0.95
LATENCY_P99_MS = 400
RECALL_TARGETS = {"strict": 0.99, "dense": 0.98}


def limit(system, gop, rate=25):
    """Seconds within which an event must be found."""
    return STRICT_LIMIT_S if system == "strict" else gop / rate + 0.5


def match(events, alerts, within):
    """Events found and alerts that belong to none.

    `events` are dicts of appears_s, start_s, gone_s; `alerts` are (dated, told) pairs: what moment the alert is about and when
    it was known. Found: an alert about the event is known no later than `within` after the start. Gives
    (delays by event or None, false alerts).
    """
    delays, false = [None] * len(events), []
    for dated, told in alerts:
        near = [n for n, event in enumerate(events) if event["appears_s"] - EARLY_S <= dated <= event["gone_s"] + LATE_S]
        if not near:
            false.append(dated)
        for n in near:
            delay = told - events[n]["start_s"]
            if delays[n] is None or delay < delays[n]:
                delays[n] = delay
    return [delay if delay is not None and delay <= within else None for delay in delays], false


def overlap(events, begin, end):
    """Seconds of the window in which somebody is in the picture."""
    return sum(max(0.0, min(event["gone_s"], end) - max(event["appears_s"], begin)) for event in events)


def percentile(values, share):
    """Nearest rank, so that it is a value that was measured."""
    ordered = sorted(values)
    return ordered[max(0, -(-int(share * len(ordered) * 1000) // 1000) - 1)] if ordered else None


def cell_of(row):
    return tuple(row[key] for key in ("size", "gop", "codec", "control", "activity"))


def ratios(rows):
    """By cell and pair of systems: the ratio of every round, both of the same round of the same run, and their median."""
    by_round = {}
    for row in rows:
        by_round.setdefault((cell_of(row), row["round"], row.get("measured")), {})[row["system"]] = row["cpu_per_stream_s"]
    answer = {}
    for (cell, *_), figures in by_round.items():
        for ours in ("strict", "dense"):
            for other in ("ffmpeg", "motion", "opencv"):
                if figures.get(ours) and figures.get(other):
                    answer.setdefault((cell, ours, other), []).append(figures[ours] / figures[other])
    return {key: {"median": statistics.median(values), "rounds": values} for key, values in answer.items()}


def is_full(point):
    """Whether the machine was full at this number of cameras: snowlined does less then, though it still receives everything."""
    return point["machine_busy"] > FULL


def problems(rows, recalls, latencies=()):
    """What is worse than wanted; only H.264, CBR, GOP 50 binds."""
    found = []
    for (cell, ours, other), ratio in ratios(rows).items():
        size, gop, codec, control, activity = cell
        if (gop, codec, control) != (50, "h264", "cbr"):
            continue
        for system, peer, at_size, at_activity, most in TARGETS:
            if (system, peer) == (ours, other) and at_size in (None, size) and at_activity in (None, activity) and ratio["median"] > most:
                found.append(f"{ours} at {size}, activity {activity:.0%}, is {ratio['median']:.3f} × {other}; at most {most:.3f} is wanted")
    for system, recall in recalls.items():
        if recall["recall"] is not None and recall["recall"] < RECALL_TARGETS[system]:
            found.append(f"{system} finds {recall['recall']:.3f} of {recall['events']} events within {recall['within_s']} s; {RECALL_TARGETS[system]} is wanted")
    found += [f"strict: 99 % of the alerts are acknowledged within {answer['p99_ms']} ms; {LATENCY_P99_MS} is wanted"
              for answer in latencies if answer["system"] == "strict" and answer["p99_ms"] > LATENCY_P99_MS]
    corpus = {mode: recalls[mode]["corpus"]["macro_f1"] for mode in ("strict", "dense") if "corpus" in recalls.get(mode, {})}
    if len(corpus) == 2 and abs(corpus["dense"] - corpus["strict"]) > CORPUS_APART:
        found.append(f"macro_f1 of the annotated footage is {corpus['dense']} dense and {corpus['strict']} strict; at most {CORPUS_APART} apart is wanted")
    if recalls.keys() >= {"strict", "dense"} and recalls["dense"]["false_alerts"] > recalls["strict"]["false_alerts"]:
        found.append(f"dense raises {recalls['dense']['false_alerts']} false alerts, strict {recalls['strict']['false_alerts']}")
    return found
