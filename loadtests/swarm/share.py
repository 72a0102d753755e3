"""One worker's share of a run, from the plan to its last window. Knows no Locust."""

import gc
import math
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from loadtests.audience import crowd
from loadtests.audience.arrivals import Arrival
from loadtests.audience.sources import viewer_source
from loadtests.behavior.credentials import INVENTED
from loadtests.behavior.steps import Journey, Reply
from loadtests.behavior.viewer import visit
from loadtests.chance import Chance
from loadtests.collect.recorder import Recorder
from loadtests.collect.window import Window
from loadtests.scenario.consent import parse_consent
from loadtests.swarm.accounts import Dealt
from loadtests.swarm.clock import now
from loadtests.swarm.driver import Driver, Line
from loadtests.swarm.edge import OnBug
from loadtests.swarm.farewell import Farewells
from loadtests.swarm.hostile import HostileShare
from loadtests.swarm.messages import Plan
from loadtests.swarm.request_log import RequestLog
from loadtests.swarm.usher import Usher
from loadtests.swarm.wire.engine import Wire
from loadtests.swarm.wire.gate import Gate
from loadtests.swarm.wire.options import Silence, WireOptions
from loadtests.units import Seconds
from loadtests.vocabulary import Step

_TLS = 0x544C53  # a draw of its own: whose device has TLS sessions of another day
OnReply = Callable[[Reply, int], None]

SELDOM = (3_000, 5, 100_000)
"""The collector's thresholds while the crowd plays: the oldest generation practically never."""


