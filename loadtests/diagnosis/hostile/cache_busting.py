"""Cache busting: URLs no cache has seen, so that the origin has to answer every request.

A lost node and a changed cache key raise the misses, too, but leave the URLs what they were.
"""

from collections.abc import Iterator

from loadtests.diagnosis.hostile.claim import Claim
from loadtests.diagnosis.hostile.look import FEWEST, Look
from loadtests.diagnosis.hostile.suspicion import Suspicion, look_for
from loadtests.diagnosis.verdict.kinds import Family, Hostile, Observable

KIND = Hostile.CACHE_BUSTING

MISSES = Claim(
    measure="cache_misses",
    family=Family.CACHE,
    text="The cache missed {value} of what it was asked for; {usual} at most is usual.",
    most=5.0,  # a lost node does it, too
    is_needed=True,
)
VARIANTS = Claim(
    measure="url_variants",
    family=Family.CACHE,
    text="Each path was asked for under {value} different URLs; {usual} at most is usual.",
    beyond=3.0,
    factor=1.1,
    is_needed=True,
    is_number=True,
)
STRANGERS = Claim(
    measure="strangers",
    family=Family.IDENTITY,
    text="{value} of the addresses asked for nothing else: no playlist, no page; {usual} at most"
    " is usual.",
)
NAMELESS = Claim(
    measure="nameless",
    family=Family.IDENTITY,
    text="{value} of what was served was asked for without an account; {usual} at most is usual.",
)
BUSIEST = Claim(
    measure="busiest_clients",
    family=Family.CONCENTRATION,
    text="The 16 busiest addresses make {value} of the requests; {usual} at most is usual.",
)


def cache_busting(look: Look) -> Iterator[Suspicion]:
    """At every step the cache answers."""
    for step in look.steps:
        asked = look.counts("cache_misses", step, look.whole)[1]
        if asked < FEWEST:
            continue
        if look.says(Observable.TARGET):
            yield look_for(look, KIND, step, MISSES, (VARIANTS, STRANGERS, NAMELESS, BUSIEST))
