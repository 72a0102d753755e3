"""`capacity.html`: what a target carries, on one page that needs nothing from anywhere."""

from dataclasses import dataclass
from typing import Any

from loadtests.diagnosis.knee import Knee
from loadtests.export import capacity_words as said
from loadtests.export import words
from loadtests.export.capacity_charts import capacity_charts
from loadtests.export.capacity_record import Search
from loadtests.export.capacity_tables import capacity_tables
from loadtests.export.sheet import sheet

ROOM = 1.12
"""Of the picture beyond its greatest figure: a label has to fit."""


def capacity_page(search: Search) -> str:
    """The whole page as HTML."""
    figures = capacity_charts(search)
    content = {
        "figures": [figure for figure, _ in figures],
        "knees": said.knees(search),
        "notes": notes(search),
        "picture": picture(search),
        "said": said,
        "search": search,
        "tables": capacity_tables(search),
    }
    drawing: dict[str, Any] = {"charts": {chart["id"]: chart for _, chart in figures}}
    return sheet("capacity", content, drawing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One join profile's knee; places in percent of the picture's width."""

    label: str
    said: str
    low: float
    value: float
    high: float
    back: float | None  # where it comes back after an overload
    is_open: bool  # nobody knows how much more it carries


def picture(search: Search) -> list[Bar]:
    """The knees side by side, from nothing to a little beyond the greatest."""
    knees = said.knees(search)
    most = max((knee.high or knee.value for knee in knees), default=0.0) * ROOM
    return [_bar(search, knee, 100 / most) for knee in knees] if most else []


def _bar(search: Search, knee: Knee, each: float) -> Bar:
    overload = search.capacity.overload
    back = overload.recovered_at if overload and overload.trial.joins is knee.joins else None
    return Bar(
        label=f"{said.PROFILES[knee.joins]}: {said.interval(knee)}",
        said=said.carries(knee),
        low=round(knee.low * each, 2),
        value=round(knee.value * each, 2),
        high=round(100.0 if knee.high is None else knee.high * each, 2),
        back=None if back is None else round(back * each, 2),
        is_open=knee.high is None,
    )


def notes(search: Search) -> list[tuple[str, list[str]]]:
    """The small print, in the order a doubting reader asks."""
    trials = f"{len(search.levels)} trials in {words.duration(search.duration)}"
    signature = search.signature
    told = [] if signature is None else [_told(signature.build, signature.topology)]
    return [
        ("The knee", [KNEE, INTERVAL]),
        ("Held", [HELD]),
        ("Which step", [WHICH]),
        ("Little's law", [LITTLE]),
        ("At least", [AT_LEAST.format(ceiling=said.rate(search.ceiling))]),
        ("The target", [f"{search.target}.", *filter(None, told)]),
        ("How it was run", [f"Scenario {search.scenario}, {trials}, started {search.started}."]),
    ]


def _told(build: str, topology: str) -> str:
    parts = [f"build {build}" if build else "", f"topology {topology}" if topology else ""]
    return words.sentence("; ".join(filter(None, parts))) if any(parts) else ""


KNEE = (
    "The highest rate of viewers joining that the target keeps up with, whatever time it is held. "
    "Viewers come evenly, whatever the target is doing, each walks the whole way to a picture and "
    "leaves after a short while."
)
INTERVAL = (
    "In 90 of 100 searches the interval holds the knee: it is that of its distribution, given how "
    "every load came out (Watson and Pelli, 1983)."
)
HELD = (
    "A load is held until it is clear whether the requests under way and those that failed grow: "
    "at a rate of less than 1 % of what is asked it held, of more it broke. Where that stayed "
    "unclear for as long as a trial may last, it is unsteady."
)
WHICH = (
    "The step that carries least of what it was asked for at the lowest load that broke. Steps "
    "after it are asked less because of it: their own knees are at least what they were seen to "
    "carry. Next is the step that slowed down most among the others."
)
LITTLE = (
    "Requests counted in flight ÷ (throughput x response time): 1 if the tester measures rightly, "
    "and a trial beyond 10 % of it makes the search invalid (Little, 1961)."
)
AT_LEAST = (
    "Where nothing broke, no knee is given, only what was carried; no load was to exceed "
    "{ceiling} viewers/s."
)
