from collections import Counter

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from loadtests.collect import qoe, requests
from loadtests.collect.policies import CODES, OTHER
from loadtests.collect.timeline import Timeline
from loadtests.collect.window import Window
from loadtests.export.archive import Run
from loadtests.export.prometheus import WindowsCollector, exposition
from loadtests.vocabulary import End, Fact, Outcome, Step

Samples = dict[str, dict[frozenset[tuple[str, str]], float]]

LABELS = {
    "endpoint": set(Step),
    "outcome": {*Outcome, *End},
    "attempt": {"first", "retry"},
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
    sent = _by(found["matchnight_requests_sent_total"], "endpoint")
    assert sent == {step: n for step in Step if (n := requests.sent(total, step))}
    assert _by(found["matchnight_requests_total"], "outcome") == requests.outcomes(total)
    assert _by(found["matchnight_requests_sent_total"], "attempt")["retry"] == requests.retries(
        total
    )


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
    times = found["matchnight_response_time_seconds_bucket"]
    whole = {key: value for key, value in times.items() if dict(key)["le"] == "+Inf"}
    assert sum(whole.values()) == requests.ended(total)
    assert sum(found["matchnight_response_time_seconds_sum"].values()) == pytest.approx(
        sum(tally.times.total for tally in total.ended.values())
    )
    lag = found["matchnight_tester_lag_seconds_bucket"]
    counts = [lag[key] for key in sorted(lag, key=lambda key: float(dict(key)["le"]))]
    assert counts == sorted(counts)
    assert counts[-1] == total.lag.count


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
    window.policies.update({(Step.ENTITLEMENT, f"viewer-{n}"): 1 + n for n in range(100)})
    window.policies[Step.RENEWAL, "download_limit_reached"] = 7
    found = _samples(exposition(Timeline([window])))
    assert found["matchnight_facts_total"] == {frozenset({("fact", "called")}): 3}
    refused = found["matchnight_policy_refusals_total"]
    codes = _by(refused, "code")
    assert len(refused) == CODES + 2
    assert codes["download_limit_reached"] == 7
    assert codes[OTHER] == sum(range(1, 101 - CODES))
    assert sum(codes.values()) == 7 + sum(range(1, 101))


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
