"""Connections are reset before an answer."""

from dataclasses import dataclass, field

from loadtests.binding import about
from loadtests.stack.exchange import Answer, Delivery
from loadtests.stack.faults.interface import (
    Asked,
    Hinder,
    Proceed,
    Site,
    check_steps,
    is_on,
    unanswered,
)
from loadtests.units import Offset, Seconds, Share
from loadtests.vocabulary import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Resets:
    """A share of the requests of some steps ends with a reset connection."""

    start: Offset = field(metadata=about("first moment", clock="event", name="from"))
    stop: Offset = field(metadata=about("last moment", clock="event", name="to"))
    steps: tuple[Step, ...] = field(metadata=about("whose requests"))
    share: Share = field(default=1.0, metadata=about("share of them"))

    def __post_init__(self) -> None:
        check_steps(self)


def resets(plan: Resets, site: Site) -> Hinder:
    """Requests are drawn one by one; whoever is drawn never reaches a server."""
    steps = frozenset(plan.steps)

    def hinder(asked: Asked, now: Seconds, proceed: Proceed) -> Answer:
        is_drawn = (
            asked.step in steps
            and is_on(plan, site.clock, now)
            and site.chance.uniform() < plan.share
        )
        return unanswered(asked, now, Delivery.RESET) if is_drawn else proceed(asked, now)

    return hinder
