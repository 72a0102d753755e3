"""The support desk of a run: who called, was blocked and waited, and what Erlang would expect."""

from dataclasses import dataclass, replace
from itertools import groupby
from math import ceil, inf

from loadtests.collect.timeline import Timeline
from loadtests.collect.window import Window
from loadtests.diagnosis.erlang import Expected, Telephones, agents_needed
from loadtests.diagnosis.steady import steady
from loadtests.scenario.model import Scenario
from loadtests.stack.policies import SupportDesk
from loadtests.units import PerSecond, Ratio, Seconds
from loadtests.vocabulary import Fact, Outcome, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What callers met, or were expected to. None: nobody was there to meet it."""

    blocking: Ratio | None  # of all calls: every line was engaged
    abandoned: Ratio | None  # of those with a line who asked for an agent: hung up waiting
    wait: Seconds | None  # of the same, on average, a message before included


@dataclass(frozen=True, slots=True, kw_only=True)
class RealDesk:
    """The desk the real event would have asked for: first calls alone, since nobody would redial.

    Calls last as long as in the rehearsal, so a calendar played faster, or a smaller crowd, is
    counted back: erlangs = calls per event second ÷ scale x handle time.
    """

    offered: float  # erlangs, over the whole time in which calls came
    busiest: float  # erlangs, of its busiest stretch
    agents: int  # who would pick up 80 % of the busiest stretch's calls within 20 s


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportLoad:
    """Calls of a run, as counted; what follows from the desk is None where none is described.

    Erlang's formulas are of steady state: each stretch of time in which calls came at one rate, as
    far as chance can tell, is taken to be one (pointwise stationary: Green and Kolesar, Management
    Science 37, 1991), and redials to be calls like any other. While a stretch is hardly longer than
    a call the desk is still filling up, and fewer are blocked than expected.
    """

    calls: int  # redials included
    redials: int
    blocked: int
    abandoned: int
    informed: int  # the automatic message was enough
    answered: int  # by an agent
    measured: Measured
    expected: Measured | None
    offered: float | None  # erlangs of those who ask for an agent, redials included
    busiest: float | None  # erlangs of the busiest stretch
    real: RealDesk | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stretch:
    """Seconds in which calls came at one rate."""

    seconds: int
    calls: int
    first: int  # calls that were no redials
    speaks: bool  # whether the automatic message works

    @property
    def rate(self) -> PerSecond:
        return self.calls / self.seconds


def support_load(scenario: Scenario, timeline: Timeline) -> SupportLoad | None:
    """The support desk's figures; None if nobody called."""
    total = timeline.total
    facts = total.facts
    if not facts[Fact.CALLED]:
        return None
    stack = scenario.embedded_stack
    desk = stack.support if stack else None
    stretches = _stretches(scenario, timeline, desk) if desk else []
    return SupportLoad(
        calls=facts[Fact.CALLED],
        redials=facts[Fact.REDIALED],
        blocked=facts[Fact.CALL_BLOCKED],
        abandoned=facts[Fact.CALL_ABANDONED],
        informed=facts[Fact.CALL_INFORMED],
        answered=facts[Fact.CALL_ANSWERED],
        measured=_measured(total),
        expected=_expected(scenario, desk, stretches) if desk else None,
        offered=_offered(desk, stretches) if desk else None,
        busiest=_busiest(desk, stretches) if desk else None,
        real=_real(scenario, desk, stretches) if desk else None,
    )


def _measured(total: Window) -> Measured:
    facts = total.facts
    asked = facts[Fact.CALL_ANSWERED] + facts[Fact.CALL_ABANDONED]
    # an engaged tone is no good answer, and the message picks up at once
    waited = sum(
        tally.times.total
        for (step, outcome, _), tally in total.ended.items()
        if step is Step.SUPPORT and outcome is Outcome.OK
    )
    return Measured(
        blocking=facts[Fact.CALL_BLOCKED] / facts[Fact.CALLED],
        abandoned=facts[Fact.CALL_ABANDONED] / asked if asked else None,
        wait=waited / asked if asked else None,
    )


def _expected(scenario: Scenario, desk: SupportDesk, stretches: list[_Stretch]) -> Measured:
    """Of all stretches together: each counts by its calls, or by those that ask for an agent."""
    calls = blocked = asked = abandoned = waited = 0.0
    for stretch in stretches:
        met = _meets(scenario, desk, stretch)
        calls += stretch.calls
        blocked += met.blocking * stretch.calls
        asks = (1 - met.blocking) * _asking(desk, stretch) * stretch.calls
        asked += asks
        abandoned += met.abandoned * asks
        waited += met.wait * asks
    return Measured(
        blocking=blocked / calls,
        abandoned=abandoned / asked if asked else None,
        wait=waited / asked if asked else None,
    )


def _meets(scenario: Scenario, desk: SupportDesk, stretch: _Stretch) -> Expected:
    message = desk.message if stretch.speaks else None
    return Telephones(
        calls=stretch.rate,
        agents=desk.agents,
        lines=desk.lines,
        handle_time=desk.handle_time,
        patience=inf if scenario.calls.patience is None else scenario.calls.patience,
        satisfied=message.satisfies if message else 0.0,
        message=message.length if message else 0.0,
    ).expect()


def _asking(desk: SupportDesk, stretch: _Stretch) -> Ratio:
    """Share of the callers who go on to an agent."""
    return 1 - desk.message.satisfies if desk.message and stretch.speaks else 1.0


def _offered(desk: SupportDesk, stretches: list[_Stretch]) -> float:
    seconds = sum(stretch.seconds for stretch in stretches)
    asking = sum(_asking(desk, stretch) * stretch.calls for stretch in stretches)
    return asking / seconds * desk.handle_time


def _busiest(desk: SupportDesk, stretches: list[_Stretch]) -> float:
    """Of a stretch as long as a call, if there is one: a second has no load to speak of."""
    long = [stretch for stretch in stretches if stretch.seconds >= desk.handle_time]
    return max(_offered(desk, [stretch]) for stretch in long or stretches)


def _real(scenario: Scenario, desk: SupportDesk, stretches: list[_Stretch]) -> RealDesk:
    played = scenario.scale * scenario.speed
    first = [replace(stretch, calls=stretch.first) for stretch in stretches]
    busiest = _busiest(desk, first) / played
    return RealDesk(
        offered=_offered(desk, first) / played,
        busiest=busiest,
        agents=agents_needed(busiest, desk.handle_time),
    )


def _stretches(scenario: Scenario, timeline: Timeline, desk: SupportDesk) -> list[_Stretch]:
    """From the first call to the last, cut where the message changes and where the rate does."""
    called = [window.second for window in timeline if window.facts[Fact.CALLED]]
    windows = timeline.seconds(called[0], called[-1] + 1)
    message = desk.message
    least = ceil(desk.handle_time)
    found: list[_Stretch] = []
    for speaks, group in groupby(
        windows, lambda w: message is not None and message.works(scenario.offset(w.second))
    ):
        seconds = list(group)
        calls = [window.facts[Fact.CALLED] for window in seconds]
        redials = [window.facts[Fact.REDIALED] for window in seconds]
        for start, stop in steady(calls, least):
            n = sum(calls[start:stop])
            first = n - sum(redials[start:stop])
            found.append(_Stretch(seconds=stop - start, calls=n, first=first, speaks=speaks))
    return found
