"""What hostile traffic shows by: sign-ins refused, ways that end, sources, URLs, connections."""

from collections.abc import Callable, Mapping
from itertools import takewhile
from math import sqrt

from loadtests.collect.edge.distinct import ERROR, FEW, Distinct
from loadtests.collect.edge.sighting import Said
from loadtests.collect.edge.window import EdgeWindow
from loadtests.diagnosis.measures.causes import count
from loadtests.diagnosis.measures.measure import Measure, share, traffic
from loadtests.diagnosis.measures.ratios import ANSWERED, COUNTED, OF_ALL, Counts
from loadtests.diagnosis.verdict.records import Reading
from loadtests.vocabulary import Step

_Z = 1.959963984540054  # 95 % of a normal distribution lie within
_WAYS_IN = tuple(takewhile(lambda step: step is not Step.PLAYLIST, Step))


def _of_all(counts: Counts) -> Callable[[EdgeWindow, Step | None], Reading | None]:
    """At a step; where it is none, of all requests."""

    def read(window: EdgeWindow, step: Step | None) -> Reading | None:
        return share(*counts(window.total if step is None else traffic(window, step)))

    return read


def strangers(window: EdgeWindow, step: Step | None) -> Reading | None:
    """Clients that asked for this step and for no other ÷ clients that asked for it."""
    others = Distinct()
    for other, of in window.steps.items():
        if other is not step:
            others.merge(of.clients)
    mine = traffic(window, step).clients
    before = others.count
    others.merge(mine)
    return _newcomers(before, others, mine)


def _newcomers(before: float, together: Distinct, mine: Distinct) -> Reading | None:
    """The share of `mine` that the others, so many `before`, did not hold already.

    Of two sketches of which one holds the other the errors nearly cancel: what is left is of the
    order of the geometric mean of the difference and the whole (1.0 to 1.4 of it, simulated).
    """
    whole = together.count
    new = max(0.0, whole - before)
    error = 1.4 * _error(together) * sqrt(max(new, 1.0) * whole)
    return _part(new, mine.count, error=error)


def _part(part: float, whole: float, *, error: float) -> Reading | None:
    """A share of different ones, of sketches whose own error is so many."""
    if whole < 1:
        return None
    found = share(round(min(max(part, 0.0), whole)), round(whole))
    assert found is not None  # noqa: S101 - of one at least
    more = _Z * error / whole
    return Reading(
        value=found.value,
        low=max(0.0, found.low - more),
        high=min(1.0, found.high + more),
        samples=found.samples,
    )


def _error(of: Distinct) -> float:
    return ERROR if of.count > FEW else 0.0


def _each(hits: float, of: Distinct) -> Reading | None:
    """So many for each different one."""
    known = of.count
    if not known:
        return None
    error = _Z * sqrt(_error(of) ** 2 + 1 / max(hits, 1.0))
    value = hits / known
    return Reading(
        value=value,
        low=value / (1 + error),
        high=value * (1 + error),
        samples=round(hits),
    )


def without_license(window: EdgeWindow, step: Step | None) -> Reading | None:
    """Clients that asked for no step of the way in ÷ clients of this step."""
    way_in = Distinct()
    for other in _WAYS_IN[:-1]:
        way_in.merge(traffic(window, other).clients)
    mine = traffic(window, step).clients
    before = way_in.count
    way_in.merge(mine)
    return _newcomers(before, way_in, mine)


def licenses_each(window: EdgeWindow, step: Step | None) -> Reading | None:
    """Granted requests for each account that asked."""
    of = traffic(window, step)
    return _each(count(of, {Said.OK}), of.accounts)


def requests_each(window: EdgeWindow, step: Step | None) -> Reading | None:
    """Requests for each address; where no step is given, of all."""
    of = window.total if step is None else traffic(window, step)
    return _each(of.requests, of.clients)


