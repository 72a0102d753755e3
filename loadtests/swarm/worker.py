"""A worker's side of a run on Locust: greets, plays its share, delivers its windows."""

import traceback
from collections.abc import Iterable
from typing import Any

import gevent
from gevent.event import Event
from locust.env import Environment
from locust.rpc import Message

from loadtests.collect.window import Window
from loadtests.errors import ExitStatus, MatchnightError
from loadtests.swarm import messages
from loadtests.swarm.clock import now
from loadtests.swarm.edge import guarded, spawn
from loadtests.swarm.listeners import Listeners
from loadtests.swarm.messages import Outbox, Parcel, Plan
from loadtests.swarm.share import Share
from loadtests.units import Seconds

GREET_EVERY: Seconds = 0.5
DELIVER_WITHIN: Seconds = 3.0  # after the end; by then the master is gone


class Worker:
    """Plays one share at a time; in a process of its own, or beside the master in a local run."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._runner = environment.runner
        self._listeners = Listeners(environment.events.request)
        self._plan: Plan | None = None
        self._outbox = Outbox()
        self._stop = Event()
        self._is_greeting = False
        self._is_done = Event()  # nothing is being played
        self._is_done.set()
        for name, handler in (
            (messages.PLAN, self._planned),
            (messages.ACCEPTED, self._accepted),
            (messages.STOP, self._stopped),
        ):
            self._runner.register_message(name, guarded(handler, self._bug))
        environment.events.test_start.add_listener(self._test_started)
        environment.events.test_stop.add_listener(self._test_stopped)
        environment.events.quitting.add_listener(self._quitting)

    def interrupt(self) -> None:
        """Ctrl-C reaches every process of a terminal: deliver what there is, before Locust shuts down."""
        self._quitting()

    # what Locust calls

    def _test_started(self, **_: Any) -> None:
        self._plan = None
        self._outbox = Outbox()
        self._stop = Event()
        self._is_greeting = True
        spawn(self._greet, self._bug)

    def _test_stopped(self, **_: Any) -> None:
        self._is_greeting = False
        self._stop.set()

    def _quitting(self, **_: Any) -> None:
        """The process is asked to end (SIGTERM, or the master's word): what there is, is delivered first."""
        self._stop.set()
        self._is_done.wait(DELIVER_WITHIN)

    def _planned(self, environment: Environment, msg: Message) -> None:
        del environment
        if self._plan is None and self._is_greeting:
            self._is_greeting = False
            self._plan = Plan.from_json(msg.data)
            self._is_done.clear()
            spawn(self._play, self._bug, self._plan, self._stop)

    def _accepted(self, environment: Environment, msg: Message) -> None:
        del environment
        if self._plan is not None and msg.data["run"] == self._plan.run:
            self._outbox.acknowledged(msg.data["number"])

    def _stopped(self, environment: Environment, msg: Message) -> None:
        del environment
        if self._plan is not None and msg.data["run"] == self._plan.run:
            self._stop.set()

    # what it does

    def _greet(self) -> None:
        """Until answered: a master that is not ready yet hears nothing."""
        while self._is_greeting:
            self._runner.send_message(messages.GREETING, {"now": now()})
            gevent.sleep(GREET_EVERY)

    def _play(self, plan: Plan, stop: Event) -> None:
        share = Share(
            plan,
            on_bug=self._bug,
            on_stop=lambda why: self._withdraw(plan, why),
            on_reply=self._listeners.hook(),
        )
        share.open()
        last = share.seconds - 1
        for second in range(last):
            if stop.wait(max(0.0, share.due(second) - now())):
                break
            self._send(plan, [self._outbox.post(share.close_second(), now())])
            self._send(plan, self._outbox.overdue(now()))
        stop.wait(max(0.0, share.due(last) - now()))
        self._deliver(plan, share.close())

    def _deliver(self, plan: Plan, window: Window) -> None:
        """The last window, and whatever has not arrived."""
        self._send(plan, [self._outbox.post(window, now(), last=True)])
        self._listeners.drain()
        deadline = now() + DELIVER_WITHIN
        while not self._outbox.is_empty and now() < deadline:
            gevent.sleep(0.1)
            self._send(plan, self._outbox.overdue(now()))
        self._is_done.set()

    def _send(self, plan: Plan, parcels: Iterable[Parcel]) -> None:
        for parcel in parcels:
            self._runner.send_message(messages.WINDOW, {"run": plan.run} | parcel.to_json())

    def _withdraw(self, plan: Plan, why: str) -> None:
        """Called from within the loop, where nothing may be sent."""
        spawn(
            self._runner.send_message, self._bug, messages.WITHDRAWN, {"run": plan.run, "why": why}
        )

    def _bug(self, bug: BaseException) -> None:
        """Our own mistake, perhaps from within the loop: the run ends, and says why."""
        gevent.spawn(self._confess, bug)

    def _confess(self, bug: BaseException) -> None:
        run = self._plan.run if self._plan else ""
        self._runner.send_message(messages.FAILED, {"run": run} | failure(bug))
        self._stop.set()


def failure(bug: BaseException) -> dict[str, Any]:
    """What ended the run, as a message's body: one line, how to end, and the traceback unless it is the user's to mend."""
    if isinstance(bug, MatchnightError):
        return {"text": str(bug), "status": bug.status, "traceback": ""}
    return {
        "text": f"matchnight failed by its own mistake: {type(bug).__name__}: {bug}",
        "status": ExitStatus.INVALID_RUN,
        "traceback": "".join(traceback.format_exception(bug)),
    }
