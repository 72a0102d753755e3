"""Our engine with plain requests: lines, walks, recorder and windows as in a run, tiny journeys."""

import gc
import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import count

import gevent
from crowd import fail
from measure import Stretch, resident, tell
from ours import Work

from loadtests.behavior.steps import Fetch, Journey, Timeouts, Wait
from loadtests.behavior.walk import Walk
from loadtests.collect.distribution import Distribution
from loadtests.collect.health import tester_problems
from loadtests.collect.recorder import Recorder
from loadtests.collect.timeline import Timeline
from loadtests.collect.window import Window
from loadtests.swarm.clock import now
from loadtests.swarm.share import SELDOM
from loadtests.swarm.wire import Gate, Line, Wire
from loadtests.swarm.wire.connection import Connection
from loadtests.units import Seconds
from loadtests.vocabulary import Step

PATIENT = Timeouts(connect=30.0, first_byte=30.0, whole=60.0)
MOST_LINES = 15_000  # descriptors a process may have, less what else it needs
FULL = 0.95  # of a core
LATEST = 0.1  # seconds of lag, p99: beyond it nobody would use the figures


class Crowd:
    """The lines of a turn, and what each of them does."""

    def __init__(self, url: str, work: Work) -> None:
        self._url = url
        self._work = work
        self._headers = b"Connection: close\r\n" if work.closes else b""
        self.rate = work.rate or 0.0
        self.recorder = Recorder(now())
        self.wire = Wire(
            recorder=self.recorder,
            gate=Gate(),
            run_id="bench",
            on_bug=fail,
            on_stop=lambda why: fail(RuntimeError(why)),
        )
        self._idle: list[Line] = []  # in an open loop: those who wait to be asked
        self._busy = dict[int, Line]()
        self._requests = count()

    def begin(self) -> None:
        """Send from now on."""
        work, start = self._work, now()
        if work.rate is not None:
            self._idle = [self.wire.line(index) for index in range(work.lines)]
            self._await(start)
            return
        for index in range(work.lines):
            if work.period is None:
                journey = self._again_and_again()
            else:
                journey = self._every(work.period, start + work.period * index / work.lines)
            Walk(journey, self.wire.line(index), start, self, index).resume(None, start)

    def _fetch(self) -> Fetch:
        return Fetch(Step.SEGMENT, self._url, PATIENT, headers=self._headers, keep=self._work.keep)

    def _once(self) -> Journey:
        yield self._fetch()

    def _again_and_again(self) -> Journey:
        while True:
            yield self._fetch()

    def _every(self, period: Seconds, due: Seconds) -> Journey:
        for turn in count():
            yield Wait(due + turn * period)
            yield self._fetch()

    # the open loop: a request is due, and whoever is idle sends it

    def _await(self, due: Seconds) -> None:
        self.wire.timers.at(due, lambda late: self._send(due, late))

    def _send(self, due: Seconds, late: Seconds) -> None:
        self._await(due + 1 / self.rate)
        self.recorder.lagged(late)
        index = next(self._requests)
        line = self._busy[index] = self._idle.pop() if self._idle else self._new_line()
        Walk(self._once(), line, due, self, index).resume(None, due)

    def _new_line(self) -> Line:
        index = len(self._busy)
        if index > MOST_LINES:
            fail(RuntimeError(f"{index} requests under way: the target is slower than the rate"))
        return self.wire.line(index)

    def ended(self, index: int, _result: object, _at: Seconds) -> None:
        """A request of the open loop was answered."""
        self._idle.append(self._busy.pop(index))


class Worker:
    """Closes windows as a worker does, each second, with its own lag and CPU."""

    def __init__(self, crowd: Crowd) -> None:
        self._crowd = crowd
        self._start = self._at = now()
        self._cpu = time.process_time()
        self._second = 0

    def windows(self, seconds: int) -> Iterator[Window]:
        """The next ones, each when its second is over."""
        for _ in range(seconds):
            self._second += 1
            gevent.sleep(max(0.0, self._start + self._second - now()))
            yield self._close()

    def _close(self) -> Window:
        at, cpu, wire = now(), time.process_time(), self._crowd.wire
        self._crowd.recorder.lagged(max(0.0, at - self._start - self._second))
        window = self._crowd.recorder.close(
            self._second - 1,
            cpu=(cpu - self._cpu) / (at - self._at),
            sockets=wire.sockets,
            in_flight=wire.in_flight,
        )
        self._cpu, self._at = cpu, at
        return window


def play(url: str, work: Work, measure: Seconds) -> dict[str, float]:
    """Send, settle, measure."""
    Connection.drops_in_kernel &= work.drops
    crowd = Crowd(url, work)
    gc.collect()
    gc.freeze()
    gc.set_threshold(*SELDOM)
    empty, worker = resident(), Worker(crowd)
    crowd.begin()
    list(worker.windows(round(work.settle)))
    grown, stretch, windows = resident() - empty, Stretch(), list[Window]()
    for number, window in enumerate(worker.windows(round(measure))):
        windows.append(replace(window, second=number))  # a run begins where measuring does
        if work.growth > 1 and is_overloaded(window):
            break
        crowd.rate *= work.growth
    said = figures(windows, stretch)
    return said | {"memory_per_line": grown / work.lines, "maximum": crowd.rate / work.growth}


def is_overloaded(window: Window) -> bool:
    """Whether a second was more than this process could do."""
    return window.lag.quantile(0.99) > LATEST or window.cpu > FULL


def figures(windows: list[Window], stretch: Stretch) -> dict[str, float]:
    """What these windows say."""
    timeline = Timeline(windows)
    total = timeline.total
    times = Distribution()
    for tally in total.ended.values():
        times.merge(tally.times)
    failures = sum(t.count for (_, outcome, _), t in total.ended.items() if outcome.is_failure)
    own = stretch.figures(requests=times.count, failures=failures)
    size = sum(tally.bytes for tally in total.ended.values()) / times.count
    return {
        **own,
        "bit_rate": 8 * size * own["rate"],
        "bits_per_cpu": 8 * size / own["cpu_per_request"],
        "latency_p50": times.quantile(0.5),
        "latency_p99": times.quantile(0.99),
        "lag_p99": total.lag.quantile(0.99),
        "full_handshakes": total.handshakes / times.count,
        "resumed_handshakes": total.resumed / times.count,
        "flags": len(tester_problems(timeline, workers=1, seconds=0)),
    }


if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {asked["core"]})
    tell(play(asked["url"], Work(**asked["work"]), asked["measure"]))
    os._exit(0)  # hanging up in order takes longer than the measurement where lines are many
