"""Part of the crowd does not reach the stack at all: a data center, a line, a region."""

from dataclasses import dataclass, field
from enum import StrEnum

from loadtests.binding import about
from loadtests.stack.exchange import Answer, Delivery
from loadtests.stack.faults.interface import Asked, Hinder, Proceed, Site, check_times, unanswered
from loadtests.stack.faults.whom import Recovery, Whom, check_recovery, is_met
from loadtests.units import Offset, Seconds
from loadtests.vocabulary import Step


class Cut(StrEnum):
    """How a connection ends that leads nowhere."""

    RESET = "reset"
    SILENCE = "silence"


@dataclass(frozen=True, slots=True, kw_only=True)
class CutOff:
    """Nothing gets through for some: every step, whatever the load."""

    start: Offset = field(metadata=about("first moment", clock="event", name="from"))
    stop: Offset = field(metadata=about("last moment", clock="event", name="to"))
    whom: Whom = field(default=Whom(), metadata=about("who is cut off"))
    spares: tuple[Step, ...] = field(
        default=(Step.SUPPORT,),
        metadata=about("steps that get through all the same; the telephone takes another way"),
    )
    by: Cut = field(default=Cut.RESET, metadata=about("what their devices meet"))
    recovery: Recovery | None = field(
        default=None, metadata=about("how they come back; absent: all at once")
    )

    def __post_init__(self) -> None:
        check_times(self)
        check_recovery(self.recovery, first=self.stop)


def cut_off(plan: CutOff, site: Site) -> Hinder:
    """Whoever is cut off gets no answer, whatever the step; the stack does not notice."""
    delivery = Delivery(plan.by)

    def hinder(asked: Asked, now: Seconds, proceed: Proceed) -> Answer:
        if asked.step in plan.spares or not is_met(plan, asked.device, site.clock.offset(now)):
            return proceed(asked, now)
        return unanswered(asked, now, delivery)

    return hinder
