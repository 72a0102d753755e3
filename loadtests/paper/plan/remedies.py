"""What must stand ready: the buffer an autoscaler needs, the rate of a waiting room."""

from dataclasses import dataclass

from loadtests.diagnosis.signature import Signature
from loadtests.paper.plan.losses import knees_of
from loadtests.paper.plan.night import Night
from loadtests.paper.plan.queueing import lasting
from loadtests.scenario.model import Scenario
from loadtests.stack.model import JOIN_STEPS
from loadtests.units import Offset, PerSecond, Ratio, Seconds
from loadtests.vocabulary import Step

CAUTION: Ratio = 0.8
"""Of the low end of the knee in joins a second: what a waiting room is set to admit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Buffer:
    """Capacity that must stand ready beside what is in use, as demand rises while more starts."""

    step: Step
    takes: Seconds  # from the order to the capacity's being there; wall clock
    slope: PerSecond  # the steepest rise, a second, kept up for so long
    size: PerSecond  # slope x takes, in requests a second
    at: Offset  # when the steepest rise begins
    share: Ratio  # of the step's peak
    begin: Offset | None  # the latest order for what is beyond the knee; None: nothing is

    @property
    def is_all(self) -> bool:
        """Whether scaling is no help: the whole peak has come before anything more is there."""
        return self.share >= 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """A waiting room set to a rate, first come, first served; viewers of the night."""

    rate: PerSecond  # viewers let in a second
    limited_by: Step | None  # the step whose knee that comes from; None: the knee in joins
    longest: Seconds  # that anybody waits, if nobody gives up
    at_once: float  # waiting, at most
    from_: Offset | None  # when the line forms first; None: never
    until: Offset | None  # when it is gone for good, or the night is over
    leaves: Ratio  # of all viewers: patience runs out before they are let in; at most
    late: Ratio  # of all viewers: they wait for longer than the start limit, at most


def buffers(night: Night, signature: Signature, *, takes: Seconds | None = None) -> list[Buffer]:
    """What each joining step must have in reserve; `takes` replaces what the signature has seen.

    In a viewer's order. Empty if nobody knows how long the target takes to scale.
    """
    seen = signature.scaling.took if signature.scaling else None
    took = seen if takes is None else takes
    if took is None:
        return []
    knees = knees_of(signature, night.speed)
    return [
        _buffer(night, step, took, knees[step].low if step in knees else None)
        for step in Step
        if step in JOIN_STEPS and max(night.requests.get(step, ()), default=0.0) > 0
    ]


def _buffer(night: Night, step: Step, takes: Seconds, knee: PerSecond | None) -> Buffer:
    rates = night.requests[step]
    ahead = round(takes / night.every)
    # before the first entry nobody asks anything
    padded = [0.0] * ahead + list(rates)
    rises = [later - now for now, later in zip(padded, padded[ahead:], strict=False)]
    size = max(rises)
    over = None if knee is None else next((n for n, r in enumerate(rates) if r > knee), None)
    return Buffer(
        step=step,
        takes=takes,
        slope=size / takes if takes else 0.0,
        size=size,
        at=night.offset(rises.index(size) - ahead),
        share=size / max(rates),
        begin=None if over is None else night.offset(over) - takes * night.speed,
    )


def admission(
    night: Night, signature: Signature, scenario: Scenario, *, rate: PerSecond | None = None
) -> Admission | None:
    """What a waiting room should be set to, and what that costs; a `rate` of one's own instead.

    The tightest step decides, by what each viewer of this night asks of it; where no step has a
    knee, the lowest knee of all join profiles. None if nothing ever broke.
    """
    found = (rate, None) if rate is not None else _admitted(night, signature)
    if found is None:
        return None
    admit, step = found
    backlog = _backlog(night, admit)
    waits = [line / admit for line in backlog]
    waiting = [n for n, line in enumerate(backlog) if line > 0]
    came = night.total(night.arrivals) or 1.0
    pairs = list(zip(night.arrivals, waits, strict=True))
    return Admission(
        rate=admit,
        limited_by=step,
        longest=max(waits, default=0.0),
        at_once=max(backlog, default=0.0),
        from_=night.offset(waiting[0]) if waiting else None,
        until=night.offset(waiting[-1] + 1) if waiting else None,
        leaves=night.every * sum(n * (1 - _patient(scenario, wait)) for n, wait in pairs) / came,
        late=night.every * sum(n for n, wait in pairs if wait > scenario.start_limit) / came,
    )


def _admitted(night: Night, signature: Signature) -> tuple[PerSecond, Step | None] | None:
    came = night.total(night.arrivals)
    by_step = [
        (CAUTION * knee.low * came / asked, step)
        for step, knee in knees_of(signature, night.speed).items()
        if step in JOIN_STEPS
        and not knee.at_least
        and (asked := night.total(night.requests.get(step, ()))) > 0
    ]
    if by_step:
        return min(by_step)
    pace = night.speed / (signature.scale * signature.speed)
    lows = [joins.knee.low for joins in signature.joins.values() if not joins.knee.at_least]
    return (CAUTION * min(lows) * pace, None) if lows else None


def _backlog(night: Night, admit: PerSecond) -> list[float]:
    """Viewers in line at the end of each entry."""
    lines: list[float] = []
    line = 0.0
    for came in night.arrivals:
        line = max(0.0, line + (came - admit) * night.every)
        lines.append(line)
    return lines


def _patient(scenario: Scenario, wait: Seconds) -> Ratio:
    """Share of the viewers who would wait so long."""
    devices = scenario.devices.values()
    return sum(device.share * lasting(device.patience, wait) for device in devices)
