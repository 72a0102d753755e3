"""Servers of a station are gone: less capacity, the same demand."""

from dataclasses import dataclass, field

from loadtests.binding import about
from loadtests.stack.exchange import Answer
from loadtests.stack.faults.interface import Asked, Hinder, Proceed, Site, check_times
from loadtests.units import Offset, Seconds, Share
from loadtests.vocabulary import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class ServersRemoved:
    """A share of a station's servers takes no more work; what they have begun, they finish."""

    start: Offset = field(metadata=about("first moment", clock="event", name="from"))
    stop: Offset = field(metadata=about("last moment", clock="event", name="to"))
    step: Step = field(metadata=about("whose station"))
    share: Share = field(metadata=about("share of its servers, rounded down to whole ones"))

    def __post_init__(self) -> None:
        check_times(self)


def servers_removed(plan: ServersRemoved, site: Site) -> Hinder:
    """The station is told as soon as it is known when: requests in line start where they can."""
    desk, clock = site.desks[plan.step], site.clock
    told_of: Seconds | None = None

    def hinder(asked: Asked, now: Seconds, proceed: Proceed) -> Answer:
        nonlocal told_of
        if asked.step is plan.step and clock.began != told_of:
            told_of = clock.began
            desk.remove(plan.share, start=clock.moment(plan.start), stop=clock.moment(plan.stop))
        return proceed(asked, now)

    return hinder
