"""How many it would have been of the real event: the number people quote, with an honest range.

Counts of a rehearsal stand for the real event by its scale. Four things make their range:

- sampling error: Wilson's 95 % interval;
- the audience's own estimates (share on the app, people to an account);
- speed, which compresses the calendar but no timer: within `reach` (event seconds; see
  `persistence.reach`) of a moment at which things changed, viewers may be counted on its wrong
  side. So each stretch of joining may have had any share that was counted within `reach` of it:
  the range takes the least and the greatest of those. At the evening's own pace `reach` is 0;
- whose picture froze: a player's buffer outlasts an outage that speed has made short, so where
  playlists or segments failed, everybody who was watching may have lost the picture.

A refusal by policy depends on who asks, not on how many do: its count is scaled as it is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from loadtests.collect import qoe
from loadtests.collect.recorder import MINUTE
from loadtests.collect.timeline import Timeline
from loadtests.collect.window import Window
from loadtests.diagnosis.black_screens import (
    Scaled,
    audience_range,
    black,
    by_join_minute,
    decided,
    watchers,
)
from loadtests.diagnosis.failing import FailingSpan
from loadtests.diagnosis.interval import wilson
from loadtests.scenario.model import Scenario
from loadtests.units import Offset, Ratio, Seconds
from loadtests.vocabulary import End, Step

ENOUGH = 30
"""Viewers decided that make the share of a stretch of joining; minutes are joined until they are so
many."""

PICTURE = frozenset({Step.PLAYLIST, Step.INIT, Step.SEGMENT})
"""Steps whose failing takes the picture from those who have one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """Of the real event. Each None where nothing is known."""

    black_screens: Scaled | None  # came to watch, and no first frame in time
    interrupted: Scaled | None  # were watching, and the picture froze while steps were failing
    unserved: Scaled | None  # came on an errand that failed, or ran out of patience
    reach: Seconds  # event time


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Those who joined in some minutes in a row."""

    start: Offset
    stop: Offset
    black: int
    decided: int

    @property
    def share(self) -> Ratio:
        return self.black / self.decided


def affected(
    scenario: Scenario,
    timeline: Timeline,
    spans: Sequence[FailingSpan],
    *,
    until: Offset,
    reach: Seconds,
) -> Affected:
    """Who was affected in a run played up to `until`, in which these steps failed."""
    total = timeline.total
    return Affected(
        black_screens=_black_screens(scenario, total, until, reach),
        interrupted=_interrupted(scenario, timeline, spans),
        unserved=_unserved(scenario, total),
        reach=reach,
    )


def scaled(scenario: Scenario, hits: int, trials: int) -> Scaled:
    """`hits` of `trials` counted in the rehearsal, as a number of the real event."""
    low, high = wilson(hits, trials)
    return _of_the_real(
        scenario,
        (low * trials / scenario.scale, hits / scenario.scale, high * trials / scenario.scale),
    )


def _of_the_real(scenario: Scenario, counts: tuple[float, float, float]) -> Scaled:
    least, most = audience_range(scenario)
    low, value, high = counts
    return Scaled(value=round(value), low=round(low * least), high=round(high * most))


def _black_screens(
    scenario: Scenario, total: Window, until: Offset, reach: Seconds
) -> Scaled | None:
    known = decided(total)
    if not known:
        return None
    stretches = list(_stretches(scenario, total))
    near = [_within_reach(stretches, stretch, reach) for stretch in stretches]
    least = sum(s.decided * min(n.share for n in of) for s, of in zip(stretches, near, strict=True))
    most = sum(s.decided * max(n.share for n in of) for s, of in zip(stretches, near, strict=True))
    joined = watchers(scenario, total, until)
    share = black(total, scenario.black_screens) / known
    low, high = wilson(round(least), known)[0], wilson(round(most), known)[1]
    return _of_the_real(scenario, (low * joined, share * joined, high * joined))


def _stretches(scenario: Scenario, total: Window) -> Iterator[_Stretch]:
    """All decided, by when they joined; the last stretch may be of fewer than ENOUGH."""
    known = by_join_minute(total, scenario.black_screens)
    minutes = sorted(minute for minute, joined in known.items() if joined.decided)
    first, blacks, decideds = None, 0, 0
    for minute in minutes:
        first = minute if first is None else first
        joined = known[minute]
        blacks, decideds = blacks + joined.black, decideds + joined.decided
        if decideds >= ENOUGH or minute == minutes[-1]:
            yield _Stretch(first * MINUTE, (minute + 1) * MINUTE, blacks, decideds)
            first, blacks, decideds = None, 0, 0


def _within_reach(
    stretches: Sequence[_Stretch], of: _Stretch, reach: Seconds
) -> Sequence[_Stretch]:
    return [s for s in stretches if s.start < of.stop + reach and s.stop > of.start - reach] or [of]


def _interrupted(
    scenario: Scenario, timeline: Timeline, spans: Sequence[FailingSpan]
) -> Scaled | None:
    of_the_picture = [span for span in spans if span.step in PICTURE]
    started = sum(qoe.ended(timeline.total, end) for end in qoe.STARTED)
    if not of_the_picture or not started:
        return None
    froze = watching = most = 0
    for window in timeline:
        if any(int(span.start) == window.second for span in of_the_picture):
            most = max(most, watching)
        watching += qoe.watching(window)
        if any(span.start - 1 < window.second < span.stop for span in of_the_picture):
            froze += window.stalled_viewers
    found = scaled(scenario, min(froze, started), started)
    high = most / scenario.scale * audience_range(scenario)[1]
    return Scaled(value=found.value, low=found.low, high=max(found.high, round(high)))


def _unserved(scenario: Scenario, total: Window) -> Scaled | None:
    errands = total.ends.total() - decided(total)
    if not errands:
        return None
    return scaled(scenario, qoe.ended(total, End.UNSERVED), errands)
