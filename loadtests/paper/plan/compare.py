"""Cases side by side: what each would do about the night, beside the night as it is."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from loadtests.errors import MatchnightError
from loadtests.paper.plan.changes import Case, changed, older
from loadtests.paper.plan.headroom import Headroom, headroom
from loadtests.paper.plan.night import Night, night
from loadtests.paper.plan.remedies import Admission, Buffer, admission, buffers
from loadtests.paper.plan.reshape import admitted
from loadtests.paper.plan.what_if import WhatIf
from loadtests.scenario.model import Scenario
from loadtests.stack.model import EdgeCache
from loadtests.units import Seconds

UNCHANGED = "as it is"

Reckon = Callable[[Scenario], Night]
"""Makes the night of an evening."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What a stack of known capacity makes of a night."""

    headroom: Headroom
    buffers: tuple[Buffer, ...]  # empty if nobody knows how long it takes to scale
    room: Admission | None  # the case's own waiting room, else what one should be set to


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """One case: what the stack is asked, and whether it carries that."""

    name: str
    case: Case
    night: Night  # behind the waiting room, if there is one
    carried: Carried | None  # None without a signature
    older: Seconds  # how much further behind live viewers are by the edge's cache, on average


def compare(
    case: Case, what_ifs: Mapping[str, WhatIf], reckon: Reckon = night
) -> tuple[Outlook, ...]:
    """The night as it is, and then each of the cases. MatchnightError if one cannot be done.

    `reckon` makes the night of an evening, with whatever else goes on.
    """
    return (outlook(UNCHANGED, case, reckon), *_all(case, what_ifs, reckon))


def _all(case: Case, what_ifs: Mapping[str, WhatIf], reckon: Reckon) -> Iterator[Outlook]:
    for name, what_if in what_ifs.items():
        try:
            other = changed(case, what_if)
        except MatchnightError as error:
            raise MatchnightError(f"what if {name}: {error}") from None
        yield outlook(name, other, reckon)


def outlook(name: str, case: Case, reckon: Reckon = night) -> Outlook:
    """How one case comes out."""
    scenario, room = case.scenario, case.room
    came = reckon(scenario)
    behind = reckon(admitted(scenario, room.admit)) if room else came
    cache = scenario.stack.cache if scenario.stack else EdgeCache()
    return Outlook(
        name=name,
        case=case,
        night=behind,
        carried=carried(case, came, behind),
        older=older(cache.playlist_ttl),
    )


def carried(case: Case, came: Night, behind: Night) -> Carried | None:
    """How the case's stack carries that; None without a signature."""
    signature, room = case.signature, case.room
    if signature is None:
        return None
    rate = room.admit if room else None
    return Carried(
        headroom=headroom(came, signature, case.scenario, room=room, behind=behind),
        buffers=tuple(buffers(behind, signature, takes=case.scaling_takes)),
        room=admission(came, signature, case.scenario, rate=rate),
    )
