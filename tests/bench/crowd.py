"""Our engine with everything a run has: usher, journeys, playlists, buffers, recording, windows."""

import gc
import os
import sys
import time
import traceback

import gevent
from measure import Figures, Task, resident

from loadtests.collect.distribution import Distribution
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
    """One worker plays it all."""
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
        worker=0,
        workers=1,
    )


def fail(bug: BaseException) -> None:
    """A bench with a bug measures nothing."""
    traceback.print_exception(bug)
    sys.stderr.flush()
    os._exit(1)  # from within the loop's callback nothing else ends the process


def figures(task: Task) -> Figures:
    """Play, and measure from when the crowd has settled."""
    share = Share(
        plan(task),
        on_bug=fail,
        on_stop=lambda why: fail(RuntimeError(why)),
        on_notice=lambda what: fail(RuntimeError(what)),
    )
    share.open()
    empty = resident()
    begin = round(task.ramp + task.settle)
    for second in range(begin):
        gevent.sleep(max(0.0, share.due(second) - now()))
        share.close_second()
    gc.collect()
    full = resident()
    cpu, at = time.process_time(), now()
    windows = list[Window]()
    for second in range(begin, begin + round(task.measure)):
        gevent.sleep(max(0.0, share.due(second) - now()))
        windows.append(share.close_second())
    cpu, seconds = time.process_time() - cpu, now() - at
    share.close()
    return _sum_up(windows, cpu=cpu, seconds=seconds, viewers=task.viewers, memory=full - empty)


def _sum_up(
    windows: list[Window], *, cpu: float, seconds: float, viewers: int, memory: int
) -> Figures:
    lag = Distribution()
    for window in windows:
        lag.merge(window.lag)
    ended = [(outcome, tally.count) for w in windows for (_, outcome, _), tally in w.ended.items()]
    return Figures(
        seconds=seconds,
        requests=sum(count for _, count in ended),
        failures=sum(count for outcome, count in ended if outcome.is_failure),
        cpu=cpu,
        viewers=viewers,
        memory=memory,
        lag_p99=lag.quantile(0.99),
    )


if __name__ == "__main__":
    figures(Task.from_argv()).tell()