def accounts_each(window: EdgeWindow, step: Step | None) -> Reading | None:
    """Different accounts for each address; None where nobody names an account."""
    of = traffic(window, step)
    return _each(of.accounts.count, of.clients) if of.accounts else None


def url_variants(window: EdgeWindow, step: Step | None) -> Reading | None:
    """Different targets (path and query) for each different path."""
    of = traffic(window, step)
    paths = of.paths.count
    if not paths:
        return None
    value = max(1.0, of.targets.count / paths)
    error = _Z * (_error(of.targets) + _error(of.paths))
    low, high = max(1.0, value / (1 + error)), value * (1 + error)
    return Reading(value=value, low=low, high=high, samples=of.requests)


def new_urls(window: EdgeWindow, step: Step | None) -> Reading | None:
    """Different targets ÷ requests: 1 if none was asked for twice; without a step, of all."""
    of = window.total if step is None else traffic(window, step)
    if not of.targets or not of.requests:
        return None
    return _part(of.targets.count, of.requests, error=_error(of.targets) * of.targets.count)


def busiest_clients(window: EdgeWindow, step: Step | None) -> Reading | None:
    """Requests of the (at most 16) busiest addresses ÷ requests."""
    of = traffic(window, step)
    return share(min(sum(of.top_clients.counts.values()), of.requests), of.requests)


def busiest_accounts(window: EdgeWindow, step: Step | None) -> Reading | None:
    """Requests of the (at most 16) busiest accounts ÷ requests made with an account."""
    of = traffic(window, step)
    if not of.accounts:
        return None
    return share(min(sum(of.top_accounts.counts.values()), of.requests), of.requests)


def crowding(window: EdgeWindow, step: Step | None) -> Reading | None:
    """Answers of the step ÷ requests of the one after it on the way in that is asked most.

    Of answers, not requests: who is refused for overload comes again, and goes nowhere either.
    """
    if step is None:
        return None
    later = _WAYS_IN[_WAYS_IN.index(step) + 1 :] if step in _WAYS_IN else ()
    answered = count(traffic(window, step), ANSWERED)
    if not later or not answered:
        return None
    asked = max(1, *(traffic(window, other).requests for other in later))
    # the same people ask for both: chance is in those alone who did not
    half = _Z * sqrt(2 * (abs(answered - asked) + 1)) / asked
    value = answered / asked
    return Reading(value=value, low=max(0.0, value - half), high=value + half, samples=answered)


def _counted(counts: Counts) -> Callable[[EdgeWindow, Step | None], Reading | None]:
    def read(window: EdgeWindow, step: Step | None) -> Reading | None:
        return share(*counts(traffic(window, step)))

    return read


HOSTILE: Mapping[str, Measure] = {
    **{name: Measure(what=what, read=_counted(counts)) for name, (what, counts) in COUNTED.items()},
    **{name: Measure(what=COUNTED[name][0], read=_of_all(COUNTED[name][1])) for name in OF_ALL},
    "strangers": Measure(
        what="addresses that ask for this step and no other ÷ its addresses", read=strangers
    ),
    "without_license": Measure(
        what="addresses that asked for no step of the way in ÷ its addresses",
        read=without_license,
    ),
    "licenses_each": Measure(what="licenses granted for each account", read=licenses_each),
    "requests_each": Measure(what="requests for each address", read=requests_each),
    "pace": Measure(what="requests a second of each address", read=requests_each, is_rate=True),
    "accounts_each": Measure(what="different accounts for each address", read=accounts_each),
    "url_variants": Measure(what="different URLs for each different path", read=url_variants),
    "new_urls": Measure(what="different URLs ÷ requests", read=new_urls),
    "busiest_clients": Measure(
        what="requests of the 16 busiest addresses ÷ requests", read=busiest_clients
    ),
    "busiest_accounts": Measure(
        what="requests of the 16 busiest accounts ÷ requests", read=busiest_accounts
    ),
    "crowding": Measure(
        what="answers of the step ÷ requests of the next one on the way in", read=crowding
    ),
}
