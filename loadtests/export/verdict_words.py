"""A verdict as people read it: odds and sentences, never decibans. For page and terminal alike."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from loadtests.diagnosis.measures import MEASURES
from loadtests.diagnosis.verdict.kinds import MOST, MOST_WEAK, WEAK, Cause, Hostile, Word
from loadtests.diagnosis.verdict.night import Origin
from loadtests.diagnosis.verdict.records import Episode, Evidence, Missing, Span, Verdict
from loadtests.diagnosis.verdict.say import LEANING, LIKELY, SURE, odds
from loadtests.export import words
from loadtests.export.verdict_record import Case, Source, check, query
from loadtests.units import Seconds
from loadtests.vocabulary import Step

Kind = Cause | Hostile

TITLES: dict[Cause, str] = {
    Cause.NOMINAL: "nothing failed",
    Cause.SURGE_ABSORBED: "a surge, absorbed",
    Cause.DEMAND_ABOVE_KNEE: "demand above the knee",
    Cause.CAPACITY_REGRESSION: "capacity regression",
    Cause.RETRY_STORM: "retry storm",
    Cause.DEPENDENCY_OUTAGE: "dependency outage",
    Cause.POLICY_REJECTION: "rejection by policy",
    Cause.DEFENCE_COLLATERAL: "viewers refused by our own defense",
    Cause.MALICE_CAUSED: "caused by malice",
    Cause.TESTER_LIMITED: "the tester was the limit",
    Cause.UNDETERMINED: "undetermined",
}

ORIGINS = {
    Origin.SAMPLES: "a rehearsal's own requests",
    Origin.ACCESS_LOG: "the access log",
    Origin.PROMETHEUS: "Prometheus",
}

HARDLY = 1.25
"""Times as likely: less is not worth a line."""

CONSISTENT = (
    "A verdict names a pattern the measurements are consistent with, never a person, and never "
    "an intention. Every item of evidence can be measured again by the command below it; an "
    "interval is one that holds the true value in 19 of 20 cases."
)
SCALE = (
    f"Near-certain is a probability of {SURE:.0%} and more ({odds(SURE)}), likely {LIKELY:.0%} "
    f"({odds(LIKELY)}), leaning {LEANING:.0%} ({odds(LEANING)}); below it, or where what would "
    "decide is not known, the verdict is undetermined, and says what to measure next."
).replace("%", " %")
INVENTED = (
    "The night was a rehearsal on the embedded stack with invented capacity: the verdict says "
    "nothing about the real event."
)


def title(kind: Kind) -> str:
    """What people call it: `demand above the knee`, `credential stuffing`."""
    return TITLES[kind] if isinstance(kind, Cause) else kind.value.replace("_", " ")


def said(sentence: str) -> str:
    """As a sentence, with capital and full stop; a step's name first is left as it is."""
    text = sentence.strip()
    first = text if text.split(" ", 1)[0] in set(Step) else text[:1].upper() + text[1:]
    return first if first.endswith((".", "!", "?")) else f"{first}."


def answer(verdict: Verdict) -> str:
    """What made viewers fail, in a sentence."""
    return said(verdict.cause.sentence)


def hostile(verdict: Verdict) -> list[str]:
    """What of hostile traffic was there, the likeliest first; one sentence at least."""
    told = [said(found.sentence) for found in verdict.hostile]
    unknown = ", ".join(map(title, verdict.hostile_undetermined))
    if unknown:
        what = "Cannot be told from this source" if not told else "Not excluded either"
        told.append(f"{what}: {unknown}.")
    return told or ["None was seen, and each pattern we know would have been."]


def actions(verdict: Verdict) -> list[str]:
    """What to do about it, the episode that comes first in time first; each once."""
    told = [said(episode.action.what) for episode in verdict.episodes if episode.action]
    return list(dict.fromkeys(told))


def sure(word: Word, probability: float) -> str:
    """`likely (about 12 to 1)`; of what is undetermined nothing more is to be said."""
    return word.value if word is Word.UNDETERMINED else f"{word} ({odds(probability)})"


