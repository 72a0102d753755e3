"""A few viewers and no rehearsal: one wire without Locust, for `warm` and `check --probe`.

They go out under the same rules as a crowd: loopback, or what a consent says.
"""

from collections.abc import Callable
from dataclasses import replace
from math import inf
from typing import Any
from uuid import uuid4

import gevent
from gevent.event import AsyncResult

from loadtests.audience.arrivals import Arrival
from loadtests.behavior.session import Session
from loadtests.behavior.steps import Fetch, Journey, Progress, Reply
from loadtests.behavior.target import Target
from loadtests.behavior.walk import Walk
from loadtests.binding.scalars import quoted, suggest
from loadtests.errors import ExitStatus, MatchnightError
from loadtests.scenario.consent import read_consent
from loadtests.scenario.model import Scenario
from loadtests.swarm.agreement import EVERY, Agreement
from loadtests.swarm.clock import now
from loadtests.swarm.edge import spawn
from loadtests.swarm.options import Options
from loadtests.swarm.reach import UNASKED_VIEWERS, agreement
from loadtests.swarm.spoken import read_spoken
from loadtests.swarm.wire.engine import Hook, Wire
from loadtests.swarm.wire.gate import Gate
from loadtests.swarm.wire.line import Line
from loadtests.swarm.wire.options import WireOptions
from loadtests.units import Seconds
from loadtests.vocabulary import End, Fact, Step


class Outing:
    """Walks journeys on the real wire.

    What ends them early is raised where their end is awaited: our own mistake, or a MatchnightError
    (status 3) that says why no more may be sent.
    """

    def __init__(
        self,
        target: Target,
        options: Options,
        *,
        viewers: int,
        device: str | None = None,
        on_reply: Hook | None = None,
    ) -> None:
        """So many viewers in all, with a `device` of the scenario, its first one by default.

        They have time. MatchnightError: there is no such device.
        """
        _, self._scenario = options.read_scenario()
        self.device = _device(self._scenario, device)
        self._trouble: AsyncResult[None] = AsyncResult()
        self._wire = Wire(
            recorder=Unheard(),
            gate=_gate(options, target.side_effects),
            run_id=uuid4().hex,
            on_bug=self._trouble.set_exception,
            on_stop=self._stop,
            on_reply=on_reply,
            options=WireOptions(resolve=options.resolve, verify=not options.insecure),
        )
        self._target = replace(target, permits=self._wire.gate.permits)
        self._asking = None
        if options.consent is not None and viewers > UNASKED_VIEWERS:
            asked = agreement(target.url, options)
            self._asking = spawn(self._ask, self._trouble.set_exception, asked)

    def send(
        self, viewer: int, journey: Callable[[Session, Seconds], Journey]
    ) -> "AsyncResult[Any]":
        """Send a viewer out, now; what the journey returns is to come."""
        at = now()
        ending = _Ending(self._wire.line(viewer))
        session = Session(self._arrival(viewer), self._scenario, self._target, at, Unheard())
        Walk(journey(session, at), ending.line, at, ending).resume(None, at)
        return ending.result

    def _arrival(self, viewer: int) -> Arrival:
        return Arrival(
            index=viewer,
            at=0.0,
            offset=self._scenario.window.start,
            device_name=self.device,
            device=self._scenario.devices[self.device],
            signs_in=True,
            patience=inf,
            stay=inf,
            seed=viewer,
        )

    def wait(self, pending: "list[AsyncResult[Any]]", *, timeout: Seconds | None = None) -> None:
        """Until one of these is there, or time is up; raises what went wrong meanwhile."""
        gevent.wait([*pending, self._trouble], timeout=timeout, count=1)
        if self._trouble.ready():
            self._trouble.get()

    def result(self, pending: "AsyncResult[Any]") -> Any:  # noqa: ANN401 - what a journey returns is its own
        """What a journey returned, once it has."""
        self.wait([pending])
        return pending.get()

    def close(self) -> None:
        """Everybody home: hang up everywhere."""
        if self._asking is not None:
            self._asking.kill(block=False)
        self._wire.close()
        self._wire.timers.close()

    def _ask(self, agreement: Agreement) -> None:
        """The target, again and again, whether it still agrees; away from the loop: it blocks."""
        pool = gevent.get_hub().threadpool
        pool.apply(agreement.obtain)
        while True:
            gevent.sleep(EVERY)
            why = pool.apply(agreement.renew)
            if why is not None:
                self._stop(why)

    def _stop(self, why: str) -> None:
        problem = MatchnightError(f"stopped: {why}", ExitStatus.UNREACHABLE)
        self._trouble.set_exception(problem)


class _Ending:
    """A walk's parent: keeps what it returns, and hangs up."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.result: AsyncResult[Any] = AsyncResult()

    def ended(self, index: int, result: Any, at: Seconds) -> None:  # noqa: ANN401, ARG002 - walk.Parent's signature
        """It is over."""
        self.line.close()
        self.result.set(result)


class Unheard:
    """A `Recording` and an `Observer` where nothing is measured."""

    def sent(self, fetch: Fetch) -> None:
        """Not recorded."""

    def answered(self, reply: Reply) -> None:
        """Not recorded."""

    def lagged(self, late: Seconds) -> None:
        """Not recorded."""

    def connected(self, resumed: bool | None) -> None:  # noqa: FBT001 - Recording's signature
        """Not recorded."""

    def decided(self, arrival: Arrival, end: End, at: Seconds) -> None:
        """Not recorded."""

    def played(self, arrival: Arrival, progress: Progress, at: Seconds) -> None:
        """Not recorded."""

    def noted(self, arrival: Arrival, fact: Fact, at: Seconds) -> None:
        """Not recorded."""

    def left(self, arrival: Arrival, at: Seconds) -> None:
        """Not recorded."""


def _gate(options: Options, side_effects: frozenset[Step]) -> Gate:
    consent = None if options.consent is None else read_consent(options.consent)
    return Gate(consent, side_effects=side_effects)


def _device(scenario: Scenario, wanted: str | None) -> str:
    if wanted is None:
        return next(iter(scenario.devices))
    if wanted in scenario.devices:
        return wanted
    advice = suggest(wanted, scenario.devices)
    raise MatchnightError(f"--device: {scenario.name} has no device {quoted(wanted)}; {advice}")


def target_of(options: Options) -> Target:
    """The target that is asked for, or the profile's own; MatchnightError: there is neither."""
    spoken = read_spoken(options.profile, options.target)
    url = options.target or spoken.profile.url
    if url is None:
        raise MatchnightError("--target: missing; write its URL, or `url` in the profile")
    return spoken.target(url)
