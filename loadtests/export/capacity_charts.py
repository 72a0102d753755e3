"""What the page of a capacity search draws, as plain JSON values: one point a trial."""

from collections.abc import Iterable, Sequence
from typing import Any

from loadtests.diagnosis.knee import Knee
from loadtests.diagnosis.level import Found, Level
from loadtests.export import capacity_words as said
from loadtests.export import words
from loadtests.export.capacity_record import Search
from loadtests.export.charts import series
from loadtests.units import Seconds
from loadtests.vocabulary import Step

INKS = {Found.HELD: "calm", Found.BROKE: "alarm", Found.UNSTEADY: "amber"}

Figure = tuple[dict[str, str], dict[str, Any]]
"""What the page says of a chart, and the chart."""


def capacity_charts(search: Search) -> list[Figure]:
    """For each join profile: what was carried of each load, and how long the step took."""
    return [
        figure
        for knee in said.knees(search)
        if knee.levels
        for figure in (_carried(search, knee), _times(knee))
    ]


def _played(levels: Iterable[Level]) -> list[Level]:
    return sorted(levels, key=lambda level: (level.trial.rate, level.trial.number))


def _carried(search: Search, knee: Knee) -> Figure:
    overload = search.capacity.overload
    beyond = [overload] if overload and overload.trial.joins is knee.joins else []
    levels = _played([*knee.levels, *(of for of in beyond if of not in knee.levels)])
    asked = [level.trial.rate for level in levels]
    lines = [
        series("asked for", "faint", asked, dash=True),
        *_by_verdict(levels, [level.carried for level in levels]),
    ]
    name = f"carried-{knee.joins}"
    title = f"Carried of what was asked for, {said.PROFILES[knee.joins]}"
    figure = _figure(name, title, said.answer(search, knee))
    return figure, _chart(name, "/s", asked, lines, marks=_marks(search, knee))


def _times(knee: Knee) -> Figure:
    levels = _played(knee.levels)
    step = knee.first or knee.next or _slowest(levels[-1])
    times = [_time(level, step) for level in levels]
    name, known = f"times-{knee.joins}", [time for time in times if time is not None]
    span = f"{words.duration(min(known))} to {words.duration(max(known))}" if known else words.NONE
    text = f"Mean of the answers that were good, by the load: {span}."
    lines = _by_verdict(levels, times)
    rates = [level.trial.rate for level in levels]
    figure = _figure(
        name, f"Response time of {step or 'no step'}, {said.PROFILES[knee.joins]}", text
    )
    return figure, _chart(name, "s", rates, lines, marks=_interval(knee), log=True)


def _time(level: Level, step: Step | None) -> Seconds | None:
    load = level.steps.get(step) if step else None
    return load.response_time if load else None


def _slowest(level: Level) -> Step | None:
    times = {step: load.response_time or 0.0 for step, load in level.steps.items()}
    return max(times, key=times.__getitem__, default=None)


def _by_verdict(levels: Sequence[Level], values: Sequence[float | None]) -> list[dict[str, Any]]:
    """A series of points for each verdict there is."""
    met = {level.found for level in levels}
    return [
        series(said.FOUND[found], ink, _where(found, levels, values))
        for found, ink in INKS.items()
        if found in met
    ]


def _where(
    found: Found, levels: Sequence[Level], values: Sequence[float | None]
) -> list[float | None]:
    pairs = zip(levels, values, strict=True)
    return [value if level.found is found else None for level, value in pairs]


def _interval(knee: Knee) -> list[dict[str, Any]]:
    """The knee with its interval, as the script draws it: a band with a line in it."""
    if knee.high is None or not knee.low:
        return []
    return [{"from": knee.low, "at": knee.value, "to": knee.high, "label": "knee"}]


def _marks(search: Search, knee: Knee) -> list[dict[str, Any]]:
    overload = search.capacity.overload
    back = overload.recovered_at if overload and overload.trial.joins is knee.joins else None
    comes = [] if back is None else [{"from": back, "at": back, "to": back, "label": "comes back"}]
    return [*comes, *_interval(knee)]


def _figure(name: str, title: str, text: str) -> dict[str, str]:
    return {"id": name, "title": title, "said": text}


def _chart(
    name: str,
    unit: str,
    x: Sequence[float],
    lines: list[dict[str, Any]],
    *,
    marks: list[dict[str, Any]],
    log: bool = False,
) -> dict[str, Any]:
    return {"id": name, "unit": unit, "x": [*x], "series": lines, "marks": marks, "log": log}
