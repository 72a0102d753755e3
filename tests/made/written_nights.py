"""Nights written down second by second, whose cause is known because each is made for it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from loadtests.collect.edge.sighting import Attempt, Said
from loadtests.collect.edge.window import EdgeWindow, Traffic
from loadtests.diagnosis.signature import VERSION, Demand, Figure, Signature
from loadtests.diagnosis.verdict.kinds import Observable
from loadtests.diagnosis.verdict.night import Night, Origin
from loadtests.vocabulary import Step

TOOK = 0.05
WAITED = 1.0
EVERYTHING = dict.fromkeys(Observable, 1.0)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One step in one second."""

    good: int
    took: float = TOOK
    bad: int = 0
    said: Said = Said.OVERLOAD
    retries: int = 0  # of the bad ones
    repaired: int = 0  # retries among the good ones
    code: str = ""


Played = Callable[[int], Mapping[Step, Asked]]
"""What each second holds."""


def windows(seconds: Iterable[int], play: Played) -> tuple[EdgeWindow, ...]:
    return tuple(_window(second, play(second)) for second in seconds)


def night(play: Played, *, lasts: int = 240, knee: float | None = 20.0) -> Night:
    """All of it known of; `knee` is that of every step, in requests a second."""
    return Night(
        windows=windows(range(lasts), play),
        origin=Origin.ACCESS_LOG,
        source="access.log",
        observed=EVERYTHING,
        signature=None if knee is None else signature(dict.fromkeys(Step, knee)),
    )


def signature(knees: Mapping[Step, float], *, spread: float = 0.03) -> Signature:
    return Signature(
        version=VERSION,
        scenario="match",
        variant=None,
        target="a target",
        created="2026-11-23T00:00:00+00:00",
        matchnight="0",
        build="",
        topology="",
        replicas={},
        knee={step: figure(knee, spread=spread) for step, knee in knees.items()},
        joins={},
        demand=dict.fromkeys(knees, DEMAND),
        mix={},
        steady=True,
        drift=None,
        target_duration=None,
        bit_rate=None,
    )


def figure(knee: float, *, spread: float = 0.03, at_least: bool = False) -> Figure:
    return Figure(
        value=knee,
        low=knee * (1 - spread),
        high=None if at_least else knee * (1 + spread),
        unit="requests/s",
        at_least=at_least,
    )


DEMAND = Demand(per_join=1.0, response_time=TOOK, cost=1.0, bytes=100.0)


def crowd(second: int, *, usual: int = 5, peak: int = 40, start: int = 90, stop: int = 180) -> int:
    """How many come: a few, and then a rush."""
    return peak if start <= second < stop else usual


def served(came: int, *, capacity: int, took: float = TOOK, retries: int = 0) -> Asked:
    """A station that serves what it can and refuses the rest; who is served then has waited."""
    if came <= capacity:
        return Asked(good=came, took=took)
    return Asked(good=capacity, took=took + WAITED, bad=came - capacity, retries=retries)


def without(given: Night, *observables: Observable) -> Night:
    """The same from a source that does not say these."""
    kept = {what: share for what, share in given.observed.items() if what not in observables}
    return replace(given, observed=kept)


def _window(second: int, steps: Mapping[Step, Asked]) -> EdgeWindow:
    return EdgeWindow(
        second=second,
        steps={step: _traffic(second, asked) for step, asked in steps.items()},
    )


def _traffic(second: int, asked: Asked) -> Traffic:
    traffic = Traffic()
    firsts = asked.bad - asked.retries
    traffic.said.update(
        {
            (Said.OK, Attempt.FIRST): asked.good - asked.repaired,
            (Said.OK, Attempt.RETRY): asked.repaired,
            (asked.said, Attempt.FIRST): firsts,
            (asked.said, Attempt.RETRY): asked.retries,
        }
    )
    traffic.said = +traffic.said
    if asked.code:
        traffic.codes[asked.code] = asked.bad
    if asked.good:
        traffic.times.add(asked.took, asked.good)
    traffic.busy = asked.good * asked.took
    traffic.clients.update(
        second * 1000 + number for number in range(asked.good + firsts - asked.repaired)
    )
    return traffic
