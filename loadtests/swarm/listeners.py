"""Locust's `request` event for every request, when somebody listens.

The loop's callbacks only append to a list; a greenlet fires the events in batches, because a
listener may block.
"""

from collections import deque
from typing import Any

import gevent
from gevent.event import Event
from locust.event import EventHook

from loadtests.behavior.steps import Reply
from loadtests.swarm.clock import now
from loadtests.swarm.locust_stats import METHOD
from loadtests.swarm.share import OnReply
from loadtests.units import Seconds

BATCH = 100  # events between two looks at the sockets
DRAIN_WITHIN: Seconds = 2.0


class TargetFailed(Exception):  # noqa: N818 - what listeners are told: the target failed
    """What a listener finds in `exception` when the target is to blame; its text is the outcome."""


class Listeners:
    """Fires `request` for those who listened when the run began."""

    def __init__(self, event: EventHook) -> None:
        self._event = event
        self._waiting: deque[Reply] = deque()
        self._some = Event()
        self._fires = False

    def hook(self) -> OnReply | None:
        """What the wire is to call for each reply; None, free of cost, when nobody listens."""
        if not self._event._handlers:  # noqa: SLF001 - Locust has no other way to ask
            return None
        if not self._fires:
            self._fires = True
            gevent.spawn(self._fire)
        return self._replied

    def drain(self) -> None:
        """Wait until all events are fired, but two seconds at most."""
        deadline = now() + DRAIN_WITHIN
        while self._waiting and now() < deadline:
            gevent.sleep(0.01)

    def _replied(self, reply: Reply, _viewer: int) -> None:
        self._waiting.append(reply)
        self._some.set()

    def _fire(self) -> None:
        fire: Any = self._event.fire  # Locust has no types for it
        while True:
            self._some.wait()
            self._some.clear()
            while self._waiting:
                for _ in range(min(BATCH, len(self._waiting))):
                    fire(**_facts(self._waiting.popleft()))
                gevent.sleep(0)


def _facts(reply: Reply) -> dict[str, object]:
    """A reply in the words of Locust's event: milliseconds, from when it was due."""
    failed = TargetFailed(reply.outcome.value) if reply.outcome.is_failure else None
    return {
        "request_type": METHOD,
        "name": reply.fetch.step.value,
        "response_time": (reply.done - reply.due) * 1000,
        "response_length": reply.size,
        "exception": failed,
        "context": {"outcome": reply.outcome.value, "attempt": reply.fetch.attempt},
        "url": reply.fetch.url,
        "start_time": reply.due,
    }
