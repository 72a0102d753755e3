"""Adds up what one worker's viewers and its wire say, second by second."""

import math

from loadtests.audience.arrivals import Arrival
from loadtests.behavior.steps import Fetch, Progress, Reply
from loadtests.collect.distribution import Distribution
from loadtests.collect.policies import Codes
from loadtests.collect.qoe import STARTED
from loadtests.collect.window import Cohort, Tally, Window
from loadtests.units import Offset, Seconds
from loadtests.vocabulary import End, Fact, Outcome

MINUTE: Seconds = 60.0


def minute_of(offset: Offset) -> int:
    """The event minute viewers are filed by: 0 begins at kick-off, -1 a minute before it."""
    return math.floor(offset // MINUTE)  # a division would round the moment before 0 to 0


def cohort_of(arrival: Arrival) -> Cohort:
    """The kind of viewer this is."""
    traits = "+".join(sorted(arrival.traits))
    return Cohort(arrival.region, arrival.device_name, arrival.purpose, traits)


class Recorder:
    """The window being filled, and the little that outlives it: who has stalled already.

    Every fetch taken up is told by `sent` once and by `answered` once, whatever came of it, with or
    without a connection: requests sent = ended + in flight, at any moment. The two run for every
    request: together they take less than 2.5 µs.
    """

    def __init__(self, start: Seconds) -> None:
        """`start`: the epoch second arrivals count from."""
        self._start = start
        self._stalled: set[int] = set()  # viewers, by index, who are watching and have stalled
        self._codes = Codes()
        self._window = Window(0)

    def sent(self, fetch: Fetch) -> None:
        """A request is under way."""
        self._window.sent[fetch.step, fetch.attempt > 1] += 1

    def answered(self, reply: Reply) -> None:
        """It ended, by an answer or otherwise."""
        fetch = reply.fetch
        kind = (fetch.step, reply.outcome, fetch.attempt > 1)
        tally = self._window.ended.get(kind)
        if tally is None:
            tally = self._window.ended[kind] = Tally()
        tally.count += 1
        tally.bytes += reply.size
        tally.times.add(reply.done - reply.due)
        if reply.outcome is Outcome.POLICY:
            step = fetch.step
            self._window.policies[step, self._codes.file(step, str(reply.value or ""))] += 1

    def lagged(self, late: Seconds) -> None:
        """The tester did something `late` seconds after it was due."""
        self._window.lag.add(late)

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
            window.live_latency.add(progress.live_latency)
        if progress.playlist_age is not None:
            window.playlist_age.add(progress.playlist_age)
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
        window.second, window.workers = second, 1
        window.cpu, window.sockets, window.in_flight = cpu, sockets, in_flight
        self._window = Window(second + 1)
        return window
