"""A verdict as a text sheet: the answer first, all that speaks for and against it, how to check it.

At most 100 columns, but for commands, which are to be copied whole.
"""

from collections.abc import Iterable, Iterator

from loadtests.diagnosis.verdict.kinds import Cause
from loadtests.diagnosis.verdict.records import Evidence
from loadtests.export import verdict_words as said
from loadtests.export.terminal import BOLD, GREEN, RED, Paint, painter, wrapped
from loadtests.export.verdict_record import Case, Source

_GOOD = frozenset({Cause.NOMINAL, Cause.SURGE_ABSORBED})


def verdict_text(case: Case, *, color: bool = False) -> str:
    """All of it, ending with a newline. `color` (ANSI codes) is for a terminal only."""
    paint = painter(color=color)
    episodes = range(len(case.verdict.episodes))
    sections = [
        _answer(case, paint),
        _rests_on(case),
        *(_episode(case, number, paint) for number in episodes),
        _formed(case),
        _how_to_read(case),
    ]
    written = ["\n".join(lines) for section in sections if (lines := list(section))]
    return "\n\n".join(written) + "\n"


def short_text(case: Case, *, color: bool = False) -> str:
    """The answer alone, for where there is no room for more; ending with a newline."""
    return "\n".join(_answer(case, painter(color=color))) + "\n"


def _answer(case: Case, paint: Paint) -> Iterator[str]:
    verdict = case.verdict
    yield from (paint(line, _color(verdict.cause.kind)) for line in wrapped(said.answer(verdict)))
    for sentence in said.hostile(verdict):
        yield from wrapped(f"Hostile traffic: {sentence}")
    for what in said.actions(verdict):
        yield from (paint(line, BOLD) for line in wrapped(f"Do: {what}"))
    if invented := said.invented(case):
        yield from wrapped(invented)


def _color(kind: Cause) -> str:
    if kind is Cause.UNDETERMINED:
        return BOLD
    return GREEN if kind in _GOOD else RED


def _rests_on(case: Case) -> Iterator[str]:
    for term, told in said.rests_on(case):
        yield from wrapped(f"{term}: {told}")


def _episode(case: Case, number: int, paint: Paint) -> Iterator[str]:
    episode = case.verdict.episodes[number]
    yield from (paint(line, BOLD) for line in wrapped(said.heading(case, number)))
    yield from _indented(said.findings(case, episode))
    sides = said.sides(episode)
    yield from _items(case.source, "For", sides.speaks_for)
    yield from _items(case.source, "Against", sides.against)
    yield from _items(case.source, "Tells others apart", sides.otherwise)
    if episode.missing:
        yield "  Not known"
        yield from _indented(map(said.unknown, episode.missing), by=4)


def _items(source: Source, heading: str, evidence: Iterable[Evidence]) -> Iterator[str]:
    made = [said.item(source, of) for of in evidence]
    if made:
        yield f"  {heading}"
    for item in made:
        yield from _indented([f"- {item.claim}"], by=4)
        yield from _indented(filter(None, (item.figures, item.pushes)), by=6)
        yield from (f"      {line}" for line in filter(None, (item.command, item.query)))


def _indented(lines: Iterable[str], by: int = 2) -> Iterator[str]:
    for line in lines:
        yield from (f"{' ' * by}{part}" for part in wrapped(line, by))


def _formed(case: Case) -> Iterator[str]:
    changes = list(said.formed(case))
    if changes:
        yield "How the verdict formed"
    for when, what in changes:
        yield from _indented([f"{when}  {what}"])


def _how_to_read(case: Case) -> Iterator[str]:
    yield from wrapped(said.CONSISTENT)
    yield from wrapped(said.SCALE)
    yield f"matchnight {case.source.matchnight}"
