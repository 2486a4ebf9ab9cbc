"""Whether every event of a stream that was interrupted is accounted for. Pure, but for the shapes of its arguments."""
import judging
from systems import alerts_of

GRACE_S = 1.5  # an event beside a gap of the ledger: how near counts as in it
OUTAGE_S = 5  # a longer one of a dead camera must be a gap


def passages(server, faults, name, until):
    """(person as a dict of wall times, when the sending began, when it ended) of everybody in what a camera sent: a killed camera's stream ends there."""
    kills = [outage["from"] for outage in faults.outages if outage["camera"] == name and outage["kind"] == "kill"]
    found = []
    for number, (wall, from_s) in enumerate(server.plays.get(name, [])):
        later = [kill for kill in kills if kill > wall]
        following = [other for other, _ in server.plays[name][number + 1:]]
        end = min([until, *later[:1], *following[:1]])
        loop = 0
        while (shift := wall + loop * server.lengths[name] - from_s) < end:
            found += [({key: truth[key] + shift for key in truth}, wall, end) for truth in server.truths[name]]
            loop += 1
    return found


def inserted(server, faults, name, until):
    """Events of a camera that were sent from the person's coming until the feet were out of the fence."""
    return [event for event, begin, end in passages(server, faults, name, until) if is_whole(event, begin, end)]


def is_whole(event, begin, end):
    return event["appears_s"] >= begin and event["end_s"] < end


def is_somebody_there(dated, people):
    """Whether a person was in what was sent then who was in the picture already when it began, or still when it ended: no event, and no false alert either."""
    return any(not is_whole(person, begin, end) and max(person["appears_s"], begin) - GRACE_S <= dated <= min(person["gone_s"], end) + GRACE_S
               for person, begin, end in people)


def is_in_gap(event, gaps, within):
    """Whether the ledger says the fence was blind when the person came in, or for most of the time until it had to be known."""
    begin, end = event["start_s"], min(event["end_s"], event["start_s"] + within)
    return any(since - GRACE_S <= end and begin <= until + GRACE_S for since, until, _ in gaps)


def judge(server, faults, deliveries, gaps, begin, until, within):
    """Every event that ended before `until`: found, in a gap of the ledger, told with a wrong date, or lost."""
    counts = {"events": 0, "found": 0, "late": 0, "in_gap": 0}
    lost, misdated, unseen, false = [], [], [], []
    for name in faults.names:
        events, alerts = inserted(server, faults, name, until + 60), alerts_of(deliveries, name)
        known, wrong = judging.match(events, alerts, float("inf"))
        wrong = [dated for dated in wrong if begin <= dated < until]
        for event, delay in zip(events, known):
            if event["start_s"] < begin or event["end_s"] >= until:
                continue
            counts["events"] += 1
            stray = next((dated for dated, told in alerts if dated in wrong and event["start_s"] <= told <= event["gone_s"] + within), None)
            if delay is not None:
                counts["found"] += 1
                counts["late"] += delay > within
            elif is_in_gap(event, gaps.get(name, []), within):
                counts["in_gap"] += 1
            elif stray is not None:
                wrong.remove(stray)
                misdated.append({"camera": name, "off_s": round(stray - event["start_s"], 2)})
            else:
                lost.append({"camera": name, **{key: round(value, 2) for key, value in event.items()}})
        away = [(outage["from"] - 2, outage["to"] + 6) for outage in faults.outages if outage["camera"] == name]
        people = passages(server, faults, name, until + 60)
        false += [{"camera": name, "dated": dated} for dated in wrong if not any(since <= dated <= to for since, to in away) and not is_somebody_there(dated, people)]
    for outage in faults.outages:
        # What a stalled camera held back comes later, with its own stamps: nothing is missing there.
        if outage["kind"] == "kill" and outage["to"] - outage["from"] > OUTAGE_S and not any(
                since < outage["to"] and outage["from"] < to for since, to, _ in gaps.get(outage["camera"], [])):
            unseen.append(outage)
    return {**counts, "misdated": misdated, "lost": lost, "outages": len(faults.outages), "outages_not_in_ledger": unseen, "false_alerts": len(false), "false": false}
