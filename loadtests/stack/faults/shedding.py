"""The stack turns a share of requests away on purpose, and says when to come back."""

from dataclasses import dataclass, field
from math import ceil

from loadtests.binding import about
from loadtests.stack.exchange import JSON, Answer, Stated
from loadtests.stack.faults.interface import Asked, Hinder, Proceed, Site, check_steps, is_on
from loadtests.units import Offset, Seconds, Share
from loadtests.vocabulary import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Shedding:
    """503 with Retry-After for a share of the requests of some steps."""

    start: Offset = field(metadata=about("first moment", clock="event", name="from"))
    stop: Offset = field(metadata=about("last moment", clock="event", name="to"))
    steps: tuple[Step, ...] = field(metadata=about("whose requests"))
    share: Share = field(metadata=about("share of them"))
    retry_after: Seconds = field(
        default=5.0, metadata=about("what they are told to wait", clock="client")
    )

    def __post_init__(self) -> None:
        check_steps(self)


def shedding(plan: Shedding, site: Site) -> Hinder:
    """Requests are drawn one by one, before they cost anything."""
    steps = frozenset(plan.steps)
    # whole seconds (RFC 9110, 10.2.3)
    headers = (*JSON, (b"retry-after", str(ceil(plan.retry_after)).encode()))

    def hinder(asked: Asked, now: Seconds, proceed: Proceed) -> Answer:
        is_drawn = (
            asked.step in steps
            and is_on(plan, site.clock, now)
            and site.chance.uniform() < plan.share
        )
        if not is_drawn:
            return proceed(asked, now)
        body = b'{"error": "busy"}'
        return Answer(now, 503, headers, body, asked.step, Stated.QUEUED, asked.account)

    return hinder
