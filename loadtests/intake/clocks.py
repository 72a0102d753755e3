"""Edges whose clocks disagree: what one of them says happened at another time."""

from collections.abc import Sequence
from statistics import median

from loadtests.errors import MatchnightError
from loadtests.export.words import duration
from loadtests.intake.edge_log import EdgeLog, spelled
from loadtests.units import Seconds

OFF: Seconds = 1_500.0
"""Clocks that are this far apart are told: no edge is so late, and the least difference of two time
zones is 30 minutes. [A]"""
_ALIKE = 0.2
"""Edges of one night begin and end together: how far a shift may differ at both ends, as a share of
itself. [A]"""
_DAY: Seconds = 86_400.0


def disagreeing(edges: Sequence[EdgeLog]) -> list[tuple[EdgeLog, str]]:
    """The edges whose logs begin and end earlier or later than the others', by the same length.

    Parts of one edge's log, one after the other, are no such: they share a border. MatchnightError:
    one is a day or more from all others, which is another night's, or no clock at all.
    """
    read = [edge for edge in edges if edge.requests]
    found = []
    for edge in read:
        others = [other for other in read if other is not edge]
        if not others:
            break
        _refuse_days(edge, others)
        shift = _shift(edge, others)
        if shift:
            found.append((edge, _told(edge, shift)))
    return found if len(found) < len(read) or len(read) == 2 else []  # noqa: PLR2004 - a pair


def _shift(edge: EdgeLog, others: Sequence[EdgeLog]) -> Seconds:
    begins = edge.first - median(other.first for other in others)
    ends = edge.last - median(other.last for other in others)
    if min(abs(begins), abs(ends)) < OFF or begins * ends < 0:
        return 0.0
    if abs(begins - ends) > _ALIKE * max(abs(begins), abs(ends)):
        return 0.0
    if any(_borders(edge, other) for other in others):
        return 0.0
    return (begins + ends) / 2


def _borders(one: EdgeLog, other: EdgeLog) -> bool:
    """Whether one goes on where the other ends."""
    near = OFF / 5
    return abs(one.first - other.last) < near or abs(other.first - one.last) < near


def _told(edge: EdgeLog, shift: Seconds) -> str:
    way = "later" if shift > 0 else "earlier"
    return (
        f"{edge.name}: its times ({spelled(edge.first)} to {spelled(edge.last)}, UTC) are about "
        f"{duration(abs(shift))} {way} than those of the other edges: a wrong clock or time zone; "
        "say by how much it is ahead"
    )


def _refuse_days(edge: EdgeLog, others: Sequence[EdgeLog]) -> None:
    apart = min(max(other.first - edge.last, edge.first - other.last) for other in others)
    if apart > _DAY:
        raise MatchnightError(
            f"{edge.name}: its times ({spelled(edge.first)} to {spelled(edge.last)}, UTC) are "
            f"{duration(apart)} from those of the nearest other log; leave it out, or say by how "
            "much its clock is ahead"
        )
