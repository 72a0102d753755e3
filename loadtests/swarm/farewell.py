"""The end of a crowd that does not stampede: open sessions are closed one by one, at a pace.

A run that just hung up would leave a target with as many sessions open as it had viewers: screens
counted against accounts, and heartbeats missed all at once.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from loadtests.audience.canary import peak
from loadtests.behavior.walk import Walk
from loadtests.collect import requests
from loadtests.collect.window import Window
from loadtests.scenario.consent import read_consent
from loadtests.scenario.model import Scenario
from loadtests.swarm.driver import Farewell, Line
from loadtests.swarm.rehearsal import Reason
from loadtests.swarm.usher import Clockwork
from loadtests.units import PerSecond, Seconds
from loadtests.vocabulary import Outcome, Step

AT_THE_END: Seconds = 10.0  # how long leaving may take when a run is over
WHEN_STOPPED: Seconds = 1.5  # when somebody or something stops it: within five seconds, all told
WHEN = {
    Reason.WITHDRAWN: 0.0,  # the target wants no more
    Reason.FAILED: 0.0,  # we do not know what we are doing
    Reason.DECIDED: AT_THE_END,  # as if it had been played to its end
}
"""How long it may take by why a run stops; WHEN_STOPPED where it is not said here."""

LEAST: PerSecond = 50.0  # sessions closed per second where fewer than that ever joined


def pace(scenario: Scenario, consent: Path | None) -> PerSecond:
    """Sessions closed per second, by all workers together.

    No faster than viewers joined in the busiest second, or LEAST; never faster than a consent lets
    them join.
    """
    fastest = max(peak(scenario), LEAST)
    return fastest if consent is None else min(fastest, read_consent(consent).ceilings.joins)


def left_behind(total: Window) -> int:
    """Sessions a target granted and nobody closed, over a whole run.

    Those of viewers who gave up before their first frame are among them: as for real, nobody tells
    the target. What it makes of sessions without heartbeats is its own affair.
    """
    opened = requests.outcomes(total, Step.SESSION)[Outcome.OK]
    return max(0, opened - requests.outcomes(total, Step.LEAVE)[Outcome.OK])


class Farewells:
    """Says them in order, evenly spaced, the first at once."""

    def __init__(self, farewells: Sequence[Farewell], timers: Clockwork, rate: PerSecond) -> None:
        """`rate`: how many a second, more than 0."""
        self._waiting = list(reversed(farewells))
        self._timers = timers
        self._interval: Seconds = 1 / rate
        self._saying: dict[int, tuple[Walk, Line]] = {}
        self._said = 0

    @property
    def are_over(self) -> bool:
        """Whether everybody has left."""
        return not self._waiting and not self._saying

    def begin(self, at: Seconds) -> None:
        """Start the first at `at` (epoch seconds), then the others."""
        if self._waiting:
            # who is late makes no haste: the others keep their distance
            self._timers.at(at, lambda late: self._next(at + late))

    def _next(self, due: Seconds) -> None:
        line, journey = self._waiting.pop()
        self.begin(due + self._interval)
        walk = Walk(journey, line, due, self, self._said)
        self._saying[self._said] = walk, line
        self._said += 1
        walk.resume(None, due)

    def ended(self, index: int, result: Any, at: Seconds) -> None:  # noqa: ANN401, ARG002 - walk.Parent's signature
        """One has left, or was not heard."""
        _, line = self._saying.pop(index)
        line.close()
