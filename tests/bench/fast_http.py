"""The same viewers as Locust's own FastHttpUser would send them, in one process."""

from locust import FastHttpUser, constant_pacing, task  # first: it patches the standard library
from locust.env import Environment

# isort: split
import time
from itertools import count
from typing import ClassVar
from urllib.parse import urljoin

import gevent
from measure import PATTERN, Pauses, Stretch, Task, resident, tell
from starts import spread

from loadtests.collect.distribution import Distribution

PHASES = (number * 0.618034 % 1.0 for number in count())  # even, however many


class Viewer(FastHttpUser):
    """One playlist and the part it names last, every two seconds."""

    wait_time = constant_pacing(PATTERN)
    come_to = ""
    starts: ClassVar[list[float]] = []  # of everybody's first round
    lag: ClassVar[Distribution] = Distribution()  # of every round, since it was last emptied
    spread_over = PATTERN  # Locust starts users once a second, all of a second's at a time
    playlist = ""  # of this viewer
    last = 0.0  # start of the last round

    def on_start(self) -> None:
        """Wait for a phase of one's own, or every round of everybody would be such a lump."""
        gevent.sleep(next(PHASES) * self.spread_over)

    @task
    def watch(self) -> None:
        """One round; due a period after the last one began, which forgives all earlier delays."""
        now = time.time()
        if self.last:
            self.lag.add(max(0.0, now - self.last - PATTERN))
        else:
            self.starts.append(now)
        self.last = now
        said = self.load(self.playlist or self.come_to)
        if not said.endswith("/live.m3u8"):
            self.client.get(urljoin(self.playlist, said), name="segment")

    def load(self, url: str) -> str:
        """The last line of a playlist; of a master's: the playlist that is this viewer's own."""
        lines = (self.client.get(url, name="playlist").text or "").splitlines()
        self.playlist = urljoin(url, lines[-1]) if lines and lines[-1].endswith(".m3u8") else url
        return lines[-1] if lines else "segment.mp4"


def figures(asked: Task) -> dict[str, float]:
    """Start them all, let them settle, measure."""
    Viewer.come_to = Viewer.host = asked.url
    Viewer.spread_over = 0.0 if asked.is_wave else PATTERN
    environment = Environment(user_classes=[Viewer])
    runner, pauses = environment.create_local_runner(), Pauses()
    empty, start = resident(), time.time()
    runner.start(asked.viewers, spawn_rate=asked.viewers / asked.ramp)
    gevent.sleep(0.0 if asked.is_wave else asked.ramp + asked.settle)
    memory, total = (resident() - empty) / asked.share, environment.stats.total
    requests, failures = total.num_requests, total.num_failures
    Viewer.lag = Distribution()
    stretch = Stretch()
    gevent.sleep(asked.measure)
    measured = stretch.figures(
        requests=total.num_requests - requests, failures=total.num_failures - failures
    )
    return {
        **measured,
        "lag_p99": Viewer.lag.quantile(0.99),
        "lag_max": Viewer.lag.max,
        "viewers": asked.share,
        "memory_per_viewer": memory,
        "gc_pause_max": pauses.longest,
        **(spread(Viewer.starts, start=start, ramp=asked.ramp) if asked.is_wave else {}),
    }


if __name__ == "__main__":
    tell(figures(Task.from_argv()))
