"""What an evening asks of a stack, second by second, if all goes well: paper arithmetic.

The arrival curve convolved with the footprint of one viewer.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from math import ceil, exp, floor, inf, sqrt

from loadtests.audience.crowd import size
from loadtests.audience.errands import errands
from loadtests.behavior.session import ERRANDS
from loadtests.paper.plan.coming import Some, dealt, expected
from loadtests.paper.plan.footprint import Footprint, Key, Measure, footprint
from loadtests.paper.plan.series import added, lags, later, part_of, repeated
from loadtests.scenario.model import Scenario, Span
from loadtests.units import Bytes, Offset, Ratio, Seconds
from loadtests.vocabulary import Step

MOST_DEALT = 20_000
"""Viewers: dealing them takes half a second."""

_MOST_ENTRIES = 9_000
_WIDTHS = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0)
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """What the evening asks of a stack, second by second, at its own scale and pace.

    Every sequence has an entry for each `every` seconds as a clock on the wall counts them: for the
    night itself those are event seconds, for a rehearsal the calendar goes `speed` times as fast.
    Entries are rates, means over those seconds: a sequence's sum x `every` is what came in all.
    """

    start: Offset  # of the first entry, from kick-off
    arrivals: Sequence[float]  # viewers who come a second, whatever for
    watching: Sequence[float]  # viewers who have a picture
    requests: Mapping[Step, Sequence[float]]  # a second
    sent: Sequence[Bytes]  # of answers, a second
    connections: Sequence[float]  # opened a second
    every: Seconds = 1.0  # 1 unless the evening is so long that its arrivals cannot be steep
    speed: float = 1.0  # event seconds per second

    def offset(self, entry: int) -> Offset:
        """When the entry begins, from kick-off."""
        return self.start + entry * self.every * self.speed

    def total(self, rates: Sequence[float]) -> float:
        """What came in all: of one of its sequences."""
        return sum(rates) * self.every


def night(
    scenario: Scenario,
    *,
    scale: Ratio = 1.0,
    speed: float = 1.0,
    window: Span | None = None,
    every: Seconds | None = None,
) -> Night:
    """The evening as its scenario has it, before a stack that answers everybody.

    All of it, from the first arrival to the last picture, unless a `window` of it is named.
    """
    played = replace(scenario, scale=scale, speed=speed, window=window or whole(scenario))
    width = every or fitting(played.duration)
    return _reckon(played, width, expected(played, width, _entries(played, width)))


def rehearsal(scenario: Scenario) -> Night:
    """The same of the rehearsal the scenario describes: its scale, its speed, its window.

    A crowd of up to `MOST_DEALT` is the very one its seed will deal; of a larger one the mean over
    all seeds is told, from which it differs too little to matter.
    """
    every = fitting(scenario.duration)
    come = dealt if size(scenario) <= MOST_DEALT else expected
    return _reckon(scenario, every, come(scenario, every, _entries(scenario, every)))


def whole(scenario: Scenario) -> Span:
    """The evening from its first arrival to the last picture, in whole minutes."""
    pieces = [piece for each in errands(scenario).values() for piece in each]
    last = max(scenario.viewing.until, *(piece.stop for piece in pieces))
    first = min(piece.start for piece in pieces)
    return Span(start=60.0 * floor(first / 60), stop=60.0 * ceil(last / 60))


def fitting(duration: Seconds) -> Seconds:
    """How long each entry is: a second, unless there would be too many."""
    return next((width for width in _WIDTHS if duration / width <= _MOST_ENTRIES), _WIDTHS[-1])


def _entries(scenario: Scenario, every: Seconds) -> int:
    return max(1, ceil(scenario.duration / every - _ROUNDING))


def _reckon(scenario: Scenario, every: Seconds, come: Iterable[Some]) -> Night:
    sums = _Sums(scenario, every)
    for some in come:
        sums.add(some)
    return sums.night()


class _Sums:
    """One evening, added up."""

    def __init__(self, scenario: Scenario, every: Seconds) -> None:
        self._scenario = scenario
        self._every = every
        self._nothing = nothing = [0.0] * _entries(scenario, every)
        self._sums: dict[Key, list[float]] = defaultdict(lambda: nothing)
        self._watching = self._arrivals = nothing
        # the entry in which all leave who have stayed
        until = max(0.0, scenario.run_time(scenario.viewing.until))
        is_over = until < scenario.duration - _ROUNDING
        self._last = floor(until / every) if is_over else len(nothing)

    def night(self) -> Night:
        """What the evening asks."""
        return Night(
            start=self._scenario.window.start,
            arrivals=self._arrivals,
            watching=self._watching,
            requests={step: self._sums[step] for step in Step if step in self._sums},
            sent=self._sums[Measure.SENT],
            connections=self._sums[Measure.CONNECTIONS],
            every=self._every,
            speed=self._scenario.speed,
        )

    def add(self, some: Some) -> None:
        """These come, too."""
        scenario, at = self._scenario, some.span.start
        made = footprint(scenario, some.purpose, some.kinds, at=at, lasting=scenario.duration)
        self._arrivals = added(self._arrivals, some.come)
        for key, events in made.apart.items():
            self._file(key, later(some.come, lags(events, self._every)))
        if some.purpose not in ERRANDS:
            for come, stay in some.stays:
                self._watch(made, self._until_last(come), stay)
            if some.leave:
                self._watch_each(made, some.leave)

    def _watch(self, made: Footprint, come: Sequence[float], stay: Seconds) -> None:
        """They come, and watch until they leave, or all do."""
        for key, rates in self._asked(made, come, stay):
            self._file(key, self._until_last(rates))
        started = later(come, lags(made.staying[Measure.STARTED], self._every, stay=stay))
        self._be_there(made, started, stay)

    def _asked(
        self, made: Footprint, come: Sequence[float], stay: Seconds
    ) -> Iterator[tuple[Key, list[float]]]:
        every = self._every
        for key, events in made.staying.items():
            if key is not Measure.STARTED:
                rates = later(come, lags(events, every, stay=stay))
                period, first = made.going_on(key)
                if first:
                    rates = added(rates, repeated(come, period, first, every, stay=stay))
                yield key, rates

    def _be_there(self, made: Footprint, started: Sequence[float], stay: Seconds) -> None:
        """Add up who watches; who leaves says so."""
        watching, left, there, every = [], [], 0.0, self._every
        kept = exp(-every / stay)
        for entry, rate in enumerate(started):
            before = there
            # who starts within the entry does so in its middle
            there = before * kept + rate * every * sqrt(kept) if entry < self._last else 0.0
            watching.append((before + there) / 2)
            left.append((before - there) / every + rate)
        self._watching = added(self._watching, watching)
        self._say_goodbye(made, left)

    def _watch_each(self, made: Footprint, stays: Iterable[tuple[Seconds, Seconds]]) -> None:
        """Some whose stays are known: each does the first part of what goes on for ever."""
        every, nothing = self._every, self._nothing
        one = [1 / every, *nothing[1:]]
        ways = dict(self._asked(made, one, inf))
        started = later(one, lags(made.staying[Measure.STARTED], every))
        watched = [rate * every for rate in accumulate(started)]
        left = list(nothing)
        sums = {key: list(self._sums[key]) for key in ways}
        watching = list(self._watching)
        for at, stay in stays:
            entry = int(at / every)
            entries = (at + stay) / every - entry
            for key, way in ways.items():
                _lay(sums[key], entry, part_of(way, entries))
            _lay(watching, entry, part_of(watched, entries))
            picture = sum(e.weight for e in made.staying[Measure.STARTED] if e.age < stay)
            _lay(left, entry + int(entries), [picture / every])
        self._sums.update(sums)
        self._watching = watching
        self._say_goodbye(made, left)

    def _say_goodbye(self, made: Footprint, left: Sequence[float]) -> None:
        watch = made.watch
        if not watch:
            return
        each = [rate / watch for rate in left]
        for key, events in made.leaving.items():
            self._file(key, later(each, lags(events, self._every)))

    def _until_last(self, rates: Sequence[float]) -> list[float]:
        return [*rates[: self._last], *self._nothing[self._last :]]

    def _file(self, key: Key, rates: Sequence[float]) -> None:
        self._sums[key] = added(self._sums[key], rates)


def _lay(onto: list[float], entry: int, rates: Sequence[float]) -> None:
    """Add rates from that entry on."""
    for at, rate in enumerate(rates[: len(onto) - entry], entry):
        onto[at] += rate
