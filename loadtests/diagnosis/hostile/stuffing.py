"""Credential stuffing: names and passwords tried one after the other (OWASP OAT-008).

Sign-ins are refused, and whoever was refused does not come back with the right password. Where
failures are answered with 200, nothing ever follows a sign-in. How many addresses it comes from
says nothing: there may be one for each attempt.
"""

from collections.abc import Iterator
from dataclasses import replace

from loadtests.diagnosis.hostile.claim import Claim
from loadtests.diagnosis.hostile.funnel import lost_funnel, readable
from loadtests.diagnosis.hostile.look import FEWEST, Look
from loadtests.diagnosis.hostile.suspicion import Suspicion, best, look_for
from loadtests.diagnosis.verdict.kinds import Family, Hostile, Observable
from loadtests.diagnosis.verdict.records import Missing
from loadtests.units import Ratio
from loadtests.vocabulary import Step

KIND = Hostile.CREDENTIAL_STUFFING

TOLD: Ratio = 0.001
"""Refusals ÷ attempts from which a service is taken to say when a password was wrong. [A]"""

FAILED = Claim(
    measure="auth_failed",
    family=Family.AUTH,
    text="Of the sign-ins that were answered, {value} were refused for their credentials;"
    " forgotten passwords explain {usual} at most.",
    beyond=0.5,
)
UNKNOWN = Claim(
    measure="unknown_users",
    family=Family.AUTH,
    text="{value} of the attempts were with names nobody has; typing errors explain {usual} at"
    " most.",
    beyond=0.1,
)
FORM_AGAIN = Claim(
    measure="form_again",
    family=Family.AUTH,
    text="{value} of the sign-ins were answered with a page, where this site answers forms that"
    " are filled in right with a redirect; forgotten passwords explain {usual} at most.",
    beyond=0.5,
    is_needed=True,
)
REPEATED = Claim(
    measure="requests_each",
    family=Family.IDENTITY,
    text="Each address tried {value} times; people and gateways explain {usual} at most.",
    beyond=20.0,
    least=1.0,
    is_number=True,
)
FOR_GOOD = Claim(
    measure="refused_for_good",
    family=Family.FUNNEL,
    text="{value} of the attempts were refused, and nobody came back with the right password;"
    " people who forgot theirs explain {usual} at most.",
    beyond=0.3,
)
NOTHING_FOLLOWS = Claim(
    measure="dead_ends",
    family=Family.FUNNEL,
    text="After {value} of the sign-ins nothing was asked for; people who change their mind"
    " explain {usual} at most.",
    beyond=0.6,
    is_needed=True,
)
MORE = Claim(
    measure="crowding",
    family=Family.DEMAND,
    text="There are {value} sign-ins for each request of the step most asked for after it; the mix"
    " of viewers explains {usual} at most.",
    factor=1.1,
    is_number=True,
)
NOBODY_ELSE = Claim(
    measure="strangers",
    family=Family.IDENTITY,
    text="{value} of the addresses that signed in asked for nothing else all the time; {usual} at"
    " most is usual.",
    beyond=0.6,
    most=8.0,
)
MANY_ACCOUNTS = Claim(
    measure="accounts_each",
    family=Family.IDENTITY,
    text="Each address tried {value} accounts; households and gateways explain {usual} at most.",
    beyond=20.0,
    least=1.0,
    most=8.0,
    is_number=True,
)


def stuffing(look: Look) -> Iterator[Suspicion]:
    """At sign-in, if anybody signs in."""
    if look.counts("auth_failed", Step.SIGN_IN, look.whole)[1]:
        yield from best(_ways(look))


def is_told(look: Look) -> bool:
    """Whether the service says when a password was wrong."""
    hits, trials = look.counts("auth_failed", Step.SIGN_IN, look.whole)
    return look.says(Observable.STATED) or hits > TOLD * trials


def _redirects(look: Look) -> bool:
    """Whether the site answers forms with redirects at all."""
    return any(of.moved for of in look.over(look.whole).steps.values())


def _ways(look: Look) -> Iterator[Suspicion]:
    others = (MORE, NOBODY_ELSE, MANY_ACCOUNTS)
    if is_told(look):
        told = (UNKNOWN, replace(FOR_GOOD, is_needed=True), *others)
        lead, by = replace(FAILED, is_needed=True), FOR_GOOD.measure
        yield look_for(look, KIND, Step.SIGN_IN, lead, told, by=by)
        if look.counts("unknown_users", Step.SIGN_IN, look.whole)[0]:
            told = (FAILED, FOR_GOOD, *others)
            lead = replace(UNKNOWN, is_needed=True)
            yield look_for(look, KIND, Step.SIGN_IN, lead, told, by=by)
        return
    missing = Missing(
        family=Family.AUTH,
        what="which sign-ins failed: the application does not state it, and answers 200 to all",
        observable=Observable.STATED,
        would_tell=(KIND,),
    )
    within = readable(look, Step.SIGN_IN)
    is_asked = sum(look.requests(Step.SIGN_IN)) >= FEWEST
    if within is None:
        lost = [missing, lost_funnel(KIND)]
        yield look_for(look, KIND, Step.SIGN_IN, FAILED, others, missing=lost, is_blind=True)
    else:
        yield look_for(
            look,
            KIND,
            Step.SIGN_IN,
            NOTHING_FOLLOWS,
            (FORM_AGAIN, REPEATED, *others) if _redirects(look) else (REPEATED, *others),
            within=within,
            missing=[missing],
            is_blind=is_asked and not _redirects(look),
        )
