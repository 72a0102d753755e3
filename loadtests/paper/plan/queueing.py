"""A crowd that meets desks too small for it, second by second, in expected values.

Everybody who asks a desk within one second fares alike: it takes what it can serve and what its
line has room for, of all who ask an equal part. The others come back as devices and people do,
until they are served or give up: the steps behind a desk that breaks get less, those before more.

Differences from a rehearsal: there is no chance in it, as in a crowd that is large enough; and of
those who have been refused as often as each other, all are taken to be of one age.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import NamedTuple

from loadtests.behavior.session import HASTE
from loadtests.paper.plan.ways import Way, asks, oldest
from loadtests.scenario.habits import Patience
from loadtests.units import PerSecond, Ratio, Seconds
from loadtests.vocabulary import End

_NOBODY = 1e-6
_NO_OTHERS: Mapping[str, Sequence[float]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What one place can do."""

    capacity: PerSecond  # requests
    waits_up_to: Seconds = 0.0  # in line, then it refuses; infinity: it refuses nobody
    response_time: Seconds = 0.0
    later: PerSecond | None = None  # its capacity after `grows_after` of too much load
    grows_after: Seconds = inf
    comes_back_after: Seconds | None = None  # of a waiting room: what the others are told

    @property
    def longest(self) -> Seconds:
        """Nobody who is let in has to wait longer for an answer."""
        return self.waits_up_to + self.response_time


@dataclass(slots=True)
class Course:
    """What became of the crowd: viewers by their end; what was done in each second."""

    asked: dict[str, list[float]]  # attempts at each place
    starts: list[float]  # of the app, with those who start it again
    ends: dict[End, float] = field(default_factory=lambda: defaultdict(float))

    @property
    def decided(self) -> float:
        """Viewers whose end is known."""
        return sum(self.ends.values())

    def black(self, ends: Collection[End]) -> float:
        """Viewers who met a black screen, as `ends` define it."""
        return sum(self.ends[end] for end in ends)


def lasting(patience: Patience, age: Seconds) -> Ratio:
    """Share of those without a picture who are still there at that age."""
    beyond = max(0.0, age - patience.none_before)
    return 1 - min(patience.at_most, patience.leaving_per_second * beyond)


def meet(
    crowd: Mapping[Way, Sequence[float]],
    desks: Mapping[str, Desk],
    *,
    start_limit: Seconds,
    others: Mapping[str, Sequence[float]] = _NO_OTHERS,
) -> Course:
    """How a crowd fares at these desks, which are in the order in which they are met.

    `crowd` has the viewers of each way who come in each second; `others` are requests of a second
    that only add to a desk's load. Whoever is on the way when the last second is over has no end.
    """
    return _Evening(crowd, desks, start_limit, others).play()


class _Line:
    """A desk's queue, as a fluid."""

    __slots__ = ("_desk", "_over", "capacity", "queue", "wait")

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._over = 0
        self.capacity = desk.capacity
        self.queue = 0.0
        self.wait = desk.response_time  # of those let in last, on average, until they are answered

    def take(self, asked: float) -> Ratio:
        """The share of a second's requests that is let in."""
        self._grow(asked)
        before = self.queue
        room = self.capacity * (1 + self._desk.waits_up_to) - before
        taken = min(asked, max(0.0, room))
        self.queue = max(0.0, before + taken - self.capacity)
        self.wait = (before + self.queue) / 2 / self.capacity + self._desk.response_time
        return taken / asked if asked else 1.0

    def _grow(self, asked: float) -> None:
        is_over = asked + self.queue > self.capacity
        self._over = self._over + 1 if is_over else 0
        if self._desk.later is not None and self._over > self._desk.grows_after:
            self.capacity = self._desk.later


class _Stand(NamedTuple):
    """How far somebody is: at the `at`th place of their way."""

    way: Way
    at: int
    tries: int = 0  # of the person, in vain
    fails: int = 0  # of the device, at this place
    is_late: bool = False  # a first frame would be


class _Party(NamedTuple):
    """Some who stand alike at one moment."""

    stand: _Stand
    now: Seconds
    age: Seconds
    viewers: float


