"""The night minute by minute."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from loadtests.export import words
from loadtests.paper.plan.night import Night
from loadtests.paper.plan.plan import Case, Plan
from loadtests.paper.plan.plan_words import bit_rate, number
from loadtests.units import BytesPerSecond, Offset, PerSecond
from loadtests.vocabulary import Step

_MINUTE = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Minute:
    """Means of one event minute, or of an entry of the night if that is longer."""

    start: Offset
    joins: PerSecond
    watching: float
    requests: PerSecond
    steps: dict[Step, PerSecond]
    connections: PerSecond
    sent: BytesPerSecond


def by_minute(night: Night) -> Iterator[Minute]:
    """Every minute of a night."""
    numbers = range(len(night.arrivals))
    for minute, group in groupby(numbers, key=lambda n: night.offset(n) // _MINUTE):
        some = list(group)
        part = slice(some[0], some[-1] + 1)
        steps = {step: _mean(rates[part]) for step, rates in night.requests.items()}
        yield Minute(
            start=max(night.start, minute * _MINUTE),
            joins=_mean(night.arrivals[part]),
            watching=_mean(night.watching[part]),
            requests=sum(steps.values()),
            steps=steps,
            connections=_mean(night.connections[part]),
            sent=_mean(night.sent[part]),
        )


def minutes(plan: Plan) -> Iterator[str]:
    """The table of the night at its P50."""
    titles = ("joins/s", "watching", "requests/s", "connections/s", "bit rate")
    yield "Minute by minute, P50, means"
    yield f"  {'from':>10}{'clock':>10}" + "".join(f"{title:>15}" for title in titles)
    kick_off = plan.question.scenario.event.kick_off
    for minute in by_minute(plan.nights[Case.P50]):
        figures = (
            number(minute.joins),
            number(minute.watching),
            number(minute.requests),
            number(minute.connections),
            bit_rate(minute.sent),
        )
        clock = words.clock(kick_off, minute.start)[:5]
        said = "".join(f"{figure:>15}" for figure in figures)
        yield f"  {words.offset_clock(minute.start):>10}{clock:>10}{said}"


def _mean(rates: Sequence[float]) -> float:
    return sum(rates) / len(rates)
