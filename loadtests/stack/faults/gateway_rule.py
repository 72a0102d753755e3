"""A rule against floods hits fans behind one gateway address: to it they are one client."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated

from loadtests.binding import about
from loadtests.stack.cell_rate import CellRate
from loadtests.stack.exchange import Answer, Stated, refusal
from loadtests.stack.faults.interface import Asked, Hinder, Proceed, Site, check_steps, is_on
from loadtests.units import Offset, PerSecond, Range, Seconds
from loadtests.vocabulary import Step, Trait


class Rule(StrEnum):
    """What the rule answers."""

    TOO_MANY_REQUESTS = "429"
    FORBIDDEN = "403"


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayRule:
    """A rate limit per client address; viewers with the trait `gateway` share one."""

    start: Offset = field(metadata=about("first moment", clock="event", name="from"))
    stop: Offset = field(metadata=about("last moment", clock="event", name="to"))
    steps: tuple[Step, ...] = field(metadata=about("which requests it counts"))
    rate: Annotated[PerSecond, Range(above=0)] = field(
        metadata=about("requests an address may send per second")
    )
    answer: Rule = field(
        default=Rule.TOO_MANY_REQUESTS, metadata=about("what requests beyond it are answered")
    )

    def __post_init__(self) -> None:
        check_steps(self)


def gateway_rule(plan: GatewayRule, site: Site) -> Hinder:
    """Counts all viewers behind the gateway as one; nobody else comes near the rate."""
    steps, rate, status = frozenset(plan.steps), CellRate(plan.rate), int(plan.answer)

    def hinder(asked: Asked, now: Seconds, proceed: Proceed) -> Answer:
        is_counted = asked.step in steps and Trait.GATEWAY in asked.device.traits
        if not is_counted or not is_on(plan, site.clock, now) or rate.admits(now):
            return proceed(asked, now)
        return refusal(now, Stated.BLOCKED, step=asked.step, account=asked.account, status=status)

    return hinder
