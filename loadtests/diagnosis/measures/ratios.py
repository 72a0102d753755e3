"""Ratios that show hostile traffic, as counts of hits and trials: they add up over time.

What the funnel says of a request is known KNOWN_AFTER seconds later (`collect.edge.funnel`), and
counted then: a span of these is read so much later than the requests it is about.
"""

from collections.abc import Callable, Mapping

from loadtests.collect.edge.sighting import DENIALS, CacheSaid, Said
from loadtests.collect.edge.window import Traffic
from loadtests.diagnosis.measures.causes import count
from loadtests.units import Seconds

SEVERAL = 4
"""Addresses of one token at a time: more than the streams of a common plan."""

MANY = 10
"""Addresses no household has, whatever network its devices roam in."""

QUICK: Seconds = 10.0
"""Nobody waits longer for a service that is well."""

_REFUSED = DENIALS - {Said.EXPIRED}
ANSWERED = _REFUSED | {Said.OK}
"""What an attempt that was answered was told."""

Counts = Callable[[Traffic], tuple[int, int]]
"""Hits, and what they are counted in: numbers that add up over time."""


def auth_failed(of: Traffic) -> tuple[int, int]:
    """Refused for their credentials, of the attempts that were answered."""
    return count(of, _REFUSED), count(of, ANSWERED)


def form_again(of: Traffic) -> tuple[int, int]:
    """Submitted and answered with a page: a form that was filled in wrong is shown once more.

    What was right is answered with a redirect (POST, redirect, GET; RFC 9110, 15.4.4).
    """
    good = count(of, {Said.OK})
    return max(0, good - of.moved), good


def unknown_users(of: Traffic) -> tuple[int, int]:
    """Attempts with a name nobody has, of the same."""
    return count(of, {Said.UNKNOWN_USER}), count(of, ANSWERED)


def dead_ends(of: Traffic) -> tuple[int, int]:
    """Granted and not used, or refused for good, of those it is known of."""
    ended = of.settled - of.continued + of.denied - of.returned
    return ended, of.settled + of.denied


def unused(of: Traffic) -> tuple[int, int]:
    """Granted, and nothing later asked for."""
    return of.settled - of.continued, of.settled


def gave_up(of: Traffic) -> tuple[int, int]:
    """Refused for their credentials, and not let in afterwards."""
    return of.denied - of.returned, of.denied


def refused_for_good(of: Traffic) -> tuple[int, int]:
    """The same, of all attempts it is known of."""
    return of.denied - of.returned, of.settled + of.denied


def cache_misses(of: Traffic) -> tuple[int, int]:
    """Misses of the cache, of what it was asked for."""
    return of.cache[CacheSaid.MISS], of.cache.total()


def starved(of: Traffic) -> tuple[int, int]:
    """Open for over 30 s without a byte of an answer, by the client's own doing."""
    return of.starved, of.requests


def nameless(of: Traffic) -> tuple[int, int]:
    """Served to nobody's account; where no request names one, all of them."""
    good = count(of, {Said.OK})
    return max(0, good - of.shared.total()), good


def shared_by(least: int) -> Counts:
    """Served requests whose token was lately used from so many addresses or more."""

    def counts(of: Traffic) -> tuple[int, int]:
        return sum(n for sources, n in of.shared.items() if sources >= least), of.shared.total()

    return counts


def answered_quickly(of: Traffic) -> tuple[int, int]:
    """Answers that went well and took at most QUICK."""
    return of.times.at_most(QUICK), of.times.count


def probes(of: Traffic) -> tuple[int, int]:
    """Requests for what only scanners ask for."""
    return of.probes, of.requests


def not_found(of: Traffic) -> tuple[int, int]:
    """Requests for what is not there."""
    return count(of, {Said.NOT_FOUND}), of.requests


COUNTED: Mapping[str, tuple[str, Counts]] = {
    "auth_failed": ("refused for their credentials ÷ attempts answered", auth_failed),
    "form_again": (
        "sign-ins answered, but not with a redirect ÷ sign-ins that went well",
        form_again,
    ),
    "unknown_users": ("names nobody has ÷ attempts answered", unknown_users),
    "dead_ends": ("requests nothing came of ÷ those it is known of", dead_ends),
    "unused": ("granted, and no later step asked for ÷ granted", unused),
    "gave_up": ("refused for their credentials and not let in since ÷ refused", gave_up),
    "refused_for_good": (
        "refused for their credentials and not let in since ÷ attempts it is known of",
        refused_for_good,
    ),
    "cache_misses": ("cache misses ÷ requests the cache was asked", cache_misses),
    "starved": (
        "open for over 30 s without a byte of an answer, by the client's own doing ÷ requests",
        starved,
    ),
    "answered_quickly": (
        f"took at most {QUICK:g} s ÷ answers that went well",
        answered_quickly,
    ),
    "nameless": ("served without an account or a token ÷ served", nameless),
    "several_sources": (
        f"served requests of tokens lately used from {SEVERAL} addresses or more ÷ served",
        shared_by(SEVERAL),
    ),
    "many_sources": (
        f"served requests of tokens lately used from {MANY} addresses or more ÷ served",
        shared_by(MANY),
    ),
    "probes": ("requests for what only scanners ask for ÷ requests", probes),
    "not_found": ("requests for what is not there ÷ requests", not_found),
}
"""Ratios whose parts add up: (what, hits and trials)."""

OF_ALL = ("probes", "not_found")
"""Of all requests where no step is given: scanners ask for anything."""

FUNNEL = frozenset({"dead_ends", "unused", "gave_up", "refused_for_good"})
"""Known, and counted, KNOWN_AFTER seconds after the requests they are about."""
