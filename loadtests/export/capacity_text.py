"""A capacity search for a terminal or a log: the answer first, at most 100 columns."""

import textwrap
from collections.abc import Iterator

from loadtests.diagnosis.level import Found
from loadtests.export import capacity_words as said
from loadtests.export import words
from loadtests.export.capacity_record import Search
from loadtests.export.terminal import BOLD, GREEN, PLAIN, RED, WIDTH, Paint, painter, wrapped

_COLORS = {Found.HELD: GREEN, Found.BROKE: RED, Found.UNSTEADY: PLAIN}


def capacity_text(search: Search, *, folder: str = "", color: bool = False) -> str:
    """All of it, ending with a newline. `color` (ANSI codes) is for a terminal only.

    `folder` names the search's folder, whose page the last line then points to.
    """
    paint = painter(color=color)
    sections = [
        _answer(search, paint),
        _findings(search),
        _steps(search),
        _levels(search, paint),
        _trust(search),
        [f"Report: {folder}/capacity.html"] if folder else [],
    ]
    written = ["\n".join(lines) for section in sections if (lines := list(section))]
    return "\n\n".join(written) + "\n"


def _answer(search: Search, paint: Paint) -> Iterator[str]:
    if not said.healthy(search) or not search.complete:
        yield paint(f"{said.validity(search)}.", RED)
    answers = said.answers(search) or ["No capacity was found."]
    for number, answer in enumerate(answers):
        yield from (paint(line, PLAIN if number else BOLD) for line in wrapped(answer))
    yield from wrapped(
        "Measured on the embedded stack with invented capacity: says nothing about the real event."
        if search.embedded
        else f"Measured against {search.target}."
    )
    if search.why:
        yield from wrapped(words.sentence(search.why.rstrip(".")))


def _findings(search: Search) -> Iterator[str]:
    for term, told in said.findings(search):
        yield from wrapped(f"{term}: {told}")


def _steps(search: Search) -> Iterator[str]:
    signature = search.signature
    if signature is None or not signature.knee:
        return
    heading = f"{'carries, requests/s':>28}{'response time':>16}{'cost':>10}{'a join':>10}"
    yield f"{'Step':<16}{heading}"
    for step, figure in signature.knee.items():
        demand = signature.demand.get(step)
        costs = [words.NONE] * 3
        if demand is not None:
            time = words.duration(demand.response_time)
            costs = [time, words.brief(demand.cost), words.brief(demand.per_join)]
        yield f"  {step:<14}{said.interval(figure):>28}{costs[0]:>16}{costs[1]:>10}{costs[2]:>10}"


def _levels(search: Search, paint: Paint) -> Iterator[str]:
    if search.levels:
        yield f"{'Trial':<18}{'asked/s':>9}{'carried/s':>11}  found"
    for level in search.levels:
        trial = level.trial
        row = f"  {said.name(level):<16}{said.rate(trial.rate):>9}{said.rate(level.carried):>11}  "
        found = said.FOUND[level.found]
        why = "" if level.found is Found.HELD else f": {level.why}"
        told = textwrap.shorten(found + why, WIDTH - len(row), placeholder=" …")
        yield row + paint(found, _COLORS[level.found]) + told.removeprefix(found)


def _trust(search: Search) -> Iterator[str]:
    yield (
        f"{said.validity(search)}. Tester: lag p99 {words.duration(search.lag_p99)}, "
        f"busiest core {words.percent(search.cpu)}."
    )
    for problem in search.problems:
        yield from wrapped(f"Problem: {problem}")
