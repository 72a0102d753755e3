"""The support desk of a night: how many call, and how many agents that asks for."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import inf

from loadtests.diagnosis.erlang import Telephones, agents_needed
from loadtests.paper.plan.night import Night
from loadtests.scenario.model import Scenario
from loadtests.stack.policies import SupportDesk
from loadtests.units import Offset, PerSecond, Ratio, Seconds
from loadtests.vocabulary import Step

_LEAST: Seconds = 60.0
"""The busiest time is looked for in stretches of a call's length, and no shorter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What a desk meets in steady state (`diagnosis.erlang`), first calls alone; no redials."""

    calls: float
    busiest: PerSecond  # calls in the busiest stretch
    busiest_at: Offset
    erlangs: float | None = None  # of those who ask for an agent then; None: no desk is described
    agents: int | None = None  # who would pick up 80 % of these within 20 s
    handle_time: Seconds | None = None  # what that supposes
    blocked: Ratio | None = None  # calls at the desk described that find no line then


def desk(night: Night, scenario: Scenario, *, is_rehearsal: bool = False) -> Desk | None:
    """The desk's load; None if nobody calls.

    The desk a scenario describes is that of its rehearsal: only then it is told who finds no line.
    """
    rates = night.requests.get(Step.SUPPORT, ())
    if not any(rates):
        return None
    stack = scenario.embedded_stack
    described = stack.support if stack else None
    busiest, at = _busiest(night, rates, described.handle_time if described else _LEAST)
    calls = night.total(rates)
    if described is None:
        return Desk(calls=calls, busiest=busiest, busiest_at=at)
    erlangs = busiest * _asking(described, at) * described.handle_time
    return Desk(
        calls=calls,
        busiest=busiest,
        busiest_at=at,
        erlangs=erlangs,
        agents=agents_needed(erlangs, described.handle_time),
        handle_time=described.handle_time,
        blocked=_blocked(described, scenario, busiest, at) if is_rehearsal else None,
    )


def _busiest(night: Night, rates: Sequence[float], call: Seconds) -> tuple[PerSecond, Offset]:
    """The mean rate of the stretch with most calls, and when that begins."""
    length = min(len(rates), max(1, round(max(call, _LEAST) / night.every)))
    upto = list(accumulate(rates, initial=0.0))
    sums = [after - before for before, after in zip(upto, upto[length:], strict=False)]
    most = max(sums)
    return most / length, night.offset(sums.index(most))


def _asking(described: SupportDesk, at: Offset) -> Ratio:
    message = described.message
    return 1 - message.satisfies if message and message.works(at) else 1.0


def _blocked(described: SupportDesk, scenario: Scenario, rate: PerSecond, at: Offset) -> Ratio:
    message = described.message if described.message and described.message.works(at) else None
    patience = scenario.calls.patience
    met = Telephones(
        calls=rate,
        agents=described.agents,
        lines=described.lines,
        handle_time=described.handle_time,
        patience=inf if patience is None else patience,
        satisfied=message.satisfies if message else 0.0,
        message=message.length if message else 0.0,
    ).expect()
    return met.blocking
