"""How a verdict forms while the night goes on: each change with its reason, and none too soon."""

from collections.abc import Iterator
from dataclasses import replace
from math import ceil

from loadtests.diagnosis.verdict.kinds import Cause, Hostile, Word
from loadtests.diagnosis.verdict.night import Night
from loadtests.diagnosis.verdict.records import Change, Verdict
from loadtests.units import Seconds

EVERY: Seconds = 15.0
"""Between two looks at a night that goes on."""

SELDOM: Seconds = 60.0
"""The same on a long night, each look at which takes long."""

PARTS = 120
"""Of a night: a look at each would be often enough."""

OFTEN: Seconds = 300.0
"""Since trouble began; later looks are farther and farther apart."""

GROWS = 1.5

HELD = 2
"""Looks one after the other that must agree, before what was said firmly is taken back."""

_UNTROUBLED = frozenset({Cause.NOMINAL, Cause.SURGE_ABSORBED})


class Forming:
    """Told of each look at a night as it goes on: what is said now, and when that changed.

    What nobody suffers from is no verdict yet: `nominal` becomes another one when viewers fail,
    and that is news, not a change of mind.
    """

    def __init__(self) -> None:
        self._changes: list[Change] = []
        self._doubts: list[Cause] = []

    @property
    def changes(self) -> tuple[Change, ...]:
        """So far, in the order of time."""
        return tuple(self._changes)

    def look(self, verdict: Verdict, at: Seconds) -> Change | None:
        """The change there is at `at`, if there is one."""
        now = verdict.cause.kind
        said = self._changes[-1].cause if self._changes else None
        if now is said:
            self._doubts.clear()
            return None
        if said is not None and is_firm(said) and not self._has_been_doubted(now):
            return None
        self._doubts.clear()
        change = _change(verdict, at)
        self._changes.append(change)
        return change

    def end(self, verdict: Verdict, at: Seconds) -> None:
        """The night is over: what is said of all of it stands."""
        if not self._changes or self._changes[-1].cause is not verdict.cause.kind:
            self._changes.append(_change(verdict, at))

    def _has_been_doubted(self, now: Cause) -> bool:
        """Whether that is said for the HELDth time in a row; unsure is never surer than firm."""
        if now is Cause.UNDETERMINED:
            return False
        if self._doubts and self._doubts[-1] is not now:
            self._doubts.clear()
        self._doubts.append(now)
        return len(self._doubts) >= HELD


def is_firm(cause: Cause) -> bool:
    """Whether somebody is told what made viewers fail."""
    return cause is not Cause.UNDETERMINED and cause not in _UNTROUBLED


def until(night: Night, stop: int) -> Night:
    """The night as it was known when so many of its seconds were over."""
    expected = night.expected_joins
    return replace(
        night,
        windows=night.windows[:stop],
        arrived=None,  # counted when it is over
        expected_joins=None if expected is None else expected[:stop],
    )


def looks(start: Seconds, length: Seconds, *, every: Seconds) -> Iterator[int]:
    """After how many seconds to look at a night of `length` in which trouble began at `start`.

    Whole multiples of `every`; after OFTEN farther and farther apart: what has stood for minutes
    changes no more from one moment to the next.
    """
    step = ceil(min(SELDOM, max(EVERY, length / PARTS)) / every)
    at = start // every + step
    while at * every < length:
        yield int(at * every)
        if at * every > start + OFTEN:
            step = ceil(step * GROWS)
        at += step


def _change(verdict: Verdict, at: Seconds) -> Change:
    return Change(
        at=at,
        cause=verdict.cause.kind,
        word=verdict.cause.word,
        hostile=_said(verdict),
        reason=verdict.cause.sentence,
    )


def _said(verdict: Verdict) -> tuple[Hostile, ...]:
    return tuple(found.kind for found in verdict.hostile if found.word is not Word.UNDETERMINED)
