"""One pattern at one step: what speaks for it and against it, when, and how much of the traffic."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from loadtests.diagnosis.hostile.claim import Claim, Place, Weight, limits, weigh
from loadtests.diagnosis.hostile.locate import locate, share, suspects
from loadtests.diagnosis.hostile.look import FEWEST, Against, Look, Part
from loadtests.diagnosis.hostile.report import Asked, Suspects
from loadtests.diagnosis.verdict.kinds import BEHAVIORAL, Family, Hostile
from loadtests.diagnosis.verdict.records import Missing, Reading
from loadtests.units import Ratio

PRIOR = -6.0
"""Decibans: large streaming services report that order."""

COUNTS = 3.0
"""From so many decibans on a family is one of the two that a pattern needs. [A]"""

POSSIBLE: Ratio = 0.3
"""As likely as this, and not said: it may be there. [A]"""

LEANS: Ratio = 0.84
"""The most that is said if a special evening alone could be the reason of the difference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspicion:
    """A pattern that was looked for where it would show, and what came of it."""

    place: Place
    weights: tuple[Weight, ...]
    share: Reading  # of the step's requests there
    suspects: Suspects
    missing: tuple[Missing, ...] = ()
    is_blind: bool = False  # what has to be known to say it is not

    def family(self, family: Family) -> float:
        """Decibans of a family: the largest weight counts, not the sum.

        What the pattern cannot do without counts first.
        """
        mine = [weight for weight in self.weights if weight.evidence.family is family]
        against = [weight.decibans for weight in mine if weight.is_needed and weight.decibans <= 0]
        return min(against) if against else max((w.decibans for w in mine), default=0.0)

    @property
    def decibans(self) -> float:
        """Of all families, prior included."""
        return PRIOR + sum(self.family(family) for family in Family)

    @property
    def stands(self) -> bool:
        """Whether two independent families speak for it, one of them of behavior.

        And all that the pattern cannot do without.
        """
        if any(weight.is_needed and weight.decibans <= 0 for weight in self.weights):
            return False
        speaking = {family for family in Family if self.family(family) >= COUNTS}
        return len(speaking) > 1 and bool(speaking & BEHAVIORAL)

    @property
    def probability(self) -> Ratio:
        """How likely it is."""
        odds = 10 ** (self.decibans / 10)
        made = odds / (1 + odds)
        return made if self.is_firm else min(made, LEANS)

    @property
    def is_open(self) -> bool:
        """Whether it may be there: nothing that it cannot do without is known to be absent."""
        is_contradicted = any(w.is_needed and w.decibans < 0 for w in self.weights)
        return self.is_blind or (self.probability >= POSSIBLE and not is_contradicted)

    @property
    def is_firm(self) -> bool:
        """Whether what speaks for it does so of any evening."""
        firm = {w.evidence.family for w in self.weights if w.is_firm and w.decibans >= COUNTS}
        return bool(firm & BEHAVIORAL)


def look_for(  # noqa: PLR0913 - a pattern is described by so much
    look: Look,
    kind: Hostile,
    step: Asked,
    lead: Claim,
    others: Sequence[Claim],
    *,
    within: Part | None = None,
    by: str | None = None,
    missing: Sequence[Missing] = (),
    is_blind: bool = False,
) -> Suspicion:
    """A pattern at a step, where `within` these bins its `lead` shows it most.

    `lead` is a ratio whose parts add up; `by` one that tells the share better, if there is any.
    """
    within = look.whole if within is None else within
    night = Place(look=look, kind=kind, step=step, part=look.whole)
    part = locate(look, lead.measure, step, _ordinary(lead, night), within) or within
    place = Place(look=look, kind=kind, step=step, part=part)
    made = [weight for claim in (lead, *others) if (weight := weigh(claim, place)) is not None]
    if by is None or look.counts(by, step, part)[1] < FEWEST:
        by = lead.measure
    usual = look.usual(by, step, part)
    base = min(1.0, usual.value) if usual is not None else 0.0
    reading = place.read(by) or Reading(value=0.0, low=0.0, high=1.0, samples=0)
    return Suspicion(
        place=place,
        weights=tuple(made),
        share=share(reading, base),
        suspects=suspects(look, by, step, part, base),
        missing=tuple(missing),
        is_blind=is_blind,
    )


def _ordinary(lead: Claim, night: Place) -> Ratio:
    """The ratio beyond which bins are suspected."""
    known = {limit.against: limit.value for limit in limits(lead, night)}
    if Against.ALIKE in known:
        return known[Against.ALIKE]
    hits, trials = night.look.counts(lead.measure, night.step, night.part)
    mean = hits / trials if trials else 1.0
    return min(known.get(Against.ANYTHING, 1.0), mean)


def best(suspicions: Iterator[Suspicion]) -> Iterator[Suspicion]:
    """The one that most speaks for, if there is any."""
    found = max(suspicions, key=lambda each: (each.stands, each.decibans), default=None)
    if found is not None:
        yield found
