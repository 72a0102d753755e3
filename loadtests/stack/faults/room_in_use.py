"""The waiting room is switched on and off."""

from dataclasses import dataclass, field
from math import inf

from loadtests.binding import about
from loadtests.stack.exchange import Answer
from loadtests.stack.faults.interface import Asked, Hinder, Proceed, Site, check_times, is_on
from loadtests.units import Offset, Seconds
from loadtests.vocabulary import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomInUse:
    """The stack's `waiting_room` works only during such spans, once there is one."""

    start: Offset = field(metadata=about("switched on", clock="event", name="from"))
    stop: Offset = field(metadata=about("switched off", clock="event", name="to"))

    def __post_init__(self) -> None:
        check_times(self)


def room_in_use(plan: RoomInUse, site: Site) -> Hinder:
    """The room is out of use but for such spans."""
    room = site.room
    assert room is not None  # noqa: S101 - a `Stack` without one refuses this fault
    room.use_until(-inf)

    def hinder(asked: Asked, now: Seconds, proceed: Proceed) -> Answer:
        if asked.step is Step.HOME and is_on(plan, site.clock, now):
            room.use_until(site.clock.moment(plan.stop))
        return proceed(asked, now)

    return hinder
