"""What a capacity search has shown, as people read it: for the page and the terminal alike."""

from collections.abc import Iterator

from loadtests.audience.trial import Aim, Joins
from loadtests.diagnosis.knee import Knee
from loadtests.diagnosis.level import Found, Level
from loadtests.diagnosis.signature import Figure
from loadtests.errors import ExitStatus
from loadtests.export import words
from loadtests.export.capacity_record import Search
from loadtests.vocabulary import Step

PROFILES = {
    Joins.STEP: "when they come at once",
    Joins.RAMP: "when the load rises evenly",
    Joins.SURGE: "in a short surge",
}
FOUND = {Found.HELD: "held", Found.BROKE: "broke", Found.UNSTEADY: "unsteady"}


LASTING = 0.05
"""Of a low load's response time: a smaller change between beginning and end is none."""


def name(level: Level) -> str:
    """A trial as people say it: `3 step`, `12 step, overload`."""
    trial = level.trial
    aim = "" if trial.aim is Aim.LEVEL else f", {trial.aim}"
    return f"{trial.number} {trial.joins}{aim}"


def rate(value: float | None) -> str:
    """Viewers or requests a second, to three digits."""
    return words.NONE if value is None else words.brief(value)


def interval(figure: Figure | Knee) -> str:
    """`41.3 (40.6 to 42)`, or `at least 41.3`."""
    if figure.at_least or figure.high is None:
        return f"at least {rate(figure.value)}"
    return f"{rate(figure.value)} ({rate(figure.low)} to {rate(figure.high)})"


def carries(knee: Knee) -> str:
    """The knee of one join profile: the first half of the answer."""
    how = PROFILES[knee.joins]
    if knee.at_least or knee.high is None:
        return f"carries at least {rate(knee.value)} viewers/s {how}; {_limit(knee)}"
    if not knee.low:
        return f"does not carry even {rate(knee.broke_at)} viewers/s {how}"
    within = f"{rate(knee.low)} to {rate(knee.high)}, 90 %"
    return f"carries {rate(knee.value)} viewers/s ({within}) {how}"


def _limit(knee: Knee) -> str:
    """Why no more is known than what was carried."""
    if knee.broke_at is None:
        return "it was not asked for more"
    return f"at {rate(knee.broke_at)} it broke, and what lies between was not tried"


def breaks(search: Search, knee: Knee) -> Iterator[str]:
    """What breaks first, what would be next, and when it comes back: the other half."""
    if knee.first is not None:
        yield f"{knee.first} breaks first{_at(search, knee.first)}"
    elif not knee.at_least:
        yield "which step breaks first is not clear"
    if knee.next is not None:
        yield f"{knee.next} would be next"
    if not knee.is_complete:
        yield "the search ended before it was sure"
    yield from _comes_back(search, knee.joins)


def ends(search: Search, knee: Knee) -> str:
    """How it ends beyond the knee, as a sentence; empty if nothing is known of it."""
    told = "; ".join(breaks(search, knee))
    return f"{told}." if told else ""  # it begins with a step's name, which is no word


def interval_of(knee: Knee) -> str:
    """How sure the knee is."""
    if knee.at_least or knee.high is None:
        return words.sentence(_limit(knee))[:-1]
    if not knee.low:
        return f"Nothing held: {rate(knee.broke_at)} was the lowest load that was tried"
    return f"{rate(knee.low)} to {rate(knee.high)} viewers/s, 90 % interval"


def first_at(search: Search, knee: Knee) -> str:
    """At which rate of its own the first step breaks, and how many requests it then holds."""
    figure = search.signature.knee.get(knee.first) if search.signature and knee.first else None
    parts = [] if figure is None else [f"at {interval(figure)} {figure.unit}"]
    if knee.in_flight is not None:
        parts.append(f"with {words.brief(knee.in_flight)} in flight")
    return ", ".join(parts)


def _at(search: Search, step: Step) -> str:
    figure = search.signature.knee.get(step) if search.signature else None
    if figure is None or figure.at_least:
        return ""
    return f" ({rate(figure.value)} {figure.unit})"


