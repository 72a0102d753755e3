"""When the funnel cannot be read: where the service hangs, nobody gets any further."""

from math import ceil

from loadtests.collect.edge.funnel import FOLLOWS_WITHIN
from loadtests.collect.edge.sighting import FAILURES
from loadtests.collect.edge.window import Traffic
from loadtests.diagnosis.hostile.look import Look, Part
from loadtests.diagnosis.measures.causes import count
from loadtests.diagnosis.verdict.kinds import Family, Hostile
from loadtests.diagnosis.verdict.records import Missing
from loadtests.units import Ratio, Seconds
from loadtests.vocabulary import Step

HANGS: Seconds = 10.0
"""Mean duration of failures from which what was asked for in time is told of too late to count."""

BREAKS: Ratio = 0.05
"""Share of a step's requests that hang, from which it decides who seems to have gone on. [A]"""

LONGEST: Seconds = 60.0
"""The most devices wait for an answer: see `behavior.players`."""

_ALL = tuple(Step)


def readable(look: Look, step: Step) -> Part | None:
    """The longest stretch of bins in which it is known who went on from `step`.

    Elsewhere a later step hung: those who asked for it in vain are told of when they give up, and
    seem never to have asked. Errors that come at once do not matter: asking is what counts. None:
    there is no such stretch.
    """
    lost = _lost(look, step)
    best: Part | None = None
    start = 0
    for at in range(len(look.bins.cells) + 1):
        if at in lost or at == len(look.bins.cells):
            if at > start and (best is None or at - start > best[1] - best[0]):
                best = start, at
            start = at + 1
    return best


def _lost(look: Look, step: Step) -> set[int]:
    later = _ALL[_ALL.index(step) + 1 : _ALL.index(Step.PLAYLIST)]
    back = ceil((LONGEST + FOLLOWS_WITHIN) / look.bins.size)
    lost: set[int] = set()
    for at, cell in enumerate(look.bins.cells):
        if any(hangs(cell.steps[other]) for other in later if other in cell.steps):
            lost.update(range(at - back, at + 1))
    return lost


def hangs(of: Traffic) -> bool:
    """Whether failures take long, and are more than a few."""
    failed = count(of, FAILURES)
    if not failed or failed < BREAKS * of.requests:
        return False
    return (of.busy - of.times.total) / (of.requests - of.times.count) > HANGS


def lost_funnel(kind: Hostile) -> Missing:
    """What is not known then."""
    return Missing(
        family=Family.FUNNEL,
        what="who went on: a later step hung, and those who asked for it cannot be told from those"
        " who did not",
        observable=None,
        would_tell=(kind,),
    )
