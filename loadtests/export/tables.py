"""The run in figures: every table of the page, for whoever cannot or will not read a chart."""

from collections.abc import Sequence
from dataclasses import dataclass

from loadtests.export import words
from loadtests.export.ends import possible
from loadtests.export.strip import joined
from loadtests.export.summary import Quantiles, StepRequests, Summary
from loadtests.vocabulary import End, Outcome, Step


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table; the first cell is its heading."""

    cells: Sequence[str]
    bad: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table; not shown when it has no rows."""

    title: str
    columns: Sequence[str]
    rows: list[Row]


def tables(summary: Summary) -> dict[str, Table]:
    """All of them by name."""
    return {
        "viewers": viewers(summary),
        "steps": steps(summary),
        "outcomes": outcomes(summary),
        "objectives": objectives(summary),
        "quality": quality(summary),
        "minutes": minutes(summary),
        "cohorts": cohorts(summary),
        "policies": policies(summary),
        "facts": facts(summary),
    }


def viewers(summary: Summary) -> Table:
    """What became of the viewers."""
    arrived = summary.viewers.arrived
    rows = [
        Row(
            [label, words.count(number), words.percent(number / arrived if arrived else None)],
            bad=number > 0 and end in summary.black_screens.ends,
        )
        for end, label in possible(summary).items()
        for number in [getattr(summary.viewers, end)]
    ]
    rows.append(Row(["arrived", words.count(arrived), words.percent(1.0 if arrived else None)]))
    rows.append(Row(["planned", words.count(summary.viewers.planned), ""]))
    return Table("Viewers (black screens in color)", ["", "viewers", "share"], rows)


def _step(summary: Summary) -> list[tuple[Step, StepRequests]]:
    known = summary.requests.by_step
    return [(step, known[step]) for step in Step if step in known]


def steps(summary: Summary) -> Table:
    """Requests and response times by step."""
    rows = [
        Row(
            [
                step,
                words.count(requests.count),
                words.count(requests.retries),
                words.count(words.failed(requests.outcomes)),
                *map(words.duration, (requests.p50, requests.p95, requests.p99, requests.max)),
            ],
            bad=words.failed(requests.outcomes) > 0,
        )
        for step, requests in _step(summary)
    ]
    columns = ["step", "sent", "of them retries", "failed", "p50", "p95", "p99", "slowest"]
    return Table("Requests and response times by step", columns, rows)


def outcomes(summary: Summary) -> Table:
    """How requests ended, step by step; outcomes that never occurred are left out."""
    known = _step(summary)
    met = [o for o in Outcome if any(requests.outcomes.get(o) for _, requests in known)]
    rows = [
        Row([step, *(words.count(n) if (n := requests.outcomes.get(o)) else "" for o in met)])
        for step, requests in known
    ]
    columns = ["step", *(o.replace("_", " ") for o in met)]
    return Table("How requests ended, by step", columns, rows)


def objectives(summary: Summary) -> Table:
    """Objectives with bound and measurement."""
    rows = [
        Row(
            [
                result.name,
                words.span(result.between),
                words.bound(result, result.at_most),
                words.bound(result, result.measured),
                words.verdict(result),
            ],
            bad=not result.passed,
        )
        for result in summary.objectives
    ]
    return Table("Objectives", ["", "part of the evening", "at most", "measured", ""], rows)


def quality(summary: Summary) -> Table:
    """Quality of experience of those who watched."""
    rows = [
        _quantiles("startup time", summary.startup_time),
        _quantiles("live latency", summary.live_latency),
        _quantiles("playlist age", summary.playlist_age),
    ]
    return Table(
        "What those who started saw", ["", "measured", "p50", "p95", "p99", "greatest"], rows
    )


def _quantiles(name: str, quantiles: Quantiles) -> Row:
    times = (quantiles.p50, quantiles.p95, quantiles.p99, quantiles.max)
    return Row([name, words.count(quantiles.count), *map(words.duration, times)])


def minutes(summary: Summary) -> Table:
    """Black screens by when viewers joined."""
    rows = [
        Row(
            [of.said, words.count(of.arrived), words.count(of.black), words.percent(of.share)],
            bad=of.black > 0,
        )
        for of in joined(summary)
    ]
    columns = ["from kick-off", "arrived", "black screens", "share of those decided"]
    return Table("Black screens by when viewers joined", columns, rows)


def cohorts(summary: Summary) -> Table:
    """Viewers by kind: where, on what, for what."""
    rows = [
        Row(
            [
                " / ".join(filter(None, [of.region, of.device, of.purpose, of.traits])),
                words.count(of.ended),
                words.count(of.decided),
                words.count(of.black),
                words.percent(of.share),
                words.count(of.ends.get(End.REFUSED, 0) + of.ends.get(End.TURNED_AWAY, 0)),
            ],
            bad=of.black > 0,
        )
        for of in summary.cohorts
    ]
    columns = ["", "end known", "came to watch", "black screens", "share", "refused by policy"]
    return Table("Viewers by kind", columns, rows)


def policies(summary: Summary) -> Table:
    """Refusals by policy, and what they would be of the real event."""
    rows = [
        Row(
            [
                f"{of.step}: {of.code}",
                words.count(of.count),
                words.percent(of.share),
                words.about(of.scaled),
                f"{words.about(of.scaled_low)} to {words.about(of.scaled_high)}",
            ]
        )
        for of in summary.incident.refusals
    ]
    columns = ["", "refused", "of the step's requests", "of the real event", "range"]
    return Table("Refused by policy", columns, rows)


def facts(summary: Summary) -> Table:
    """What else was counted."""
    rows = [
        Row([name.replace("_", " "), words.count(n)]) for name, n in words.by_size(summary.facts)
    ]
    return Table("What else happened", ["", "times"], rows)
