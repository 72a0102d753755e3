"""The same night, less what one family of evidence is read from."""

from collections import Counter
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import replace

from loadtests.collect.distribution import Distribution
from loadtests.collect.edge.distinct import Distinct
from loadtests.collect.edge.sighting import DENIALS, Attempt, Said
from loadtests.collect.edge.top import Top
from loadtests.collect.edge.window import Traffic
from loadtests.diagnosis.verdict.kinds import Family, Observable
from loadtests.diagnosis.verdict.night import Night

Blind = Callable[[Traffic], None]


def without(night: Night, family: Family) -> Night:
    """What a source that does not say it would have shown."""
    if family is Family.DEMAND:
        return replace(night, signature=None)
    blind, lost = BLINDS[family]
    windows = deepcopy(tuple(night.windows))
    for window in windows:
        for traffic in window.steps.values():
            blind(traffic)
    observed = {o: share for o, share in night.observed.items() if o not in lost}
    return replace(night, windows=windows, observed=observed)


def _said(traffic: Traffic, rename: Callable[[Said], Said]) -> None:
    told: Counter[tuple[Said, Attempt]] = Counter()
    for (said, attempt), number in traffic.said.items():
        told[rename(said), attempt] += number
    traffic.said = told


def _no_attempts(traffic: Traffic) -> None:
    told: Counter[tuple[Said, Attempt]] = Counter()
    for (said, _), number in traffic.said.items():
        told[said, Attempt.UNKNOWN] += number
    traffic.said = told


def _no_reasons(traffic: Traffic) -> None:
    """Only statuses are left."""
    traffic.codes.clear()
    _said(traffic, lambda said: _BY_STATUS.get(said, said))


_BY_STATUS = {
    **dict.fromkeys(DENIALS, Said.DENIED),
    Said.POLICY: Said.DENIED,
    Said.BLOCKED: Said.OVERLOAD,
}


def _no_durations(traffic: Traffic) -> None:
    traffic.times, traffic.busy, traffic.starved = Distribution(), 0.0, 0


def _no_identities(traffic: Traffic) -> None:
    traffic.clients, traffic.accounts = Distinct(), Distinct()
    traffic.top_clients, traffic.top_accounts = Top(), Top()
    traffic.shared.clear()
    traffic.settled = traffic.continued = 0


def _no_urls(traffic: Traffic) -> None:
    traffic.targets, traffic.paths = Distinct(), Distinct()
    traffic.cache.clear()


BLINDS: Mapping[Family, tuple[Blind, frozenset[Observable]]] = {
    Family.RETRIES: (_no_attempts, frozenset({Observable.ATTEMPT})),
    Family.AUTH: (_no_reasons, frozenset({Observable.STATED})),
    Family.POLICY: (_no_reasons, frozenset({Observable.STATED})),
    Family.CONNECTIONS: (_no_durations, frozenset({Observable.DURATION, Observable.BYTES})),
    Family.SATURATION: (_no_durations, frozenset({Observable.DURATION})),
    Family.FUNNEL: (_no_identities, frozenset({Observable.CLIENT, Observable.ACCOUNT})),
    Family.IDENTITY: (_no_identities, frozenset({Observable.CLIENT, Observable.ACCOUNT})),
    Family.CACHE: (_no_urls, frozenset({Observable.CACHE, Observable.TARGET})),
}
"""What is taken away of each step's traffic, and which observables are gone with it."""
