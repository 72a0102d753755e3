"""Whether a stack of known capacity will carry the night, and what becomes of it where not.

A signature's knees hold for a target of its own scale and speed; here they are requests a second of
the stack the night meets. A step that never broke has no knee: it has carried `at least` so much,
and where the night asks for more, nobody knows.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from loadtests.diagnosis.signature import Figure, Signature
from loadtests.paper.plan.losses import Expected, Likely, expected, knees_of
from loadtests.paper.plan.night import Night
from loadtests.scenario.model import Scenario
from loadtests.stack.model import WaitingRoom
from loadtests.units import Offset, PerSecond, Ratio
from loadtests.vocabulary import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """When more is asked than a step carries: offsets from kick-off."""

    at: Offset | None  # None: only if the knee is lower than its value says
    earliest: Offset  # if the knee is at the low end of its interval
    latest: Offset | None  # if at the high end; None: then not at all
    lasts: Likely  # event seconds with too much load, all together


@dataclass(frozen=True, slots=True, kw_only=True)
class StepHeadroom:
    """One step's night, beside what it carries; requests a second."""

    step: Step
    peak: PerSecond  # of first attempts, were nobody turned away before
    peak_at: Offset
    knee: Figure  # of the stack the night meets
    breaks: Break | None  # None: the load stays within the knee's interval, or there is no knee
    attempts: PerSecond | None = None  # at most, with those who try again; None: as many as first

    @property
    def ratio(self) -> Ratio:
        """The knee ÷ the peak: below 1 it breaks. Infinity if nobody asks."""
        return self.knee.value / self.peak if self.peak else float("inf")

    @property
    def is_unknown(self) -> bool:
        """Whether more is asked than anybody has seen it carry, and nobody has seen it break."""
        return self.knee.at_least and self.peak > self.knee.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Headroom:
    """What a night leaves of a stack, steps in the order in which a viewer meets them."""

    steps: tuple[StepHeadroom, ...]
    unmeasured: tuple[Step, ...]  # asked for in the night, and not in the signature
    expected: Expected

    @property
    def tightest(self) -> StepHeadroom | None:
        """The step with the least headroom of those with a knee; None if none has one."""
        found = [step for step in self.steps if not step.knee.at_least]
        return min(found, key=lambda step: step.ratio, default=None)

    @property
    def first(self) -> StepHeadroom | None:
        """The step that breaks first if the knees are what they seem; None: none does."""
        found = [(s.breaks.at, n) for n, s in enumerate(self.steps) if s.breaks]
        breaking = [(at, n) for at, n in found if at is not None]
        return self.steps[min(breaking)[1]] if breaking else None


def headroom(
    night: Night,
    signature: Signature,
    scenario: Scenario,
    *,
    room: WaitingRoom | None = None,
    behind: Night | None = None,
) -> Headroom:
    """How a night (at scale 1) fares on the stack a signature is of; raises nothing.

    Requests of those who only watch, or are on an errand, count at each step; who is turned away at
    one asks no further. A waiting `room` lets so many viewers of the event in a second; `behind` is
    then the night as it leaves it (`reshape.admitted`).
    """
    knees = knees_of(signature, night.speed)
    outlook = expected(night, signature, scenario, room=room)
    met = behind or night
    asked = [step for step in Step if max(met.requests.get(step, ()), default=0.0) > 0]
    return Headroom(
        steps=tuple(
            _step(met, step, knees[step], outlook.attempts.get(step))
            for step in asked
            if step in knees
        ),
        unmeasured=tuple(step for step in asked if step not in knees),
        expected=outlook,
    )


def _step(night: Night, step: Step, knee: Figure, attempts: PerSecond | None) -> StepHeadroom:
    rates = night.requests[step]
    peak = max(rates)
    return StepHeadroom(
        step=step,
        peak=peak,
        peak_at=night.offset(rates.index(peak)),
        knee=knee,
        breaks=_break(night, rates, knee),
        attempts=attempts,
    )


def _break(night: Night, rates: Sequence[PerSecond], knee: Figure) -> Break | None:
    earliest = _first_above(night, rates, knee.low)
    if knee.at_least or earliest is None:
        return None
    high = knee.value if knee.high is None else knee.high
    every = night.every * night.speed
    return Break(
        at=_first_above(night, rates, knee.value),
        earliest=earliest,
        latest=_first_above(night, rates, high),
        lasts=Likely(
            value=every * sum(rate > knee.value for rate in rates),
            low=every * sum(rate > high for rate in rates),
            high=every * sum(rate > knee.low for rate in rates),
        ),
    )


def _first_above(night: Night, rates: Sequence[PerSecond], knee: PerSecond) -> Offset | None:
    return next((night.offset(n) for n, rate in enumerate(rates) if rate > knee), None)
