"""Slow clients on paper: what they hold is a connection, until somebody hangs up."""

from math import inf
from typing import TYPE_CHECKING

from loadtests.behavior.steps import Fetch, Slow

if TYPE_CHECKING:
    from loadtests.paper.world import Exchange

SEND_BUFFER = 16_384
"""Bytes of an answer that a server's kernel takes off its hands (Linux: tcp_wmem's default)."""


class Held:
    """A slow exchange: asks when its request is there, and takes its answer at leisure.

    The client hangs up at the exchange's `limit`, the server when nobody has got on for its
    `client_timeout`. Where no connection is left, the request is refused as any other.
    """

    __slots__ = ("_complete", "_exchange", "_is_held", "_slow")

    def __init__(self, exchange: "Exchange", slow: Slow) -> None:
        world = exchange.world
        now, stack = world.agenda.now, world.stack
        self._exchange = exchange
        self._slow = slow
        self._complete = now
        if slow.writes is not None:
            self._complete += _dribbling(exchange.reply.fetch) / slow.writes
        self._is_held = stack.hold(now + world.delay)
        if self._is_held:
            exchange.expect(stack.too_slow(exchange.request, inf))  # nobody answers before
            world.agenda.add(min(self._complete, now + stack.client_timeout), self)
        else:
            exchange.ask()

    def happen(self) -> None:
        """The request is complete, or the server has waited long enough."""
        if not self._is_held:
            return
        exchange, world = self._exchange, self._exchange.world
        now = world.agenda.now + world.delay
        if world.agenda.now < self._complete:
            exchange.expect(world.stack.too_slow(exchange.request, now))
            return
        self.let_go()
        answer = world.stack.answer(exchange.request, now)
        if self._slow.reads is not None and len(answer.sent) > SEND_BUFFER:
            self._is_held = world.stack.hold(now)
            hung_up = answer.at + world.stack.client_timeout
            answer = world.stack.too_slow(exchange.request, hung_up)
        exchange.expect(answer)

    def let_go(self) -> None:
        """The connection is not in use any more."""
        if self._is_held:
            self._is_held = False
            self._exchange.world.stack.release()


def _dribbling(fetch: Fetch) -> int:
    """Bytes that go out one by one: of the body, or without one of the headers."""
    return len(fetch.body) or len(fetch.headers) + 2
