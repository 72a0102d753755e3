"""What a fault is to the stack: something every request passes on its way, and may not get past."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, NamedTuple, Protocol

from loadtests.binding import Misfit
from loadtests.chance import Chance
from loadtests.stack.device import Device
from loadtests.stack.event_clock import EventClock
from loadtests.stack.exchange import Answer, Delivery, Request, Stated
from loadtests.units import Offset, Seconds, write_offset
from loadtests.vocabulary import Step

if TYPE_CHECKING:  # these need `stack.model`, which needs the faults' records
    from loadtests.stack.edge import Edge
    from loadtests.stack.room import Room
    from loadtests.stack.station import Desk


class Asked(NamedTuple):
    """One request as a fault sees it: `step` is None for paths no viewer knows."""

    request: Request
    step: Step | None
    device: Device
    account: str | None  # whose token it carries


Proceed = Callable[[Asked, Seconds], Answer]
"""Whatever lies behind: the next fault, at last the stack itself."""

Hinder = Callable[[Asked, Seconds, Proceed], Answer]
"""A fault at work: answers by itself, or with what `Proceed` answers, be it changed or not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The parts of a running stack that a fault can touch."""

    clock: EventClock
    desks: Mapping[Step, "Desk"]
    edge: "Edge"
    room: "Room | None"
    token_life: Seconds
    chance: Chance  # which requests are met, where a fault meets a share of them


class Timed(Protocol):
    """The record of a fault that lasts from one offset to another."""

    @property
    def start(self) -> Offset:
        """The first moment."""

    @property
    def stop(self) -> Offset:
        """The first moment after."""


class OfSteps(Timed, Protocol):
    """The record of a fault that meets some steps only."""

    @property
    def steps(self) -> tuple[Step, ...]:
        """Which."""


def is_on(fault: Timed, clock: EventClock, now: Seconds) -> bool:
    """Whether it is the time of a fault; never before the run has begun."""
    return fault.start <= clock.offset(now) < fault.stop


def check_times(fault: Timed) -> None:
    """Misfit unless it ends after it begins."""
    if fault.stop <= fault.start:
        begins = write_offset(fault.start)
        what = f"{write_offset(fault.stop)} is not after {begins}, where it begins"
        raise Misfit(f"{what}; write a later time", "to")


def check_steps(fault: OfSteps) -> None:
    """Misfit unless it ends after it begins and meets a step."""
    check_times(fault)
    if not fault.steps:
        raise Misfit("meets no step; write at least one, such as [sign_in]", "steps")


def unanswered(asked: Asked, now: Seconds, delivery: Delivery) -> Answer:
    """What becomes of a request whose connection is reset, or that is met with silence.

    The statuses are nginx's: 444 for a connection closed without an answer, 499 for a client that
    went away first.
    """
    if delivery is Delivery.SILENCE:
        at, status, outcome = inf, 499, Stated.SILENT
    else:
        at, status, outcome = now, 444, Stated.RESET
    return Answer(at, status, (), b"", asked.step, outcome, asked.account, None, delivery)
