import json
from collections.abc import Iterable, Mapping
from dataclasses import replace

import pytest
from prometheus_client.core import Metric

from loadtests.chance import Chance
from loadtests.collect.edge.sighting import Attempt, CacheSaid, Said
from loadtests.collect.edge.window import EdgeWindow, Traffic, merged
from loadtests.collect.promql import Grid, read_answer
from loadtests.collect.range_queries import Form, Label, Query, RangeQueries, Told, parse_queries
from loadtests.collect.range_windows import RangeRead, read_range
from loadtests.errors import MatchnightError
from loadtests.export.edge_metrics import edge_metrics
from loadtests.scenario import library
from loadtests.scenario.read import load
from loadtests.vocabulary import Step

STEP = 15
SHIPPED = library.folder() / "queries" / "matchnight.yaml"
QUERIES = parse_queries(load(SHIPPED), file=str(SHIPPED))


def _windows(seconds: int) -> list[EdgeWindow]:
    """Traffic that grows, with everything a Prometheus is told of."""
    chance = Chance(7)
    return [EdgeWindow(second, _steps(chance, second)) for second in range(seconds)]


def _steps(chance: Chance, second: int) -> dict[Step | None, Traffic]:
    made: dict[Step | None, Traffic] = {}
    for step in (Step.HOME, Step.SIGN_IN, None):
        traffic = made[step] = Traffic(busy=chance.uniform())
        for said in (Said.OK, Said.OVERLOAD, Said.POLICY, Said.BAD_CREDENTIALS):
            for attempt in (Attempt.FIRST, Attempt.RETRY):
                traffic.said[said, attempt] += int(chance.between(0, 3))
        traffic.times.add(0.25, 1 + second % 3)
        traffic.codes["not_in_plan"] += 1
        traffic.cache[CacheSaid.HIT] += 2
        traffic.cache[CacheSaid.MISS] += 1
        traffic.settled += 3
        traffic.continued += 2
        traffic.starved += second % 2
    return made


def _scrapes(windows: list[EdgeWindow]) -> list[list[Metric]]:
    """At 0, STEP, 2 STEP ...: the counters so far."""
    return [
        list(edge_metrics(merged(windows[:until]), EdgeWindow(0)))
        for until in range(0, len(windows) + 1, STEP)
    ]


def _asked(
    scrapes: list[list[Metric]], query: str, *, missing: Iterable[int] = (), **labels: str
) -> list[dict[str, object]]:
    """The result of a range query for one metric; `missing` scrapes failed."""
    found: dict[tuple[tuple[str, str], ...], list[list[object]]] = {}
    for at, scrape in enumerate(scrapes):
        for sample in (each for family in scrape for each in family.samples):
            if sample.name == query and at not in set(missing):
                key = tuple(sorted({**sample.labels, **labels}.items()))
                found.setdefault(key, []).append([at * STEP, str(sample.value)])
    return [{"metric": dict(key), "values": values} for key, values in found.items()]


def _read(
    results: Mapping[Told, tuple[Query, object]],
    *,
    bins: int,
    queries: RangeQueries = QUERIES,
) -> RangeRead:
    grid = Grid(0.0, bins * STEP, STEP)
    answers = {
        told: [(query, read_answer(_body(result), grid))]
        for told, (query, result) in results.items()
    }
    return read_range(answers, grid, queries)


def _body(result: object) -> bytes:
    data = {"resultType": "matrix", "result": result}
    return json.dumps({"status": "success", "data": data}).encode()


def _all(scrapes: list[list[Metric]], **more: object) -> dict[Told, tuple[Query, object]]:
    return {
        told: (queries[0], _asked(scrapes, queries[0].query, **more))  # type: ignore[arg-type] # labels and missing alike
        for told, queries in QUERIES.queries.items()
    }


def test_what_is_exposed_is_read_back() -> None:
    windows = _windows(120)
    read = _read(_all(_scrapes(windows)), bins=8)
    # what the very first seconds counted is in the counters before anybody looked
    began = _read(_all(_scrapes(windows)[:2]), bins=1)
    assert sum(traffic.requests for traffic in merged(began.windows).steps.values()) == 0
    expected, found = merged(windows[STEP:]), merged(read.windows)
    assert found.steps.keys() == expected.steps.keys()
    for step, traffic in expected.steps.items():
        got = found.of(step)
        assert got.said == +traffic.said
        assert got.codes == traffic.codes
        assert got.cache == traffic.cache
        assert (got.settled, got.continued, got.starved) == (
            traffic.settled, traffic.continued, traffic.starved,
        )  # fmt: skip
        assert got.busy == pytest.approx(traffic.busy)
        assert got.times.count == traffic.times.count
        assert got.times.total == pytest.approx(traffic.times.total)


