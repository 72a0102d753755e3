"""What a rehearsal uses up, and what that costs at the user's own prices."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from loadtests.paper.plan.night import Night
from loadtests.scenario.prices import Prices
from loadtests.units import Seconds
from loadtests.vocabulary import Step

_GIGABYTE = 1e9
_HOUR: Seconds = 3600.0
_LICENSES = (Step.LICENSE, Step.DOWNLOAD, Step.RENEWAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """So much of something, and what it costs; None: nobody said what one costs."""

    name: str  # as `scenario.prices` has it
    quantity: float
    cost: float | None


def costs(played: Night, processes: int, prices: Prices | None) -> tuple[Cost, ...]:
    """Everything of a rehearsal somebody pays for, sent by so many processes of one core."""
    return tuple(
        Cost(name=name, quantity=quantity, cost=_cost(quantity, name, prices))
        for name, quantity in _quantities(played, processes)
    )


def in_all(parts: tuple[Cost, ...]) -> float | None:
    """What all that has a price costs together; None if nothing has one."""
    priced = [part.cost for part in parts if part.cost is not None]
    return sum(priced) if priced else None


def _quantities(played: Night, processes: int) -> Iterator[tuple[str, float]]:
    def asked(*steps: Step) -> float:
        return sum(played.total(played.requests.get(step, ())) for step in steps)

    yield "gigabyte", played.total(played.sent) / _GIGABYTE
    yield "license", asked(*_LICENSES)
    yield "text_message", asked(Step.HOUSEHOLD_CODE)
    yield "call", asked(Step.SUPPORT)
    # what is begun is paid
    hours = ceil(len(played.arrivals) * played.every / _HOUR)
    yield "core_hour", processes * hours


def _cost(quantity: float, name: str, prices: Prices | None) -> float | None:
    price: float | None = getattr(prices, name) if prices else None
    return None if price is None else quantity * price
