"""A night planned on paper: what it asks for, what its rehearsal does, what a stack makes of it.

Nothing is sent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from loadtests.diagnosis.signature import Signature
from loadtests.paper.plan import changes
from loadtests.paper.plan.compare import Carried, Outlook, carried, compare
from loadtests.paper.plan.costs import Cost, costs
from loadtests.paper.plan.estimate import audience
from loadtests.paper.plan.evenings import Background, at_bit_rate, besides, nights, times, together
from loadtests.paper.plan.load import Load, load
from loadtests.paper.plan.night import Night, rehearsal
from loadtests.paper.plan.what_if import WhatIf
from loadtests.scenario.model import Scenario
from loadtests.scenario.prices import Prices
from loadtests.units import BytesPerSecond, Offset, Ratio


class Case(StrEnum):
    """How large the audience is taken to be."""

    P50 = "p50"  # as many evenings bring more as bring fewer
    P90 = "p90"  # one evening in ten brings more


QUANTILES: Mapping[Case, Ratio] = {Case.P50: 0.5, Case.P90: 0.9}


class Source(StrEnum):
    """Where the bit rate of a viewer comes from."""

    SAID = "said"  # by the user
    SIGNATURE = "signature"  # as the target served it
    SCENARIO = "scenario"  # the embedded stream's


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a plan is to be made of."""

    scenario: Scenario
    also: Sequence[tuple[Scenario, Offset]] = ()  # other events: their kick-off after this one's
    background: Background | None = None
    bit_rate: BytesPerSecond | None = None  # of a viewer of the real night, on average
    signature: Signature | None = None
    prices: Prices | None = None
    what_ifs: Mapping[str, WhatIf] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The answer."""

    question: Question
    bit_rate: Source
    nights: Mapping[Case, Night]
    loads: Mapping[Case, Load]
    rehearsal: Load
    costs: tuple[Cost, ...]  # of the rehearsal
    outlooks: Mapping[Case, Carried] = field(default_factory=dict)  # empty without a signature
    what_ifs: Sequence[Outlook] = ()  # at P50, of this event alone; the first: as it is


def plan(question: Question) -> Plan:
    """Plan a night. MatchnightError: a what-if cannot be done here."""
    source, rate = _bit_rate(question)
    found = _nights(question, rate)
    played = rehearsal(question.scenario)
    if rate is not None and question.scenario.viewing.segment_bytes is None:
        played = at_bit_rate(played, rate)
    rehearsed = load(played, question.scenario, is_rehearsal=True)
    return Plan(
        question=question,
        bit_rate=source,
        nights=found,
        loads={case: load(night, question.scenario) for case, night in found.items()},
        rehearsal=rehearsed,
        costs=costs(played, rehearsed.generators.processes, question.prices),
        outlooks=_outlooks(question, found),
        what_ifs=_what_ifs(question),
    )


def of_case(scenario: Scenario, case: Case) -> Scenario:
    """The scenario with so large an audience."""
    said = scenario.audience
    published = round(said.published * _factor(scenario, case))
    return replace(scenario, audience=replace(said, published=max(1, published)))


def _bit_rate(question: Question) -> tuple[Source, BytesPerSecond | None]:
    """Where it comes from, and how much; None: whatever the stream's answers amount to."""
    if question.bit_rate is not None:
        return Source.SAID, question.bit_rate
    signature = question.signature
    if signature is not None and signature.bit_rate is not None:
        return Source.SIGNATURE, signature.bit_rate
    return Source.SCENARIO, None


def _nights(question: Question, rate: BytesPerSecond | None) -> dict[Case, Night]:
    events = [(question.scenario, 0.0), *question.also]
    several = nights(events)
    found = {}
    for case in Case:
        # one service's estimates err together: every event has its larger audience at once
        parts = [
            times(one, _factor(scenario, case))
            for one, (scenario, _) in zip(several, events, strict=True)
        ]
        night = together(parts)
        if rate is not None:
            night = at_bit_rate(night, rate)
        if question.background is not None:
            night = besides(night, _served(question.background, rate), question.scenario)
        found[case] = night
    return found


def _served(background: Background, rate: BytesPerSecond | None) -> Background:
    return replace(
        background, bit_rate=rate if background.bit_rate is None else background.bit_rate
    )


def _factor(scenario: Scenario, case: Case) -> float:
    return audience(scenario, QUANTILES[case]) / scenario.audience.viewers


def _outlooks(question: Question, found: Mapping[Case, Night]) -> dict[Case, Carried]:
    outlooks = {}
    for case, night in found.items():
        met = changes.Case(scenario=of_case(question.scenario, case), signature=question.signature)
        if (made := carried(met, night, night)) is not None:
            outlooks[case] = made
    return outlooks


def _what_ifs(question: Question) -> Sequence[Outlook]:
    if not question.what_ifs:
        return ()
    usual = of_case(question.scenario, Case.P50)
    as_it_is = changes.Case(scenario=usual, signature=question.signature)
    return compare(as_it_is, question.what_ifs)
