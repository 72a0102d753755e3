"""Draws among what has a weight: devices, regions, and the errands of a moment."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from itertools import accumulate
from typing import Generic, TypeVar

from loadtests.audience.curve import Curve
from loadtests.audience.errands import Errand, errands
from loadtests.chance import Chance
from loadtests.scenario.model import Scenario
from loadtests.units import Offset
from loadtests.vocabulary import Purpose

T = TypeVar("T")


class Deal(Generic[T]):
    """Deals things out by their weights, with one draw each; what weighs nothing never comes."""

    __slots__ = ("_things", "_upto")

    def __init__(self, weights: Mapping[T, float]) -> None:
        """At least one weight is more than 0; they need not add up to 1."""
        self._things = [thing for thing, weight in weights.items() if weight > 0]
        self._upto = list(accumulate(weights[thing] for thing in self._things))

    def draw(self, chance: Chance) -> T:
        """One of them."""
        at = bisect_right(self._upto, chance.uniform() * self._upto[-1])
        return self._things[min(at, len(self._things) - 1)]  # the product may be rounded up


class Errands:
    """Draws what a viewer comes for, and on what device.

    The surge somebody belongs to is drawn by the surges' rates at the moment they arrive: thinning
    a Poisson process so gives each surge its own (Kingman, Poisson Processes, 1993, 5.1).
    """

    __slots__ = ("_curves", "_devices")

    def __init__(self, scenario: Scenario) -> None:
        parts = errands(scenario)
        self._curves = [(errand, Curve(pieces)) for errand, pieces in parts.items()]
        shares = {name: device.share for name, device in scenario.devices.items()}
        self._devices = {errand: Deal(_among(errand.devices, shares)) for errand in parts}

    def draw(self, offset: Offset, chance: Chance) -> tuple[Purpose, str]:
        """Purpose and device of an arrival; where all have one errand, that takes no draw."""
        errand = self._curves[0][0] if len(self._curves) == 1 else self._errand(offset, chance)
        return errand.purpose, self._devices[errand].draw(chance)

    def _errand(self, offset: Offset, chance: Chance) -> Errand:
        rates = {errand: curve.rate(offset) for errand, curve in self._curves}
        if not any(rates.values()):  # at the very end, where rounding may place somebody
            rates = {errand: curve.total for errand, curve in self._curves}
        return Deal(rates).draw(chance)


def _among(names: Iterable[str], shares: Mapping[str, float]) -> Mapping[str, float]:
    """The shares of these devices (of all, if none are named); alike where none has a share."""
    chosen = {name: shares[name] for name in names} or shares
    return chosen if any(chosen.values()) else dict.fromkeys(chosen, 1.0)
