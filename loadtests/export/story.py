"""The incident in words: whichever of its figures are there, each under a term of its own."""

from collections import Counter
from collections.abc import Iterator

from loadtests.diagnosis.support_load import SupportLoad
from loadtests.export import words
from loadtests.export.incident import (
    FailingStep,
    OnsetFigures,
    RealFigure,
    RecoveryFigures,
    Refusal,
)
from loadtests.export.summary import Summary
from loadtests.vocabulary import End, Fact

Line = tuple[str, str]
"""A term, and what is said of it in sentences."""

TOLD = 3
"""Steps, codes or regions that are named; the rest are counted, the tables have them all."""


def story(summary: Summary) -> list[Line]:
    """All of it, in the order it is asked; nothing of what did not happen."""
    parts = (
        ("Others affected", _affected(summary)),
        ("What failed", _failing(summary)),
        ("Before it", _before(summary)),
        ("Recovery", _recovery(summary)),
        ("Refused by policy", _refused(summary)),
        ("Offline renewals", _renewals(summary)),
        ("Household", _household(summary)),
        ("Set-top boxes", _boxes(summary)),
        ("Support desk", _support(summary)),
        ("Where", _regions(summary)),
        ("Who", _traits(summary)),
    )
    told = ((term, " ".join(map(words.sentence, said))) for term, said in parts)
    return [(term, said) for term, said in told if said]


def real(figure: RealFigure | Refusal) -> str:
    """`about 1,200,000 (range 900,000 to 1,500,000)`."""
    if isinstance(figure, Refusal):
        value, low, high = figure.scaled, figure.scaled_low, figure.scaled_high
    else:
        value, low, high = figure.value, figure.low, figure.high
    number = f"about {words.about(value)}" if value else "none"
    return f"{number} (range {words.about(low)} to {words.about(high)})"


def _affected(summary: Summary) -> Iterator[str]:
    found = summary.incident.affected
    if found.interrupted is not None and found.interrupted.high:
        yield f"of those already watching {real(found.interrupted)} lost the picture"
    if found.unserved is not None and found.unserved.value:
        yield f"{real(found.unserved)} came on an errand in vain"


def _failing(summary: Summary) -> Iterator[str]:
    failing = summary.incident.failing
    for step in failing[:TOLD]:
        yield (
            f"{words.percent(step.share)} of {step.step} requests, mostly "
            f"{step.mostly.replace('_', ' ')}, {_span(step)}"
        )
    if others := failing[TOLD:]:
        yield f"further steps: {', '.join(step.step for step in others)}"


def _span(step: FailingStep) -> str:
    """When it failed, in figures: words would say kick-off twice."""
    since = words.offset_clock(step.since)
    if step.until is None:
        return f"from {since} to the end of the run"
    return f"from {since} to {words.offset_clock(step.until)}"


def _before(summary: Summary) -> Iterator[str]:
    onset = summary.incident.onset
    if onset is None:
        return
    figures = _ratios(onset)
    if onset.errors_first is None:
        yield "too little was seen before the first failure to say whether anything rose"
    elif onset.errors_first:
        yield f"errors came first, at a load that had been served: {figures}"
    else:
        rose = [
            name
            for name, has_risen in (
                ("arrivals", onset.demand_rose),
                ("response times", onset.response_time_rose),
            )
            if has_risen
        ]
        yield f"{' and '.join(rose)} rose before the first error: {figures}"


def _ratios(onset: OnsetFigures) -> str:
    known = (("arrivals", onset.demand), ("response times", onset.response_time))
    return ", ".join(
        f"{name} {ratio:.2f} times what was usual" for name, ratio in known if ratio is not None
    )


def _recovery(summary: Summary) -> Iterator[str]:
    found = summary.incident.recovery
    if found is not None:
        yield f"{_back(found)}; its last failure came {words.moment(found.last_failure)}"
    again = summary.facts.get(Fact.SIGNED_IN_AGAIN, 0)
    if again:
        yield f"{words.count(again)} times somebody had to sign in again"


def _back(found: RecoveryFigures) -> str:
    if found.half is None:
        return f"the worst was {words.percent(found.worst)} of {found.step}, to the end of the run"
    half = f"half of what had failed at {found.step} worked again {words.moment(found.half)}"
    if found.ninety is None:
        return f"{half}, 90 % of it not before the run ended"
    return f"{half}, 90 % of it {words.moment(found.ninety)}"


