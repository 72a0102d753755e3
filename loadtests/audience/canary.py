"""The canary: one in a hundred of a rehearsal's crowd, sent ahead to see whether the rest may come.

The same people on the same errands at a steady rate. The evening's pace is 1 and its objectives are
not asked, and nobody means harm: ten viewers prove nothing but that the way is open.
"""

from dataclasses import replace

from loadtests.audience import crowd
from loadtests.audience.curve import Curve
from loadtests.audience.errands import Errand, errands
from loadtests.scenario.demand import Shape, Surge
from loadtests.scenario.model import Scenario, Span
from loadtests.units import PerSecond, Seconds

SHARE = 0.01
"""Of the busiest second of the rehearsal."""

LEAST = 10
"""Viewers; all there are where the whole evening has fewer."""


def canary(scenario: Scenario, seconds: Seconds) -> Scenario:
    """The rehearsal of `seconds` that goes before `scenario`, from where its window begins."""
    start, stop = scenario.window.start, scenario.window.start + seconds
    rate = max(SHARE * peak(scenario), LEAST / seconds)
    # as long as the whole audience takes to come at this rate: the window cuts it
    length = scenario.scale * scenario.audience.viewers / rate
    arrivals = tuple(
        Surge(
            shape=Shape.STEADY,
            start=start,
            stop=start + length,
            share=share,
            purpose=errand.purpose,
            devices=errand.devices,
        )
        for errand, share in _shares(scenario).items()
    )
    return replace(
        scenario,
        title=f"Canary of: {scenario.title}",
        speed=1.0,
        window=Span(start=start, stop=stop),
        arrivals=arrivals,
        objectives=(),
        hostile=(),
    )


def peak(scenario: Scenario) -> PerSecond:
    """Viewers who arrive in the busiest second."""
    return max(crowd.planned(scenario), default=0.0)


def _shares(scenario: Scenario) -> dict[Errand, float]:
    """Share of those who arrive in the window, by errand."""
    window = scenario.window
    inside = {
        errand: Curve(pieces).area(window.start, window.stop)
        for errand, pieces in errands(scenario).items()
    }
    everybody = sum(inside.values())
    return {errand: area / everybody for errand, area in inside.items() if area}
