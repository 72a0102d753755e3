"""What each shipped incident must show in its `summary.json`, on paper and on the wire.

Played faster than it is written for (CI's 40 seconds), a few seconds of run are left before the
outage and in each stage of recovery: what needs more of them is then left out.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from loadtests.diagnosis.interval import wilson

Summary = Mapping[str, Any]
MINUTE = 60.0
HOUR = 3600.0
LONG = 120.0  # seconds of run
ENDS = (
    "in_time", "started_late", "refused", "left_waiting", "never_started",
    "served", "turned_away", "unserved", "still_starting",
)  # fmt: skip
SPARED = {"brussels": 0.30, "flemish_brabant": 0.25, "rest_of_flanders": 0.03, "wallonia": 0.03}


Checks = Iterator[tuple[str, bool]]


def problems(summary: Summary) -> list[str]:
    """What is not as the incident's mechanism promises; empty if all is."""
    checks = [*_any(summary), *CHECKS[summary["scenario"]](summary)]
    if summary["duration"] > LONG:
        checks += LONGER.get(summary["scenario"], _nothing)(summary)
    return [problem for problem, fine in checks if not fine]


def _nothing(_summary: Summary) -> Checks:
    yield from ()


def _any(summary: Summary) -> Checks:
    viewers = summary["viewers"]
    yield "viewers do not add up", viewers["arrived"] == sum(viewers[end] for end in ENDS)
    affected = summary["incident"]["affected"]
    assumed = affected["assumptions"]
    yield "the affected are not scaled with their assumptions", bool(assumed)


def _netflix_outage(summary: Summary) -> Checks:
    recovery = summary["incident"]["recovery"]
    yield f"recovery unknown: {recovery}", recovery is not None
    if recovery is not None:
        last = recovery["last_failure"]
        yield f"not everything failed: {recovery['worst']}", recovery["worst"] > 0.9
        yield f"nobody failed after the end: {last}", 95 <= last / MINUTE <= 140
    yield from _stages(summary)
    yield from _signing_in_again(summary)
    yield "policy has no part in it", not summary["policies"]


def _netflix_outage_in_full(summary: Summary) -> Checks:
    incident = summary["incident"]
    onset, recovery = incident["onset"], incident["recovery"]
    yield f"errors did not come first: {onset}", (onset or {}).get("errors_first") is True
    if recovery is not None:
        half, ninety = recovery["half"], recovery["ninety"]
        yield f"half back at {half}", half is not None and 68 <= half / MINUTE <= 92
        yield f"nine tenths back at {ninety}", ninety is not None and half < ninety <= 110 * MINUTE
    yield "no black screens scaled", incident["affected"]["black_screens"] is not None
    late = _joined(summary, 95 * MINUTE, 125 * MINUTE)
    yield f"after the end not a minority fails: {late}", 0 < late[0] <= 0.15 * late[1]


def _stages(summary: Summary) -> Checks:
    before, during = _joined(summary, -600, 0), _joined(summary, 5 * MINUTE, 60 * MINUTE)
    coming_back = _joined(summary, 74 * MINUTE, 86 * MINUTE)
    back = _joined(summary, 96 * MINUTE, 125 * MINUTE)
    shares = [_share(part) for part in (during, coming_back, back, before)]
    yield f"no stages of recovery: {shares}", sorted(shares, reverse=True) == shares
    yield f"nobody failed during the outage: {during}", shares[0] > 0.8


def _signing_in_again(summary: Summary) -> Checks:
    again = [(part["start"], part["facts"].get("signed_in_again", 0)) for part in summary["course"]]
    before = sum(n for start, n in again if start < 65 * MINUTE)
    wave = sum(n for start, n in again if 65 * MINUTE <= start <= 100 * MINUTE)
    yield f"no wave of signing in again: {before} before, {wave} in it", wave > 100 > 10 * before


def _proximus_datacentre(summary: Summary) -> Checks:
    incident = summary["incident"]
    last = max((step["until"] or 16 * HOUR for step in incident["failing"]), default=0)
    yield f"no long tail: the last failure at {last / HOUR:.1f} h", last >= 12 * HOUR
    boxes = [c for c in summary["cohorts"] if c["traits"] == "unplugged" and c["purpose"] == "boot"]
    decided, black = sum(c["decided"] for c in boxes), sum(c["black"] for c in boxes)
    yield f"unplugged boxes start: {black} of {decided} fail", black > 0.5 * decided > 10
    register = summary["requests"]["by_step"].get("register", {"outcomes": {}})["outcomes"]
    yield f"nobody migrated in the end: {register}", register.get("ok", 0) > 0
    website = summary["requests"]["by_step"].get("website", {"outcomes": {}})["outcomes"]
    yield f"the web site held: {website}", website.get("overload", 0) > 0 < website.get("ok", 0)