def _refused(summary: Summary) -> Iterator[str]:
    refusals = summary.incident.refusals
    for refusal in refusals[:TOLD]:
        yield (
            f"{words.count(refusal.count)} at {refusal.step} ({refusal.code}), "
            f"{words.percent(refusal.share)} of its requests: {real(refusal)} of the real event"
        )
    if len(refusals) > TOLD:
        rest = sum(refusal.count for refusal in refusals[TOLD:])
        yield f"{words.count(rest)} by {len(refusals) - TOLD} further codes"


def _renewals(summary: Summary) -> Iterator[str]:
    facts = summary.facts
    for name, granted, refused in (
        ("first", Fact.FIRST_RENEWAL_GRANTED, Fact.FIRST_RENEWAL_REFUSED),
        ("later", Fact.LATER_RENEWAL_GRANTED, Fact.LATER_RENEWAL_REFUSED),
    ):
        good, bad = facts.get(granted, 0), facts.get(refused, 0)
        if good + bad:
            yield f"{_part(bad, good + bad)} {name} renewals within the year were refused"


def _part(some: int, everything: int) -> str:
    if some in {0, everything}:
        return f"{'all' if some else 'none of'} {words.count(everything)}"
    return f"{words.count(some)} of {words.count(everything)}"


def _household(summary: Summary) -> Iterator[str]:
    facts = summary.facts
    said = (
        (Fact.VERIFIED, "verified by code"),
        (Fact.CANCELED, "canceled"),
        (Fact.SIGNED_UP, "signed up"),
    )
    told = [f"{words.count(facts[fact])} {what}" for fact, what in said if facts.get(fact)]
    if told:
        yield ", ".join(told)


def _boxes(summary: Summary) -> Iterator[str]:
    started = summary.facts.get(Fact.BOX_STARTED, 0)
    failed = summary.facts.get(Fact.BOX_FAILED, 0)
    if started + failed:
        yield f"{_part(failed, started + failed)} boxes switched on failed to start"
    migrated = summary.facts.get(Fact.MIGRATED, 0)
    if migrated:
        yield f"{words.count(migrated)} were moved to another platform"


def _support(summary: Summary) -> Iterator[str]:
    load = summary.support
    if load is None:
        return
    yield (
        f"{words.count(load.calls)} calls, {words.count(load.redials)} of them redials; "
        f"{words.percent(load.measured.blocking)} met the engaged tone{_expected(load)}"
    )
    if load.measured.wait is not None:
        yield (
            f"whoever asked for an agent waited {words.duration(load.measured.wait)} on average, "
            f"{words.percent(load.measured.abandoned)} hung up"
        )
    if load.real is not None:
        yield (
            f"for real, {words.brief(load.real.busiest)} erlangs at its busiest: "
            f"agents needed {words.about(load.real.agents)}"
        )


def _expected(load: SupportLoad) -> str:
    if load.expected is None or load.expected.blocking is None:
        return ""
    return f" (Erlang expects {words.percent(load.expected.blocking)})"


def _regions(summary: Summary) -> Iterator[str]:
    """Black screens by region, the most affected first, if there are several and any were."""
    shares = by_region(summary)
    if len(shares) > 1 and any(black for black, _ in shares.values()):
        said = sorted(shares.items(), key=lambda item: -item[1][0] / item[1][1])
        yield "black screens: " + ", ".join(
            f"{region.replace('_', ' ')} {words.percent(black / known)}"
            for region, (black, known) in said
        )


def _traits(summary: Summary) -> Iterator[str]:
    """Refusals of those who are special in some way, against all others."""
    refused: Counter[str] = Counter()
    ended: Counter[str] = Counter()
    for cohort in summary.cohorts:
        turned_away = sum(cohort.ends.get(end, 0) for end in (End.REFUSED, End.TURNED_AWAY))
        for trait in cohort.traits.split("+"):
            refused[trait] += turned_away
            ended[trait] += cohort.ended
    shares = {trait: refused[trait] / n for trait, n in ended.items()}
    others = shares.pop("", None)
    special = [
        f"{words.percent(shares[trait])} {trait}" for trait in sorted(shares) if shares[trait]
    ]
    if special and others is not None:
        yield f"refused by policy: {', '.join(special)}; {words.percent(others)} of all others"


def by_region(summary: Summary) -> dict[str, tuple[int, int]]:
    """Black screens and viewers decided of each region, those without a name left out."""
    made: dict[str, tuple[int, int]] = {}
    for cohort in summary.cohorts:
        if cohort.region and cohort.decided:
            black, known = made.get(cohort.region, (0, 0))
            made[cohort.region] = (black + cohort.black, known + cohort.decided)
    return made
