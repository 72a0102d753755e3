"""The picture beside the answer: who joined in each minute, and who of them met a black screen.

Plain numbers for the template's SVG, which needs no script and prints.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from loadtests.export import words
from loadtests.export.charts import Moment
from loadtests.export.summary import MinuteOfJoining

GAP = 0.14  # of a bar's room
LABEL_ROOM = 16.0  # percent of the width below which two labels could touch on a telephone
TICKS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One minute; all in percent of the picture."""

    x: float
    arrived: float
    black: float
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A text under or over the picture, `x` in percent; `anchor` as SVG's text-anchor."""

    x: float
    label: str
    anchor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """The whole picture. `said` is what it shows, in words."""

    bars: list[Bar]
    width: float
    marks: list[Label]
    ticks: list[Label]
    said: str


def strip(by_minute: list[MinuteOfJoining], moments: list[Moment]) -> Strip:
    """The picture of these minutes; without bars when nobody arrived."""
    if not any(minute.arrived for minute in by_minute):
        return Strip(bars=[], width=0.0, marks=[], ticks=[], said="")
    first, last = by_minute[0].minute, by_minute[-1].minute
    room = 100 / (last - first + 1)
    most = max(minute.arrived for minute in by_minute)
    return Strip(
        bars=[_bar(minute, (minute.minute - first + GAP / 2) * room, most) for minute in by_minute],
        width=_short(room * (1 - GAP)),
        marks=_spread(
            _label((moment.at / 60 - first) * room, moment.label)
            for moment in moments
            if not moment.failure and first <= moment.at / 60 <= last + 1
        ),
        ticks=_ticks(first, last, room),
        said=_said(by_minute),
    )


def _bar(minute: MinuteOfJoining, x: float, most: int) -> Bar:
    return Bar(
        x=_short(x),
        arrived=_short(100 * minute.arrived / most),
        black=_short(100 * minute.black / most),
        said=f"{joined(minute.minute)}: {minute.black:,} of {minute.arrived:,}",
    )


def joined(minute: int) -> str:
    """The minute as people say it: `minute -3`."""
    return f"minute {words.MINUS if minute < 0 else '+'}{abs(minute)}"


def _ticks(first: int, last: int, room: float) -> list[Label]:
    every = next((n for n in (1, 2, 5, 10, 15, 30) if (last - first) / n <= TICKS), 60)
    minutes = range(-(-first // every) * every, last + 1, every)
    return [
        _label((minute - first) * room, _tick(minute) + (" min" if minute == minutes[-1] else ""))
        for minute in minutes
    ]


def _tick(minute: int) -> str:
    sign = words.MINUS if minute < 0 else "+" if minute else ""
    return f"{sign}{abs(minute)}"


def _label(x: float, label: str) -> Label:
    anchor = "start" if x < LABEL_ROOM / 2 else "end" if x > 100 - LABEL_ROOM / 2 else "middle"
    return Label(x=_short(x), label=label, anchor=anchor)


def _spread(labels: Iterable[Label]) -> list[Label]:
    """Labels in order, one too near to the last written one left blank: its line stays."""
    kept: list[Label] = []
    free = 0.0
    for label in labels:
        if label.x < free:
            kept.append(replace(label, label=""))
        else:
            kept.append(label)
            free = label.x + LABEL_ROOM
    return kept


def _said(by_minute: list[MinuteOfJoining]) -> str:
    worst = max(by_minute, key=lambda minute: minute.black)
    if not worst.black:
        return "No viewer met a black screen, in whatever minute they joined"
    return (
        f"Worst in {joined(worst.minute)}: {words.count(worst.black)} of the "
        f"{words.count(worst.arrived)} who joined then met a black screen"
    )


def _short(value: float) -> float:
    return round(value, 2)
