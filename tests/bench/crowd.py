"""Our engine with everything a run has: usher, journeys, playlists, buffers, recording, windows."""

import os
import sys
import traceback

import gevent
from measure import Pauses, Stretch, Task, resident, tell
from starts import spread

from loadtests.audience.arrivals import Arrival
from loadtests.collect.window import Window
from loadtests.swarm.clock import now
from loadtests.swarm.messages import Plan
from loadtests.swarm.share import Share

SCENARIO = """
title: The bench's crowd
event: {{name: Bench, kick_off: 2026-01-01 20:00}}
audience:
  published: {viewers}
  people_per_account: {{value: 1, low: 1, high: 1}}
  share_on_app: {{value: 100 %, low: 100 %, high: 100 %}}
scale: 1/1
speed: 1
window: [-{ramp:g}s, +{after:g}s]
arrivals:
  - {{shape: steady, from: -{ramp:g}s, to: 0s, share: 99.9 %}}
  - {{shape: steady, from: 0s, to: +{after:g}s, share: 0.1 %}}  # a window ends with its arrivals
devices:
  screen: {{share: 100 %, player: hls_js, signs_in: 0 %}}
viewing: {{until: +90m, early: 0 %}}
"""


def plan(task: Task) -> Plan:
    """What one of the task's workers plays."""
    after = task.settle + task.measure + 2
    return Plan(
        run="bench",
        folder="",
        file="bench.yaml",
        scenario=SCENARIO.format(viewers=task.viewers, ramp=task.ramp, after=after),
        name="bench",
        variant=None,
        scale=None,
        speed=None,
        seed=None,
        target=task.url,
        consent=None,
        resolve={},
        insecure=False,
        request_log=False,
        start=now() + 0.5,
        worker=task.worker,
        workers=task.workers,
    )


def fail(bug: BaseException) -> None:
    """A bench with a bug measures nothing."""
    traceback.print_exception(bug)
    sys.stderr.flush()
    os._exit(1)  # from within the loop's callback nothing else ends the process


class Crowd:
    """A share of the scenario, played in this process and measured from when it has settled."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._plan = plan(task)
        self.share = Share(
            self._plan,
            on_bug=fail,
            on_stop=lambda why: fail(RuntimeError(why)),
            on_notice=lambda what: fail(RuntimeError(what)),
        )
        self._second = 0

    @property
    def start(self) -> float:
        """When the first may come, in epoch seconds."""
        return self._plan.start

    def play(self) -> dict[str, float]:
        """Let them in, let them settle, measure."""
        self.share.open()
        pauses = Pauses()  # from here on: what is done before the barrier holds nobody up
        empty = resident()
        before = 0.0 if self._task.is_wave else self._task.ramp + self._task.settle
        self.merge(Window(0), round(before))
        memory = (resident() - empty) / self._task.share
        stretch, total = Stretch(), Window(0)
        course = self.merge(total, round(self._task.measure))
        ended = [(outcome, tally.count) for (_, outcome, _), tally in total.ended.items()]
        measured = stretch.figures(
            requests=sum(count for _, count in ended),
            failures=sum(count for outcome, count in ended if outcome.is_failure),
        )
        return {
            **measured,
            "lag_p99": total.lag.quantile(0.99),
            "lag_max": total.lag.max,
            **{f"lag_max_{number}": most for number, most in enumerate(course)},
            "viewers": self._task.share,
            "connections": total.sockets,
            "memory_per_viewer": memory,
            "gc_pause_max": pauses.longest,
        }

    def merge(self, total: Window, seconds: int) -> list[float]:
        """Add so many more seconds to `total`; the most that something was late in each."""
        course = []
        for _ in range(seconds):
            gevent.sleep(max(0.0, self.share.due(self._second) - now()))
            window = self.share.close_second()
            total.merge(window)
            course.append(window.lag.max)
            self._second += 1
        return course


def wave(task: Task) -> dict[str, float]:
    """The join itself is measured: how late, and when each viewer was let in."""
    crowd, starts = Crowd(task), list[float]()
    usher = crowd.share._usher
    begin = usher._begin

    def note(arrival: Arrival, late: float) -> None:
        starts.append(now())
        begin(arrival, late)

    usher._begin = note
    return {**crowd.play(), **spread(starts, start=crowd.start, ramp=task.ramp)}


if __name__ == "__main__":
    asked = Task.from_argv()
    tell(wave(asked) if asked.is_wave else Crowd(asked).play())
