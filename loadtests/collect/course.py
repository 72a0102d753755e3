"""The course of a run: at most MOST equal stretches of event time, in whole minutes."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, floor, gcd

from loadtests.collect.recorder import MINUTE
from loadtests.collect.timeline import Timeline
from loadtests.collect.window import Window
from loadtests.scenario.model import Scenario
from loadtests.units import Offset

MOST = 60
"""As many as a reader takes in at a glance, and a test can name."""

_FINEST = 15
"""Minutes: a stretch is made of whole seconds of the run too, where that takes no more than so many
at a time; or equal stretches would be of unequal seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Part of the evening. `window`: what happened in it; `minutes`: the join minutes it holds."""

    start: Offset
    stop: Offset
    window: Window
    minutes: range


def course(scenario: Scenario, timeline: Timeline) -> list[Stretch]:
    """All stretches from the window's start to where the run came; without a second, none.

    A second of the run belongs to the stretch its middle is in.
    """
    return list(_stretches(scenario, timeline, width(scenario)))


def width(scenario: Scenario) -> int:
    """Of each stretch, in minutes."""
    span = scenario.window
    minutes = ceil((span.stop - span.start) / MINUTE)
    unit = _unit(scenario.speed)
    return unit * max(1, ceil(minutes / MOST / unit))


def _unit(speed: float) -> int:
    if not speed.is_integer():
        return 1
    unit = int(speed) // gcd(int(speed), int(MINUTE))
    return unit if unit <= _FINEST else 1


def _stretches(scenario: Scenario, timeline: Timeline, minutes: int) -> Iterator[Stretch]:
    length = len(timeline)
    first = floor(scenario.window.start / MINUTE)
    last = min(scenario.window.stop, scenario.offset(length))
    parts: dict[int, list[int]] = {}
    for second in range(length):
        middle = min(scenario.offset(second + 0.5), scenario.window.stop - 1e-9)
        parts.setdefault(floor((middle / MINUTE - first) / minutes), []).append(second)
    stretches = max(parts, default=-1) + 1
    for at in range(stretches):
        begin = first + at * minutes
        beyond = at == stretches - 1  # whoever joins in the very last moment of the window
        seconds = parts.get(at)
        yield Stretch(
            start=max(scenario.window.start, begin * MINUTE),
            stop=min(last, (begin + minutes) * MINUTE),
            window=timeline.between(seconds[0], seconds[-1] + 1) if seconds else Window(0),
            minutes=range(begin, begin + minutes + beyond),
        )
