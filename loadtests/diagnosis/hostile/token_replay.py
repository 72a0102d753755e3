"""Token replay: one account's token used from many addresses, and served."""

from collections.abc import Iterator

from loadtests.diagnosis.hostile.claim import Claim
from loadtests.diagnosis.hostile.look import FEWEST, Look
from loadtests.diagnosis.hostile.suspicion import Suspicion, best, look_for
from loadtests.diagnosis.measures.ratios import MANY, SEVERAL
from loadtests.diagnosis.verdict.kinds import Family, Hostile
from loadtests.vocabulary import Step

KIND = Hostile.TOKEN_REPLAY

_TEXT = (
    "{{value}} of what was served went to tokens used from {least} addresses or more within"
    " minutes; {{usual}} at most is usual."
)
MANY_SOURCES = Claim(
    measure="many_sources",
    family=Family.IDENTITY,
    text=_TEXT.format(least=MANY),
    beyond=0.02,
    is_needed=True,
)
SEVERAL_SOURCES = Claim(
    measure="several_sources",
    family=Family.IDENTITY,
    text=_TEXT.format(least=SEVERAL),
    is_needed=True,
)
BUSIEST = Claim(
    measure="busiest_accounts",
    family=Family.CONCENTRATION,
    text="The 16 busiest accounts make {value} of the requests; {usual} at most is usual.",
    beyond=0.5,
    least=0.003,
)
WITHOUT_RIGHTS = Claim(
    measure="without_license",
    family=Family.FUNNEL,
    text="{value} of the addresses were served without ever having asked for the right to it;"
    " {usual} at most is usual.",
    most=8.0,
)

STREAM = (Step.SEGMENT, Step.PLAYLIST)
"""What is asked for with a token as long as somebody watches; the first of them that says so."""


def token_replay(look: Look) -> Iterator[Suspicion]:
    """Of the stream; where it names no account, at whatever step does most."""
    steps = [step for step in STREAM if _is_named(look, step)]
    others = [step for step in look.steps if _is_named(look, step)]
    for step in steps[:1] or others[:1]:
        rest = (WITHOUT_RIGHTS, BUSIEST)
        yield from best(
            look_for(look, KIND, step, lead, rest) for lead in (MANY_SOURCES, SEVERAL_SOURCES)
        )


def _is_named(look: Look, step: Step | None) -> bool:
    return look.counts("many_sources", step, look.whole)[1] >= FEWEST