def findings(case: Case, episode: Episode) -> Iterator[str]:
    """What is said of one episode, a sentence each; not again what the answer has said."""
    cause = episode.cause
    if cause.word is not Word.UNDETERMINED:
        yield said(f"{sure(cause.word, cause.probability)}: {title(cause.kind)}")
    if cause.sentence != case.verdict.cause.sentence:
        yield said(cause.sentence)
    for found in episode.hostile:
        yield said(f"{found.word}: {found.sentence}")  # which says how sure it is
    yield said(f"{hurt(episode)}; {covered(episode)}")
    if others := considered(episode):
        yield said(f"also considered: {others}")
    if episode.next_measurement:
        yield f"Measure next: {said(episode.next_measurement)}"
    if episode.action is not None and len(case.verdict.episodes) > 1:
        yield f"Do: {said(episode.action.what)}"


def considered(episode: Episode) -> str:
    """Other explanations that were weighed, down to one in a hundred; empty if there are none."""
    return ", ".join(
        f"{title(other.kind)} {words.percent(other.probability)}"
        for other in episode.cause.alternatives
        if other.probability >= 0.01  # noqa: PLR2004 - one in a hundred
    )


def hurt(episode: Episode) -> str:
    """How many requests failed of how many."""
    what = f"{words.count(episode.failed)} of {words.count(episode.requests)} requests failed"
    if not episode.requests:
        return "no request was seen"
    return f"{what} ({words.percent(min(1.0, episode.failed / episode.requests))})"


def moment(source: Source, at: Seconds) -> str:
    """`20:57:10`, local time of a rehearsed evening, else UTC; with a date where it is the next."""
    calendar = source.calendar
    if calendar is not None:
        return words.clock(calendar.kick_off, calendar.first + calendar.speed * at)
    if source.started is None:
        return words.offset_clock(at)
    first = datetime.fromisoformat(source.started)
    then = first + timedelta(seconds=round(at))
    return f"{then:%H:%M:%S}" if then.date() == first.date() else f"{then:%Y-%m-%d %H:%M:%S}"


def span(source: Source, of: Span) -> str:
    """`20:57:10 to 21:14:00`."""
    return f"{moment(source, of.start)} to {moment(source, of.stop)}"


def covered(episode: Episode) -> str:
    """How much of the evidence there could be was there."""
    return f"{words.percent(episode.coverage)} of what could be weighed was there to weigh"


def invented(case: Case) -> str:
    """What a rehearsal against our own stack says nothing of; empty for every other night."""
    return INVENTED if case.invented else ""


def where(episode: Episode) -> str:
    """The step, and the region if it is one: `sign_in in brussels`."""
    step = "all steps" if episode.step is None else episode.step.value
    return f"{step} in {episode.region}" if episode.region else step


def heading(case: Case, number: int) -> str:
    """`Episode 2 of 3, a consequence of 1: 20:57:10 to 21:14:00, sign_in`."""
    episode = case.verdict.episodes[number]
    cause = "" if episode.caused_by is None else f", a consequence of {episode.caused_by + 1}"
    of = len(case.verdict.episodes)
    when = span(case.source, episode.span)
    return f"Episode {number + 1} of {of}{cause}: {when}, {where(episode)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An evidence item as it is printed."""

    claim: str
    figures: str
    pushes: str  # what it makes likelier and less likely; empty: it changes little
    command: str
    query: str  # empty: none
    family: str


def item(source: Source, of: Evidence) -> Item:
    """All that is printed of it."""
    return Item(
        claim=said(of.claim),
        figures=f"{figures(of)}, {span(source, of.span)}",
        pushes=pushes(of),
        command=check(source, of),
        query=query(source, of) or "",
        family=of.family.value,
    )


