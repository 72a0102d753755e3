"""A capacity search in figures: every table of its page."""

from loadtests.diagnosis.level import Found, Level
from loadtests.diagnosis.signature import Signature
from loadtests.export import capacity_words as said
from loadtests.export import words
from loadtests.export.capacity_record import Search
from loadtests.export.tables import Row, Table
from loadtests.vocabulary import Step

LEVELS = (
    "trial",
    "asked for, viewers/s",
    "came",
    "carried",
    "first step to break",
    "in flight there",
    "its response time",
    "failed there",
    "Little's law",
    "found",
)
STEPS = (
    "step",
    "carries, requests/s",
    "",
    "response time at low load",
    "cost beside the first",
    "requests a join",
    "bytes",
    "waits up to",
    "beyond its knee",
)


def capacity_tables(search: Search) -> dict[str, Table]:
    """All of them by name."""
    return {"levels": levels(search), "steps": steps(search), "mix": mix(search)}


def levels(search: Search) -> Table:
    """What each trial has shown."""
    rows = [
        Row(_level(search, level), bad=level.found is not Found.HELD) for level in search.levels
    ]
    return Table("What each load has shown", LEVELS, rows)


def _level(search: Search, level: Level) -> list[str]:
    knee = search.capacity.knees.get(level.trial.joins)
    step = level.first or (knee.first if knee else None)
    load = level.steps.get(step) if step else None
    return [
        said.name(level),
        *map(said.rate, (level.trial.rate, level.joins, level.carried)),
        step or words.NONE,
        words.brief(load.in_flight) if load else words.NONE,
        words.duration(load.response_time if load else None),
        words.percent(load.failed if load else None),
        words.NONE if level.little is None else f"{level.little:.2f}",
        said.FOUND[level.found],
    ]


def steps(search: Search) -> Table:
    """What each step carries and costs."""
    signature = search.signature
    known = signature.knee if signature else {}
    rows = [] if signature is None else [_step(search, signature, step) for step in known]
    return Table("What each step carries, and what it costs", STEPS, rows)


def _step(search: Search, signature: Signature, step: Step) -> Row:
    figure, demand = signature.knee[step], signature.demand.get(step)
    cells = [step, said.interval(figure), _rank(search, step)]
    if demand is None:
        return Row([*cells, *([words.NONE] * 6)])
    refuses = "refuses" if demand.refuses else "keeps them waiting"
    return Row(
        [
            *cells,
            words.duration(demand.response_time),
            words.brief(demand.cost),
            words.brief(demand.per_join),
            words.count(demand.bytes),
            words.duration(demand.waits_up_to),
            words.NONE if demand.waits_up_to is None else refuses,
        ],
        bad=not figure.at_least,
    )


def _rank(search: Search, step: Step) -> str:
    knees = search.capacity.knees.values()
    if any(knee.first is step for knee in knees):
        return "breaks first"
    return "would be next" if any(knee.next is step for knee in knees) else ""


def mix(search: Search) -> Table:
    """Ratios of the crowd it was found with."""
    known = search.signature.mix if search.signature else {}
    rows = [Row([_spoken(key), words.percent(ratio)]) for key, ratio in known.items()]
    return Table("The crowd it was found with, at low load", ["", "share"], rows)


def _spoken(key: str) -> str:
    if key.startswith("device."):
        return f"on {key.removeprefix('device.').replace('_', ' ')}"
    return _MIX.get(key, key)


_MIX = {
    "sign_in": "sign-ins, of viewers who join",
    "refresh": "tokens refreshed, of viewers who join",
    "denied": "denied, of sign-ins and refreshes",
    "retries": "retries, of requests",
}