def _comes_back(search: Search, joins: Joins) -> Iterator[str]:
    overload = search.capacity.overload
    if overload is None or overload.trial.joins is not joins:
        return
    if overload.recovered_at is None:
        yield "after an overload it did not come back while it was watched"
    else:
        yield f"after an overload it comes back below {rate(overload.recovered_at)}/s"


def answer(search: Search, knee: Knee) -> str:
    """What one join profile has shown, as one sentence."""
    return words.sentence("; ".join([carries(knee), *breaks(search, knee)]))


def answers(search: Search) -> list[str]:
    """One sentence for each join profile, the least it carries first."""
    return [answer(search, knee) for knee in knees(search)]


def knees(search: Search) -> list[Knee]:
    """Of all join profiles, the lowest first."""
    found = search.capacity.knees.values()
    return sorted(found, key=lambda knee: (knee.at_least, knee.value))


def findings(search: Search) -> list[tuple[str, str]]:
    """What else was found: a term and what is said of it."""
    return [*_recovery(search), *_moved(search), *_drift(search), *_slowed(search), *_notes(search)]


def _recovery(search: Search) -> Iterator[tuple[str, str]]:
    overload = search.capacity.overload
    if overload is None:
        return
    asked = f"{rate(overload.trial.rate)} viewers/s"
    broke = search.capacity.knees.get(overload.trial.joins)
    if overload.recovered_at is None:
        said = f"Overloaded with {asked} it did not come back, though the load fell to a fifth"
    else:
        said = f"Overloaded with {asked} it came back at {rate(overload.recovered_at)}"
    if broke is not None and broke.broke_at is not None:
        said += f"; it had broken at {rate(broke.broke_at)}"
    yield "Recovery", said + "."


def _moved(search: Search) -> Iterator[tuple[str, str]]:
    moved = search.capacity.moved
    if moved is None:
        return
    after = "" if moved.took is None else f" {words.duration(moved.took)} into an overload"
    rose = "rose" if moved.after > moved.before else "fell"
    both = f"from {rate(moved.before)} to {rate(moved.after)} viewers/s"
    yield "Scaling", f"Its capacity {rose} while it was measured, {both}{after}."


def _drift(search: Search) -> Iterator[tuple[str, str]]:
    drift = search.capacity.drift
    if drift is None:
        return
    times = "" if abs(drift - 1) < LASTING else f" {drift:.2f} times"
    said = f"At the end a low load took{times} as long to answer as in the beginning"
    lasting = "" if search.capacity.steady else ": the target is not steady"
    yield "Steadiness", f"{said}{lasting}."


def _slowed(search: Search) -> Iterator[tuple[str, str]]:
    for of in search.capacity.slowed:
        when = f"when {of.overloaded} is overloaded, though it is asked no more"
        yield "Interference", f"{of.step} answers {of.slower:.2g} times as slowly {when}."


def _notes(search: Search) -> Iterator[tuple[str, str]]:
    for note in search.capacity.notes:
        yield "Noticed", note


def healthy(search: Search) -> bool:
    """Whether neither the tester nor the embedded stack was the bottleneck."""
    return not search.problems and search.exit_status != ExitStatus.INVALID_RUN


def validity(search: Search) -> str:
    """Whether the figures may be trusted, in one line."""
    if not healthy(search):
        return "The search is not valid: do not quote its figures"
    if not search.complete:
        return "The search is not whole: it shows what it had found when it ended"
    return "The search is valid"


def status(search: Search) -> str:
    """The search's outcome as one phrase: what the exit status means."""
    if search.exit_status in set(ExitStatus):
        return {**words.STATUSES, ExitStatus.PASSED: "capacity found"}[
            ExitStatus(search.exit_status)
        ]
    return f"status {search.exit_status}"


def searched(search: Search) -> str:
    """What was searched with which crowd: the first line of everything."""
    variant = f", variant {search.variant}" if search.variant else ""
    against = (
        "the embedded stack with invented capacity: says nothing about the real event"
        if search.embedded
        else search.target
    )
    return f"{search.title}{variant}: the capacity of {against}"
