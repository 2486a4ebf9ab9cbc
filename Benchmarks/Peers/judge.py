"""What the figures of a benchmark run come to: ratios, the best peer, and whether a target is missed. Pure functions."""
import statistics

BEST_MASK_PEERS = ("MOG2", "KNN", "CNT")
TARGETS = {
    "vision_ms": 0.35,  # CPU a picture of 704x576
    "mask_mean_f": 0.82,
    "macro_f1": 0.95,
    "f1": 0.92,
    "median_delay_s": 0.5,
    "variant_macro_f1": 0.90,
}


def spread(values):
    """Median and range of one figure over the rounds."""
    return {"median": statistics.median(values), "least": min(values), "most": max(values), "rounds": list(values)}


def ratios(ours, peers):
    """How many times a peer's figure is ours, round by round, so that a busy neighbour troubles both sides.

    `ours` is a figure a round, `peers` such a list by name; rounds pair up in order. A peer may have fewer rounds (those
    that take a minute each): its rounds are then set against ours of the same number.
    """
    answer = {}
    for name, values in peers.items():
        pairs = list(zip(values, ours))
        if not pairs:
            raise ValueError(f"{name}: no round")
        answer[name] = spread([theirs / mine for theirs, mine in pairs])
    return answer


def mask_table(ours, peers):
    """A row for each sequence: our F, every peer's, the best peer's name and F, and by how much we are above it.

    `ours` is F by sequence; `peers` such a mapping by name (`KNN`, `KNN median5`). Only those that begin with the name
    of a rival count as best.
    """
    rows = []
    for name in sorted(ours):
        lacking = [peer for peer, scores in peers.items() if name not in scores]
        if lacking:
            raise ValueError(f"{name}: no score of {', '.join(lacking)}")
        rivals = {peer: scores[name] for peer, scores in peers.items() if peer.split()[0] in BEST_MASK_PEERS}
        best = max(sorted(rivals), key=rivals.get)
        rows.append({
            "sequence": name, "snowline": ours[name], "peers": {peer: scores[name] for peer, scores in peers.items()},
            "best_peer": best, "best_peer_f": rivals[best], "margin": round(ours[name] - rivals[best], 4),
        })
    return rows


def mean(values):
    values = list(values)
    return sum(values) / len(values)


def mask_problems(rows):
    problems = [
        f"masks: {row['sequence']}: F {row['snowline']:.3f} is below {row['best_peer']} ({row['best_peer_f']:.3f})"
        for row in rows if row["margin"] < 0
    ]
    average = mean(row["snowline"] for row in rows)
    if average < TARGETS["mask_mean_f"]:
        problems.append(f"masks: mean F {average:.4f} is below {TARGETS['mask_mean_f']}")
    return problems


def event_problems(total):
    problems = [
        f"events: {key} {total[key]} is below {TARGETS[key]}" for key in ("macro_f1", "f1") if total[key] < TARGETS[key]
    ]
    if total["control_zone_alerts"]:
        problems.append(f"events: {total['control_zone_alerts']} alerts in control zones; none is allowed")
    delay = total["median_delay_s"]
    if delay is None or delay > TARGETS["median_delay_s"]:
        problems.append(f"events: median delay {delay} s is above {TARGETS['median_delay_s']} s")
    return problems


def variant_problems(totals):
    """`totals` is the scorer's total by variant; the footage as it is (`plain`) is judged with the events."""
    return [
        f"variants: {name}: macro_f1 {total['macro_f1']} is below {TARGETS['variant_macro_f1']}"
        for name, total in totals.items() if name != "plain" and total["macro_f1"] < TARGETS["variant_macro_f1"]
    ]


def vision_problems(scenes, rate=25):
    """`scenes` is the cost part's rows; every scene must be within the target, and `motion` must have kept pace."""
    slow = [
        f"vision: {name}: {scene['snowline']['median']:.3f} ms a picture is above {TARGETS['vision_ms']} ms"
        for name, scene in scenes.items() if scene["snowline"]["median"] > TARGETS["vision_ms"]
    ]
    # A starved motion skips pictures and looks cheap: its figure is by the pictures that it should have analysed.
    starved = [
        f"vision: {name}: motion analysed {scene['motion']['analyses_a_second']} pictures a second of {rate}; "
        "its figures are too low, measure again on a quiet machine"
        for name, scene in scenes.items() if "motion" in scene and scene["motion"]["analyses_a_second"] < 0.9 * rate
    ]
    return slow + starved
