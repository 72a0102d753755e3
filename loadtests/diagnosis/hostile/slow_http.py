"""Slow HTTP: requests that never end and answers hardly read, to use up connections.

What is held open by design (low-latency HLS, long polling) is answered in the end; a line in front
of a full station makes everybody wait, and not only those who send slowly. Whom a service that
hangs starves has asked in full, and what becomes of that is a failure of the service's: it does not
count as starved (see `collect.edge.counting`).
"""

from collections.abc import Iterator

from loadtests.diagnosis.hostile.claim import Claim
from loadtests.diagnosis.hostile.look import FEWEST, Look
from loadtests.diagnosis.hostile.suspicion import Suspicion, look_for
from loadtests.diagnosis.verdict.kinds import Family, Hostile

KIND = Hostile.SLOW_HTTP

STARVED = Claim(
    measure="starved",
    family=Family.CONNECTIONS,
    text="{value} of the requests were open for over 30 s without a byte of an answer, as they were"
    " not sent in whole or not taken; {usual} at most is ordinary.",
    beyond=0.01,
    is_needed=True,
)
QUICK = Claim(
    measure="answered_quickly",
    family=Family.SATURATION,
    text="{value} of the requests that went well took less than 10 s all the while: it is not the"
    " service that is slow.",
    beyond=0.5,
    most=8.0,
    is_absolute=True,
    is_needed=True,
)

EACH = Claim(
    measure="requests_each",
    family=Family.IDENTITY,
    text="Each address asked {value} times; {usual} at most do those whose requests are lost.",
    beyond=20.0,
    is_absolute=True,
    is_number=True,
)


def slow_http(look: Look) -> Iterator[Suspicion]:
    """At every step."""
    for step in look.steps:
        if sum(look.requests(step)) >= FEWEST and look.counts("starved", step, look.whole)[0]:
            yield look_for(look, KIND, step, STARVED, (QUICK, EACH))