class _Evening:
    """The crowd on its way: who is due at which place in which second."""

    def __init__(
        self,
        crowd: Mapping[Way, Sequence[float]],
        desks: Mapping[str, Desk],
        start_limit: Seconds,
        others: Mapping[str, Sequence[float]],
    ) -> None:
        self._crowd, self._desks, self._others = crowd, desks, others
        self._limit = start_limit
        self._seconds = max(map(len, crowd.values()), default=0)
        self._lines = {place: _Line(desk) for place, desk in desks.items()}
        self._order = {place: n for n, place in enumerate(desks)}
        self._asking = (0, -1)  # the second and the place whose turn it is
        # viewers, and the sum of their ages
        self._due: dict[tuple[int, str], dict[_Stand, list[float]]] = defaultdict(dict)
        self._last_due = -1
        # as if all went well; where it does not, this is written anew
        self._came = [sum(each) for each in zip(*crowd.values(), strict=True)]
        asked = {place: self._at_first(place) for place in desks}
        self._course = Course(asked=asked, starts=list(self._came))

    def play(self) -> Course:
        for second in range(self._seconds):
            if second > self._last_due and self._is_calm(second):
                self._end(End.IN_TIME, second, self._came[second])
            else:
                self._live(second)
        return self._course

    def _is_calm(self, second: int) -> bool:
        """Whether nobody who comes in this second gets in anybody's way."""
        asked = self._course.asked
        return all(
            not line.queue and asked[place][second] <= line.capacity
            for place, line in self._lines.items()
        )

    def _at_first(self, place: str) -> list[float]:
        others = self._others.get(place) or [0.0] * self._seconds
        rates = asks(self._crowd, place) or [0.0] * self._seconds
        return [sum(each) for each in zip(rates, others, strict=True)]

    def _of_others(self, place: str, second: int) -> float:
        others = self._others.get(place)
        return others[second] if others else 0.0

    def _live(self, second: int) -> None:
        self._asking = (second, -1)
        for way, came in self._crowd.items():
            if came[second]:
                self._go_on(_Party(_Stand(way, 0), float(second), 0.0, came[second]))
        for n, place in enumerate(self._desks):
            self._asking = (second, n)
            self._ask(place, second)

    def _ask(self, place: str, second: int) -> None:
        due = self._due.pop((second, place), {})
        asked = sum(viewers for viewers, _ in due.values()) + self._of_others(place, second)
        self._course.asked[place][second] = asked
        line = self._lines[place]
        share = line.take(asked)
        for stand, (viewers, ages) in due.items():
            party = _Party(stand, float(second), ages / viewers, viewers * share)
            if party.viewers > _NOBODY:
                self._let_in(party, line.wait)
            party = party._replace(viewers=viewers * (1 - share))
            if party.viewers > _NOBODY:
                self._refuse(party, self._desks[place].comes_back_after)

    def _let_in(self, party: _Party, wait: Seconds) -> None:
        stand = party.stand
        manner = stand.way.manners[stand.at]
        if wait > manner.timeout:  # what the desk has taken it will do all the same
            given_up = self._later(party, manner.timeout, End.LEFT_WAITING)
            self._try_again(given_up, manner.after_timeouts, is_endless=manner.is_endless)
        else:
            answered = self._later(party, wait, End.LEFT_WAITING)
            self._go_on(answered._replace(stand=_Stand(stand.way, stand.at + 1, stand.tries)))

    def _refuse(self, party: _Party, told: Seconds | None) -> None:
        stand = party.stand
        if told is None:
            manner = stand.way.manners[stand.at]
            self._try_again(party, manner.after_refusals, is_endless=manner.is_endless)
            return
        back = self._later(party, max(told, HASTE), End.LEFT_WAITING)
        # how often somebody was told stands for their age, as far as that matters
        oldest_told = int(oldest(stand.way, self._limit) / max(told, HASTE)) + 1
        fails = min(stand.fails + 1, oldest_told)
        self._be_due(back._replace(stand=stand._replace(fails=fails)))

    def _try_again(self, party: _Party, delays: Sequence[Seconds], *, is_endless: bool) -> None:
        """The device asks again, or its owner starts it again, or that was all."""
        stand = party.stand
        if stand.fails < len(delays):
            back = self._later(party, max(delays[stand.fails], HASTE), End.NEVER_STARTED)
            most = len(delays) - 1 if is_endless else len(delays)
            fails = min(stand.fails + 1, most)
            self._be_due(back._replace(stand=stand._replace(fails=fails)))
        elif stand.tries < stand.way.human.times:
            for pause, part in stand.way.pauses:
                some = party._replace(viewers=party.viewers * part)
                back = self._later(some, pause, End.NEVER_STARTED)
                if back.now < self._seconds:
                    self._course.starts[int(back.now)] += back.viewers
                self._go_on(back._replace(stand=_Stand(stand.way, 0, stand.tries + 1)))
        else:
            self._end(End.NEVER_STARTED, party.now, party.viewers)

    def _go_on(self, party: _Party) -> None:
        """On to the next place, or to the first frame."""
        way, at = party.stand.way, party.stand.at
        there = self._later(party, way.leads[at], End.LEFT_WAITING)
        if at < len(way.places):
            self._be_due(there)
        else:
            in_time = there.age <= self._limit
            self._end(End.IN_TIME if in_time else End.STARTED_LATE, there.now, there.viewers)

    def _later(self, party: _Party, seconds: Seconds, otherwise: End) -> _Party:
        """Those of them who are still there then; the end of the others is `otherwise`."""
        stand, now, age, viewers = party
        patience = stand.way.patience
        if not seconds or age + seconds <= patience.none_before:
            return _Party(stand, now + seconds, age + seconds, viewers)
        left = viewers * (1 - lasting(patience, age + seconds) / lasting(patience, age))
        # they go one by one, and some only after the last second
        known = min(1.0, (self._seconds - now) / seconds)
        self._end(otherwise, now, left * known)
        return _Party(stand, now + seconds, age + seconds, viewers - left)

    def _end(self, end: End, at: Seconds, viewers: float) -> None:
        if viewers and at < self._seconds:
            self._course.ends[end] += viewers

    def _be_due(self, party: _Party) -> None:
        """Between two seconds, partly in either; nobody comes where the second's turn is over."""
        stand, now, age, viewers = party
        place, stand = stand.way.places[stand.at], stand._replace(is_late=age > self._limit)
        first = int(now)
        late = now - first
        if (first, self._order[place]) <= self._asking:
            first, late = first + 1, 0.0
        for second, part in ((first, 1 - late), (first + 1, late)):
            if part and second < self._seconds:
                due = self._due[second, place].setdefault(stand, [0.0, 0.0])
                due[0] += viewers * part
                due[1] += viewers * part * age
                self._last_due = max(self._last_due, second)
