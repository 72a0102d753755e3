"""Charts of what a run has beside requests: regions, facts and the telephone, by the stretch."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from loadtests.export import words
from loadtests.export.charts import chart, series
from loadtests.export.incident import CourseStretch, RegionStretch
from loadtests.vocabulary import Fact

MOST = 6
"""Lines in a chart that can still be told apart."""

FEWEST = 3
"""Viewers that make a share; of fewer it is all or nothing."""

LINES = ("main", "alarm", "calm", "violet", "amber", "sky")

CALLS = {
    Fact.CALL_ANSWERED: ("answered", "calm"),
    Fact.CALL_INFORMED: ("the message was enough", "sky"),
    Fact.CALL_ABANDONED: ("hung up waiting", "amber"),
    Fact.CALL_BLOCKED: ("engaged tone", "alarm"),
}
OF_THE_TELEPHONE = frozenset({*CALLS, Fact.CALLED, Fact.REDIALED})

Figure = tuple[dict[str, str], dict[str, Any]]
"""What the page says of a chart, and the chart."""


def incident_charts(course: Sequence[CourseStretch]) -> list[Figure]:
    """Those of which there is something to show; their grid is the middle of each stretch."""
    made = (_regions(course), _facts(course), _telephone(course))
    return [figure for figure in made if figure is not None]


def grid(course: Sequence[CourseStretch]) -> list[float]:
    """The middle of each stretch."""
    return [(stretch.start + stretch.stop) / 2 for stretch in course]


def _regions(course: Sequence[CourseStretch]) -> Figure | None:
    found = [{of.region: of for of in stretch.regions} for stretch in course]
    regions = sorted({region for part in found for region in part})[:MOST]
    if len(regions) < 2 or not any(of.black for part in found for of in part.values()):  # noqa: PLR2004 - one region is the whole
        return None
    lines = [
        series(region.replace("_", " "), ink, [_share(part.get(region)) for part in found])
        for region, ink in zip(regions, LINES, strict=False)
    ]
    said = "Share of those who joined then, in each region."
    return _figure("regions", "Black screens by region", said), chart(
        "regions", "share", lines, grid="course"
    )


def _share(of: RegionStretch | None) -> float | None:
    return of.black / of.decided if of is not None and of.decided >= FEWEST else None


def _facts(course: Sequence[CourseStretch]) -> Figure | None:
    counted: Counter[str] = Counter()
    for stretch in course:
        counted.update(stretch.facts)
    names = [name for name, _ in counted.most_common() if name not in OF_THE_TELEPHONE][:MOST]
    if not names:
        return None
    lines = [
        series(name.replace("_", " "), ink, [stretch.facts.get(name, 0) for stretch in course])
        for name, ink in zip(names, LINES, strict=False)
    ]
    told = ", ".join(f"{name.replace('_', ' ')} {words.count(counted[name])}" for name in names)
    return _figure("facts", "What else happened", f"In all: {told}."), chart(
        "facts", "times", lines, grid="course"
    )


def _telephone(course: Sequence[CourseStretch]) -> Figure | None:
    called = sum(stretch.facts.get(Fact.CALLED, 0) for stretch in course)
    if not called:
        return None
    bars = [
        series(label, ink, [stretch.facts.get(fact, 0) for stretch in course])
        for fact, (label, ink) in CALLS.items()
    ]
    said = f"{words.count(called)} calls, redials included, by how and when they ended."
    return _figure("telephone", "Calls to the support desk", said), chart(
        "telephone", "calls", bars, kind="stack", grid="course"
    )


def _figure(name: str, title: str, said: str) -> dict[str, str]:
    return {"id": name, "title": title, "said": said}
