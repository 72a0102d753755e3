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
from loadtests.paper.edge import TargetEdge
from loadtests.paper.slow import Held
from loadtests.scenario.hostile import Pattern
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

    def hold(self, now: Seconds) -> bool:
        """A connection is in use until `release`; false: there is none left."""

    def release(self) -> None:
        """What was held is free again."""

    def too_slow(self, request: Request, now: Seconds) -> Answer:
        """What becomes of a client that does not get on, if it still does not at `now`."""

    @property
    def client_timeout(self) -> Seconds:
        """How long a client may take to get on."""


class Book(Protocol):
    """Where requests are recorded: a `Recorder` is one for viewers'."""

    def sent(self, fetch: Fetch) -> None:
        """A request is under way."""

    def answered(self, reply: Reply) -> None:
        """It ended, by an answer or otherwise."""


class World:
    """A `behavior.walk.World` for everybody at once: on paper they have but an address each.

    What is still under way when the agenda ends stays `in_flight`: nobody gave it up.
    """

    __slots__ = ("_anybody", "_edge", "_ids", "agenda", "delay", "in_flight", "recorder", "stack")

    def __init__(
        self,
        agenda: Agenda,
        stack: Stack,
        recorder: Recorder,
        *,
        delay: Seconds = 0.0,
        edge: TargetEdge | None = None,
    ) -> None:
        """`delay` is what the network takes, either way; `edge` logs what the stack answers."""
        self.agenda = agenda
        self.recorder = recorder
        self.in_flight = 0  # of viewers
        self.stack = stack
        self.delay = delay
        self._edge = edge
        self._anybody = self.of(0)
        self._ids = 0

    def of(self, source: int) -> "Caller":
        """This world for a viewer who calls from the address of that number."""
        return Caller(self, source, self.recorder)

    def hostile(self, source: int, pattern: Pattern) -> "Caller":
        """The same for a hostile client."""
        return Caller(self, source, self.recorder.hostile(pattern))

    def fetch(self, fetch: Fetch, walk: Walk) -> "Exchange":
        """Ask the stack, from whatever address; see `ask`."""
        return self.ask(fetch, walk, self._anybody)

    def ask(self, fetch: Fetch, walk: Walk, caller: "Caller") -> "Exchange":
        """Ask the stack; the walk goes on with the answer, or when the device has waited enough."""
        now = self.agenda.now
        reply = Reply(fetch, walk.now, caller.source)
        reply.sent = now
        self._ids += 1
        reply.id = self._ids
        self.in_flight += caller.is_viewer
        caller.book.sent(fetch)
        exchange = Exchange(self, walk, reply, caller)
        if fetch.slow is None:
            exchange.ask()
        else:
            exchange.held = Held(exchange, fetch.slow)
        return exchange

    def wait(self, until: Seconds, walk: Walk) -> "_Wait":
        """The walk goes on at `until`."""
        wait = _Wait(walk, until)
        self.agenda.add(until, wait)
        return wait

    def ended(self, exchange: "Exchange", answer: Answer) -> None:
        """A request is over, for whoever asked: at `reply.done`."""
        caller, reply = exchange.caller, exchange.reply
        self.in_flight -= caller.is_viewer
        caller.book.answered(reply)
        if self._edge is not None:
            begun, gone = reply.sent + self.delay, reply.done + self.delay
            self._edge.ended(reply, exchange.request, answer, begun=begun, gone=gone)


class Caller:
    """The world of one who calls from an address of their own."""

    __slots__ = ("_world", "book", "is_viewer", "source")

    def __init__(self, world: World, source: int, book: Book) -> None:
        self._world = world
        self.source = source
        self.book = book
        self.is_viewer = book is world.recorder

    def fetch(self, fetch: Fetch, walk: Walk) -> "Exchange":
        """As `World.ask`."""
        return self._world.ask(fetch, walk, self)

    def wait(self, until: Seconds, walk: Walk) -> "_Wait":
        """As `World.wait`."""
        return self._world.wait(until, walk)


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


class Exchange:
    """One request on its way; the stack's work is done by the time anybody can call it off."""

    __slots__ = ("_answer", "_due", "_walk", "caller", "held", "limit", "reply", "request", "world")

    def __init__(self, world: World, walk: Walk, reply: Reply, caller: Caller) -> None:
        fetch = reply.fetch
        self.world = world
        self.caller = caller
        self.reply = reply
        self.request = _request(fetch)
        self.limit = reply.sent + min(fetch.timeouts.first_byte, fetch.timeouts.whole)
        self.held: Held | None = None
        self._walk: Walk | None = walk
        self._answer: Answer
        self._due: Seconds

    def ask(self) -> None:
        """The request is complete: have the stack answer it."""
        world = self.world
        # the same delay for all keeps requests in the order the stack wants them in
        self.expect(world.stack.answer(self.request, world.agenda.now + world.delay))

    def expect(self, answer: Answer) -> None:
        """That is the answer, and comes in time or not."""
        self._answer = answer
        self._due = answer.at + self.world.delay
        self.world.agenda.add(min(self._due, self.limit), self)

    def happen(self) -> None:
        """The answer is here, or the device has waited enough."""
        walk, reply = self._walk, self.reply
        if walk is None:
            return
        reply.done = now = self.world.agenda.now
        if now < self._due:  # it comes too late for this device
            reply.outcome = _time_out(reply.fetch)
        else:
            _deliver(self._answer, reply)
        self._end()
        walk.resume(reply, reply.done)

    def cancel(self) -> None:
        """Nobody waits for it any more."""
        agenda = self.world.agenda
        if self._walk is not None and not agenda.over:
            self.reply.done = agenda.now
            self._end()

    def _end(self) -> None:
        self._walk = None
        if self.held is not None:
            self.held.let_go()
        self.world.ended(self, self._answer)


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
