"""What the page draws: the timeline as at most some 900 points a line, as plain JSON values.

Points are merged windows, so a percentile over eight seconds is one of the distribution of those
eight seconds, never a percentile of percentiles. `x` is event time: seconds from kick-off.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from loadtests.collect import qoe, requests
from loadtests.collect.distribution import Distribution
from loadtests.collect.timeline import Timeline
from loadtests.collect.window import Window
from loadtests.export import words
from loadtests.export.ends import ENDS
from loadtests.export.summary import FirstFailingStep
from loadtests.scenario.model import Scenario
from loadtests.units import Offset
from loadtests.vocabulary import End, Outcome, Step

POINTS = 900
"""More than a screen has pixels to tell apart, and few enough for two hours in half a megabyte."""

QUANTILES = (("p50", 0.5, "deep"), ("p95", 0.95, "mid"), ("p99", 0.99, "pale"))
INKS = {
    "in_time": "calm",
    "started_late": "amber",
    "left_waiting": "violet",
    "never_started": "alarm",
    "refused": "sky",
    "served": "mid",
    "turned_away": "pale",
    "unserved": "main",
    "still_starting": "faint",
}

ERRANDS = frozenset(end.value for end in End if not end.is_of_a_watcher)
"""Shown only where somebody came on one."""

BARS = 240
"""Bars of a stack; more are thinner than the gap between two."""

Values = list[float | None]


@dataclass(frozen=True, slots=True)
class Point:
    """Some seconds of the run as one: what happened in them, and how things stood at their end."""

    second: int  # the first of them
    seconds: int
    window: Window
    watching: int
    starting: int


@dataclass(frozen=True, slots=True)
class Moment:
    """A line in every chart: something of the evening, or the first failure."""

    at: Offset
    label: str
    failure: bool = False


def moments(scenario: Scenario, first: FirstFailingStep | None) -> list[Moment]:
    """Kick-off, the event's marks within the window and what failed first, in order of time."""
    found = [Moment(mark.at, mark.label) for mark in scenario.event.marks]
    if all(moment.at for moment in found):
        found.append(Moment(0.0, "kick-off"))
    if first:
        found.append(Moment(first.at, f"{first.step} fails", failure=True))
    window = scenario.window
    return sorted((m for m in found if window.start <= m.at <= window.stop), key=lambda m: m.at)


def points(timeline: Timeline, limit: int = POINTS) -> list[Point]:
    """The timeline in at most `limit` points of equally many seconds, the last perhaps of fewer."""
    length = len(timeline)
    width = max(1, math.ceil(length / limit))
    made, watching, starting = [], 0, 0
    for first in range(0, length, width):
        stop = min(first + width, length)
        merged = timeline.between(first, stop)
        watching += qoe.watching(merged)
        starting += qoe.still_starting(merged)
        made.append(Point(first, stop - first, merged, watching, starting))
    return made


def drawing(
    scenario: Scenario,
    total: Window,
    made: list[Point],
    planned: Sequence[float],
    found: list[Moment],
) -> dict[str, Any]:
    """All charts and what they share. `made`: `total` as points; `planned`: arrivals per second."""
    width, minutes = _grouped(total)
    charts = [_joins(made, planned), _viewers(made), _fates(total, width, minutes), _lag(made)]
    if made:
        charts.append(_everything(made))
    for step in steps(total):
        charts += [_response_times(step, made), _requests(step, made)]
    return {
        "kickOff": words.seconds_of_day(scenario.event.kick_off),
        "marks": [asdict(moment) for moment in found],
        "grids": {
            "seconds": [round(scenario.offset(point.second), 2) for point in made],
            "minutes": [minute * 60 for minute in minutes],
        },
        "charts": {chart["id"]: chart for chart in charts},
    }


def steps(total: Window) -> list[Step]:
    """Steps anything was sent to, in the order a viewer meets them."""
    met = {step for step, _ in total.sent} | {step for step, _, _ in total.ended}
    return [step for step in Step if step in met]


def _joins(made: list[Point], planned: Sequence[float]) -> dict[str, Any]:
    actual = [qoe.arrived(point.window) / point.seconds for point in made]
    plan = [
        sum(planned[point.second : point.second + point.seconds]) / point.seconds for point in made
    ]
    return chart(
        "joins",
        "viewers/s",
        [series("actual", "main", actual, fill=True), series("planned", "ink", plan, dash=True)],
    )


