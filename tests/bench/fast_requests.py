"""Plain requests as Locust's own FastHttpUser sends them: each user again once it is answered."""

from locust import FastHttpUser, constant, task  # first: it patches the standard library
from locust.env import Environment

# isort: split
import json
import os
import sys
from typing import Any

import gevent
from measure import Stretch, tell


class Asker(FastHttpUser):
    """One file, again and again. As Locust has it, certificates are not verified."""

    wait_time = constant(0)
    url = ""
    closes = False

    @task
    def ask(self) -> None:
        """Once."""
        self.client.get(self.url, headers={"Connection": "close"} if self.closes else None)
        if self.closes:
            self.client.client.clientpool.close()


def figures(asked: dict[str, Any]) -> dict[str, float]:
    """Start all at once, let them settle, measure."""
    Asker.url = Asker.host = asked["url"]
    Asker.closes = asked["closes"]
    environment = Environment(user_classes=[Asker])
    runner = environment.create_local_runner()
    runner.start(asked["users"], spawn_rate=asked["users"])
    gevent.sleep(asked["settle"])
    total = environment.stats.total
    requests, failures, stretch = total.num_requests, total.num_failures, Stretch()
    gevent.sleep(asked["measure"])
    return stretch.figures(
        requests=total.num_requests - requests, failures=total.num_failures - failures
    )


if __name__ == "__main__":
    task_of = json.loads(sys.argv[1])
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {task_of["core"]})
    tell(figures(task_of))
    sys.stdout.flush()
    os._exit(0)  # Locust takes its time to stop so many
