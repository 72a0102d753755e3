"""Everything a worker does at a set time: one heap over one alarm clock."""

from collections.abc import Callable
from heapq import heapify, heappop, heappush
from math import inf

import gevent

from loadtests.swarm.alarm_clock import alarm_clock
from loadtests.swarm.clock import now
from loadtests.units import Seconds

SPACING: Seconds = (
    0.001  # alarms nearer to each other ring together: waking costs more than ringing
)
BATCH: Seconds = 0.010  # after so long, sockets get their turn before the next alarm
_TIDY = 256  # canceled entries a heap may carry before it is worth rebuilding


class Alarm:
    """One entry of `Timers`, which can be called off. What it does is a subclass's business."""

    __slots__ = ("_timers",)

    def __init__(self) -> None:
        self._timers: Timers | None = None  # None: not set, rung, or called off

    def ring(self, late: Seconds) -> None:
        """Its time has come, `late` seconds ago."""
        raise NotImplementedError

    def cancel(self) -> None:
        """Call it off; does nothing if it has rung or was called off before."""
        timers, self._timers = self._timers, None
        if timers is not None:
            timers._forget()  # noqa: SLF001 - an alarm is part of its timers


class _Call(Alarm):
    """Calls a function."""

    __slots__ = ("ring",)

    def __init__(self, callback: Callable[[Seconds], None]) -> None:
        super().__init__()
        self.ring = callback  # type: ignore[assignment,method-assign] # it is all this alarm does


class Timers:
    """Alarms in the order they are due; those due at the same time ring in the order they were set.

    An alarm never rings early and never from within `at`. One that raises does not stop the others:
    what it raised goes to `on_bug`.
    """

    def __init__(
        self,
        *,
        on_bug: Callable[[BaseException], None],
        clock: Callable[[], Seconds] = now,
    ) -> None:
        self._on_bug = on_bug
        self._clock = clock
        self._alarm_clock = alarm_clock(gevent.get_hub().loop, self.ring)
        self._heap: list[tuple[Seconds, int, Alarm]] = []
        self._count = 0
        self._canceled = 0
        self._armed = inf  # what the alarm clock is set to; -inf: no need to move it
        self._rung = -inf  # when alarms rang last
        self._closed = False

    def __len__(self) -> int:
        """How many alarms are still to ring."""
        return len(self._heap) - self._canceled

    def at(self, when: Seconds, callback: Callable[[Seconds], None]) -> Alarm:
        """Call `callback(lateness)` at `when`, or as soon as possible if that has passed.

        Lateness is seconds after `when`, never negative. ValueError if `when` is not finite: what
        never happens has no place on the heap.
        """
        if not -inf < when < inf:
            raise ValueError(f"an alarm at {when} never rings")
        alarm = _Call(callback)
        self.set(when, alarm)
        return alarm

    def set(self, when: Seconds, alarm: Alarm) -> None:
        """`alarm.ring(lateness)` at `when`, which is finite, as `at` says; set an alarm once."""
        if self._closed:
            return
        alarm._timers = self  # noqa: SLF001 - an alarm is part of its timers
        self._count = count = self._count + 1
        heappush(self._heap, (when, count, alarm))
        if when < self._armed:
            self._arm()

    def ring(self) -> None:
        """Ring what is due, for at most `BATCH` seconds; the loop calls this, and a test may."""
        self._armed = -inf
        try:
            self._ring_due()
        except BaseException as bug:  # noqa: BLE001 - the edge: gevent would print it and go on
            self._on_bug(bug)
        self._arm()

    def close(self) -> None:
        """Forget every alarm; later ones never ring."""
        self._closed = True
        self._heap.clear()
        self._canceled = 0
        self._armed = inf
        self._alarm_clock.close()

    def _ring_due(self) -> None:
        heap, clock = self._heap, self._clock
        moment = self._rung = clock()
        stop = moment + BATCH
        while heap and heap[0][0] <= moment < stop:
            when, _, alarm = heappop(heap)
            if alarm._timers is None:  # noqa: SLF001 - an alarm is part of its timers
                self._canceled -= 1
            else:
                alarm._timers = None  # noqa: SLF001 - as above
                alarm.ring(moment - when)
                moment = clock()

    def _arm(self) -> None:
        if self._closed:
            return
        if self._heap:
            self._armed = self._heap[0][0]
            self._alarm_clock.set(max(self._armed, self._rung + SPACING) - self._clock())
        else:
            self._armed = inf
            self._alarm_clock.stop()

    def _forget(self) -> None:
        if self._closed:
            return
        self._canceled += 1
        if self._canceled > _TIDY and self._canceled * 2 > len(self._heap):
            self._heap[:] = [entry for entry in self._heap if entry[2]._timers is not None]  # noqa: SLF001 - an alarm is part of its timers
            heapify(self._heap)
            self._canceled = 0
