"""Which steps failed, and when; the first is where the trouble begins: others may be its doing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf

from loadtests.collect.window import Tally, Window
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


@dataclass(frozen=True, slots=True, kw_only=True)
class FailingSpan:
    """From when to when a step failed: run time, without what is farther apart than SPAN.

    `stop` is the end of the last second with a failure. Failures as `first_failing` counts them.
    """

    step: Step
    start: Seconds
    stop: Seconds
    failed: int
    counted: int

    def lasts(self, length: int) -> bool:
        """Whether it was not over when a run of `length` seconds was."""
        return self.stop > length - SPAN


def failing_spans(windows: Sequence[Window]) -> list[FailingSpan]:
    """All of `windows` (one a second, from 0), by start; a step may have several."""
    looks = [_look(window) for window in windows]
    met = {step for look in looks for step in look}
    found = [span for step in Step if step in met for span in _spans(looks, step)]
    return sorted(found, key=lambda span: span.start)


def first_failing(windows: Sequence[Window]) -> Onset | None:
    """The step whose failures set in first, of `windows` (one a second, from 0); None if none did.

    A step fails where, within SPAN seconds, at least FLOOR of its requests fail and the low end of
    their share (Wilson, 95 %) exceeds SHARE. Failing are the outcomes the target is to blame for,
    and requests the viewer gave up after GIVEN_UP_AFTER: so a step that answers nobody and refuses
    nobody fails too. A step that is merely asked less, because one before it fails, does not. A
    time-out shows when it ends but counts from when its request was due, so a step that hangs is
    not overtaken by one that refuses.
    """
    looks = [_look(window) for window in windows]
    onsets = [onset for step in Step if (onset := _onset(looks, step)) is not None]
    first = min((onset.at for onset in onsets), default=0.0)
    return next((onset for onset in onsets if onset.at <= first + TIE), None)


@dataclass(slots=True)
class _Second:
    """One step in one second."""

    failed: int = 0
    counted: int = 0
    quickest: Seconds = inf  # response time of the failure that took the least


def _onset(looks: Sequence[Mapping[Step, _Second]], step: Step) -> Onset | None:
    seconds = [look.get(step, _NOTHING) for look in looks]
    for second, seen in enumerate(seconds):
        if seen.failed and _fails(seconds[second : second + SPAN]):
            return Onset(step=step, at=max(0.0, second - seen.quickest))
    return None


def _spans(looks: Sequence[Mapping[Step, _Second]], step: Step) -> Iterator[FailingSpan]:
    seconds = [look.get(step, _NOTHING) for look in looks]
    start: int | None = None
    stop = 0
    for second, seen in enumerate(seconds):
        if not seen.failed or not _fails(seconds[second : second + SPAN]):
            continue
        if start is not None and second > stop + SPAN:
            yield _span(step, seconds, start, stop)
            start = None
        start = second if start is None else start
        stop = 1 + max(s for s in range(second, second + SPAN) if _failed_in(seconds, s))
    if start is not None:
        yield _span(step, seconds, start, stop)


def _failed_in(seconds: Sequence["_Second"], second: int) -> bool:
    return second < len(seconds) and seconds[second].failed > 0


def _span(step: Step, seconds: Sequence["_Second"], start: int, stop: int) -> FailingSpan:
    return FailingSpan(
        step=step,
        start=max(0.0, start - seconds[start].quickest),
        stop=float(stop),
        failed=sum(second.failed for second in seconds[start:stop]),
        counted=sum(second.counted for second in seconds[start:stop]),
    )


_NOTHING = _Second()


def _fails(seconds: Sequence[_Second]) -> bool:
    failed = sum(second.failed for second in seconds)
    counted = sum(second.counted for second in seconds)
    return failed >= FLOOR and wilson(failed, counted)[0] > SHARE


def attempts(window: Window, step: Step, *, first: bool = False) -> tuple[int, int]:
    """Requests of `step` that failed, as above, and that were counted; `first` attempts only."""
    failed = counted = 0
    for (of, outcome, retry), tally in window.ended.items():
        if of is step and not (first and retry):
            bad = _failed(outcome, tally)
            failed += bad
            counted += bad if outcome in _NOT_COUNTED else tally.count
    return failed, counted


def _look(window: Window) -> dict[Step, _Second]:
    seen: dict[Step, _Second] = {}
    for (step, outcome, _), tally in window.ended.items():
        second = seen.setdefault(step, _Second())
        failed = _failed(outcome, tally)
        second.failed += failed
        second.counted += failed if outcome in _NOT_COUNTED else tally.count
        if failed:
            least = GIVEN_UP_AFTER if outcome is Outcome.CANCELED else 0.0
            second.quickest = min(second.quickest, max(least, tally.times.min))
    return seen


def _failed(outcome: Outcome, tally: Tally) -> int:
    if outcome is Outcome.OK:  # nearly all there is
        return 0
    if outcome is Outcome.CANCELED:
        return tally.count - tally.times.at_most(GIVEN_UP_AFTER)
    return tally.count if outcome.is_failure else 0
