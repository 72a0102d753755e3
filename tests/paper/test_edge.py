from collections import Counter
from dataclasses import replace
from types import MappingProxyType

import pytest
from edge_nights import night_on_paper, played, rehearsed, sightings_on_paper

from loadtests.audience.crowd import size
from loadtests.collect.edge.sighting import Attempt, CacheSaid, Said, Sighting
from loadtests.collect.edge.window import EdgeWindow
from loadtests.collect.requests import ended
from loadtests.paper.edge import TargetEdge
from loadtests.scenario.hostile import Attack, Pattern
from loadtests.scenario.model import Scenario, Span
from loadtests.stack.model import Stack, Station
from loadtests.vocabulary import Step, Trait


@pytest.fixture
def short(match: Scenario) -> Scenario:
    return replace(match, scale=match.scale / 4, window=Span(start=-60.0, stop=120.0))


def with_stations(scenario: Scenario, **stations: Station) -> Scenario:
    steps = {Step(name): station for name, station in stations.items()}
    return replace(scenario, stack=Stack(stations=MappingProxyType(steps)))


def of(sightings: list[Sighting], step: Step) -> list[Sighting]:
    return [sighting for sighting in sightings if sighting.step is step]


def test_every_request_that_ended_is_logged_once(short: Scenario) -> None:
    sightings: list[Sighting] = []
    timeline = played(short, TargetEdge(sightings.append))
    assert len(sightings) == sum(ended(window) for window in timeline.windows) > 500


def test_the_log_and_our_own_samples_say_the_same_of_every_step(short: Scenario) -> None:
    """But for what no answer says: only the log knows of the cache."""
    attack = Attack(pattern=Pattern.SCANNER, start=-60.0, lasts=180.0, rate=8.0)
    attacked = replace(short, hostile=(attack,))
    log, samples = (_whole(night_on_paper(attacked, view)) for view in ("edge", "samples"))
    assert log.steps.keys() == samples.steps.keys() >= {None, Step.ENTITLEMENT}
    for step, traffic in log.steps.items():
        told = samples.steps[step]
        assert told.said == traffic.said
        assert (told.bytes, told.posts, told.probes) == (
            traffic.bytes,
            traffic.posts,
            traffic.probes,
        )
        assert told.busy == pytest.approx(traffic.busy)
        assert told.clients.count == pytest.approx(traffic.clients.count, rel=0.1)


def test_everybody_calls_from_an_address_of_their_own(short: Scenario) -> None:
    home = of(sightings_on_paper(short), Step.HOME)
    assert len({sighting.client for sighting in home}) == size(short)


def test_viewers_behind_the_gateway_share_one_address(short: Scenario) -> None:
    tv = replace(short.devices["television"], traits={Trait.GATEWAY: 0.5})
    home = of(sightings_on_paper(replace(short, devices={"television": tv})), Step.HOME)
    by_client = Counter(sighting.client for sighting in home)
    (_, most), (_, next_) = by_client.most_common(2)
    assert most / len(home) == pytest.approx(0.5, abs=0.1)
    assert next_ < 10


def test_a_client_that_goes_away_is_logged_when_it_does_with_nothing_sent(short: Scenario) -> None:
    stuck = with_stations(short, entitlement=Station(servers=1, service_time=500.0, queue=9999))
    left = [s for s in sightings_on_paper(stuck) if s.said in {Said.GIVEN_UP, Said.GONE}]
    assert len(left) > 20
    for sighting in left:
        assert sighting.duration is not None
        assert (sighting.said is Said.GIVEN_UP) == (sighting.duration >= 3.0)
        assert sighting.size == 0
        assert sighting.step is Step.ENTITLEMENT


def test_what_is_asked_again_is_told_apart_from_what_is_asked_first(short: Scenario) -> None:
    down = with_stations(short, license=Station(servers=1, service_time=50.0, queue=0))
    attempts = Counter(s.attempt for s in of(sightings_on_paper(down), Step.LICENSE))
    assert attempts[Attempt.RETRY] > attempts[Attempt.FIRST] > 0


def test_the_edge_says_whether_its_cache_answered(short: Scenario) -> None:
    calm = sightings_on_paper(with_stations(short))
    cached = Counter(sighting.cache for sighting in of(calm, Step.SEGMENT))
    assert cached[CacheSaid.HIT] > 5 * cached[CacheSaid.MISS] > 0
    assert {sighting.cache for sighting in of(calm, Step.HOME)} == {None}


def test_whose_token_it_was_is_the_account_and_a_sign_in_names_one(short: Scenario) -> None:
    calm = sightings_on_paper(with_stations(short))
    accounts = {s.client: s.account for s in of(calm, Step.ENTITLEMENT)}
    assert len(set(accounts.values())) == len(accounts)
    for step in (Step.SIGN_IN, Step.SESSION, Step.SEGMENT):
        assert all(accounts.get(s.client, s.account) == s.account for s in of(calm, step))


def test_the_network_s_delay_is_not_in_what_the_edge_measures(short: Scenario) -> None:
    at_home = Station(servers=50, service_time=0.25, queue=50)
    calm = with_stations(short, home=at_home)
    home = of(sightings_on_paper(calm), Step.HOME)
    assert {round(s.duration or 0.0, 6) for s in home} == {0.25}


def test_hostile_traffic_is_in_nobody_s_figures_but_the_edge_s(short: Scenario) -> None:
    """On a stack that answers at once nobody is in another's way."""
    calm = with_stations(short)
    attack = Attack(
        pattern=Pattern.CREDENTIAL_STUFFING, start=-60.0, lasts=180.0, rate=40.0, sources=9
    )
    without, among = rehearsed(calm), rehearsed(replace(calm, hostile=(attack,)))
    for plain, attacked in zip(without.windows, among.windows, strict=True):
        told = attacked.to_json()
        assert {**told, "edge": 0, "hostile": 0} == {**plain.to_json(), "edge": 0, "hostile": 0}
    assert not without.total.hostile
    assert {(p, s) for p, s, _ in among.total.hostile} == {
        (Pattern.CREDENTIAL_STUFFING, Step.SIGN_IN)
    }
    assert among.total.hostile.total() == 360
    more = _signed_in(among.total.edge) - _signed_in(without.total.edge)
    assert more == 360


def _signed_in(window: EdgeWindow) -> int:
    return window.steps[Step.SIGN_IN].said.total()


def _whole(windows: tuple[EdgeWindow, ...]) -> EdgeWindow:
    whole = EdgeWindow(0)
    for window in windows:
        whole.merge(window)
    return whole
