"""Draws among what has a weight: devices, regions, and the errands of a moment."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from itertools import accumulate
from typing import Generic, TypeVar

from loadtests.audience.curve import Curve
from loadtests.audience.errands import Errand, errands
from loadtests.chance import Chance
from loadtests.scenario.model import Device, Scenario
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

    __slots__ = ("_curves", "_devices", "_kinds", "_of")

    def __init__(self, scenario: Scenario) -> None:
        parts = errands(scenario)
        self._of = scenario.devices
        self._curves = [(errand, Curve(pieces)) for errand, pieces in parts.items()]
        shares = {name: device.share for name, device in scenario.devices.items()}
        chosen = {errand: among(errand.devices, shares) for errand in parts}
        self._devices = {errand: Deal(devices) for errand, devices in chosen.items()}
        self._kinds = {
            errand: Deal(_kinds(devices, self._of)) for errand, devices in chosen.items()
        }

    def draw(self, offset: Offset, chance: Chance) -> tuple[Purpose, str, bool]:
        """Purpose and device of an arrival, and whether they sign in.

        Where all have one errand, that takes no draw.
        """
        errand = self._errand(offset, chance)
        name = self._devices[errand].draw(chance)
        return errand.purpose, name, chance.uniform() < self._of[name].signs_in

    def draw_evenly(self, offset: Offset, chance: Chance) -> tuple[Purpose, str, bool]:
        """The same, device and signing in by one draw: even draws leave both as even as one."""
        errand = self._errand(offset, chance)
        return errand.purpose, *self._kinds[errand].draw(chance)

    def _errand(self, offset: Offset, chance: Chance) -> Errand:
        if len(self._curves) == 1:
            return self._curves[0][0]
        rates = {errand: curve.rate(offset) for errand, curve in self._curves}
        if not any(rates.values()):  # at the very end, where rounding may place somebody
            rates = {errand: curve.total for errand, curve in self._curves}
        return Deal(rates).draw(chance)


def among(names: Iterable[str], shares: Mapping[str, float]) -> Mapping[str, float]:
    """The shares of these devices (of all, if none are named); alike where none has a share."""
    chosen = {name: shares[name] for name in names} or shares
    return chosen if any(chosen.values()) else dict.fromkeys(chosen, 1.0)


def _kinds(
    shares: Mapping[str, float], devices: Mapping[str, Device]
) -> Mapping[tuple[str, bool], float]:
    """Shares of those who sign in, device by device, before those who do not: one range of draws.

    Of numbers that fill a line evenly it gets its part to within one or two, however many devices
    there are.
    """
    signing = {(name, True): share * devices[name].signs_in for name, share in shares.items()}
    others = {(name, False): share * (1 - devices[name].signs_in) for name, share in shares.items()}
    return {**signing, **others}
