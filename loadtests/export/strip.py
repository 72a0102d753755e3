"""The picture beside the answer: who joined when, and who of them met a black screen.

Plain numbers for the template's SVG, which needs no script and prints.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import ceil

from loadtests.export import words
from loadtests.export.charts import Moment
from loadtests.export.summary import Summary

GAP = 0.14  # of a bar's room
LABEL_ROOM = 16.0  # percent of the width below which two labels could touch on a telephone
TICKS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """Some minutes; all in percent of the picture."""

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


FINEST = 90
"""Minutes up to which each has a bar of its own; a longer evening is told by its course."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """Those who joined in some minutes in a row, from `start` up to, not including, `stop`."""

    start: float
    stop: float
    arrived: int
    black: int
    share: float | None  # of those whose end is known
    said: str  # when that was


def joined(summary: Summary) -> list[Joined]:
    """What the bars are made of, in order of time."""
    by_minute = summary.black_screens.by_minute
    if not by_minute or by_minute[-1].minute - by_minute[0].minute < FINEST:
        return [
            Joined(
                start=of.minute,
                stop=of.minute + 1,
                arrived=of.arrived,
                black=of.black,
                share=of.share,
                said=minute_of_joining(of.minute),
            )
            for of in by_minute
        ]
    return [
        Joined(
            start=of.start / 60,
            stop=of.stop / 60,
            arrived=of.decided,
            black=of.black,
            share=of.black / of.decided if of.decided else None,
            said=words.span([of.start, of.stop]),
        )
        for of in summary.course
    ]


def strip(by_time: list[Joined], moments: list[Moment]) -> Strip:
    """The picture of these; without bars when nobody arrived."""
    if not any(of.arrived for of in by_time):
        return Strip(bars=[], width=0.0, marks=[], ticks=[], said="")
    first, last = by_time[0].start, by_time[-1].stop
    per_minute = 100 / (last - first)
    room = (by_time[0].stop - by_time[0].start) * per_minute
    most = max(of.arrived for of in by_time)
    return Strip(
        bars=[_bar(of, (of.start - first) * per_minute + GAP / 2 * room, most) for of in by_time],
        width=_short(room * (1 - GAP)),
        marks=_spread(
            _label((moment.at / 60 - first) * per_minute, moment.label)
            for moment in moments
            if not moment.failure and first <= moment.at / 60 <= last
        ),
        ticks=_ticks(first, last, per_minute),
        said=_said(by_time),
    )


def _bar(of: Joined, x: float, most: int) -> Bar:
    return Bar(
        x=_short(x),
        arrived=_short(100 * of.arrived / most),
        black=_short(100 * of.black / most),
        said=f"{of.said}: {of.black:,} of {of.arrived:,}",
    )


def minute_of_joining(minute: int) -> str:
    """The minute as people say it: `minute -3`."""
    return f"minute {words.MINUS if minute < 0 else '+'}{abs(minute)}"


def _ticks(first: float, last: float, per_minute: float) -> list[Label]:
    unit, name = (60, "h") if last - first > FINEST else (1, "min")
    span = (last - first) / unit
    every = next((n for n in (1, 2, 5, 10, 12, 15, 24, 30, 48) if span / n <= TICKS + 0.5), 96)
    marks = range(ceil(first / unit / every) * every, ceil(last / unit), every)
    return [
        _label(
            (mark * unit - first) * per_minute,
            _tick(mark) + (f" {name}" if mark == marks[-1] else ""),
        )
        for mark in marks
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


def _said(by_time: list[Joined]) -> str:
    worst = max(by_time, key=lambda of: of.black)
    if not worst.black:
        return "No viewer met a black screen, whenever they joined"
    return (
        f"Worst in {worst.said}: {words.count(worst.black)} of the "
        f"{words.count(worst.arrived)} who joined then met a black screen"
    )


def _short(value: float) -> float:
    return round(value, 2)
