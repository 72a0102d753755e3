"""A Prometheus range as the windows a diagnosis reads: counts by step, without any identity."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from loadtests.collect.edge.sighting import Attempt, CacheSaid, Said
from loadtests.collect.edge.window import EdgeWindow, Traffic
from loadtests.collect.promql import Answer, Counted, Grid, Series, counted, rated, whole
from loadtests.collect.range_buckets import Buckets
from loadtests.collect.range_queries import Form, Label, Query, RangeQueries, Told
from loadtests.errors import MatchnightError
from loadtests.units import Ratio, Seconds
from loadtests.vocabulary import Step

Answers = Mapping[Told, Sequence[tuple[Query, Answer]]]
"""What was asked and what was answered. A query that failed is not in it."""


@dataclass(slots=True)
class Known:
    """Of how many requests the source said what."""

    requests: int = 0
    of: Counter[Label] = field(default_factory=Counter)
    stated: int = 0  # whose outcome the application stated
    status: int = 0  # that have an outcome at all
    steps: int = 0  # that are of a viewer's step

    def ratio(self, number: int) -> Ratio:
        """Share of the requests."""
        return number / self.requests if self.requests else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeRead:
    """What a range told: `windows`, one a second of which one a step of the grid holds anything."""

    windows: tuple[EdgeWindow, ...]
    known: Known
    told: frozenset[Told]  # that had any series
    seen: Ratio  # of the time, over all who count: neither bridged nor missing
    blind: tuple[tuple[Seconds, Seconds], ...]  # of which nothing is known: no zeros


class _Filler:
    """Puts amounts where they belong."""

    def __init__(self, grid: Grid, queries: RangeQueries) -> None:
        self.grid = grid
        self.queries = queries
        self.known = Known()
        self.buckets = Buckets()
        self._bins: dict[int, EdgeWindow] = {}

    def traffic(self, number: int, endpoint: str) -> Traffic:
        """That of an endpoint in a bin."""
        window = self._bins.setdefault(number, EdgeWindow(self._second(number)))
        return window.steps.setdefault(self.step(endpoint), Traffic())

    def step(self, endpoint: str) -> Step | None:
        return self.queries.step_of(endpoint)

    def windows(self) -> tuple[EdgeWindow, ...]:
        """One a second, empty ones included."""
        self.buckets.fill(self.traffic)
        found = {self._second(number): window for number, window in self._bins.items()}
        seconds = range(self._second(self.grid.bins))
        return tuple(found.get(second) or EdgeWindow(second) for second in seconds)

    def _second(self, number: int) -> int:
        return round(number * self.grid.step)

    def requests(
        self, query: Query, labels: Mapping[str, str], amounts: Mapping[int, float]
    ) -> None:
        """Of one endpoint, outcome, attempt and region."""
        endpoint = query.label(labels, Label.ENDPOINT)
        said, is_stated = self._said(query, labels)
        attempt = _ATTEMPTS.get(query.label(labels, Label.ATTEMPT), Attempt.UNKNOWN)
        region = query.label(labels, Label.REGION)
        total = 0
        for number, n in whole(amounts):
            traffic = self.traffic(number, endpoint)
            traffic.said[said, attempt] += n
            if region:
                traffic.regions[region, said.is_failure] += n
            total += n
        known = self.known
        known.requests += total
        known.stated += total * is_stated
        known.status += total * bool(query.label(labels, Label.OUTCOME))
        known.steps += total * (self.step(endpoint) is not None)
        known.of[Label.ATTEMPT] += total * (attempt is not Attempt.UNKNOWN)
        known.of[Label.REGION] += total * bool(region)

    def _said(self, query: Query, labels: Mapping[str, str]) -> tuple[Said, bool]:
        outcome = query.label(labels, Label.OUTCOME)
        if not outcome:
            return Said.OK, False  # the share of the requests that have a status says so
        found = self.queries.said(outcome)
        if found is None:
            raise MatchnightError(
                f"queries.requests: {query.query}: its outcome {outcome!r} is neither one of ours "
                "nor an HTTP status; say in `outcomes` what it stands for"
            )
        return found

    def refusals(
        self, query: Query, labels: Mapping[str, str], amounts: Mapping[int, float]
    ) -> None:
        """By code."""
        endpoint, code = query.label(labels, Label.ENDPOINT), query.label(labels, Label.CODE)
        for number, n in whole(amounts):
            self.traffic(number, endpoint).codes[code] += n

    def cache(self, query: Query, labels: Mapping[str, str], amounts: Mapping[int, float]) -> None:
        """Hits and misses; what is neither (a bypass, an expired entry) went to the origin."""
        outcome = query.label(labels, Label.OUTCOME).lower()
        said = CacheSaid.HIT if outcome == CacheSaid.HIT else CacheSaid.MISS
        for number, n in whole(amounts):
            self.traffic(number, query.label(labels, Label.ENDPOINT)).cache[said] += n

    def seconds(
        self, query: Query, labels: Mapping[str, str], amounts: Mapping[int, float]
    ) -> None:
        """Time that requests took."""
        for number, amount in amounts.items():
            if amount:
                self.traffic(number, query.label(labels, Label.ENDPOINT)).busy += amount

    def counts(self, name: str) -> Callable[[Query, Mapping[str, str], Mapping[int, float]], None]:
        """Of the field of that name."""

        def fill(query: Query, labels: Mapping[str, str], amounts: Mapping[int, float]) -> None:
            for number, n in whole(amounts):
                traffic = self.traffic(number, query.label(labels, Label.ENDPOINT))
                setattr(traffic, name, getattr(traffic, name) + n)

        return fill

    def durations(
        self, told: Told
    ) -> Callable[[Query, Mapping[str, str], Mapping[int, float]], None]:
        """Part of the durations of what went well."""

        def fill(query: Query, labels: Mapping[str, str], amounts: Mapping[int, float]) -> None:
            endpoint, bound = query.label(labels, Label.ENDPOINT), query.label(labels, Label.LE)
            self.buckets.add(told, endpoint, bound, amounts)

        return fill


_ATTEMPTS = {attempt.value: attempt for attempt in Attempt}


def read_range(answers: Answers, grid: Grid, queries: RangeQueries) -> RangeRead:
    """The windows `answers` tell of; MatchnightError if their labels have no meaning here."""
    filler = _Filler(grid, queries)
    fill = {
        Told.REQUESTS: filler.requests,
        Told.BUSY: filler.seconds,
        Told.REFUSALS: filler.refusals,
        Told.CACHE: filler.cache,
        Told.SETTLED: filler.counts("settled"),
        Told.CONTINUED: filler.counts("continued"),
        Told.STARVED: filler.counts("starved"),
        Told.BYTES: filler.counts("bytes"),
        **{told: filler.durations(told) for told in _DURATIONS},
    }
    sources: list[_Source] = []
    for told, asked in answers.items():
        for query, answer in asked:
            found = _counted(query, answer, grid)
            for series, one in found:
                fill[told](query, series.labels, one.amounts)
            if told is Told.REQUESTS:
                sources += _sources(query, found)
    return RangeRead(
        windows=filler.windows(),
        known=filler.known,
        told=frozenset(
            told for told, asked in answers.items() if any(answer.series for _, answer in asked)
        ),
        seen=_seen(sources),
        blind=_blind(sources, grid),
    )


_DURATIONS = (Told.DURATION_SUM, Told.DURATION_COUNT, Told.DURATION_BUCKETS)


def _counted(query: Query, answer: Answer, grid: Grid) -> list[tuple[Series, Counted]]:
    if query.form is Form.RATE:
        return [(series, rated(series, grid)) for series in answer.series]
    there: dict[frozenset[tuple[str, str]], set[int]] = {}
    for series in answer.series:
        there.setdefault(query.source(series.labels), set()).update(series.points)
    present = {source: frozenset(moments) for source, moments in there.items()}
    return [
        (series, counted(series, grid, was_there=present[query.source(series.labels)]))
        for series in answer.series
    ]


@dataclass(slots=True)
class _Source:
    """One instance that counts: the bins it was seen in, and those that are at least bridged."""

    seen: set[int] = field(default_factory=set)
    filled: set[int] = field(default_factory=set)


def _sources(query: Query, found: Iterable[tuple[Series, Counted]]) -> list[_Source]:
    made: dict[frozenset[tuple[str, str]], _Source] = {}
    for series, one in found:
        source = made.setdefault(query.source(series.labels), _Source())
        source.seen |= one.seen
        source.filled |= one.amounts.keys()
    return list(made.values())


def _seen(sources: Sequence[_Source]) -> Ratio:
    """Of the bins between an instance's first and last: some come later, some are taken away."""
    expected = sum(max(one.filled) - min(one.filled) + 1 for one in sources if one.filled)
    return sum(len(one.seen) for one in sources) / expected if expected else 0.0


def _blind(sources: Sequence[_Source], grid: Grid) -> tuple[tuple[Seconds, Seconds], ...]:
    filled = set().union(*(one.filled for one in sources))
    spans: list[tuple[Seconds, Seconds]] = []
    for number in range(grid.bins):
        if number in filled:
            continue
        start, stop = number * grid.step, (number + 1) * grid.step
        if spans and spans[-1][1] == start:
            start = spans.pop()[0]
        spans.append((start, stop))
    return tuple(spans)
