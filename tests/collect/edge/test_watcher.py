from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.collect.edge.counting import STARVED_AFTER
from loadtests.collect.edge.funnel import KNOWN_AFTER
from loadtests.collect.edge.sighting import Attempt, CacheSaid, Said, Sighting
from loadtests.collect.edge.watcher import LONGEST, Watcher
from loadtests.collect.edge.window import EdgeWindow, Traffic, merged
from loadtests.vocabulary import Step

START = 1_700_000_000.0


def sighting(at: float, step: Step | None = Step.HOME, said: Said = Said.OK) -> Sighting:
    return Sighting(at=START + at, step=step, said=said)


def seen(*sightings: Sighting) -> Traffic:
    watcher = Watcher(START)
    for each in sightings:
        watcher.see(each)
    (window,) = watcher.windows()
    (traffic,) = window.steps.values()
    return traffic


def test_a_request_counts_with_all_that_is_known_of_it() -> None:
    known = sighting(0.5)._replace(
        attempt=Attempt.RETRY, client=1, account=2, target=3, path=4, size=100, duration=0.25,
        cache=CacheSaid.MISS, region="north", probe=True, is_post=True,
    )  # fmt: skip
    traffic = seen(known, known)
    assert traffic.said == {(Said.OK, Attempt.RETRY): 2}
    assert (traffic.requests, traffic.posts, traffic.probes, traffic.bytes) == (2, 2, 2, 200)
    assert (traffic.busy, traffic.times.count, traffic.times.max) == (0.5, 2, 0.25)
    assert (traffic.cache, traffic.regions) == ({CacheSaid.MISS: 2}, {("north", False): 2})
    assert (traffic.clients.count, traffic.accounts.count) == (1, 1)
    assert (traffic.targets.count, traffic.paths.count) == (1, 1)
    assert (traffic.top_clients.counts, traffic.top_accounts.counts) == ({1: 2}, {2: 2})
    assert traffic.shared == {1: 2}


def test_what_a_source_does_not_say_is_not_made_up() -> None:
    assert seen(sighting(0.0)) == Traffic(said=seen(sighting(0.0)).said)
    assert seen(sighting(0.0)).said == {(Said.OK, Attempt.UNKNOWN): 1}


def test_a_failure_has_a_region_and_keeps_the_edge_busy_but_has_no_time_of_its_own() -> None:
    bad = sighting(0.0, said=Said.SERVER_ERROR)._replace(duration=2.0, region="south")
    traffic = seen(bad)
    assert (traffic.busy, traffic.times.count) == (2.0, 0)
    assert traffic.regions == {("south", True): 1}


@pytest.mark.parametrize(
    ("said", "duration", "size", "starved"),
    [
        (Said.CLIENT_ERROR, STARVED_AFTER + 1, 0, 1),
        (Said.CLIENT_ERROR, STARVED_AFTER + 1, 1, 0),
        (Said.CLIENT_ERROR, STARVED_AFTER, 0, 0),
        (Said.GIVEN_UP, STARVED_AFTER + 1, 0, 0),  # the service hangs
        (Said.BROKEN, STARVED_AFTER + 1, 0, 0),
        (Said.OK, STARVED_AFTER + 1, 0, 0),  # a long poll
    ],
)
def test_open_for_long_without_one_byte_of_an_answer_is_starved_if_the_client_did_it(
    said: Said, duration: float, size: int, starved: int
) -> None:
    request = sighting(0.0)._replace(said=said, duration=duration, size=size)
    assert seen(request).starved == starved


@given(st.lists(st.integers(0, 40), min_size=1, max_size=30), st.randoms(use_true_random=False))
def test_in_whatever_order_they_come_each_counts_in_the_second_it_belongs_to(
    seconds: list[int], chance: Random
) -> None:
    shuffled = chance.sample(seconds, len(seconds))
    watcher = Watcher(START)
    for second in shuffled:
        watcher.see(sighting(second + chance.random() * 0.99))
    windows = watcher.windows()
    assert [window.second for window in windows] == [*range(max(seconds) + 1)]
    counts = [window.of(Step.HOME).requests for window in windows]
    assert counts == [seconds.count(window.second) for window in windows]


def test_what_comes_after_its_second_was_told_is_told_next_time_in_another_window() -> None:
    watcher = Watcher(START)
    watcher.see(sighting(0.0))
    watcher.see(sighting(2.0))
    first = watcher.close(1)
    watcher.see(sighting(0.5))
    rest = watcher.windows()
    assert [window.second for window in first] == [0, 1]
    assert [window.second for window in rest] == [0, 2]
    zero = merged([first[0], rest[0]])
    assert (zero.second, zero.of(Step.HOME).requests) == (0, 2)


def test_what_cannot_be_of_this_night_is_counted_as_strange_and_nowhere_else() -> None:
    watcher = Watcher(START)
    for at in (-1.0, LONGEST + 1.0, float("nan")):
        watcher.see(sighting(at))
    assert (watcher.strange, watcher.windows()) == (3, [])


def joins(number: int, *, goes_on: bool) -> list[Sighting]:
    come = sighting(number % 10, Step.SIGN_IN)._replace(client=number, account=1000 + number)
    if not goes_on:
        return [come]
    after = sighting(number % 10 + 2, Step.CATALOG)._replace(client=number, account=1000 + number)
    return [come, after]


def test_of_those_let_in_it_is_told_how_many_went_on_when_it_is_known() -> None:
    watcher = Watcher(START)
    for number in range(40):
        for each in joins(number, goes_on=number % 4 > 0):
            watcher.see(each)
    for second in range(12, 12 + KNOWN_AFTER):  # time goes on
        watcher.see(sighting(second))
    night = merged(watcher.windows())
    assert (night.of(Step.SIGN_IN).settled, night.of(Step.SIGN_IN).continued) == (40, 30)


def test_one_sighting_from_the_future_decides_about_nobody() -> None:
    watcher = Watcher(START)
    watcher.see(joins(1, goes_on=True)[0])
    watcher.see(sighting(5_000.0))
    watcher.see(joins(1, goes_on=True)[1])
    for second in range(4, 60):
        watcher.see(sighting(second))
    night = merged(watcher.windows())
    assert (night.of(Step.SIGN_IN).settled, night.of(Step.SIGN_IN).continued) == (1, 1)


def test_a_token_in_many_hands_shows_with_every_request_that_was_served() -> None:
    watcher = Watcher(START)
    for source in range(5):
        for said in (Said.OK, Said.OVERLOAD):
            one = sighting(0.0, Step.PLAYLIST, said)._replace(account=7, client=source)
            watcher.see(one)
    (window,) = watcher.windows()
    assert window.of(Step.PLAYLIST).shared == {1: 1, 2: 1, 3: 1, 4: 1, 5: 1}


def test_a_second_nothing_was_seen_in_is_told_as_an_empty_one() -> None:
    assert Watcher(START).close(1) == [EdgeWindow(0), EdgeWindow(1)]
