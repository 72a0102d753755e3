from collections import Counter
from dataclasses import replace
from itertools import pairwise
from math import inf, isinf, sqrt

import pytest

from loadtests.audience import crowd
from loadtests.audience.arrivals import Arrival
from loadtests.audience.curve import evening
from loadtests.scenario.demand import Shape, Surge
from loadtests.scenario.habits import Patience
from loadtests.scenario.model import Audience, Device, Estimate, Event, Scenario, Span, Viewing
from loadtests.vocabulary import Player

ONE = Estimate(value=1.0, low=1.0, high=1.0)
TV = Device(share=0.7, player=Player.HLS_JS, signs_in=0.2)
PHONE = Device(share=0.3, player=Player.SHAKA, signs_in=0.6)
MATCH = Scenario(
    name="match",
    title="a match of 500,000",
    event=Event(name="Match", kick_off="2022-09-06 21:00"),
    audience=Audience(published=500_000, people_per_account=ONE, share_on_app=ONE),
    scale=1 / 100,
    speed=3.0,
    window=Span(start=-240.0, stop=600.0),
    arrivals=(
        Surge(shape=Shape.RISE, start=-1800, stop=-180, share=0.4),
        Surge(shape=Shape.RUSH, start=-180, stop=0, share=0.4),
        Surge(shape=Shape.WAVE, start=300, stop=600, share=0.2),
    ),
    devices={"tv": TV, "phone": PHONE},
    seed=7,
    viewing=Viewing(until=480.0, early=0.25, early_stay=90.0),
)


def everybody(scenario: Scenario = MATCH) -> list[Arrival]:
    return list(crowd.share(scenario))


def assert_share(found: int, among: int, expected: float) -> None:
    """Within four standard deviations of a binomial."""
    assert abs(found / among - expected) < 4 * sqrt(expected * (1 - expected) / among)


def test_the_crowd_is_the_windows_area_scaled() -> None:
    area = evening(MATCH).area(-240, 600)
    assert crowd.size(MATCH) == round(area / 100)
    assert len(everybody()) == crowd.size(MATCH)


@pytest.mark.parametrize("workers", [1, 2, 3, 7])
def test_the_demand_is_the_same_on_any_number_of_workers(workers: int) -> None:
    small = replace(MATCH, scale=1 / 1000)
    assert crowd.digest(small, workers) == crowd.digest(small)


@pytest.mark.parametrize("change", [{"seed": 8}, {"speed": 4.0}, {"scale": 1 / 900}])
def test_another_demand_has_another_digest(change: dict[str, float]) -> None:
    small = replace(MATCH, scale=1 / 1000)
    assert crowd.digest(replace(small, **change)) != crowd.digest(small)  # type: ignore[arg-type]


def test_the_shares_of_all_workers_add_up_to_the_whole_crowd() -> None:
    shares = [list(crowd.share(MATCH, worker, 3)) for worker in range(3)]
    assert sorted((a for share in shares for a in share), key=lambda a: a.index) == sorted(
        everybody(), key=lambda a: a.index
    )
    assert [{a.index % 3 for a in share} for share in shares] == [{0}, {1}, {2}]


@pytest.mark.parametrize("workers", [1, 3])
def test_a_share_comes_in_order_of_arrival_within_the_run(workers: int) -> None:
    moments = [arrival.at for arrival in crowd.share(MATCH, 0, workers)]
    assert all(before <= after for before, after in pairwise(moments))
    assert 0 <= moments[0] <= moments[-1] <= MATCH.duration


def test_each_arrival_knows_where_the_event_is() -> None:
    assert all(a.offset == pytest.approx(MATCH.offset(a.at)) for a in everybody())


def test_arrivals_follow_the_curve() -> None:
    curve, arrivals = evening(MATCH), everybody()
    total = curve.area(-240, 600)
    for start in range(-240, 600, 120):
        came = sum(start <= a.offset < start + 120 for a in arrivals)
        expected = curve.area(start, start + 120) / total
        assert_share(came, len(arrivals), expected) if expected else None
        assert came == 0 or expected > 0


def test_a_viewer_is_the_same_viewer_in_a_smaller_crowd() -> None:
    fewer = {a.index: a for a in everybody(replace(MATCH, scale=1 / 200))}
    more = {a.index: a for a in everybody()}
    assert fewer == {index: more[index] for index in fewer}


