"""A worker's side of a run on Locust: greets, plays its share, delivers its windows."""

import traceback
from collections.abc import Iterable

import gevent
from gevent.event import Event

from loadtests.collect.window import Window
from loadtests.errors import ExitStatus, MatchnightError
from loadtests.swarm import messages
from loadtests.swarm.clock import now
from loadtests.swarm.edge import guarded, spawn
from loadtests.swarm.farewell import AT_THE_END, WHEN_STOPPED
from loadtests.swarm.listeners import Listeners
from loadtests.swarm.locust_environment import Body, Locust
from loadtests.swarm.messages import Outbox, Parcel, Plan
from loadtests.swarm.share import Share
from loadtests.units import Seconds

GREET_EVERY: Seconds = 0.5
LOOK_EVERY: Seconds = 0.05
DELIVER_WITHIN: Seconds = 3.0  # after the end; by then the master is gone


class Worker:
    """Plays one share at a time; in a process of its own, or beside the master in a local run."""

    def __init__(self, locust: Locust) -> None:
        self._locust = locust
        self._listeners = Listeners(locust.request)
        self._plan: Plan | None = None
        self._outbox = Outbox()
        self._stop = Event()
        self._leave_within = WHEN_STOPPED  # once stopped, unless the master says otherwise
        self._is_greeting = False
        self._is_done = Event()  # nothing is being played
        self._is_done.set()
        locust.receive(messages.PLAN, guarded(self._planned, self._bug))
        locust.receive(messages.ACCEPTED, guarded(self._accepted, self._bug))
        locust.receive(messages.STOP, guarded(self._stopped, self._bug))
        locust.on("test_start", self._test_started)
        locust.on("test_stop", self._test_stopped)
        locust.on("quitting", self.deliver)

    def deliver(self) -> None:
        """The process is about to end: what there is, is delivered first."""
        self._stop.set()
        self._is_done.wait(DELIVER_WITHIN)

    # what Locust calls

    def _test_started(self) -> None:
        self._plan = None
        self._outbox = Outbox()
        self._stop = Event()
        self._leave_within = WHEN_STOPPED
        self._is_greeting = True
        spawn(self._greet, self._bug)

    def _test_stopped(self) -> None:
        self._is_greeting = False
        self._stop.set()

    def _planned(self, _master: str, body: Body) -> None:
        if self._is_greeting:
            self._is_greeting = False
            self._plan = Plan.from_json(body)
            self._is_done.clear()
            spawn(self._play, self._bug, self._plan, self._stop)

    def _accepted(self, _master: str, body: Body) -> None:
        if self._plays(body["run"]):
            self._outbox.acknowledged(body["number"])

    def _stopped(self, _master: str, body: Body) -> None:
        if self._plays(body["run"]):
            self._leave_within = body["leave"]
            self._stop.set()

    def _plays(self, run: str) -> bool:
        return self._plan is not None and self._plan.run == run

    # what it does

    def _greet(self) -> None:
        """Until answered: a master that is not ready yet hears nothing."""
        while self._is_greeting:
            self._locust.send(messages.GREETING, {})
            gevent.sleep(GREET_EVERY)

    def _play(self, plan: Plan, stop: Event) -> None:
        try:
            share = Share(
                plan,
                on_bug=self._bug,
                on_stop=lambda why: self._withdraw(plan, why),
                on_notice=lambda what: self._mention(plan, what),
                on_reply=self._listeners.hook(),
            )
            self._play_share(share, plan, stop)
        finally:
            self._is_done.set()

    def _play_share(self, share: Share, plan: Plan, stop: Event) -> None:
        share.open()
        last = share.seconds - 1
        for second in range(last):
            if stop.wait(max(0.0, share.due(second) - now())):
                break
            self._send(plan, [self._outbox.post(share.close_second(), now())])
            self._send(plan, self._outbox.overdue(now()))
        stop.wait(max(0.0, share.due(last) - now()))
        share.finish()
        self._let_everybody_leave(share, stop)
        self._deliver(plan, share.close())

    def _let_everybody_leave(self, share: Share, stop: Event) -> None:
        """Sessions are closed at their pace; whoever stops the run, even now, sets how long."""
        until = now() + AT_THE_END
        while not share.everybody_left and now() < until:
            gevent.sleep(LOOK_EVERY)
            if stop.is_set():
                until = min(until, now() + self._leave_within)
                stop = Event()

    def _deliver(self, plan: Plan, window: Window) -> None:
        """The last window, and whatever has not arrived."""
        self._send(plan, [self._outbox.post(window, now(), last=True)])
        self._listeners.drain()
        deadline = now() + DELIVER_WITHIN
        while not self._outbox.is_empty and now() < deadline:
            gevent.sleep(0.1)
            self._send(plan, self._outbox.overdue(now()))

    def _send(self, plan: Plan, parcels: Iterable[Parcel]) -> None:
        for parcel in parcels:
            self._locust.send(messages.WINDOW, {"run": plan.run} | parcel.to_json())

    def _withdraw(self, plan: Plan, why: str) -> None:
        """Nothing may be sent to the target any more. Called from within the loop."""
        spawn(self._locust.send, self._bug, messages.WITHDRAWN, {"run": plan.run, "why": why})

    def _mention(self, plan: Plan, what: str) -> None:
        self._locust.send(messages.NOTICE, {"run": plan.run, "text": what})

    def _bug(self, bug: BaseException) -> None:
        """Our own mistake, perhaps from within the loop: the run ends, and says why."""
        gevent.spawn(self._confess, bug)

    def _confess(self, bug: BaseException) -> None:
        self._locust.send(messages.FAILED, failure(bug))
        self._stop.set()


def failure(bug: BaseException) -> Body:
    """Why a run cannot go on: one line, how to end, and a traceback if the mistake is ours."""
    if isinstance(bug, MatchnightError):
        return {"text": str(bug), "status": int(bug.status), "traceback": ""}
    return {
        "text": f"matchnight failed by its own mistake: {type(bug).__name__}: {bug}",
        "status": int(ExitStatus.INVALID_RUN),
        "traceback": "".join(traceback.format_exception(bug)),
    }
