"""One fetch under way: from being taken up to resuming its walk."""

from copy import copy
from math import isnan
from typing import TYPE_CHECKING

from loadtests.behavior.steps import Fetch, Reply
from loadtests.behavior.walk import Walk
from loadtests.units import Seconds
from loadtests.vocabulary import Outcome

if TYPE_CHECKING:
    from loadtests.swarm.timers import Alarm
    from loadtests.swarm.wire.connection import Connection
    from loadtests.swarm.wire.line import Line
    from loadtests.swarm.wire.request import Prepared

NEVER: Seconds = float("inf")
SAFE = frozenset({"GET", "HEAD"})  # what may be sent again unasked (RFC 9112, section 9.3.1)


class Exchange:
    """A `Pending`: gets a connection, is sent, is answered or fails; recorded once in any case."""

    __slots__ = (
        "_delivery",
        "connection",
        "deadline",
        "fetch",
        "is_second_try",
        "line",
        "prepared",
        "reply",
        "walk",
    )

    def __init__(self, line: "Line", fetch: Fetch, walk: Walk, due: Seconds) -> None:
        self.line = line
        self.fetch = fetch
        self.walk: Walk | None = walk  # None: nobody waits for it any more
        self.reply = Reply(fetch, due, line.source)
        self.prepared: Prepared  # before it is placed
        self.connection: Connection | None = None
        self.deadline = NEVER
        self.is_second_try = False
        self._delivery: Alarm | None = None

    def cancel(self) -> None:
        """Nobody waits any more: what is under way is broken off and recorded as canceled."""
        if self.walk is None:
            return
        self.walk = None
        if self._delivery is not None:  # it had failed already, and that is what was recorded
            self._delivery.cancel()
            return
        self._record(Outcome.CANCELED, self.line.wire.clock())
        self.line.abandon(self)

    def fail(self, outcome: Outcome) -> None:
        """It ended without an answer; the walk goes on later: a fetch may fail while taken up."""
        wire = self.line.wire
        at = wire.clock()
        self._record(outcome, at)
        self._delivery = wire.timers.at(at, self._deliver)

    def _deliver(self, _late: Seconds) -> None:
        walk, self.walk = self.walk, None
        if walk is not None:
            walk.resume(self.reply, self.reply.done)

    def _record(self, outcome: Outcome, at: Seconds) -> None:
        reply = self.reply
        reply.outcome = outcome
        reply.done = at
        self.line.wire.ended(self)

    # time-outs

    def queues(self) -> None:
        """It waits behind others of this viewer, whose own time-outs bound that."""
        self.deadline = NEVER

    def opens(self) -> None:
        """A connection is being opened for it."""
        self.deadline = self.line.wire.clock() + self.fetch.timeouts.connect

    def is_overdue(self, at: Seconds) -> bool:
        """Whether a time-out has struck; the deadline of an answer that has begun is its end's."""
        if self.deadline > at:
            return False
        if not isnan(self.reply.first_byte):
            self.deadline = self.reply.sent + self.fetch.timeouts.whole
        return self.deadline <= at

    @property
    def missed(self) -> Outcome:
        """Which time-out it runs into at its deadline."""
        reply, timeouts = self.reply, self.fetch.timeouts
        if reply.id == 0:
            return Outcome.CONNECT_TIMEOUT
        if not isnan(reply.first_byte) or timeouts.whole <= timeouts.first_byte:
            return Outcome.TIMEOUT
        return Outcome.FIRST_BYTE_TIMEOUT

    @property
    def may_go_again(self) -> bool:
        """Whether it may be sent a second time unasked."""
        return self.fetch.method in SAFE and not self.is_second_try

    def again(self) -> None:
        """Count this try as reset and become a second one: a request of its own, one attempt on.

        Browsers do so when a connection used before ends instead of answering: the target may have
        closed it, idle, just before the request came.
        """
        wire = self.line.wire
        self._record(Outcome.RESET, wire.clock())
        self.fetch = copy(self.fetch)
        self.fetch.attempt += 1
        self.reply = Reply(self.fetch, self.reply.due, self.line.source)
        self.is_second_try = True
        self.connection = None
        wire.began(self)
