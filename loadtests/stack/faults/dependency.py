"""Something every viewer's step depends on is down, or slow: whatever the load is."""

from dataclasses import dataclass, field
from enum import StrEnum

from loadtests.binding import about
from loadtests.stack.exchange import Answer, Delivery, Stated, refusal
from loadtests.stack.faults.interface import Asked, Hinder, Proceed, Site, check_steps, unanswered
from loadtests.stack.faults.whom import Recovery, Whom, check_recovery, is_met
from loadtests.units import Offset, Seconds
from loadtests.vocabulary import Step


class Broken(StrEnum):
    """How a broken dependency shows."""

    SERVER_ERROR = "server_error"  # 500
    UNAVAILABLE = "unavailable"  # 503, without Retry-After
    SILENCE = "silence"  # no answer: the device waits until it has waited enough
    SLOW = "slow"  # the right answer, `adds` later


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency:
    """A dependency of some steps is down or slow."""

    start: Offset = field(metadata=about("first moment", clock="event", name="from"))
    stop: Offset = field(metadata=about("last moment", clock="event", name="to"))
    steps: tuple[Step, ...] = field(metadata=about("which steps depend on it"))
    answer: Broken = field(default=Broken.SERVER_ERROR, metadata=about("what it shows"))
    adds: Seconds = field(
        default=0.0, metadata=about("how much later such an answer comes", clock="client")
    )
    whom: Whom = field(default=Whom(), metadata=about("whose requests"))
    recovery: Recovery | None = field(
        default=None, metadata=about("how it comes back; absent: at once")
    )

    def __post_init__(self) -> None:
        check_steps(self)
        check_recovery(self.recovery, first=self.stop)


_STATED = {Broken.SERVER_ERROR: Stated.SERVER_ERROR, Broken.UNAVAILABLE: Stated.OVERLOAD}


def dependency(plan: Dependency, site: Site) -> Hinder:
    """Errors come at once, or after `adds`, and cost the step's own station nothing."""
    steps = frozenset(plan.steps)

    def hinder(asked: Asked, now: Seconds, proceed: Proceed) -> Answer:
        if asked.step not in steps or not is_met(plan, asked.device, site.clock.offset(now)):
            return proceed(asked, now)
        if plan.answer is Broken.SILENCE:
            return unanswered(asked, now, Delivery.SILENCE)
        if plan.answer is Broken.SLOW:
            answer = proceed(asked, now)
            return answer._replace(at=answer.at + plan.adds)
        stated = _STATED[plan.answer]
        return refusal(now + plan.adds, stated, step=asked.step, account=asked.account)

    return hinder
