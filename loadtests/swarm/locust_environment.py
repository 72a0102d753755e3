"""The few things we use of Locust, with the types that half of it lacks."""

from collections.abc import Callable
from typing import Any

import gevent
from locust.env import Environment
from locust.event import EventHook
from locust.runners import (
    STATE_CLEANUP,
    STATE_INIT,
    STATE_MISSING,
    STATE_SPAWNING,
    LocalRunner,
    MasterRunner,
    WorkerRunner,
)
from locust.stats import RequestStats

from loadtests.errors import ExitStatus
from loadtests.swarm.clock import now
from loadtests.swarm.dispatcher import OneEach
from loadtests.units import Seconds

Body = dict[str, Any]
"""Of a message: what msgpack carries."""

SETTLE_WITHIN: Seconds = 15.0  # Locust's own start, at the slowest
LOCAL = "local"  # how a local runner names its one worker


class Locust:
    """One process of Locust's: a master, a worker, or a local runner that is both."""

    def __init__(self, environment: Environment) -> None:
        """Take over how users are handed out and requests are counted."""
        untyped: Any = environment
        self._environment = untyped
        self._runner = untyped.runner
        untyped.dispatcher_class = OneEach
        self._remove_recorder()

    def _remove_recorder(self) -> None:
        """Take Locust's own listener off `request`: it would count each request again."""
        for handler in list(self.request._handlers):  # noqa: SLF001 - Locust has no other way to find it
            if handler.__qualname__ == "Runner.__init__.<locals>.on_request":
                self._environment.events.request.remove_listener(handler)

    @property
    def given(self) -> dict[str, Any]:
        """The options, as the command line, or the web UI's form, gave them."""
        given: dict[str, Any] = vars(self._environment.parsed_options)
        return given

    @property
    def is_local(self) -> bool:
        """Whether master and worker are this one process."""
        return isinstance(self._runner, LocalRunner)

    @property
    def is_worker(self) -> bool:
        """Whether somebody else is the master."""
        return isinstance(self._runner, WorkerRunner)

    @property
    def stats(self) -> RequestStats:
        """Locust's tables; emptied when a test starts."""
        stats: RequestStats = self._runner.stats
        return stats

    @property
    def request(self) -> EventHook:
        """The event Locust promises for each request."""
        event: EventHook = self._environment.events.request
        return event

    def on(self, event: str, handler: Callable[[], None]) -> None:
        """Call `handler` when Locust fires `event`; it may take its time, Locust waits."""
        getattr(self._environment.events, event).add_listener(lambda **_: handler())

    def receive(self, message: str, handler: Callable[[str, Body], None]) -> None:
        """Call `handler(sender, body)` for each such message; it must not wait for another one."""

        def received(environment: Environment, msg: Any) -> None:  # noqa: ANN401, ARG001 - Locust's signature
            handler(msg.node_id, msg.data)

        self._runner.register_message(message, received)

    def send(self, message: str, body: Body, *, to: str | None = None) -> None:
        """Send to one worker, or to the master. A local runner delivers before this returns."""
        self._runner.send_message(message, body, client_id=to)

    def crew(self) -> list[str]:
        """Ids of the workers, in the order they came; Locust is to expect a user of each."""
        crew = [LOCAL]
        if isinstance(self._runner, MasterRunner):
            clients = self._runner.clients
            ids = [node.id for node in (*clients.ready, *clients.running, *clients.spawning)]
            crew = sorted(ids, key=self._runner.get_worker_index)
        self._runner.target_user_count = len(crew)
        return crew

    def is_gone(self, worker: str) -> bool:
        """Whether a worker has said good-bye, or nothing for some seconds."""
        if not isinstance(self._runner, MasterRunner):
            return False
        node = self._runner.clients.get(worker)
        return node is None or node.state == STATE_MISSING

    def will_exit(self, status: ExitStatus) -> None:
        """What the process answers when it ends."""
        self._environment.process_exit_code = int(status)

    def end_test(self) -> None:
        """End Locust's test as well, and without a web UI the process."""
        deadline = now() + SETTLE_WITHIN
        unsettled = {STATE_INIT, STATE_SPAWNING, STATE_CLEANUP}
        # stopped before all its users are there, Locust waits a minute for them to go
        while self._runner.state in unsettled and now() < deadline:
            gevent.sleep(0.05)
        if self._environment.parsed_options.headless:
            self._runner.quit()
        else:
            self._runner.stop()
