"""Floods: good requests, each of them, that nothing follows; only their number does harm."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from loadtests.diagnosis.hostile.claim import Claim
from loadtests.diagnosis.hostile.funnel import lost_funnel, readable
from loadtests.diagnosis.hostile.look import FEWEST, Look, Part
from loadtests.diagnosis.hostile.stuffing import is_told
from loadtests.diagnosis.hostile.suspicion import Suspicion, look_for
from loadtests.diagnosis.verdict.kinds import Family, Hostile
from loadtests.diagnosis.verdict.records import Missing
from loadtests.vocabulary import Step

KIND = Hostile.L7_FLOOD

UNUSED = Claim(
    measure="unused",
    family=Family.FUNNEL,
    text="{value} of the requests that went well were not used: no later step was asked for;"
    " viewers who change their mind explain {usual} at most.",
    beyond=0.9,
    is_needed=True,
)
CROWDING = Claim(
    measure="crowding",
    family=Family.DEMAND,
    text="There are {value} requests of this step for each of the next one; {usual} at most is"
    " usual.",
    factor=1.0,
    most=8.0,
    is_number=True,
)
STRANGERS = Claim(
    measure="strangers",
    family=Family.IDENTITY,
    text="{value} of the addresses asked for this step and nothing else; {usual} at most is usual.",
    most=8.0,
)
BUSIEST = Claim(
    measure="busiest_clients",
    family=Family.CONCENTRATION,
    text="The 16 busiest addresses make {value} of the requests; {usual} at most is usual.",
    least=0.05,
)

PACE = Claim(
    measure="pace",
    family=Family.IDENTITY,
    text="Each address asks {value} times a second; people, monitors and crawlers do it {usual} at"
    " most.",
    beyond=2.0,
    is_absolute=True,
    is_number=True,
)

FLOODED = (
    Step.WEBSITE,
    Step.HOME,
    Step.SIGN_IN,
    Step.REFRESH,
    Step.CATALOG,
    Step.ENTITLEMENT,
    Step.SESSION,
    Step.MASTER,
)
"""Steps viewers go on from, whatever they came for."""


def flood(look: Look) -> Iterator[Suspicion]:
    """At each of FLOODED that is asked often enough."""
    for step in FLOODED:
        if look.counts("unused", step, look.whole)[1] < FEWEST:
            continue
        if step is Step.SIGN_IN and not is_told(look):
            continue  # a wrong password's 200 looks the same: that is looked for by `stuffing`
        within = readable(look, step)
        missing = [] if within == look.whole else [lost_funnel(KIND)]
        if within is not None:
            found = _look_for(look, step, within, missing, PACE)
            # many read one page and are content, and nobody said how many usually do: there only
            # a machine's pace tells
            is_known = look.usual(UNUSED.measure, step, found.place.part) is not None
            if step is Step.WEBSITE or not is_known:
                found = _look_for(look, step, within, missing, replace(PACE, is_needed=True))
            yield found


def _look_for(
    look: Look, step: Step, within: Part, missing: Sequence[Missing], pace: Claim
) -> Suspicion:
    others = (CROWDING, STRANGERS, BUSIEST, pace)
    return look_for(look, KIND, step, UNUSED, others, within=within, missing=missing)