def test_one_window_a_second_of_which_one_a_step_holds_anything() -> None:
    read = _read(_all(_scrapes(_windows(60))), bins=4)
    assert [window.second for window in read.windows] == list(range(60))
    assert [window.second for window in read.windows if window.steps] == [15, 30, 45]


def test_shares_say_what_is_known() -> None:
    read = _read(_all(_scrapes(_windows(60))), bins=4)
    known = read.known
    assert known.ratio(known.stated) == known.ratio(known.of[Label.ATTEMPT]) == 1
    assert known.ratio(known.steps) == pytest.approx(2 / 3, abs=0.1)
    assert known.ratio(known.of[Label.REGION]) == 0
    assert read.seen == 1
    assert read.told == frozenset(QUERIES.queries)


def test_failed_scrapes_lose_no_request_and_are_told() -> None:
    scrapes = _scrapes(_windows(300))
    whole = _read(_all(scrapes), bins=20)
    holed = _read(_all(scrapes, missing=(7, 8, 13)), bins=20)
    assert holed.seen == pytest.approx(14 / 19)
    assert merged(holed.windows).of(Step.HOME).said == merged(whole.windows).of(Step.HOME).said


def test_a_long_gap_is_no_silence_but_unknown() -> None:
    read = _read(_all(_scrapes(_windows(300)), missing=range(5, 16)), bins=20)
    assert read.blind == ((0.0, 15.0), (60.0, 240.0))
    assert not any(window.steps for window in read.windows[60:240])


def test_instances_add_up_and_one_that_restarts_takes_nothing_from_the_other() -> None:
    scrapes = _scrapes(_windows(120))
    query = QUERIES.queries[Told.REQUESTS][0]
    one = _asked(scrapes, query.query, instance="a")
    other = _asked(scrapes, query.query, instance="b")
    for series in other:
        series["values"] = [[at, "1" if at == 60 else value] for at, value in series["values"]]  # type: ignore[attr-defined] # a list, above
    alone = _read({Told.REQUESTS: (query, one)}, bins=8)
    both = _read({Told.REQUESTS: (query, one + other)}, bins=8)
    for step in (Step.HOME, Step.SIGN_IN, None):
        for kind, n in merged(alone.windows).of(step).said.items():
            assert merged(both.windows).of(step).said[kind] >= n
    assert both.seen == 1


def test_statuses_and_paths_are_mapped_and_a_source_without_attempts_says_so() -> None:
    queries = replace(QUERIES, endpoints={"/api/login.*": Step.SIGN_IN})
    query = Query(query="http_requests", labels={Label.ENDPOINT: "path", Label.OUTCOME: "code"})
    result = [
        {"metric": {"path": "/api/login", "code": "401"}, "values": [[0, "0"], [15, "4"]]},
        {"metric": {"path": "/api/login", "code": "5xx"}, "values": [[0, "0"], [15, "6"]]},
        {"metric": {"path": "/"}, "values": [[0, "0"], [15, "10"]]},
    ]
    read = _read({Told.REQUESTS: (query, result)}, bins=1, queries=queries)
    assert merged(read.windows).of(Step.SIGN_IN).said == {
        (Said.DENIED, Attempt.UNKNOWN): 4,
        (Said.SERVER_ERROR, Attempt.UNKNOWN): 6,
    }
    known = read.known
    assert known.ratio(known.status) == known.ratio(known.steps) == 0.5
    assert known.stated == known.of[Label.ATTEMPT] == 0


def test_an_outcome_nobody_knows_is_refused() -> None:
    result = [{"metric": {"outcome": "meh"}, "values": [[0, "0"], [15, "4"]]}]
    with pytest.raises(MatchnightError, match="its outcome 'meh' is neither"):
        _read({Told.REQUESTS: (Query(query="up"), result)}, bins=1)


def test_buckets_tell_durations_as_well_as_their_bounds_can() -> None:
    query = Query(query="duration_bucket", endpoint="sign_in")
    counts = {"0.1": 10, "1": 90, "+Inf": 100}
    result = [
        {"metric": {"le": bound}, "values": [[0, "0"], [15, str(n)]]} for bound, n in counts.items()
    ]
    read = _read({Told.DURATION_BUCKETS: (query, result)}, bins=1)
    times = merged(read.windows).of(Step.SIGN_IN).times
    assert times.count == 100
    assert 0.1 < times.quantile(0.5) < 1
    assert times.quantile(0.99) == pytest.approx(1, rel=0.01)


def test_a_rate_is_taken_as_it_is() -> None:
    query = QUERIES.queries[Told.REQUESTS][0]
    rates = replace(query, form=Form.RATE)
    result = [{"metric": {"endpoint": "home", "outcome": "ok"}, "values": [[15, "2"], [30, "0.5"]]}]
    read = _read({Told.REQUESTS: (rates, result)}, bins=2)
    assert [w.of(Step.HOME).requests for w in read.windows if w.steps] == [30, 7]
