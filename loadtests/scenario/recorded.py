"""A recorded series of arrivals: its CSV text to periods, and the periods to viewers."""

import csv
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from functools import lru_cache
from io import StringIO
from itertools import pairwise
from typing import NamedTuple, TypeVar

from loadtests.binding import Misfit
from loadtests.binding.scalars import parse_float, quoted, suggest
from loadtests.binding.yaml_nodes import Flawed, Place, Problem
from loadtests.scenario.demand import Recording
from loadtests.scenario.model import Scenario
from loadtests.units import Offset, PerSecond

T = TypeVar("T")
_SHOWN = 10
"""Problems told of one file: the next thousand are the same mistake."""
_LEAST_ROWS = 2


class Period(NamedTuple):
    """How many came between two moments."""

    start: Offset
    stop: Offset
    number: float

    @property
    def rate(self) -> PerSecond:
        """How many a second."""
        return self.number / (self.stop - self.start)


class _Row(NamedTuple):
    place: Place
    when: str
    cell: str


def came(recording: Recording, scenario: Scenario) -> tuple[Period, ...]:
    """The recording as viewers of the real event.

    Its busiest period has the rate `peak`; without one, all of it is the scenario's audience.
    """
    periods = series(recording, kick_off=scenario.event.kick_off)
    if recording.peak is not None:
        factor = recording.peak / max(period.rate for period in periods)
    else:
        factor = scenario.audience.viewers / sum(period.number for period in periods)
    return tuple(Period(start, stop, number * factor) for start, stop, number in periods)


@lru_cache(maxsize=32)
def series(recording: Recording, *, kick_off: str, file: str = "") -> tuple[Period, ...]:
    """The periods of a recording, as counted; `kick_off` is the event's, `file` names the file.

    Each row's period ends where the next begins; the last is as long as the one before it.
    Flawed: what is wrong with the file. Misfit: what is wrong with the recording's `kick_off`.
    """
    rows = _rows(recording, file)
    offset = _clock(rows[0], recording, kick_off)
    problems: list[Problem] = []
    starts = [_read(row.place, "", offset, row.when, problems) for row in rows]
    counts = [_read(row.place, recording.column, _count, row.cell, problems) for row in rows]
    problems += _not_rising(rows, starts)
    if not problems and not any(counts):
        problems.append(Problem(rows[0].place, recording.column, "nobody came; write counts"))
    if problems:
        raise Flawed(*_first(problems))
    begun = [start for start in starts if start is not None]
    ends = [*begun[1:], 2 * begun[-1] - begun[-2]]
    return tuple(Period(a, b, c or 0.0) for a, b, c in zip(begun, ends, counts, strict=True))


def _rows(recording: Recording, file: str) -> list[_Row]:
    """The cells that matter, with their places; blank lines are none."""
    reader = csv.reader(StringIO(recording.text.removeprefix("\ufeff"), newline=""))
    try:
        lines = [(Place(file, reader.line_num, 1), cells) for cells in reader if cells]
    except csv.Error as error:
        what = f"is no CSV: {error}; write cells with commas between them"
        raise Flawed(Problem(Place(file, reader.line_num, 1), "", what)) from None
    if len(lines) <= _LEAST_ROWS:
        what = f"found {max(0, len(lines) - 1)} rows; write a header and at least {_LEAST_ROWS}"
        raise Flawed(Problem(Place(file, 1, 1), "", what))
    (head, header), *body = lines
    at = _column(recording.column, [name.strip() for name in header], head)
    short = [
        Problem(place, "", f"found {len(cells)} cells; write {len(header)}, as the header has")
        for place, cells in body
        if len(cells) != len(header)
    ]
    if short:
        raise Flawed(*_first(short))
    return [_Row(place, cells[0].strip(), cells[at].strip()) for place, cells in body]


def _column(name: str, header: list[str], place: Place) -> int:
    if header.count(name) == 1 and header[0] != name:
        return header.index(name)
    if name not in header:
        advice = suggest(name, header[1:]) if header[1:] else "write cells with commas between them"
        what = f"no column {quoted(name)}; {advice}"
    elif header[0] == name:
        what = "the first column says when, not how many; name another one"
    else:
        what = f"{header.count(name)} columns are called so; rename all but one"
    raise Flawed(Problem(place, name, what))


def _clock(first: _Row, recording: Recording, kick_off: str) -> Callable[[str], Offset]:
    """Reads the first column, in the notation its first row has."""
    if _is_number(first.when):
        return _minutes(recording.kick_off)
    zero = _moment(first.when, recording.kick_off or kick_off)
    if zero is None:
        what = f"{quoted(recording.kick_off or kick_off)} and {quoted(first.when)}, where the file"
        raise Misfit(f"{what} begins, do not compare; write kick-off as the file would", "kick_off")
    return lambda text: _since(zero, text)


def _is_number(text: str) -> bool:
    with suppress(ValueError):
        parse_float(text)
        return True
    return False


def _minutes(kick_off: str) -> Callable[[str], Offset]:
    try:
        zero = parse_float(kick_off or "0")
    except ValueError:
        what = f"{quoted(kick_off)} is no number of minutes, as the file has; write such as 0"
        raise Misfit(what, "kick_off") from None
    return lambda text: 60 * (parse_float(text) - zero)


def _moment(first: str, kick_off: str) -> datetime | None:
    """Kick-off, if it can be compared with a moment of the file."""
    try:
        zero = datetime.fromisoformat(kick_off)
    except ValueError:
        return None
    with suppress(ValueError):
        first_row = datetime.fromisoformat(first)
        return zero if (zero.tzinfo is None) == (first_row.tzinfo is None) else None
    return zero  # the file is wrong, and says so where it is


def _since(zero: datetime, text: str) -> Offset:
    try:
        return (datetime.fromisoformat(text) - zero).total_seconds()
    except (ValueError, TypeError):
        such = zero.isoformat(sep=" ")
        what = f"{quoted(text)} is no moment; write minutes, or a date and time such as {such}"
        raise ValueError(what) from None


def _count(text: str) -> float:
    count = parse_float(text)
    if count < 0:
        raise ValueError(f"{quoted(text)} is less than nobody; write 0 or more")
    return count


def _read(
    place: Place, path: str, parse: Callable[[str], T], text: str, problems: list[Problem]
) -> T | None:
    """The value of a cell; None if there is a problem, which is kept."""
    try:
        return parse(text)
    except ValueError as error:
        problems.append(Problem(place, path, str(error)))
        return None


def _not_rising(rows: list[_Row], starts: list[Offset | None]) -> Iterator[Problem]:
    each = zip(rows, starts, strict=True)
    for (before, start), (row, after) in pairwise(each):
        if start is not None and after is not None and after <= start:
            what = f"{quoted(row.when)} is not after {quoted(before.when)}"
            yield Problem(row.place, "", f"{what}, the row before; write rows in order of time")


def _first(problems: list[Problem]) -> list[Problem]:
    """The first problems, in file order; the last of them says how many more there are."""
    found = sorted(problems, key=lambda problem: problem.place.line)
    shown, more = found[:_SHOWN], len(found) - _SHOWN
    if more > 0:
        shown[-1] = shown[-1]._replace(what=f"{shown[-1].what} (and {more} problems more)")
    return shown
