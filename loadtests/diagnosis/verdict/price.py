"""What a request costs tonight, against what it once did: read where no line can have formed."""

from dataclasses import dataclass

from loadtests.diagnosis.signature import Figure
from loadtests.diagnosis.verdict.records import Reading
from loadtests.diagnosis.verdict.scene import Scene
from loadtests.units import Ratio, Seconds

DEARER: Ratio = 1.25
"""Cost of a request at low load ÷ what it was from which it has risen."""

LOW: Ratio = 0.5
"""Requests ÷ knee up to which time is the request's own: above, some of it is spent in line."""

FEWEST = 15
"""Good answers that say how long one takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """How long a good answer took before the peak, and how long in the capacity search."""

    took: Reading
    once: Seconds

    @property
    def rise(self) -> Ratio:
        """So many times what it was, at least; 1 if it has not risen for sure."""
        return self.took.low / self.once if self.took.low > DEARER * self.once else 1.0


def price(scene: Scene, knee: Figure | None) -> Price | None:
    """Of the step, `knee` being tonight's; None where it is not known, or load was not low."""
    signature = scene.night.signature
    known = signature.demand.get(scene.step) if signature else None
    took = scene.measure("response_time", scene.calm)
    if known is None or not known.response_time or took is None or took.samples < FEWEST:
        return None
    if knee is not None and _came(scene) > LOW * knee.value:
        return None
    return Price(took=took, once=known.response_time)


def _came(scene: Scene) -> float:
    """Requests a second in the calm bins."""
    asked = sum(scene.asked(at) for at in scene.calm_bins)
    return asked / (len(scene.calm_bins) * scene.bins.size * scene.night.sampled)
