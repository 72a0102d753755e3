"""Answers end early: half of what was announced, then the connection is closed."""

from dataclasses import dataclass, field

from loadtests.binding import about
from loadtests.stack.exchange import Answer, Delivery
from loadtests.stack.faults.interface import Asked, Hinder, Proceed, Site, check_steps, is_on
from loadtests.units import Offset, Seconds, Share
from loadtests.vocabulary import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Truncated:
    """A share of the answers of some steps is cut in half."""

    start: Offset = field(metadata=about("first moment", clock="event", name="from"))
    stop: Offset = field(metadata=about("last moment", clock="event", name="to"))
    steps: tuple[Step, ...] = field(metadata=about("whose requests"))
    share: Share = field(default=1.0, metadata=about("share of them"))

    def __post_init__(self) -> None:
        check_steps(self)


def truncated(plan: Truncated, site: Site) -> Hinder:
    """Answers are drawn one by one, and the work behind them is done; those without body stay."""
    steps = frozenset(plan.steps)

    def hinder(asked: Asked, now: Seconds, proceed: Proceed) -> Answer:
        answer = proceed(asked, now)
        is_drawn = (
            asked.step in steps
            and is_on(plan, site.clock, now)
            and site.chance.uniform() < plan.share
        )
        if not is_drawn or not answer.body:
            return answer
        return answer._replace(delivery=Delivery.TRUNCATED)

    return hinder
