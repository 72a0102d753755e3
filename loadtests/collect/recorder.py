"""Adds up what one worker's viewers and its wire say, second by second."""

import math
from operator import attrgetter, sub

from loadtests.audience.arrivals import Arrival
from loadtests.behavior.steps import Fetch, Progress, Reply
from loadtests.collect.distribution import Distribution
from loadtests.collect.edge.samples import Samples
from loadtests.collect.policies import Codes
from loadtests.collect.qoe import STARTED
from loadtests.collect.window import Cohort, Tally, Window
from loadtests.scenario.hostile import Pattern
from loadtests.units import Offset, Seconds
from loadtests.vocabulary import End, Fact, Outcome, Step

MINUTE: Seconds = 60.0
_POLICY = Outcome.POLICY
_DONE, _DUE, _SIZE = attrgetter("done"), attrgetter("due"), attrgetter("size")
_BATCH = 256  # values that wait to be counted together, which takes less time than one by one


def minute_of(offset: Offset) -> int:
    """The event minute viewers are filed by: 0 begins at kick-off, -1 a minute before it."""
    return math.floor(offset // MINUTE)  # a division would round the moment before 0 to 0


def cohort_of(arrival: Arrival) -> Cohort:
    """The kind of viewer this is."""
    traits = "+".join(sorted(arrival.traits))
    return Cohort(arrival.region, arrival.device_name, arrival.purpose, traits)


def _count(waiting: list[Seconds], into: Distribution) -> None:
    into.extend(waiting)
    waiting.clear()


class _Ended:
    """Requests of one kind that ended in this window and are not yet counted in it."""

    __slots__ = ("_tally", "replies")

    def __init__(self, tally: Tally | None) -> None:
        """`tally`: where viewers' are counted; None: they are hostile."""
        self._tally = tally
        self.replies: list[Reply] = []

    def count(self, step: Step, outcome: Outcome, *, retry: bool, edge: Samples | None) -> None:
        """Count them, and forget them."""
        replies, self.replies = self.replies, []
        if self._tally is not None:
            self._tally.count += len(replies)
            self._tally.bytes += sum(map(_SIZE, replies))
            self._tally.times.extend([*map(sub, map(_DONE, replies), map(_DUE, replies))])
        if edge is not None:
            edge.ended(step, outcome, retry=retry, replies=replies)


class Recorder:
    """The window being filled, and the little that outlives it: who has stalled already.

    Every fetch taken up is told by `sent` once and by `answered` once, whatever came of it, with or
    without a connection: requests sent = ended + in flight, at any moment. The two run for every
    request: of a viewer who is watching they take less than 6 µs together, with what the target's
    edge sees of it.
    """

    def __init__(self, start: Seconds, *, edge: bool = True) -> None:
        """`start`: the epoch second arrivals count from; `edge`: to record what the edge sees."""
        self._start = start
        self._stalled: set[int] = set()  # viewers, by index, who are watching and have stalled
        self._codes = Codes()
        self._edge = Samples(str(start).encode()) if edge else None
        self._lags: list[Seconds] = []
        self._latencies: list[Seconds] = []
        self._ages: list[Seconds] = []
        self._ended: dict[tuple[Step, Outcome, bool], _Ended] = {}
        self._hostile: dict[tuple[Step, Outcome, bool], _Ended] = {}
        self._window = Window(0)

    def sent(self, fetch: Fetch) -> None:
        """A request is under way."""
        self._window.sent[fetch.step, fetch.attempt > 1] += 1

    def answered(self, reply: Reply) -> None:
        """It ended, by an answer or otherwise."""
        fetch, outcome = reply.fetch, reply.outcome
        kind = (fetch.step, outcome, fetch.attempt > 1)
        ended = self._ended.get(kind)
        if ended is None:
            tally = self._window.ended[kind] = Tally()
            ended = self._ended[kind] = _Ended(tally)
        replies = ended.replies
        replies.append(reply)
        if len(replies) >= _BATCH:
            ended.count(fetch.step, outcome, retry=kind[2], edge=self._edge)
        if outcome is _POLICY:
            step = fetch.step
            self._window.policies[step, self._codes.file(step, str(reply.value or ""))] += 1

    def hostile(self, pattern: Pattern) -> "HostileRecorder":
        """What records the requests of hostile traffic: apart, but for what the edge sees."""
        return HostileRecorder(self, pattern)

    def answered_hostile(self, pattern: Pattern, reply: Reply) -> None:
        """A request of hostile traffic ended."""
        fetch, outcome = reply.fetch, reply.outcome
        self._window.hostile[pattern, fetch.step, outcome] += 1
        kind = (fetch.step, outcome, fetch.attempt > 1)
        ended = self._hostile.get(kind)
        if ended is None:
            ended = self._hostile[kind] = _Ended(None)
        ended.replies.append(reply)
        if len(ended.replies) >= _BATCH:
            ended.count(fetch.step, outcome, retry=kind[2], edge=self._edge)

    def lagged(self, late: Seconds) -> None:
        """The tester did something `late` seconds after it was due."""
        lags = self._lags
        lags.append(late)
        if len(lags) >= _BATCH:
            _count(lags, self._window.lag)

    def arrived(self, arrival: Arrival, *, late: bool) -> None:
        """A viewer turned up; `late` when the tester could not start it on time."""
        self._window.arrived[minute_of(arrival.offset)] += 1
        self._window.late_arrivals += late

    def connected(self, resumed: bool | None) -> None:  # noqa: FBT001 - the one thing there is to say
        """A connection was opened: `resumed` or full TLS handshake, None without TLS."""
        window = self._window
        window.connections += 1
        if resumed is not None:
            window.resumed += resumed
            window.handshakes += not resumed

    def decided(self, arrival: Arrival, end: End, at: Seconds) -> None:
        """The arrival's end is known; for those that start, `at` is the first frame."""
        minute = minute_of(arrival.offset)
        self._window.ends[minute, end] += 1
        self._window.cohorts[minute, cohort_of(arrival), end] += 1
        if end in STARTED:
            times = self._window.startup.setdefault(minute, Distribution())
            times.add(at - (self._start + arrival.at))

    def played(self, arrival: Arrival, progress: Progress, at: Seconds) -> None:  # noqa: ARG002 - Observer's signature; progress is filed by when it is told
        """The player went on."""
        window = self._window
        window.watched += progress.watched
        window.stalled += progress.stalled
        window.bits_watched += progress.bits_watched
        window.switches += progress.switches
        window.lost += progress.lost
        if progress.stalls:
            window.stalls += progress.stalls
            self._stalled_first(arrival)
        if progress.live_latency is not None:
            self._latencies.append(progress.live_latency)
            if len(self._latencies) >= _BATCH:
                _count(self._latencies, window.live_latency)
        if progress.playlist_age is not None:
            self._ages.append(progress.playlist_age)
            if len(self._ages) >= _BATCH:
                _count(self._ages, window.playlist_age)
        if progress.stalled_ratio is not None:
            window.stalled_ratios.add(progress.stalled_ratio)

    def _stalled_first(self, arrival: Arrival) -> None:
        if arrival.index not in self._stalled:
            self._stalled.add(arrival.index)
            self._window.stalled_viewers += 1

    def noted(self, arrival: Arrival, fact: Fact, at: Seconds) -> None:  # noqa: ARG002 - Observer's signature; counted when told
        """Something worth counting."""
        self._window.facts[fact] += 1

    def left(self, arrival: Arrival, at: Seconds) -> None:  # noqa: ARG002 - Observer's signature; counted when told
        """A viewer who had started is gone."""
        self._window.left += 1
        self._stalled.discard(arrival.index)

    def close(self, second: int, *, cpu: float, sockets: int, in_flight: int) -> Window:
        """The window since the last call, as that of `second`; a new one begins.

        `cpu`: share of this worker's core in it; `sockets` open and requests `in_flight` now.
        """
        window = self._window
        _count(self._lags, window.lag)
        _count(self._latencies, window.live_latency)
        _count(self._ages, window.playlist_age)
        for of in (self._ended, self._hostile):
            for (step, outcome, retry), ended in of.items():
                ended.count(step, outcome, retry=retry, edge=self._edge)
            of.clear()
        if self._edge is not None:
            window.edge = self._edge.close(second, self._start + second + 1)
        window.second, window.workers = second, 1
        window.cpu, window.sockets, window.in_flight = cpu, sockets, in_flight
        self._window = Window(second + 1)
        return window


class HostileRecorder:
    """Told of the requests of one pattern of hostile traffic, as a `Recorder` is of viewers'."""

    def __init__(self, recorder: Recorder, pattern: Pattern) -> None:
        self._recorder = recorder
        self._pattern = pattern

    def sent(self, fetch: Fetch) -> None:
        """It counts when it has ended."""

    def answered(self, reply: Reply) -> None:
        """It ended, by an answer or otherwise."""
        self._recorder.answered_hostile(self._pattern, reply)

    def lagged(self, late: Seconds) -> None:
        """The tester did something `late` seconds after it was due, whoever for."""
        self._recorder.lagged(late)

    def connected(self, resumed: bool | None) -> None:  # noqa: FBT001 - Recording's signature
        """A connection was opened: none of a viewer's."""
