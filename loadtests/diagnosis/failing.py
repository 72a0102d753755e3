"""Which step failed first: where the trouble begins; what fails after it may be its doing."""

from collections.abc import Sequence
from dataclasses import dataclass

from loadtests.collect.window import Window
from loadtests.diagnosis.interval import wilson
from loadtests.units import Ratio, Seconds
from loadtests.vocabulary import BLAMELESS, Outcome, Step

SPAN = 5
"""Seconds looked at together: long enough for a step with few requests, short against a surge."""

FLOOR = 5
"""Failures in them. Fewer are an accident, whatever share they are."""

SHARE: Ratio = 0.05
"""What the low end of the failures' share must exceed: background errors of 1 % never set in."""

GIVEN_UP_AFTER: Seconds = 3.0
"""A request its viewer gave up after so long has failed. Nobody leaves before 2 s (Krishnan and
Sitaraman, IMC 2012), and what a player cancels for its own reasons (another rendition, the end) is
younger."""

TIE: Seconds = 1.0
"""Onsets in neighboring windows may be a moment apart: there the journey's order decides."""

_NOT_COUNTED = BLAMELESS - {
    Outcome.OK,
    Outcome.QUEUED,
    Outcome.POLICY,
}  # the viewer's, the tester's


@dataclass(frozen=True, slots=True, kw_only=True)
class Onset:
    """When a step's failures set in: `at` is when the first was due, seconds of run time."""

    step: Step
    at: Seconds


def first_failing(windows: Sequence[Window]) -> Onset | None:
    """The step whose failures set in first, of `windows` (one a second, from 0); None if none did.

    A step fails where, within SPAN seconds, at least FLOOR of its requests fail and the low end of
    their share (Wilson, 95 %) exceeds SHARE. Failing are the outcomes the target is to blame for,
    and requests the viewer gave up after GIVEN_UP_AFTER: so a step that answers nobody and refuses
    nobody fails too. A step that is merely asked less, because one before it fails, does not. A
    time-out shows when it ends but counts from when its request was due, so a step that hangs is
    not overtaken by one that refuses.
    """
    onsets = [onset for step in Step if (onset := _onset(windows, step)) is not None]
    first = min((onset.at for onset in onsets), default=0.0)
    return next((onset for onset in onsets if onset.at <= first + TIE), None)


@dataclass(frozen=True, slots=True)
class _Second:
    failed: int
    counted: int
    quickest: Seconds  # response time of the failure that took the least


def _onset(windows: Sequence[Window], step: Step) -> Onset | None:
    seconds = [_look(window, step) for window in windows]
    for second, look in enumerate(seconds):
        if look.failed and _fails(seconds[second : second + SPAN]):
            return Onset(step=step, at=max(0.0, second - look.quickest))
    return None


def _fails(seconds: Sequence[_Second]) -> bool:
    failed = sum(second.failed for second in seconds)
    counted = sum(second.counted for second in seconds)
    return failed >= FLOOR and wilson(failed, counted)[0] > SHARE


def _look(window: Window, step: Step) -> _Second:
    failed = counted = 0
    quickest = float("inf")
    for (of, outcome, _), tally in window.ended.items():
        if of is not step:
            continue
        if outcome is Outcome.CANCELED:
            bad = tally.count - tally.times.at_most(GIVEN_UP_AFTER)
            since = max(GIVEN_UP_AFTER, tally.times.min)
        else:
            bad = tally.count if outcome.is_failure else 0
            since = tally.times.min
        counted += bad if outcome in _NOT_COUNTED else tally.count
        failed += bad
        if bad:
            quickest = min(quickest, since)
    return _Second(failed, counted, quickest)
