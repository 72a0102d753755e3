"""Answers of Prometheus' HTTP API to range queries, and what counters in them counted.

The form is that of https://prometheus.io/docs/prometheus/latest/querying/api/ (API v1). What its
servers leave out is left out here: a scrape that failed is no zero.
"""

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from loadtests.units import Seconds

BRIDGED: Seconds = 120.0
"""Over so long a gap a counter tells enough: what it counted meanwhile is spread evenly over it."""


class PromqlError(ValueError):
    """Prometheus refuses the query, in its own words."""


class GarbledError(ValueError):
    """What answered is no Prometheus, or was cut short."""


@dataclass(frozen=True, slots=True)
class Grid:
    """The moments a range is read at: `start`, `start + step` ... up to and including `stop`."""

    start: Seconds
    stop: Seconds
    step: Seconds

    @property
    def bins(self) -> int:
        """How many steps there are: bin i is the time from moment i to moment i + 1."""
        return max(0, math.floor((self.stop - self.start) / self.step + 1e-6))


@dataclass(frozen=True, slots=True)
class Series:
    """One time series: its labels, and its values by the number of their moment on the grid."""

    labels: Mapping[str, str]
    points: Mapping[int, float]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a range query gave; `warnings` say that parts of it may be missing."""

    series: tuple[Series, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Counted:
    """What one series counted in each bin, and how it is known."""

    amounts: Mapping[int, float]
    seen: frozenset[int]  # bins with a value at either end; the other amounts are bridged


def read_answer(body: bytes, grid: Grid) -> Answer:
    """The answer in `body`; PromqlError or GarbledError if it holds none."""
    try:
        told = json.loads(body)
    except ValueError:
        raise GarbledError(f"the answer is not JSON: {_beginning(body)}") from None
    if not isinstance(told, dict) or told.get("status") not in {"success", "error"}:
        raise GarbledError(f"the answer is not one of Prometheus': {_beginning(body)}")
    if told["status"] == "error":
        raise PromqlError(f"{told.get('errorType', 'error')}: {told.get('error', 'no reason')}")
    data = told.get("data")
    if not isinstance(data, dict) or data.get("resultType") != "matrix":
        raise PromqlError("the answer holds no range: the query gives no numbers over time")
    try:
        series = tuple(_series(one, grid) for one in data["result"])
    except (KeyError, TypeError, ValueError, AttributeError):
        raise GarbledError("the answer is cut short, or not one of Prometheus'") from None
    warnings = told.get("warnings")
    return Answer(series, tuple(map(str, warnings if isinstance(warnings, list) else ())))


def _beginning(body: bytes) -> str:
    return repr(body[:60].decode(errors="replace"))


def _series(told: Mapping[str, Any], grid: Grid) -> Series:
    points = {}
    for at, text in told["values"]:
        value = float(text)
        number = round((float(at) - grid.start) / grid.step)
        if math.isfinite(value) and 0 <= number <= grid.bins:
            points[number] = value
    return Series({str(name): str(value) for name, value in told["metric"].items()}, points)


def together(answers: Iterable[Answer]) -> Answer:
    """Answers to one query over neighboring ranges as one, each series once."""
    points: dict[frozenset[tuple[str, str]], dict[int, float]] = {}
    warnings: dict[str, None] = {}
    for answer in answers:
        for series in answer.series:
            points.setdefault(frozenset(series.labels.items()), {}).update(series.points)
        warnings.update(dict.fromkeys(answer.warnings))
    made = (Series(dict(labels), values) for labels, values in points.items())
    return Answer(tuple(made), tuple(warnings))


def counted(series: Series, grid: Grid, *, was_there: frozenset[int]) -> Counted:
    """What a counter counted in each bin. A value below the one before is a restart from zero.

    `was_there`: moments at which the same instance told other counters. One that appears later was
    at zero then; one of an instance that itself appears may have any past, and says nothing yet.
    """
    amounts: dict[int, float] = {}
    seen: set[int] = set()
    moments = sorted(series.points)
    if moments and moments[0] - 1 in was_there:
        amounts[moments[0] - 1] = max(0.0, series.points[moments[0]])
        seen.add(moments[0] - 1)
    for first, second in pairwise(moments):
        gap = second - first
        if gap > 1 and gap * grid.step > BRIDGED:
            continue
        before, after = series.points[first], series.points[second]
        more = after - before if after >= before else after
        amounts.update(dict.fromkeys(range(first, second), max(0.0, more) / gap))
        if gap == 1:
            seen.add(first)
    return Counted(amounts, frozenset(seen))


def rated(series: Series, grid: Grid) -> Counted:
    """What a rate says was counted in each bin: it looks back from the bin's end."""
    amounts = {
        moment - 1: max(0.0, value) * grid.step
        for moment, value in series.points.items()
        if moment > 0
    }
    return Counted(amounts, frozenset(amounts))


def whole(amounts: Mapping[int, float]) -> Iterator[tuple[int, int]]:
    """(bin, whole number): what is cut off counts in the next bin, so that the sum stays."""
    carried = 0.0
    for number in sorted(amounts):
        carried += amounts[number]
        n = math.floor(carried + 1e-6)  # a third, three times, is one
        carried -= n
        if n:
            yield number, n