def figures(of: Evidence) -> str:
    """`failed 31.2 % (28 to 34.6 %), n 1,204; before the onset 0.4 %`."""
    reading = of.reading
    between = f"{value(of.measure, reading.low)} to {value(of.measure, reading.high)}"
    name = of.measure.replace("_", " ")
    told = (
        f"{name} {value(of.measure, reading.value)} ({between}), n {words.count(reading.samples)}"
    )
    if of.reference is None:
        return told
    return f"{told}; {of.reference_name} {value(of.measure, of.reference)}"


def value(measure: str, number: float) -> str:
    """A measure's value in its own unit."""
    known = MEASURES.get(measure)
    if known is not None and known.is_rate:
        return f"{words.brief(number)}/s"
    if known is not None and known.unit == "s":
        return words.duration(number)
    return words.percent(number) if 0 <= number <= 1 else words.brief(number)


def pushes(of: Evidence) -> str:
    """`likelier: retry storm about 10 times; less likely: dependency outage about 4 times`."""
    more: list[str] = []
    less: list[str] = []
    most = MOST_WEAK if of.family in WEAK else MOST
    for kind, weight in sorted(of.weights.items(), key=lambda pair: -abs(pair[1])):
        if (factor := 10 ** (min(most, abs(weight)) / 10)) >= HARDLY:
            told = f"{title(kind)} about {words.brief(float(f'{factor:.1g}'))} times"
            (more if weight > 0 else less).append(told)
    parts = [f"likelier: {', '.join(more)}"] if more else []
    parts += [f"less likely: {', '.join(less)}"] if less else []
    return "; ".join(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """An episode's evidence by what it says of the answers given; the weightiest first."""

    speaks_for: Sequence[Evidence]
    against: Sequence[Evidence]
    otherwise: Sequence[Evidence]  # tells other explanations apart


def sides(episode: Episode) -> Sides:
    """For and against the cause that was found and the hostile patterns that were."""
    answers: set[Kind] = {episode.cause.kind, *(found.kind for found in episode.hostile)}
    by_weight = sorted(episode.evidence, key=lambda of: -_weight(of, answers))
    return Sides(
        speaks_for=[of for of in by_weight if _weight(of, answers) > 0],
        against=[of for of in reversed(by_weight) if _weight(of, answers) < 0],
        otherwise=[of for of in by_weight if _weight(of, answers) == 0],
    )


def _weight(of: Evidence, answers: set[Kind]) -> float:
    """The greatest push for or against any of them."""
    return max((of.weights.get(kind, 0.0) for kind in answers), key=abs, default=0.0)


def unknown(of: Missing) -> str:
    """What could not be measured, and what it would have told apart."""
    tells = ", ".join(map(title, of.would_tell))
    return f"{said(of.what)} It would tell: {tells}." if tells else said(of.what)


def rests_on(case: Case) -> Iterator[tuple[str, str]]:
    """What the verdict rests on: a term, and what is said of it."""
    source = case.source
    when = "" if source.started is None else f", {source.started[:19].replace('T', ' ')} UTC"
    yield (
        "Source",
        f"{source.name}: {ORIGINS[source.origin]}{when}, {words.duration(source.duration)}",
    )
    if source.sampled < 1:
        yield "Sampled", f"{words.percent(source.sampled)} of the requests were logged"
    yield "Held against", source.signature or "no measured capacity: no --signature was given"
    yield "Taken as usual", source.baseline or "the night's own beginning: no --baseline was given"
    if source.build or source.replicas:
        replicas = ", ".join(f"{part} {n}" for part, n in source.replicas.items())
        build = source.build or "not given"
        yield "Target", f"build {build}{f'; replicas: {replicas}' if replicas else ''}"
    for note in (*source.notes, *case.verdict.notes):
        yield "Noted", note


def formed(case: Case) -> Iterator[tuple[str, str]]:
    """How the verdict came about: when, and what it then was and why."""
    for change in case.verdict.formed:
        also = "".join(f", {title(kind)}" for kind in change.hostile)
        sure_of = "" if change.word is Word.UNDETERMINED else f"{change.word} "
        yield (
            moment(case.source, change.at),
            f"{sure_of}{title(change.cause)}{also}: {said(change.reason)}",
        )
