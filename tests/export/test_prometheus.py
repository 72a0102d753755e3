from collections import Counter

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from loadtests.collect import qoe, requests
from loadtests.collect.edge.sighting import Attempt, CacheSaid, Said
from loadtests.collect.edge.window import EdgeWindow, Traffic
from loadtests.collect.timeline import Timeline
from loadtests.collect.window import Window
from loadtests.export.archive import Run
from loadtests.export.metric_names import MOST_CODES, OTHER
from loadtests.export.prometheus import WindowsCollector, exposition
from loadtests.vocabulary import End, Fact, Outcome, Step

Samples = dict[str, dict[frozenset[tuple[str, str]], float]]

LABELS = {
    "endpoint": {*Step, OTHER},
    "outcome": {*Outcome, *End, *Said, *CacheSaid},
    "attempt": set(Attempt),
    "fact": set(Fact),
}


def _samples(text: str) -> Samples:
    found: Samples = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = frozenset(sample.labels.items())
            series = found.setdefault(sample.name, {})
            assert labels not in series, f"{sample.name} {sample.labels} twice"
            series[labels] = sample.value
    return found


def _by(samples: dict[frozenset[tuple[str, str]], float], label: str) -> Counter[str]:
    counted: Counter[str] = Counter()
    for labels, value in samples.items():
        counted[dict(labels)[label]] += int(value)
    return counted


def test_requests_add_up_to_those_of_the_timeline(overloaded: Run) -> None:
    total = overloaded.timeline.total
    found = _samples(exposition(overloaded.timeline))
    assert _by(found["matchnight_viewer_requests_total"], "outcome") == requests.outcomes(total)
    again = requests.retries(total)
    assert _by(found["matchnight_requests_sent_total"], "attempt") == {
        "first": requests.sent(total) - again, "retry": again,
    }  # fmt: skip


def test_viewers_add_up_to_those_of_the_timeline(killed: Run) -> None:
    total = killed.timeline.total
    found = _samples(exposition(killed.timeline))
    ends = _by(found["matchnight_viewers_decided_total"], "outcome")
    assert ends == {end: qoe.ended(total, end) for end in End}
    arrived = found["matchnight_arrivals_total"][frozenset()]
    assert arrived == sum(ends.values()) + found["matchnight_viewers_starting"][frozenset()]


def test_histograms_hold_every_measurement_and_only_grow(overloaded: Run) -> None:
    total = overloaded.timeline.total
    found = _samples(exposition(overloaded.timeline))
    for name, distribution in (
        ("matchnight_tester_lag_seconds", total.lag),
        ("matchnight_startup_time_seconds", qoe.startup_times(total)),
    ):
        buckets = found[f"{name}_bucket"]
        counts = [buckets[key] for key in sorted(buckets, key=lambda key: float(dict(key)["le"]))]
        assert counts == sorted(counts)
        assert counts[-1] == distribution.count
        assert found[f"{name}_sum"][frozenset()] == pytest.approx(distribution.total)


def test_what_the_edge_saw_is_told_by_endpoint() -> None:
    traffic = Traffic(busy=7.5, settled=9, continued=8, denied=4, returned=3, starved=2, probes=1)
    traffic.said[Said.OK, Attempt.FIRST] = 11
    traffic.said[Said.EXPIRED, Attempt.RETRY] = 2
    traffic.times.add(0.25, 11)
    traffic.cache[CacheSaid.MISS] = 5
    traffic.shared.update({1: 6, 40: 2})
    edge = EdgeWindow(0, {Step.SIGN_IN: traffic, None: Traffic(probes=3)})
    found = _samples(exposition(Timeline([Window(0, edge=edge)])))
    at_sign_in = frozenset({("endpoint", "sign_in")})
    assert found["matchnight_requests_total"] == {
        at_sign_in | {("outcome", "ok"), ("attempt", "first")}: 11,
        at_sign_in | {("outcome", "expired"), ("attempt", "retry")}: 2,
    }
    assert found["matchnight_cache_lookups_total"] == {at_sign_in | {("outcome", "miss")}: 5}
    for name, value in {
        "busy_seconds_total": 7.5,
        "request_duration_seconds_sum": 2.75,
        "request_duration_seconds_count": 11,
        "funnel_settled_total": 9,
        "funnel_continued_total": 8,
        "denials_settled_total": 4,
        "denials_returned_total": 3,
        "starved_requests_total": 2,
    }.items():
        assert found[f"matchnight_{name}"] == {at_sign_in: value}
    assert found["matchnight_probes_total"] == {frozenset(): 4}
    assert found["matchnight_token_sources_bucket"][frozenset({("le", "32")})] == 6
    assert found["matchnight_token_sources_count"][frozenset()] == 8


def test_distinct_urls_are_those_of_the_last_minute() -> None:
    windows = []
    for second in range(130):
        traffic = Traffic()
        traffic.targets.add(second)
        windows.append(Window(second, edge=EdgeWindow(second, {Step.SEGMENT: traffic})))
    found = _samples(exposition(Timeline(windows)))
    distinct = found["matchnight_distinct_targets"][frozenset({("endpoint", "segment")})]
    assert distinct == pytest.approx(60, rel=0.1)


@pytest.mark.parametrize("kind", ["terrible", "empty"])
def test_names_and_labels_are_a_closed_set(kind: str, request: pytest.FixtureRequest) -> None:
    text = exposition(request.getfixturevalue(kind).timeline)
    for name, series in _samples(text).items():
        assert name.startswith("matchnight_")
        assert not name.endswith("_created")
        for labels in series:
            for label, value in labels:
                assert label == "le" or value in LABELS[label]


def test_refusals_and_facts_are_told_and_codes_are_few() -> None:
    window = Window(0, facts=Counter({Fact.CALLED: 3}))
    entitlement = window.edge.steps[Step.ENTITLEMENT] = Traffic()
    entitlement.codes.update({f"viewer-{n}": 1 + n for n in range(100)})
    window.edge.steps[Step.RENEWAL] = Traffic(codes=Counter({"download_limit_reached": 700}))
    found = _samples(exposition(Timeline([window])))
    assert found["matchnight_facts_total"] == {frozenset({("fact", "called")}): 3}
    refused = found["matchnight_policy_refusals_total"]
    codes = _by(refused, "code")
    assert len(refused) == MOST_CODES + 1
    assert codes["download_limit_reached"] == 700
    assert codes[OTHER] == sum(range(1, 101 - (MOST_CODES - 1)))
    assert sum(codes.values()) == 700 + sum(range(1, 101))


def test_a_scrape_reads_the_windows_of_that_moment(healthy: Run) -> None:
    timeline = Timeline()
    registry = CollectorRegistry()
    registry.register(WindowsCollector(lambda: timeline))
    before = _samples(generate_latest(registry).decode())
    for window in healthy.timeline.windows:
        timeline.add(window)
    after = _samples(generate_latest(registry).decode())
    assert before["matchnight_arrivals_total"] == {frozenset(): 0}
    assert after["matchnight_arrivals_total"] == {frozenset(): qoe.arrived(timeline.total)}