def _everything(made: list[Point]) -> dict[str, Any]:
    sent = [requests.sent(point.window) / point.seconds for point in made]
    return chart("everything", "requests/s", [series("sent", "main", sent), *_bad(made, None)])


def _viewers(made: list[Point]) -> dict[str, Any]:
    watching = [point.watching for point in made]
    starting = [point.starting for point in made]
    errands = any(end in ERRANDS for point in made for _, end in point.window.ends)
    label = "starting, or on an errand" if errands else "starting, nothing on screen yet"
    return chart(
        "viewers",
        "viewers",
        [
            series("watching", "calm", watching, fill=True),
            series(label, "amber", starting, fill=True),
        ],
    )


def _grouped(total: Window) -> tuple[int, list[int]]:
    """How many join minutes make a bar, and the first of each bar: at most BARS of them."""
    met = sorted({*total.arrived, *(minute for minute, _ in total.ends)})
    if not met:
        return 1, []
    width = math.ceil((met[-1] - met[0] + 1) / BARS)
    return width, list(range(met[0], met[-1] + 1, width))


def _fates(total: Window, width: int, minutes: list[int]) -> dict[str, Any]:
    ends = {end.value: [0] * len(minutes) for end in End}
    arrived = [0] * len(minutes)
    for (minute, end), n in total.ends.items():
        ends[end][(minute - minutes[0]) // width] += n
    for minute, n in total.arrived.items():
        arrived[(minute - minutes[0]) // width] += n
    decided = [sum(of) for of in zip(*ends.values(), strict=True)]
    ends["still_starting"] = [came - known for came, known in zip(arrived, decided, strict=True)]
    shown = {end: ink for end, ink in INKS.items() if end not in ERRANDS or any(ends[end])}
    layers = [series(ENDS[end], ink, ends[end]) for end, ink in shown.items()]
    return chart("fates", "viewers", layers, kind="stack", grid="minutes")


def _lag(made: list[Point]) -> dict[str, Any]:
    return chart("lag", "s", _quantiles([point.window.lag for point in made]), log=True)


def _response_times(step: Step, made: list[Point]) -> dict[str, Any]:
    times = [requests.response_times(point.window, step) for point in made]
    return chart(f"times-{step}", "s", _quantiles(times), log=True)


def _requests(step: Step, made: list[Point]) -> dict[str, Any]:
    sent = [requests.sent(point.window, step) / point.seconds for point in made]
    lines = [series("sent", "main", sent), *_bad(made, step)]
    return chart(f"requests-{step}", "requests/s", lines)


def _bad(made: list[Point], step: Step | None) -> Iterator[dict[str, Any]]:
    """What failed and what was held back, if anything; None: of all steps together."""
    failed = [requests.failures(point.window, step) / point.seconds for point in made]
    held = [_held(point.window, step) / point.seconds for point in made]
    if any(failed):
        yield series("failed", "alarm", failed, fill=True)
    if any(held):
        yield series("told to wait, or refused by policy", "sky", held)


def _held(window: Window, step: Step | None) -> int:
    counts = requests.outcomes(window, step)
    return counts[Outcome.QUEUED] + counts[Outcome.POLICY]


def _quantiles(distributions: list[Distribution]) -> list[dict[str, Any]]:
    return [
        series(label, ink, [d.quantile(q) if d.count else None for d in distributions])
        for label, q, ink in reversed(QUANTILES)
    ]


def series(
    label: str, ink: str, values: Iterable[float | None], *, fill: bool = False, dash: bool = False
) -> dict[str, Any]:
    """A line of a chart, or a layer of a stack; `ink` is one of the page's colors."""
    return {
        "label": label,
        "ink": ink,
        "fill": fill,
        "dash": dash,
        "values": [None if value is None else _short(value) for value in values],
    }


def chart(
    name: str,
    unit: str,
    lines: list[dict[str, Any]],
    *,
    kind: str = "lines",
    grid: str = "seconds",
    log: bool = False,
) -> dict[str, Any]:
    """A chart as the page's script reads it; `grid` names where its values are."""
    return {"id": name, "unit": unit, "series": lines, "kind": kind, "grid": grid, "log": log}


def _short(value: float) -> float:
    """`value` to four significant digits, whole numbers as such: half the page is such figures."""
    if value == round(value):
        return round(value)
    return float(f"{value:.4g}")
