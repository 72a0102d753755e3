"""What a source does not say, and the patterns that therefore nobody can see in it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from loadtests.diagnosis.hostile.flood import FLOODED
from loadtests.diagnosis.hostile.look import FEWEST, Look
from loadtests.diagnosis.verdict.kinds import Family, Hostile, Observable
from loadtests.diagnosis.verdict.records import Missing
from loadtests.vocabulary import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One of `observables` has to be said of the requests for one of `steps` to see the pattern.

    Without steps: of any request.
    """

    kind: Hostile
    observables: tuple[Observable, ...]
    family: Family
    what: str
    steps: tuple[Step, ...] = ()


NEEDS = (
    Need(
        kind=Hostile.L7_FLOOD,
        observables=(Observable.CLIENT, Observable.ACCOUNT),
        family=Family.FUNNEL,
        what="who asked: whether anybody goes on to the next step is not known",
        steps=FLOODED,
    ),
    Need(
        kind=Hostile.LICENSE_ABUSE,
        observables=(Observable.CLIENT, Observable.ACCOUNT),
        family=Family.FUNNEL,
        what="who asked for a license: whether anything was played with it is not known",
        steps=(Step.LICENSE,),
    ),
    Need(
        kind=Hostile.TOKEN_REPLAY,
        observables=(Observable.CLIENT,),
        family=Family.IDENTITY,
        what="where requests came from: addresses of one token cannot be counted",
        steps=(Step.SEGMENT, Step.PLAYLIST),
    ),
    Need(
        kind=Hostile.TOKEN_REPLAY,
        observables=(Observable.ACCOUNT,),
        family=Family.IDENTITY,
        what="with whose token requests were made: its addresses cannot be counted",
        steps=(Step.SEGMENT, Step.PLAYLIST),
    ),
    Need(
        kind=Hostile.CACHE_BUSTING,
        observables=(Observable.TARGET,),
        family=Family.CACHE,
        what="which URLs were asked for: whether there are new ones all the time is not known",
        steps=(Step.SEGMENT, Step.PLAYLIST, Step.HOME, Step.WEBSITE),
    ),
    Need(
        kind=Hostile.SLOW_HTTP,
        observables=(Observable.DURATION,),
        family=Family.CONNECTIONS,
        what="how long requests were open: connections held on purpose do not show",
    ),
)


def blind(look: Look) -> Mapping[Hostile, Missing]:
    """The patterns that could be there and would not show, and what would have shown them."""
    return {need.kind: _missing(need) for need in _unmet(look)}


def _unmet(look: Look) -> Iterator[Need]:
    for need in NEEDS:
        steps = need.steps or look.steps
        is_asked = sum(sum(look.requests(step)) for step in steps) >= FEWEST
        if is_asked and not any(map(look.says, need.observables)):
            yield need


def _missing(need: Need) -> Missing:
    return Missing(
        family=need.family,
        what=need.what,
        observable=need.observables[0],
        would_tell=(need.kind,),
    )
