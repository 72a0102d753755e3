"""Evenings put together: of another size, several at once, with on-demand viewing besides."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil

from loadtests.paper.plan.night import Night, fitting, night, whole
from loadtests.paper.plan.series import added
from loadtests.scenario.model import Scenario
from loadtests.stack.defaults import DEFAULT
from loadtests.units import BytesPerSecond, Offset, Seconds
from loadtests.vocabulary import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """On-demand viewing that goes on besides: as many at any time, who join before and after."""

    viewers: float
    bit_rate: BytesPerSecond | None = None  # of each; None: as of the evening's viewers


def times(one: Night, factor: float) -> Night:
    """The same evening with `factor` times the viewers."""
    return replace(
        one,
        arrivals=_times(one.arrivals, factor),
        watching=_times(one.watching, factor),
        requests={step: _times(rates, factor) for step, rates in one.requests.items()},
        sent=_times(one.sent, factor),
        connections=_times(one.connections, factor),
    )


def at_bit_rate(one: Night, bit_rate: BytesPerSecond) -> Night:
    """The same evening if whoever has a picture takes so much, all told."""
    return replace(one, sent=_times(one.watching, bit_rate))


def nights(scenarios: Sequence[tuple[Scenario, Offset]]) -> list[Night]:
    """Each event's night, on one calendar and in entries of one length.

    With each, how long after the first one's its own kick-off is.
    """
    spans = [(whole(scenario), later) for scenario, later in scenarios]
    start = min(span.start + later for span, later in spans)
    stop = max(span.stop + later for span, later in spans)
    every = fitting(stop - start)
    entries = ceil((stop - start) / every)
    return [_on(night(s, every=every), later, start, entries) for s, later in scenarios]


def together(several: Sequence[Night]) -> Night:
    """All of them at once; they have one calendar."""
    first, *others = several
    for other in others:
        steps = {**dict.fromkeys(first.requests), **dict.fromkeys(other.requests)}
        nothing = [0.0] * len(first.arrivals)
        first = replace(
            first,
            arrivals=added(first.arrivals, other.arrivals),
            watching=added(first.watching, other.watching),
            requests={
                step: added(first.requests.get(step, nothing), other.requests.get(step, nothing))
                for step in Step
                if step in steps
            },
            sent=added(first.sent, other.sent),
            connections=added(first.connections, other.connections),
        )
    return first


def besides(one: Night, viewers: Background, scenario: Scenario) -> Night:
    """The evening with on-demand viewing: a segment at a time and heartbeats, as `scenario` has.

    On-demand playlists do not change, and who joins meanwhile is nobody's surge: neither is told.
    """
    stream = (scenario.stack or DEFAULT).stream
    rates = {
        Step.SEGMENT: viewers.viewers / stream.target_duration,
        Step.HEARTBEAT: viewers.viewers / scenario.viewing.heartbeat,
    }
    each = stream.bit_rates[-1] if viewers.bit_rate is None else viewers.bit_rate
    more = {step: rate for step, rate in rates.items() if step in one.requests}
    return replace(
        one,
        watching=[rate + viewers.viewers for rate in one.watching],
        requests={
            step: [rate + more.get(step, 0.0) for rate in of] for step, of in one.requests.items()
        },
        sent=[rate + viewers.viewers * each for rate in one.sent],
    )


def _on(one: Night, later: Seconds, start: Offset, entries: int) -> Night:
    """The night on another calendar."""
    before = round((one.start + later - start) / one.every)

    def moved(rates: Sequence[float]) -> list[float]:
        laid = [*[0.0] * before, *rates][:entries]
        return [*laid, *[0.0] * (entries - len(laid))]

    return replace(
        one,
        start=start,
        arrivals=moved(one.arrivals),
        watching=moved(one.watching),
        requests={step: moved(rates) for step, rates in one.requests.items()},
        sent=moved(one.sent),
        connections=moved(one.connections),
    )


def _times(rates: Sequence[float], factor: float) -> list[float]:
    return [factor * rate for rate in rates]