class Share:
    """The viewers of one worker, and hostile clients beside them.

    `open` the door, `close_second` once a second.

    At the end `finish`, and `close` when `everybody_left` or time is up. Everything before `open`
    is preparation: it may take its time before the barrier.
    """

    def __init__(
        self,
        plan: Plan,
        *,
        on_bug: OnBug,
        on_stop: Callable[[str], None],
        on_notice: Callable[[str], None],
        on_reply: OnReply | None = None,
    ) -> None:
        """`on_stop` is told why no more may be sent, `on_notice` what the report should mention.

        `on_reply` is told of each request and its viewer.
        """
        self.scenario = plan.read_scenario()
        self._start = plan.start
        target = plan.read_target()
        gate = _gate(plan, target.side_effects)
        self._accounts = _accounts(plan)
        self._target = replace(target, permits=gate.permits, credentials=self._accounts or INVENTED)
        self._recorder = Recorder(plan.start)
        self._log: RequestLog | None = None
        if plan.request_log:
            self._log = RequestLog(Path(plan.folder), plan.worker, self._recorder)
        self._observer = self._log or self._recorder
        self._on_reply = on_reply
        self._on_notice = on_notice
        self._wire = self._new_wire(plan, gate, on_bug=on_bug, on_stop=on_stop)
        self._driver = Driver(
            start=plan.start, line=self._line, visit=self._visit, register=self._recorder
        )
        arrivals = crowd.share(self.scenario, plan.worker, plan.workers)
        self._usher = Usher(arrivals, self._wire.timers, self._driver.begin)
        self._hostile = HostileShare(
            plan,
            self.scenario,
            target,
            recorder=self._recorder,
            timers=self._wire.timers,
            on_bug=on_bug,
            on_stop=on_stop,
        )
        self._is_over = False
        self._leaving = plan.leaving
        self._farewells: Farewells | None = None  # once it is over
        self._sockets, self._in_flight = 0, list[tuple[Reply, int]]()  # at the end of the run
        self._second = 0  # of the window being filled
        self._cpu = time.process_time()
        self._closed_at = plan.start
        self._thresholds = gc.get_threshold()

    @property
    def seconds(self) -> int:
        """How many windows the run has; the last may be cut short."""
        return math.ceil(self.scenario.duration)

    def due(self, second: int) -> Seconds:
        """When the window of `second` is over, in epoch seconds."""
        return self._start + min(second + 1.0, self.scenario.duration)

    def open(self) -> None:
        """Let the crowd in, each at its time."""
        # What is here now stays, and viewers who left leave no cycles (a test holds them to it): a
        # full collection would hold up a crowd of 10,000 for a tenth of a second to find nothing.
        gc.collect()
        gc.freeze()
        gc.set_threshold(*SELDOM)
        self._cpu = time.process_time()  # getting ready is no load
        self._usher.open(self._start)
        self._hostile.open()

    def close_second(self) -> Window:
        """The window of the second that is over; if this call is late, that is the tester's lag."""
        self._recorder.lagged(max(0.0, now() - self.due(self._second)))
        if self._log is not None:
            self._log.flush()
        self._look_after_accounts()
        return self._next_window(self._sockets_open, self._wire.in_flight)

    def finish(self) -> None:
        """The end: nobody comes any more, and who is there settles the accounts and leaves.

        Requests under way stay so: they are neither answered nor given up by a viewer. From here on
        nothing but farewells is sent, paced; they belong to the last window.
        """
        wire = self._wire
        self._usher.close()
        self._sockets, self._in_flight = self._sockets_open, list(wire.under_way())
        self._hostile.close()
        wire.recorder, self._is_over = Silence(), True
        farewells = self._driver.finish(min(now(), self._start + self.scenario.duration))
        wire.recorder, self._is_over = self._recorder, False
        if self._leaving:
            self._farewells = Farewells(farewells, wire.timers, self._leaving)
            self._farewells.begin(now())

    @property
    def everybody_left(self) -> bool:
        """Whether no farewell is left to be said, or none may be: the wire was stopped."""
        return self._farewells is None or self._farewells.are_over or self._wire.is_stopped

    def close(self) -> Window:
        """All connections are closed, whatever they still carry; the last window."""
        wire = self._wire
        in_flight = [*self._in_flight, *wire.under_way()]
        wire.recorder, self._is_over = Silence(), True
        wire.close()
        wire.timers.close()
        if self._log is not None:
            self._log.close(in_flight)
        self._look_after_accounts()
        gc.unfreeze()
        gc.set_threshold(*self._thresholds)
        return self._next_window(self._sockets, len(in_flight))

    @property
    def _sockets_open(self) -> int:
        return self._wire.sockets + self._hostile.sockets

    def _new_wire(
        self, plan: Plan, gate: Gate, *, on_bug: OnBug, on_stop: Callable[[str], None]
    ) -> Wire:
        return Wire(
            recorder=self._recorder,
            gate=gate,
            run_id=plan.run,
            worker=plan.worker,
            on_bug=on_bug,
            on_stop=on_stop,
            on_reply=self._replied if self._log or self._on_reply else None,
            options=WireOptions(resolve=plan.resolve, verify=not plan.insecure),
        )

    def _next_window(self, sockets: int, in_flight: int) -> Window:
        at, cpu = now(), time.process_time()
        window = self._recorder.close(
            self._second,
            cpu=(cpu - self._cpu) / max(at - self._closed_at, 1e-3),
            sockets=sockets,
            in_flight=in_flight,
        )
        self._second += 1
        self._cpu, self._closed_at = cpu, at
        return window

    def _look_after_accounts(self) -> None:
        """Put renewed tokens where they are kept, and say what may not be done any more."""
        for step in self._wire.gate.used_up():
            self._on_notice(f"what the consent allows of {step} is used up: it is left out")
        if self._accounts is not None and (problem := self._accounts.flush(now())):
            self._on_notice(problem)
        if (held_back := self._hostile.notice()) is not None:
            self._on_notice(held_back)

    def _line(self, arrival: Arrival) -> Line:
        source = viewer_source(arrival)
        return self._wire.line(arrival.index, source=source, resumes=resumes(arrival))

    def _visit(self, arrival: Arrival) -> Journey:
        if self._log is not None:
            self._log.arrived(arrival)
        return visit(arrival, self.scenario, self._target, self._start, self._observer)

    def _replied(self, reply: Reply, viewer: int) -> None:
        if self._is_over:
            return
        if self._log is not None:
            self._log.replied(reply, viewer)
        if self._on_reply is not None:
            self._on_reply(reply, viewer)


def resumes(arrival: Arrival) -> bool:
    """Whether a viewer's device has TLS sessions of another day."""
    return Chance(arrival.seed, _TLS).uniform() < arrival.device.resumed_tls


def _gate(plan: Plan, side_effects: frozenset[Step]) -> Gate:
    return Gate(
        None if plan.consent is None else parse_consent(plan.consent, file="consent"),
        worker=plan.worker,
        workers=plan.workers,
        side_effects=side_effects,
        spent=plan.spent,
    )


def _accounts(plan: Plan) -> Dealt | None:
    """The accounts of this worker's viewers; None: nobody brought any."""
    if plan.accounts is None:
        return None
    vault = Path(plan.vault) if plan.vault else None
    return Dealt(plan.accounts, worker=plan.worker, workers=plan.workers, vault=vault)
