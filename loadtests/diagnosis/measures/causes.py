"""What tells why viewers failed: demand, saturation, retries and refusals."""

from collections.abc import Callable, Iterable, Mapping
from math import sqrt

from loadtests.collect.edge.sighting import FAILURES, Attempt, Said
from loadtests.collect.edge.window import EdgeWindow, Traffic
from loadtests.diagnosis.measures.measure import Measure, share, traffic
from loadtests.diagnosis.verdict.records import Reading
from loadtests.vocabulary import Step

_Z = 1.959963984540054  # 95 % of a normal distribution lie within

REFUSED = frozenset({Said.POLICY})
BLOCKED = frozenset({Said.BLOCKED})
UNEXPLAINED = frozenset({Said.DENIED})
"""401 or 403, and nobody says why."""


def count(of: Traffic, said: Iterable[Said] | None = None, *, firsts: bool = False) -> int:
    """Requests of which one of these was said (None: all); `firsts`: without known retries."""
    wanted = None if said is None else frozenset(said)
    return sum(
        n
        for (how, attempt), n in of.said.items()
        if (wanted is None or how in wanted) and not (firsts and attempt is Attempt.RETRY)
    )


def counted(number: float) -> Reading:
    """A count with the interval chance alone leaves it, spread as if in pairs.

    People come in waves, so twice the variance of a Poisson count: on real evenings the surplus is
    larger still between minutes, but not within the span a rate is taken from.
    """
    half = _Z * sqrt(2 * number)
    return Reading(
        value=number, low=max(0.0, number - half), high=number + half, samples=round(number)
    )


def _rate(said: Iterable[Said] | None = None, *, firsts: bool = False) -> Callable[..., Reading]:
    def read(window: EdgeWindow, step: Step | None) -> Reading:
        return counted(count(traffic(window, step), said, firsts=firsts))

    return read


def _ratio(
    said: Iterable[Said], *, firsts: bool = False
) -> Callable[[EdgeWindow, Step | None], Reading | None]:
    def read(window: EdgeWindow, step: Step | None) -> Reading | None:
        of = traffic(window, step)
        return share(count(of, said, firsts=firsts), count(of, firsts=firsts))

    return read


def _quantile(q: float) -> Callable[[EdgeWindow, Step | None], Reading | None]:
    """Of the durations of answers that went well, with the interval of its rank (binomial)."""

    def read(window: EdgeWindow, step: Step | None) -> Reading | None:
        times = traffic(window, step).times
        if not times.count:
            return None
        off = _Z * sqrt(q * (1 - q) / times.count)
        low, value, high = (times.quantile(at) for at in (max(0.0, q - off), q, min(1.0, q + off)))
        return Reading(value=value, low=low, high=high, samples=times.count)

    return read


def lasted(window: EdgeWindow, step: Step | None) -> Reading | None:
    """Mean duration (s) of all requests, however they ended; None: nothing was asked, or timed."""
    of = traffic(window, step)
    asked = count(of)
    if not asked or not of.busy:
        return None
    mean = of.busy / asked
    # nothing is kept of how durations spread: as if they were exponential
    half = _Z * mean / sqrt(asked)
    return Reading(value=mean, low=max(0.0, mean - half), high=mean + half, samples=asked)


def attempts(window: EdgeWindow, step: Step | None) -> Reading | None:
    """Attempts ÷ first attempts; None where nobody says which are retries, or all of them are."""
    of = traffic(window, step)
    known = sum(n for (_, attempt), n in of.said.items() if attempt is not Attempt.UNKNOWN)
    firsts = sum(n for (_, attempt), n in of.said.items() if attempt is Attempt.FIRST)
    part = share(firsts, known)
    if part is None or not part.low:
        return None
    return Reading(value=1 / part.value, low=1 / part.high, high=1 / part.low, samples=known)


def one_code(window: EdgeWindow, step: Step | None) -> Reading | None:
    """Of refusals by policy, the share that has the commonest code."""
    codes = traffic(window, step).codes
    return share(max(codes.values(), default=0), codes.total())


def expired(window: EdgeWindow, step: Step | None) -> Reading | None:
    """Expired tokens ÷ requests."""
    of = traffic(window, step)
    return share(count(of, {Said.EXPIRED}), count(of))


CAUSES: Mapping[str, Measure] = {
    "requests": Measure(
        what="requests a second",
        read=_rate(),
        is_rate=True,
        promql='sum(rate(matchnight_requests_total{endpoint=~"$step"}[$span]))',
    ),
    "first_attempts": Measure(
        what="first attempts a second: requests that repeat none that failed",
        read=_rate(firsts=True),
        is_rate=True,
    ),
    "good": Measure(what="requests a second that went well", read=_rate({Said.OK}), is_rate=True),
    "failed": Measure(what="failed ÷ requests", read=_ratio(FAILURES)),
    "failed_first": Measure(
        what="failed ÷ requests, of first attempts", read=_ratio(FAILURES, firsts=True)
    ),
    "refused": Measure(what="refused by policy ÷ requests", read=_ratio(REFUSED)),
    "one_code": Measure(
        what="refusals with the commonest code ÷ refusals by policy", read=one_code
    ),
    "blocked": Measure(what="blocked by a rule of the defense ÷ requests", read=_ratio(BLOCKED)),
    "denied": Measure(
        what="denied, and nobody says why (401, 403) ÷ requests", read=_ratio(UNEXPLAINED)
    ),
    "shed": Measure(what="refused for overload ÷ requests", read=_ratio({Said.OVERLOAD})),
    "response_time": Measure(
        what="median duration of answers that went well, in seconds",
        read=_quantile(0.5),
        unit="s",
    ),
    "slow_response_time": Measure(
        what="duration that one answer in ten that went well exceeds, in seconds",
        read=_quantile(0.9),
        unit="s",
    ),
    "lasted": Measure(
        what="mean duration of all requests, however they ended, in seconds", read=lasted, unit="s"
    ),
    "attempts": Measure(what="attempts ÷ first attempts", read=attempts),
    "expired": Measure(what="expired tokens ÷ requests", read=expired),
}