def test_arrivals_are_as_irregular_as_independent_people() -> None:
    steady = replace(MATCH, arrivals=(Surge(shape=Shape.STEADY, start=-240, stop=600, share=1.0),))
    counts = Counter(int(a.at) for a in everybody(steady))
    each = [counts[second] for second in range(int(steady.duration))]
    mean = sum(each) / len(each)
    dispersion = sum((count - mean) ** 2 for count in each) / (len(each) - 1) / mean
    assert dispersion == pytest.approx(1.0, abs=0.35)  # a Poisson process has 1, clockwork 0


def test_planned_arrivals_add_up_to_the_crowd_and_follow_the_curve() -> None:
    planned = crowd.planned(MATCH)
    assert len(planned) == 280
    assert sum(planned) == pytest.approx(crowd.size(MATCH), abs=0.5)
    assert planned[10] == pytest.approx(evening(MATCH).area(-210, -207) / 100)


def test_a_last_second_cut_short_is_planned_for_what_is_left_of_it() -> None:
    odd = replace(MATCH, window=Span(start=-240.0, stop=-40.0))
    planned = crowd.planned(odd)
    assert len(planned) == 67
    assert planned[-1] == pytest.approx(evening(odd).area(-42, -40) / 100)


def test_devices_and_sign_ins_come_in_their_shares() -> None:
    arrivals = everybody()
    phones = [a for a in arrivals if a.device_name == "phone"]
    assert {a.device_name: a.device for a in arrivals} == dict(MATCH.devices)
    assert_share(len(phones), len(arrivals), 0.3)
    assert_share(sum(a.signs_in for a in phones), len(phones), 0.6)


def test_patience_runs_out_for_its_share_per_second_and_never_for_the_rest() -> None:
    patience = Patience(none_before=2.0, leaving_per_second=0.05, at_most=0.6)
    device = replace(TV, share=1.0, patience=patience)
    waits = [a.patience for a in everybody(replace(MATCH, devices={"tv": device}))]
    finite = [wait for wait in waits if not isinf(wait)]
    assert min(finite) >= 2.0
    assert max(finite) <= 2.0 + 0.6 / 0.05
    assert_share(len(finite), len(waits), 0.6)
    assert_share(sum(wait < 7.0 for wait in waits), len(waits), 0.25)


def test_nobody_loses_patience_where_none_leave_per_second() -> None:
    device = replace(TV, share=1.0, patience=Patience(leaving_per_second=0.0))
    assert {a.patience for a in everybody(replace(MATCH, devices={"tv": device}))} == {inf}


def test_those_who_stay_leave_together_at_the_scenarios_moment() -> None:
    arrivals = everybody(replace(MATCH, viewing=Viewing(until=480.0)))
    assert all(
        MATCH.offset(a.at + a.stay) == pytest.approx(480.0) for a in arrivals if a.offset < 480
    )
    assert all(a.stay == 0 for a in arrivals if a.offset > 480)


def test_whoever_would_leave_after_the_run_never_leaves() -> None:
    assert {a.stay for a in everybody(replace(MATCH, viewing=Viewing(until=601.0)))} == {inf}


def test_early_leavers_stay_exponentially_long_on_the_events_clock() -> None:
    viewing = Viewing(until=6600.0, early=0.5, early_stay=60.0)
    arrivals = everybody(replace(MATCH, viewing=viewing))
    first = [a for a in arrivals if a.offset < 0]
    assert_share(sum(a.stay < inf for a in first), len(first), 0.5)
    assert_share(sum(a.stay * MATCH.speed < 60.0 for a in first), len(first), 0.5 * 0.632)


def test_viewers_have_chances_of_their_own() -> None:
    assert len({a.seed for a in everybody()}) == crowd.size(MATCH)


def test_a_window_without_arrivals_has_no_crowd() -> None:
    quiet = replace(MATCH, window=Span(start=10.0, stop=200.0))
    assert crowd.size(quiet) == 0
    assert everybody(quiet) == []


def test_scenarios_without_errands_regions_or_traits_keep_the_demand_they_always_had() -> None:
    small = replace(MATCH, scale=1 / 1000)
    assert crowd.digest(small) == "f55995aa0ef6cece12023c77f5b64ab7819049187f53603c231078412989701a"


def test_a_stranger_is_like_the_crowd_and_comes_when_told() -> None:
    draw = crowd.strangers(MATCH)
    strangers = [draw(1_000_000 + n, 40.0, n) for n in range(500)]
    assert {(s.at, s.offset) for s in strangers} == {(40.0, MATCH.offset(40.0))}
    assert [s.index for s in strangers] == list(range(1_000_000, 1_000_500))
    televisions = Counter(s.device_name for s in strangers)["tv"]
    assert televisions / 500 == pytest.approx(0.7, abs=0.07)
    assert draw(1_000_007, 40.0, 7) == strangers[7]