def _proximus_datacentre_in_full(summary: Summary) -> Checks:
    onset = summary["incident"]["onset"] or {}
    yield f"the outage followed the load: {onset}", onset.get("errors_first") is True
    spared = _regions(summary, 10 * MINUTE, 85 * MINUTE)
    for region, share in SPARED.items():
        in_time, decided = spared.get(region, (0, 0))
        low, high = wilson(in_time, decided)
        fits = low - 0.02 <= share <= high + 0.02
        yield f"{region}: {in_time} of {decided} were spared, not {share:.0%}", decided > 0 and fits
    good, all_ = map(sum, zip(*_regions(summary, -90 * MINUTE, -15 * MINUTE).values(), strict=True))
    yield f"before, {all_ - good} of {all_} failed", all_ - good <= 0.02 * all_
    support = summary["support"]
    yield f"no support load: {support}", support is not None and support["blocked"] > 0


def _offline_downloads(summary: Summary) -> Checks:
    facts = summary["facts"]
    first, later = facts.get("first_renewal_granted", 0), facts.get("later_renewal_refused", 0)
    yield f"hardly any renewals: {first}, {later}", first > 30 < later
    yield "a first renewal was refused", facts.get("first_renewal_refused", 0) == 0
    yield "a later renewal was granted", facts.get("later_renewal_granted", 0) == 0
    yield "the last renewal came without a warning", facts.get("warned", 0) == first
    codes = {(p["step"], p["code"]): p["count"] for p in summary["policies"]}
    refused = codes.get(("renewal", "download_limit_reached"), 0)
    # a request answered in the run's last moments may be told to nobody any more
    yield f"refusals and their code differ: {refused}, {later}", later <= refused <= later + 3
    yield "no rooted device was refused", codes.get(("download", "restricted_device"), 0) > 0
    renewal = summary["requests"]["by_step"]["renewal"]["outcomes"]
    failed = set(renewal) - {"ok", "policy", "canceled"}
    yield f"renewals failed: {renewal}", not failed
    scaled = [r["code"] for r in summary["incident"]["refusals"]]
    yield f"refusals are not scaled: {scaled}", "download_limit_reached" in scaled


def _password_sharing(summary: Summary) -> Checks:
    watching = [c for c in summary["cohorts"] if c["purpose"] == "watch"]
    inside = [c for c in watching if not c["traits"]]
    outside = [c for c in watching if c["traits"] == "outside"]
    decided, black = sum(c["decided"] for c in inside), sum(c["black"] for c in inside)
    refused = sum(c["ends"].get("refused", 0) for c in inside)
    # two in a hundred leave, in each variant, before anything could come
    yield f"inside something changed: {black} of {decided}", black <= 0.02 * decided
    yield f"inside {refused} were refused", refused == 0
    kept_out = sum(c["ends"].get("refused", 0) for c in outside)
    codes = {p["code"] for p in summary["policies"]}
    if summary["variant"] == "before":
        yield f"outside {kept_out} were refused before the rule", kept_out == 0 and not codes
        return
    yield f"outside hardly anybody was refused: {kept_out}", kept_out > 20
    yield f"other codes than the household's: {codes}", codes == {"not_in_household"}
    yield "nobody entered a code", summary["facts"].get("verified", 0) > 0
    support = summary["support"] or {"calls": 0, "blocked": 0}
    if summary["variant"] == "b":
        yield f"the desk was not overrun: {support}", support["blocked"] > 0.1 * support["calls"]
    else:
        yield f"the desk did not hold: {support}", support["blocked"] <= 0.02 * support["calls"]


def _joined(summary: Summary, start: float, stop: float) -> tuple[int, int]:
    """Black screens and decided viewers of those who joined from `start` to `stop`."""
    parts = [p for p in summary["course"] if p["start"] >= start and p["stop"] <= stop]
    return sum(p["black"] for p in parts), sum(p["decided"] for p in parts)


def _share(counts: tuple[int, int]) -> float:
    return counts[0] / counts[1] if counts[1] else 0.0


def _regions(summary: Summary, start: float, stop: float) -> dict[str, tuple[int, int]]:
    """Viewers in time and decided, by region, of those who joined from `start` to `stop`."""
    counted: dict[str, tuple[int, int]] = {}
    for part in summary["course"]:
        if part["start"] >= start and part["stop"] <= stop:
            for one in part["regions"]:
                in_time, decided = counted.get(one["region"], (0, 0))
                good = one["decided"] - one["black"]
                counted[one["region"]] = in_time + good, decided + one["decided"]
    return counted


CHECKS: Mapping[str, Callable[[Summary], Checks]] = {
    "netflix-outage": _netflix_outage,
    "proximus-datacentre": _proximus_datacentre,
    "offline-downloads": _offline_downloads,
    "password-sharing": _password_sharing,
}
"""What each must show; psg-juventus has its own, in expect_rehearsal."""

LONGER: Mapping[str, Callable[[Summary], Checks]] = {
    "netflix-outage": _netflix_outage_in_full,
    "proximus-datacentre": _proximus_datacentre_in_full,
}
"""What each must show besides when it is played in full."""
