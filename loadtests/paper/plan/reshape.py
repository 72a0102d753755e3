"""The same evening with its viewers coming at other times: spread out, or let in at a rate."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from math import ceil

from loadtests.audience.curve import Curve, evening
from loadtests.audience.errands import Errand, errands
from loadtests.audience.shapes import Piece
from loadtests.paper.plan.night import whole
from loadtests.scenario.demand import Shape, Surge
from loadtests.scenario.model import Scenario
from loadtests.units import Offset, PerSecond, Seconds

_FINEST: Seconds = 2.0
"""Event time from one point of the grid to the next; in between, rates run straight."""

_POINTS = 5_000
"""Of the grid, about: an evening of days is told in minutes."""

_NOBODY = 1e-9


def spread(scenario: Scenario, most: Seconds) -> Scenario:
    """Everybody comes later, by a time of their own evenly drawn up to `most` (event time)."""
    if not most:
        return scenario
    span = whole(scenario)
    corners = {corner for of in errands(scenario).values() for p in of for corner in p[:2]}
    turns = {at + later for at in corners for later in (0.0, most)}
    grid = sorted(turns.union(_grid(span.start, span.stop + most)))
    return _coming(
        scenario,
        {
            # the rate is then the mean over the time before
            errand: _straight(grid, [curve.area(t - most, t) / most for t in grid])
            for errand, curve in _curves(scenario).items()
        },
    )


def admitted(scenario: Scenario, rate: PerSecond) -> Scenario:
    """Everybody comes when a waiting room of that rate (viewers of the event) lets them in.

    First come, first served, whatever they come for; nobody gives up in line.
    """
    all_ = evening(scenario)
    span = whole(scenario)
    grid = _grid(span.start, span.stop)
    let_in = [0.0]
    for before, at in pairwise(grid):
        # what has come and not been let in yet waits
        let_in.append(min(all_.area(span.start, at), let_in[-1] + rate * (at - before)))
    step = grid[1] - grid[0]
    while let_in[-1] < all_.total - _NOBODY:
        grid.append(grid[-1] + step)
        let_in.append(min(all_.total, let_in[-1] + rate * step))
    came = [all_.inverse(viewers) for viewers in let_in]
    return _coming(
        scenario,
        {
            errand: _steady(grid, [curve.area(span.start, at) for at in came])
            for errand, curve in _curves(scenario).items()
        },
    )


def _curves(scenario: Scenario) -> dict[Errand, Curve]:
    return {errand: Curve(pieces) for errand, pieces in errands(scenario).items()}


def _grid(start: Offset, stop: Offset) -> list[Offset]:
    step = _FINEST * ceil((stop - start) / (_FINEST * _POINTS))
    return [start + n * step for n in range(int((stop - start) / step) + 2)]


def _straight(grid: Sequence[Offset], rates: Sequence[PerSecond]) -> Iterator[Piece]:
    """Rates at the grid's points, straight in between."""
    points = pairwise(zip(grid, rates, strict=True))
    return (Piece(start, stop, first, last) for (start, first), (stop, last) in points)


def _steady(grid: Sequence[Offset], upto: Sequence[float]) -> Iterator[Piece]:
    """So many up to each of the grid's points, evenly in between."""
    for (start, before), (stop, after) in pairwise(zip(grid, upto, strict=True)):
        rate = (after - before) / (stop - start)
        yield Piece(start, stop, rate, rate)


def _coming(scenario: Scenario, pieces: Mapping[Errand, Iterator[Piece]]) -> Scenario:
    """The scenario with these arrivals, in viewers of the event."""
    viewers = scenario.audience.viewers
    arrivals = tuple(
        Surge(
            shape=Shape.STRAIGHT,
            start=piece.start,
            stop=piece.stop,
            share=area / viewers,
            rates=(piece.first, piece.last),
            purpose=errand.purpose,
            devices=errand.devices,
        )
        for errand, of in pieces.items()
        for piece in of
        if (area := (piece.first + piece.last) / 2 * (piece.stop - piece.start)) > _NOBODY
    )
    return replace(scenario, arrivals=arrivals)
