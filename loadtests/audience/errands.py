"""What viewers come for, and on what: the parts of the arrival curve that differ in it."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from loadtests.audience.shapes import Piece, pieces, recorded
from loadtests.scenario.demand import Recording, Surge
from loadtests.scenario.model import Scenario
from loadtests.vocabulary import Purpose


class Errand(NamedTuple):
    """A purpose, and the devices it is pursued on; none: all that have a share."""

    purpose: Purpose
    devices: tuple[str, ...]


def errands(scenario: Scenario) -> Mapping[Errand, tuple[Piece, ...]]:
    """The pieces of the evening's arrival rate by errand, unscaled; surges that are alike, in one.

    A recorded series has one errand: its viewers come to watch.
    """
    arrivals = scenario.arrivals
    if isinstance(arrivals, Recording):
        return {Errand(Purpose.WATCH, ()): recorded(arrivals, scenario)}
    return _by_errand(arrivals, scenario.audience.viewers)


def _by_errand(surges: Iterable[Surge], viewers: float) -> Mapping[Errand, tuple[Piece, ...]]:
    found: dict[Errand, tuple[Piece, ...]] = {}
    for surge in surges:
        errand = Errand(surge.purpose, surge.devices)
        found[errand] = (*found.get(errand, ()), *pieces(surge, viewers))
    return found
