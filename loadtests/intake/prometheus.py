"""A night read from a Prometheus server, or what speaks its API: Mimir, Thanos, VictoriaMetrics.

A query that is wrong ends it with a message; one the server could not answer this time lowers what
is known, unless it is that for the requests.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from loadtests.collect.edge.window import EdgeWindow
from loadtests.collect.promql import Answer, Grid, PromqlError
from loadtests.collect.range_queries import (
    Label,
    Query,
    RangeQueries,
    Told,
    parse_queries,
)
from loadtests.collect.range_windows import RangeRead, read_range
from loadtests.diagnosis.verdict.kinds import Observable
from loadtests.errors import ExitStatus, MatchnightError
from loadtests.intake.prometheus_server import PATIENCE, NoAnswerError, Server
from loadtests.scenario import library
from loadtests.scenario.read import load
from loadtests.units import Ratio, Seconds, write_duration, write_moment

DEFAULT = "matchnight"
"""The map of queries that reads our own metrics."""
LEAST_SEEN: Ratio = 0.5
"""Of the time: below it the range is refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeNight:
    """What a range told of a night: what `diagnosis.verdict.night.Night` is made of."""

    windows: tuple[EdgeWindow, ...]
    start: Seconds  # of the first window, since the epoch
    resolution: Seconds
    observed: Mapping[Observable, Ratio]
    blind: tuple[tuple[Seconds, Seconds], ...]  # since `start`: nothing is known, no zeros
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A map of queries and the file it was read from."""

    queries: RangeQueries
    file: str


def find_queries(name_or_path: str) -> Path:
    """The file of a shipped map of queries, or of a path; MatchnightError if there is neither."""
    shelf = library.folder() / "queries"
    return library.find_in(shelf, name_or_path, kind="map of queries", flag="--queries: ")


def load_queries(name_or_path: str = DEFAULT) -> Asked:
    """The map of queries of that name or path; InvalidFile names every problem of it."""
    path = find_queries(name_or_path)
    return Asked(parse_queries(load(path), file=str(path)), str(path))


def read_prometheus(
    url: str, *, start: Seconds, stop: Seconds, asked: Asked, patience: Seconds = PATIENCE
) -> RangeNight:
    """The night between two moments (since the epoch), as the server at `url` tells it.

    MatchnightError: nobody answers there (UNREACHABLE), a query is wrong, or too little is known.
    """
    if stop - start < 2 * asked.queries.step:
        least = write_duration(2 * asked.queries.step)
        raise MatchnightError(f"--from and --to: less than {least} apart; write a longer range")
    grid = Grid(start, stop, asked.queries.step)
    server = Server(url, asked.queries, patience)
    answers: dict[Told, list[tuple[Query, Answer]]] = {}
    notes: list[str] = []
    for told, queries in asked.queries.queries.items():
        for query in queries:
            where = f"{asked.file}: queries.{told}"
            answer = _answer(server, query, grid, where, must=told is Told.REQUESTS, notes=notes)
            if answer is not None:
                answers.setdefault(told, []).append((query, answer))
    read = _read(answers, grid, asked)
    return RangeNight(
        windows=read.windows,
        start=start,
        resolution=grid.step,
        observed=_observed(read),
        blind=read.blind,
        notes=(*notes, *_notes(read, grid)),
    )


def _answer(
    server: Server, query: Query, grid: Grid, where: str, *, must: bool, notes: list[str]
) -> Answer | None:
    try:
        answer = server.range(query.query, grid)
    except PromqlError as error:
        raise MatchnightError(
            f"{where}: {query.query}: {server.name} says {error}; mend the query"
        ) from None
    except NoAnswerError as error:
        what = f"{where}: {query.query}: {error}"
        if must:
            raise MatchnightError(what, ExitStatus.UNREACHABLE) from None
        notes.append(f"{what}: it is left out.")
        return None
    if answer.warnings:
        notes.append(f"{where}: {server.name} warns: {'; '.join(answer.warnings)}")
    if not answer.series:
        notes.append(f"{where}: {query.query} gives nothing in this range.")
    return answer


def _read(
    answers: Mapping[Told, list[tuple[Query, Answer]]], grid: Grid, asked: Asked
) -> RangeRead:
    if not any(answer.series for _, answer in answers.get(Told.REQUESTS, ())):
        raise MatchnightError(
            f"{asked.file}: queries.requests: nothing between {write_moment(grid.start)} and "
            f"{write_moment(grid.stop)}; is it scraped, and was it then?"
        )
    read = read_range(answers, grid, asked.queries)
    if read.seen < LEAST_SEEN:
        raise MatchnightError(
            f"{asked.file}: queries.requests: only {read.seen:.0%} of the range has data every "
            f"{write_duration(grid.step)}; write a shorter range, or a longer `step`"
        )
    return read


def _observed(read: RangeRead) -> Mapping[Observable, Ratio]:
    known, told = read.known, read.told
    made = {
        Observable.TIME: read.seen,
        Observable.STEP: known.ratio(known.steps),
        Observable.STATUS: known.ratio(known.status),
        Observable.STATED: known.ratio(known.stated),
        Observable.ATTEMPT: known.ratio(known.of[Label.ATTEMPT]),
        Observable.REGION: known.ratio(known.of[Label.REGION]),
        Observable.DURATION: float(not told.isdisjoint(_DURATIONS)),
        Observable.CACHE: float(Told.CACHE in told),
        Observable.BYTES: float(Told.BYTES in told),
    }
    return {observable: share for observable, share in made.items() if share}


_DURATIONS = frozenset({Told.BUSY, Told.DURATION_SUM, Told.DURATION_COUNT, Told.DURATION_BUCKETS})


def _notes(read: RangeRead, grid: Grid) -> list[str]:
    notes = []
    if read.seen < 1:
        notes.append(
            f"{1 - read.seen:.1%} of the scrapes are missing: short gaps are bridged, and what "
            "happened within them is not known."
        )
    for start, stop in read.blind:
        notes.append(
            f"Nothing is known from {write_moment(grid.start + start)} "
            f"to {write_moment(grid.start + stop)}."
        )
    return notes
