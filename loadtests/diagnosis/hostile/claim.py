"""What a reading says for or against a pattern: how far it lies from where ordinary traffic can."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import log10

from loadtests.diagnosis.hostile.look import FEWEST, Against, Look, Part
from loadtests.diagnosis.hostile.report import Asked
from loadtests.diagnosis.verdict.kinds import MOST, MOST_WEAK, WEAK, Family, Hostile
from loadtests.diagnosis.verdict.records import Evidence, Reading

FIRST = 5.0
"""Decibans of an interval that lies just past the limit; ten more for each factor of ten. [A]"""

SOFT = 9.0
"""The most that a difference weighs which the event itself may be the reason of. [A]"""

_NOTHING = 1e-9

AGAINST = 10.0
"""The most that weighs against a pattern what would show it and does not. [A]"""

WIDER = 5.0
"""So much more room than on an evening like it has what is usual of another. [A]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """That a measure is out of the ordinary.

    `text` is a sentence about `{value}`, which is held against `{usual}`. `beyond` no ordinary
    traffic goes, whatever the evening; None: that depends on the service.
    """

    measure: str
    family: Family
    text: str
    beyond: float | None = None
    factor: float = 1.5  # by which it has to exceed what is usual on an evening like it,
    least: float = 0.01  # and by how much
    most: float = MOST
    is_absolute: bool = False  # held against `beyond` alone, whatever is usual
    is_needed: bool = False  # whatever the pattern's way: its absence speaks against it
    is_number: bool = False  # told as such; else in percent


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """What a claim weighs, and whether that holds for whatever evening it was."""

    evidence: Evidence
    decibans: float
    is_firm: bool
    is_needed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a pattern is looked for: one step of a night, in some bins."""

    look: Look
    kind: Hostile
    step: Asked
    part: Part

    def read(self, measure: str) -> Reading | None:
        """A measure there; None: there is nothing to measure it in."""
        return self.look.read(measure, self.step, self.part)


def told(reading: Reading, *, is_number: bool = False) -> str:
    """`4.5 % (3.1 to 6.4 %)`, or `12 (11 to 13)`."""
    value, low, high = (
        figure(each, is_number=is_number) for each in (reading.value, reading.low, reading.high)
    )
    return f"{value} ({low.removesuffix(' %')} to {high})"


def figure(value: float, *, is_number: bool = False) -> str:
    """`4.5 %` or `12`: as many digits as anybody wants to read."""
    scaled, unit = (value, "") if is_number else (100 * value, " %")
    digits = f"{scaled:.0f}" if scaled >= 99.5 else f"{scaled:.2g}"  # noqa: PLR2004 - else 1e+02
    return f"{digits}{unit}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """Where ordinary traffic ends, and by what that is known."""

    value: float
    against: Against


def limits(claim: Claim, place: Place) -> Iterator[Limit]:
    """By all that is known of ordinary traffic."""
    look, usual = place.look, None
    if not claim.is_absolute:
        usual = look.usual(claim.measure, place.step, place.part)
    if usual is not None:
        wider = 1.0 if usual.against is Against.ALIKE else WIDER
        more = max((claim.factor - 1) * usual.value, claim.least)
        yield Limit(value=usual.value + wider * more, against=usual.against)
    is_known = usual is not None and usual.against is Against.ALIKE
    if claim.beyond is not None and not is_known:
        yield Limit(value=claim.beyond, against=Against.ANYTHING)


def weigh(claim: Claim, place: Place) -> Weight | None:
    """What the claim weighs; None: it cannot be measured, or held against anything."""
    reading = place.read(claim.measure)
    if reading is None:
        return None
    made = [_weight(claim, place, reading, limit) for limit in limits(claim, place)]
    return max(made, key=lambda weight: (weight.decibans, weight.is_firm), default=None)


def _weight(claim: Claim, place: Place, reading: Reading, limit: Limit) -> Weight:
    decibans = _decibans(claim, reading, limit)
    text = claim.text.format(
        value=told(reading, is_number=claim.is_number),
        usual=figure(limit.value, is_number=claim.is_number),
    )
    evidence = Evidence(
        family=claim.family,
        claim=text,
        measure=claim.measure,
        step=place.step,
        span=place.look.span(place.part, claim.measure),
        reading=reading,
        reference=limit.value,
        reference_name=f"the most that {limit.against.value} explains",
        weights={place.kind: round(decibans, 1)},
    )
    return Weight(
        evidence=evidence,
        decibans=decibans,
        is_firm=limit.against.is_firm,
        is_needed=claim.is_needed,
    )


def _decibans(claim: Claim, reading: Reading, limit: Limit) -> float:
    if reading.samples < FEWEST:
        return 0.0
    most = min(claim.most, MOST_WEAK if claim.family in WEAK else MOST)
    if reading.low > limit.value:
        most = most if limit.against.is_firm else min(SOFT, most)
        return min(most, FIRST + 10 * log10(reading.low / limit.value))
    if reading.high < limit.value and claim.is_needed:
        least = min(AGAINST, most)
        return -min(least, FIRST + 10 * log10(limit.value / max(reading.high, _NOTHING)))
    return 0.0
