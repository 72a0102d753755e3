"""The support desk: who picks up a call, and when. Exact: every departure is on a heap."""

from enum import StrEnum
from heapq import heappop, heappush, heapreplace
from math import inf, log
from typing import NamedTuple

from loadtests.chance import Chance
from loadtests.stack.call import Call
from loadtests.stack.event_clock import EventClock
from loadtests.stack.exchange import Answer, Stated
from loadtests.stack.policies import Message, SupportDesk
from loadtests.units import Offset, Seconds

_CALLS = 0x43414C4C  # one sequence of callers, the same in every run
_ENGAGED = b'{"error": "busy"}'


class By(StrEnum):
    """What became of a call that found a line."""

    AGENT = "agent"
    MESSAGE = "message"  # was enough
    NOBODY = "nobody"  # the caller hung up


class PickUp(NamedTuple):
    """Who picked up: after `waited` seconds since the call began, for `takes` seconds."""

    by: By
    waited: Seconds
    takes: Seconds


class Switchboard:
    """The schedule of one `SupportDesk`: M/M/c/K for Poisson callers, Erlang A with patience.

    A call holds its line from its beginning to its end: in the message, waiting, being served. Who
    has heard the message without being satisfied waits for an agent, in the order of the calls;
    `patience` is for that wait alone. Who hangs up frees the line, and takes no agent.
    """

    def __init__(self, desk: SupportDesk, seed: int = _CALLS) -> None:
        self._desk = desk
        self._chance = Chance(seed)
        self._free = [0.0] * desk.agents  # heap: when each agent is free
        self._ends: list[Seconds] = []  # heap: when each line held is free again

    def offer(self, now: Seconds, offset: Offset, patience: Seconds = inf) -> PickUp | None:
        """What becomes of a call at `now`, `offset` in the evening; None: every line is engaged.

        `now` must not run backwards from call to call.
        """
        ends = self._ends
        while ends and ends[0] <= now:
            heappop(ends)
        if len(ends) >= self._desk.lines:
            return None
        message = self._message(offset)
        # drawn for every call, so that the next ones do not depend on what this one meets
        is_satisfied = self._chance.uniform() < (message.satisfies if message else 0.0)
        takes = -log(1 - self._chance.uniform()) * self._desk.handle_time
        if message and is_satisfied:
            heappush(ends, now + message.length)
            return PickUp(By.MESSAGE, 0.0, message.length)
        heard = now + message.length if message else now
        return self._ask_for_an_agent(now, heard, patience, takes)

    def _ask_for_an_agent(
        self, now: Seconds, heard: Seconds, patience: Seconds, takes: Seconds
    ) -> PickUp:
        start = max(heard, self._free[0])
        if start - heard > patience:
            heappush(self._ends, heard + patience)
            return PickUp(By.NOBODY, heard + patience - now, 0.0)
        heapreplace(self._free, start + takes)
        heappush(self._ends, start + takes)
        return PickUp(By.AGENT, start - now, takes)

    def _message(self, offset: Offset) -> Message | None:
        """The message that works at that time of the evening, if one does."""
        message = self._desk.message
        return message if message and message.works(offset) else None


class Support:
    """The route to the switchboard; without a desk an agent is always there."""

    def __init__(self, desk: SupportDesk | None, clock: EventClock) -> None:
        self._switchboard = Switchboard(desk) if desk else None
        self._clock = clock

    def call(self, call: Call) -> Answer:
        """Answered when somebody picks up, or the caller hangs up; at once if no line is free."""
        patience = _patience(call.fields().get("patience"))
        if patience is None:
            return call.no(Stated.CLIENT_ERROR)
        if self._switchboard is None:
            return call.tell({"by": By.AGENT, "waited": 0.0, "takes": 0.0})
        picked_up = self._switchboard.offer(call.at, self._clock.offset(call.at), patience)
        if picked_up is None:
            return call.no(Stated.OVERLOAD)._replace(body=_ENGAGED)
        told = picked_up._asdict()
        return call.tell(told)._replace(at=call.at + picked_up.waited)


def _patience(said: object) -> Seconds | None:
    """A number of seconds, or its text; nothing said: no end. None for anything else."""
    if said is None or said == "":
        return inf
    if isinstance(said, bool) or not isinstance(said, int | float | str):
        return None
    try:
        seconds = float(said)
    except (ValueError, OverflowError):
        return None
    return seconds if seconds >= 0 else None
