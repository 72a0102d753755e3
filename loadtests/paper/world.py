"""The world of a simulation: requests are answered by the stack's arithmetic, waits cost nothing.

Connections are there before they are needed and bodies arrive at once: first byte and last byte are
one moment. Nothing is sent a second time unasked, as the wire does once when a connection it has
used before is reset.
"""

from typing import Protocol

from loadtests.behavior.judge import judge
from loadtests.behavior.steps import Fetch, Reply
from loadtests.behavior.walk import Walk
from loadtests.collect.recorder import Recorder
from loadtests.paper.agenda import Agenda
from loadtests.stack.device import UNKNOWN_DEVICE, Device, read_device
from loadtests.stack.exchange import Answer, Delivery, Request
from loadtests.units import Seconds
from loadtests.url import split
from loadtests.vocabulary import Outcome

_BEARER = b"Authorization: Bearer "
_DEVICE = b"X-Device: "


class Stack(Protocol):
    """What answers: `stack.service.Service` is one. It is asked in the order of `now`."""

    def answer(self, request: Request, now: Seconds) -> Answer:
        """What a request that is complete at `now` is answered, and when."""


class World:
    """A `behavior.walk.World` for every viewer at once: on paper none has anything of their own.

    What is still under way when the agenda ends stays `in_flight`: nobody gave it up.
    """

    __slots__ = ("_delay", "_ids", "_stack", "agenda", "in_flight", "recorder")

    def __init__(
        self, agenda: Agenda, stack: Stack, recorder: Recorder, *, delay: Seconds = 0.0
    ) -> None:
        """`delay` is what the network takes, either way."""
        self.agenda = agenda
        self.recorder = recorder
        self.in_flight = 0
        self._stack = stack
        self._delay = delay
        self._ids = 0

    def fetch(self, fetch: Fetch, walk: Walk) -> "_Exchange":
        """Ask the stack; the walk goes on with the answer, or when the device has waited enough."""
        now = self.agenda.now
        reply = Reply(fetch, walk.now)
        reply.sent = now
        self._ids += 1
        reply.id = self._ids
        self.in_flight += 1
        self.recorder.sent(fetch)
        # the same delay for all keeps requests in the order the stack wants them in
        answer = self._stack.answer(_request(fetch), now + self._delay)
        done = answer.at + self._delay
        limit = now + min(fetch.timeouts.first_byte, fetch.timeouts.whole)
        exchange = _Exchange(self, walk, reply, answer if done <= limit else None)
        self.agenda.add(min(done, limit), exchange)
        return exchange

    def wait(self, until: Seconds, walk: Walk) -> "_Wait":
        """The walk goes on at `until`."""
        wait = _Wait(walk, until)
        self.agenda.add(until, wait)
        return wait


class _Wait:
    __slots__ = ("_until", "_walk")

    def __init__(self, walk: Walk, until: Seconds) -> None:
        self._walk: Walk | None = walk
        self._until = until

    def happen(self) -> None:
        walk, self._walk = self._walk, None
        if walk is not None:
            walk.resume(self._until, self._until)

    def cancel(self) -> None:
        self._walk = None


class _Exchange:
    """One request on its way; the stack's work is done by the time anybody can call it off."""

    __slots__ = ("_answer", "_reply", "_walk", "_world")

    def __init__(self, world: World, walk: Walk, reply: Reply, answer: Answer | None) -> None:
        self._world = world
        self._walk: Walk | None = walk
        self._reply = reply
        self._answer = answer  # None: it comes too late for this device

    def happen(self) -> None:
        walk, reply = self._walk, self._reply
        if walk is None:
            return
        reply.done = self._world.agenda.now
        if self._answer is None:
            reply.outcome = _time_out(reply.fetch)
        else:
            _deliver(self._answer, reply)
        self._end()
        walk.resume(reply, reply.done)

    def cancel(self) -> None:
        agenda = self._world.agenda
        if self._walk is not None and not agenda.over:
            self._reply.done = agenda.now
            self._end()

    def _end(self) -> None:
        self._walk = None
        self._world.in_flight -= 1
        self._world.recorder.answered(self._reply)


def _request(fetch: Fetch) -> Request:
    return Request(
        fetch.method,
        split(fetch.url).target,
        token=_token(fetch.headers),
        body=fetch.body,
        span=fetch.span,
        device=_device(fetch.headers),
    )


def _token(headers: bytes) -> str | None:
    _, found, rest = headers.partition(_BEARER)
    return rest[: rest.find(b"\r\n")].decode() if found else None


def _device(headers: bytes) -> Device:
    _, found, rest = headers.partition(_DEVICE)
    return read_device(rest[: rest.find(b"\r\n")].decode()) if found else UNKNOWN_DEVICE


def _deliver(answer: Answer, reply: Reply) -> None:
    if answer.delivery is Delivery.RESET:
        reply.outcome = Outcome.RESET
        return
    reply.first_byte = reply.done
    reply.status = answer.status
    reply.headers = dict(answer.headers)
    reply.size = len(answer.sent)
    if reply.fetch.keep:
        reply.body = bytes(answer.sent)
    is_whole = answer.delivery is Delivery.WHOLE
    reply.outcome = judge(reply) if is_whole else Outcome.TRUNCATED


def _time_out(fetch: Fetch) -> Outcome:
    limits = fetch.timeouts
    soon = limits.first_byte < limits.whole
    return Outcome.FIRST_BYTE_TIMEOUT if soon else Outcome.TIMEOUT
