"""The same viewers as Locust's own FastHttpUser would send them, in one process."""

from locust import FastHttpUser, constant_pacing, task  # first: it patches the standard library
from locust.env import Environment

# isort: split
import gc
import time
from urllib.parse import urljoin

import gevent
from measure import Figures, Task, resident

PERIOD = 2.0


class Viewer(FastHttpUser):
    """One playlist and the part it names last, every two seconds."""

    wait_time = constant_pacing(PERIOD)
    playlist = ""

    @task
    def watch(self) -> None:
        """One round."""
        said = self.client.get(self.playlist, name="playlist").text or ""
        newest = said.splitlines()[-1] if said else "segment.mp4"
        self.client.get(urljoin(self.playlist, newest), name="segment")


def figures(asked: Task) -> Figures:
    """Start them all, let them settle, measure."""
    Viewer.playlist = asked.url
    Viewer.host = asked.url
    environment = Environment(user_classes=[Viewer])
    runner = environment.create_local_runner()
    gc.collect()
    empty = resident()
    runner.start(asked.viewers, spawn_rate=asked.viewers / asked.ramp)
    gevent.sleep(asked.ramp + asked.settle)
    gc.collect()
    full = resident()
    total = environment.stats.total
    requests, failures, cpu, at = (
        total.num_requests,
        total.num_failures,
        time.process_time(),
        time.monotonic(),
    )
    gevent.sleep(asked.measure)
    measured = Figures(
        seconds=time.monotonic() - at,
        requests=total.num_requests - requests,
        failures=total.num_failures - failures,
        cpu=time.process_time() - cpu,
        viewers=asked.viewers,
        memory=full - empty,
    )
    runner.quit()
    return measured


if __name__ == "__main__":
    figures(Task.from_argv()).tell()
