"""License abuse: keys by the thousand that nobody plays anything with."""

from collections.abc import Iterator

from loadtests.diagnosis.hostile.claim import Claim
from loadtests.diagnosis.hostile.flood import BUSIEST, CROWDING, STRANGERS
from loadtests.diagnosis.hostile.funnel import lost_funnel, readable
from loadtests.diagnosis.hostile.look import FEWEST, Look
from loadtests.diagnosis.hostile.suspicion import Suspicion, look_for
from loadtests.diagnosis.verdict.kinds import Family, Hostile
from loadtests.vocabulary import Step

KIND = Hostile.LICENSE_ABUSE

NOT_PLAYED = Claim(
    measure="unused",
    family=Family.FUNNEL,
    text="With {value} of the licenses nothing was played; {usual} at most is usual.",
    beyond=0.9,
    is_needed=True,
)
MANY_EACH = Claim(
    measure="licenses_each",
    family=Family.IDENTITY,
    text="Each account was granted {value} licenses; {usual} at most is usual.",
    beyond=50.0,
    least=1.0,
    is_number=True,
)
BUSIEST_ACCOUNTS = Claim(
    measure="busiest_accounts",
    family=Family.CONCENTRATION,
    text="The 16 busiest accounts got {value} of the licenses; {usual} at most is usual.",
    least=0.05,
)


def license_abuse(look: Look) -> Iterator[Suspicion]:
    """Of licenses to play; and of those for downloads, which are played later, if at all."""
    for step in (Step.LICENSE, Step.DOWNLOAD):
        if look.counts("unused", step, look.whole)[1] < FEWEST:
            continue
        within = readable(look, step)
        missing = [] if within == look.whole else [lost_funnel(KIND)]
        if within is not None:
            others = (MANY_EACH, CROWDING, STRANGERS, BUSIEST, BUSIEST_ACCOUNTS)
            yield look_for(look, KIND, step, NOT_PLAYED, others, within=within, missing=missing)
