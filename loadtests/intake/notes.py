"""What whoever reads a diagnosis must know of the logs it was made from, a sentence each."""

from collections.abc import Iterator, Sequence

from loadtests.export.words import count, duration
from loadtests.intake.edge_log import EdgeLog, Trouble
from loadtests.intake.gathered import Gathered
from loadtests.intake.opened import Opened


def notes_of(
    edges: Sequence[EdgeLog], sources: Sequence[Opened], gathered: Gathered
) -> Iterator[str]:
    """All there is to say."""
    for edge, source in zip(edges, sources, strict=True):
        yield from _of(edge)
        if source.ended_early:
            yield f"{edge.name}: is cut short or damaged ({source.ended_early}): the rest lacks"
        if not edge.requests:
            yield f"{edge.name}: not one request in it"
    if gathered.strange:
        yield f"{count(gathered.strange)} requests are days out of order, and left out"
    if gathered.resolution > 1:
        yield f"the night is long: looked at in steps of {duration(gathered.resolution)}"


def _of(edge: EdgeLog) -> Iterator[str]:
    if edge.unreadable.lines:
        yield _told(edge, edge.unreadable, "are no request's, and left out")
    if edge.stray.lines:
        yield _told(edge, edge.stray, "have a time days from their neighbors', and are left out")
    if edge.reader.unzoned:
        yield f"{edge.name}: {count(edge.reader.unzoned)} times state no zone; UTC is taken"


def _told(edge: EdgeLog, trouble: Trouble, what: str) -> str:
    first = "; ".join(trouble.first)
    return f"{edge.name}: {count(trouble.lines)} lines {what}: {first}"
