"""Scanners: requests for what lies open by mistake elsewhere. Every public site has some."""

from collections.abc import Iterator

from loadtests.diagnosis.hostile.claim import Claim
from loadtests.diagnosis.hostile.look import FEWEST, Look
from loadtests.diagnosis.hostile.suspicion import Suspicion, best, look_for
from loadtests.diagnosis.verdict.kinds import Family, Hostile

KIND = Hostile.SCANNER

LEAST = 10
"""Probes that are worth a word."""

PROBES = Claim(
    measure="probes",
    family=Family.CACHE,
    text="{value} of the requests were for what only scanners ask for; {usual} at most is a slip.",
    beyond=0.0005,
    least=0.0005,
    is_needed=True,
)
NOT_FOUND = Claim(
    measure="not_found",
    family=Family.FUNNEL,
    text="{value} of the requests were for what is not there; dead links explain {usual} at most.",
    beyond=0.005,
    least=0.0005,
)


SEARCHING = Claim(
    measure="not_found",
    family=Family.FUNNEL,
    text="{value} of the requests were for what is not there; dead links explain {usual} at most.",
    beyond=0.3,
    least=0.1,
    is_needed=True,
)
NEW_URLS = Claim(
    measure="new_urls",
    family=Family.CACHE,
    text="{value} of the requests were for a URL of their own; {usual} at most is ordinary.",
    beyond=0.3,
    is_absolute=True,
    is_needed=True,
)
EACH = Claim(
    measure="requests_each",
    family=Family.IDENTITY,
    text="Each address asked {value} times; {usual} at most is ordinary.",
    beyond=100.0,
    is_absolute=True,
    is_number=True,
)


def scanner(look: Look) -> Iterator[Suspicion]:
    """Of all requests: probes ask for anything."""
    yield from best(_ways(look))


def _ways(look: Look) -> Iterator[Suspicion]:
    if look.counts("probes", None, look.whole)[0] >= LEAST:
        yield look_for(look, KIND, None, PROBES, (NOT_FOUND, EACH))
    if look.counts("not_found", None, look.whole)[0] >= FEWEST:
        yield look_for(look, KIND, None, SEARCHING, (NEW_URLS, EACH))
