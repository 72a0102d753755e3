from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest

from loadtests.audience.hostile import Action, actions, size
from loadtests.audience.sources import HOSTILE
from loadtests.scenario.hostile import Attack, Pattern
from loadtests.scenario.model import Audience, Device, Estimate, Event, Scenario, Sizing, Span
from loadtests.vocabulary import Player, Step

ONE = Estimate(value=1.0, low=1.0, high=1.0)
STUFFING = Attack(pattern=Pattern.CREDENTIAL_STUFFING, start=60.0, lasts=300.0, rate=4.0, sources=7)
FLOOD = Attack(pattern=Pattern.FLOOD, start=0.0, lasts=100.0, rate=2.0, step=Step.HOME, sources=3)
MATCH = Scenario(
    name="match",
    title="a match",
    event=Event(name="Match", kick_off="2022-09-06 21:00"),
    audience=Audience(published=1000, people_per_account=ONE, share_on_app=ONE),
    scale=1.0,
    speed=1.0,
    window=Span(start=0.0, stop=600.0),
    arrivals=(),
    devices={"tv": Device(share=1.0, player=Player.HLS_JS, signs_in=0.2)},
    hostile=(STUFFING, FLOOD),
)


def played(worker: int = 0, workers: int = 1, scenario: Scenario = MATCH) -> list[Action]:
    return list(actions(scenario, worker, workers))


def of(all_: Sequence[Action], campaign: int) -> list[Action]:
    return [action for action in all_ if action.campaign == campaign]


def test_each_attack_begins_as_many_actions_as_its_rate_says_while_it_lasts() -> None:
    stuffing, flood = of(played(), 0), of(played(), 1)
    assert (len(stuffing), len(flood)) == (1200, 200)
    assert all(60.0 <= action.at < 360.0 for action in stuffing)
    assert all(0.0 <= action.at < 100.0 for action in flood)
    by_minute = Counter(int(action.at // 60) for action in stuffing)
    assert by_minute == pytest.approx(dict.fromkeys(range(1, 6), 240), abs=60)


def test_actions_come_in_order_of_time() -> None:
    moments = [action.at for action in played()]
    assert moments == sorted(moments)


@pytest.mark.parametrize("workers", [2, 3, 8])
def test_the_shares_of_all_workers_are_the_whole_attack(workers: int) -> None:
    dealt = [action for worker in range(workers) for action in played(worker, workers)]
    assert sorted(dealt, key=lambda action: action.at) == played()


def test_attacks_share_no_address_and_each_uses_all_of_its_own() -> None:
    used = [{action.source for action in of(played(), campaign)} for campaign in (0, 1)]
    assert used == [set(range(HOSTILE, HOSTILE + 7)), set(range(HOSTILE + 7, HOSTILE + 10))]


def test_the_window_cuts_what_lies_outside() -> None:
    cut = replace(MATCH, window=Span(start=180.0, stop=600.0))
    assert [size(cut, attack) for attack in MATCH.hostile] == [720, 0]
    assert {action.campaign for action in played(scenario=cut)} == {0}


@pytest.mark.parametrize(
    ("scale", "speed", "stuffed", "busted"), [(1.0, 5.0, 1200, 240), (0.5, 1.0, 600, 600)]
)
def test_rates_follow_the_stations_they_are_aimed_at(
    scale: float, speed: float, stuffed: int, busted: int
) -> None:
    busting = replace(STUFFING, pattern=Pattern.CACHE_BUSTING)
    sized = replace(
        MATCH,
        scale=scale,
        speed=speed,
        stack_sized_for=Sizing(scale=1.0, speed=1.0),
        hostile=(STUFFING, busting),
    )
    assert [size(sized, attack) for attack in sized.hostile] == [stuffed, busted]


def test_another_seed_is_another_attack_of_the_same_size() -> None:
    other = played(scenario=replace(MATCH, seed=2))
    assert len(other) == len(played())
    assert {action.seed for action in other}.isdisjoint(action.seed for action in played())
