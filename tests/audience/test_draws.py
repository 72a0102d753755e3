from collections import Counter
from dataclasses import replace
from math import sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loadtests.audience import crowd
from loadtests.audience.curve import Curve, evening
from loadtests.audience.draws import Deal
from loadtests.audience.errands import Errand, errands
from loadtests.chance import Chance
from loadtests.scenario.demand import Recording, Shape, Surge
from loadtests.scenario.model import Audience, Device, Estimate, Event, Scenario, Span
from loadtests.vocabulary import Player, Purpose, Trait

ONE = Estimate(value=1.0, low=1.0, high=1.0)
BOX = Device(share=0.0, player=Player.SET_TOP_BOX, signs_in=0.0)
TV = Device(share=0.6, player=Player.HLS_JS, signs_in=0.2)
PHONE = Device(share=0.4, player=Player.SHAKA, signs_in=0.6)
WATCHING = Surge(shape=Shape.STEADY, start=-600.0, stop=600.0, share=0.5)
CALLING = Surge(shape=Shape.RISE, start=0.0, stop=600.0, share=0.3, purpose=Purpose.SUPPORT)
BOOTING = Surge(
    shape=Shape.WAVE,
    start=-300.0,
    stop=300.0,
    share=0.2,
    purpose=Purpose.BOOT,
    devices=("box", "old_box"),
)
NIGHT = Scenario(
    name="night",
    title="three errands",
    event=Event(name="Night", kick_off="2022-09-06 21:00"),
    audience=Audience(published=8_000, people_per_account=ONE, share_on_app=ONE),
    scale=1.0,
    speed=10.0,
    window=Span(start=-600.0, stop=600.0),
    arrivals=(WATCHING, CALLING, BOOTING),
    devices={"tv": TV, "phone": PHONE, "box": BOX, "old_box": BOX},
    seed=11,
)

surges = st.builds(
    lambda shape, start, length, purpose, devices: Surge(
        shape=shape,
        start=float(start),
        stop=float(start + length),
        share=0.25,
        purpose=purpose,
        devices=devices,
    ),
    st.sampled_from([Shape.STEADY, Shape.RISE, Shape.FALL, Shape.RUSH, Shape.WAVE]),
    st.integers(-600, 0),
    st.integers(60, 600),
    st.sampled_from([Purpose.WATCH, Purpose.ACCOUNT, Purpose.DOWNLOAD]),
    st.sampled_from([(), ("tv",), ("box", "phone")]),
)


def assert_share(found: int, among: int, expected: float) -> None:
    """Within five standard deviations of a binomial, and four more where it is not bell-shaped."""
    assert abs(found - among * expected) <= 5 * sqrt(among * expected * (1 - expected)) + 4


def area(scenario: Scenario, errand: Errand) -> float:
    return Curve(errands(scenario)[errand]).area(scenario.window.start, scenario.window.stop)


@settings(deadline=None, max_examples=40)
@given(st.lists(surges, min_size=4, max_size=4), st.integers(0, 1000))
def test_every_errand_has_its_surges_share_of_the_demand(parts: list[Surge], seed: int) -> None:
    window = Span(start=-200.0, stop=300.0)
    scenario = replace(NIGHT, arrivals=tuple(parts), seed=seed, window=window, scale=0.1)
    came = Counter(arrival.purpose for arrival in crowd.share(scenario))
    total = evening(scenario).area(window.start, window.stop)
    for purpose in {surge.purpose for surge in parts}:
        of_it = sum(area(scenario, errand) for errand in errands(scenario) if errand[0] is purpose)
        assert_share(came[purpose], came.total(), min(1.0, of_it / total) if total else 0.0)


def test_an_errand_comes_when_its_surge_comes() -> None:
    for arrival in crowd.share(NIGHT):
        if arrival.purpose is Purpose.SUPPORT:
            assert 0 <= arrival.offset <= 600
        if arrival.purpose is Purpose.BOOT:
            assert -300 <= arrival.offset <= 300


def test_within_a_surge_the_moments_follow_its_own_shape() -> None:
    moments = [a.offset for a in crowd.share(NIGHT) if a.purpose is Purpose.SUPPORT]
    assert_share(sum(offset < 300 for offset in moments), len(moments), 0.25)


def test_a_surge_comes_on_the_devices_it_names_evenly_if_they_have_no_share() -> None:
    booted = Counter(a.device_name for a in crowd.share(NIGHT) if a.purpose is Purpose.BOOT)
    assert set(booted) == {"box", "old_box"}
    assert_share(booted["box"], booted.total(), 0.5)


def test_named_devices_with_shares_keep_them_among_each_other() -> None:
    three = {"tv": replace(TV, share=0.5), "web": replace(TV, share=0.3), "phone": PHONE}
    three["phone"] = replace(PHONE, share=0.2)
    some = replace(WATCHING, share=1.0, devices=("web", "phone"))
    came = Counter(
        a.device_name for a in crowd.share(replace(NIGHT, devices=three, arrivals=(some,)))
    )
    assert set(came) == {"web", "phone"}
    assert_share(came["phone"], came.total(), 0.4)


def test_nobody_comes_by_chance_on_a_device_without_a_share() -> None:
    watching = {a.device_name for a in crowd.share(NIGHT) if a.purpose is Purpose.WATCH}
    assert watching == {"tv", "phone"}


def test_surges_that_are_alike_take_no_draw_more_than_one_alone() -> None:
    whole = replace(NIGHT, arrivals=(replace(WATCHING, share=1.0),))
    halves = replace(NIGHT, arrivals=(WATCHING, WATCHING))
    assert list(crowd.share(halves)) == list(crowd.share(whole))
    assert len(errands(halves)) == 1


def test_regions_come_in_their_shares_and_change_nothing_else() -> None:
    regions = {"brussels": 0.2, "nowhere": 0.0, "wallonia": 0.8}
    placed = list(crowd.share(replace(NIGHT, regions=regions)))
    came = Counter(arrival.region for arrival in placed)
    assert set(came) == {"brussels", "wallonia"}
    assert_share(came["brussels"], came.total(), 0.2)
    assert [replace(arrival, region="") for arrival in placed] == list(crowd.share(NIGHT))


def test_traits_come_in_their_shares_independently_and_change_nothing_else() -> None:
    traits = {Trait.OUTSIDE: 0.3, Trait.ROOTED: 0.5, Trait.GATEWAY: 0.0}
    special = replace(TV, traits=traits)
    marked = list(crowd.share(replace(NIGHT, devices=dict(NIGHT.devices) | {"tv": special})))
    on_tv = [arrival for arrival in marked if arrival.device_name == "tv"]
    assert {a.traits for a in marked if a.device_name != "tv"} == {frozenset()}
    assert_share(sum(Trait.OUTSIDE in a.traits for a in on_tv), len(on_tv), 0.3)
    assert_share(sum(a.traits == {Trait.OUTSIDE, Trait.ROOTED} for a in on_tv), len(on_tv), 0.15)
    assert not any(Trait.GATEWAY in a.traits for a in on_tv)
    plain = [replace(a, device=NIGHT.devices[a.device_name], traits=frozenset()) for a in marked]
    assert plain == list(crowd.share(NIGHT))


@pytest.mark.parametrize(
    "change",
    [
        {"arrivals": (WATCHING, replace(CALLING, purpose=Purpose.ACCOUNT), BOOTING)},
        {"regions": {"brussels": 1.0}},
        {"devices": dict(NIGHT.devices) | {"tv": replace(TV, traits={Trait.ROOTED: 0.5})}},
        {"devices": dict(NIGHT.devices) | {"tv": replace(TV, resumed_tls=0.5)}},
    ],
)
def test_what_a_scenario_uses_is_part_of_its_digest(change: dict[str, object]) -> None:
    small = replace(NIGHT, scale=0.05)
    assert crowd.digest(replace(small, **change)) != crowd.digest(small)  # type: ignore[arg-type]


def test_a_digest_with_errands_is_the_same_on_any_number_of_workers() -> None:
    small = replace(NIGHT, scale=0.05, regions={"brussels": 0.5, "wallonia": 0.5})
    assert crowd.digest(small, 3) == crowd.digest(small)


def test_a_recorded_series_brings_people_who_watch_at_the_rate_of_each_period() -> None:
    text = "minute,came\n-5,10\n0,40\n5,0\n7.5,25\n"
    recording = Recording(recorded="x.csv", column="came", text=text)
    scenario = replace(NIGHT, arrivals=recording, devices={"tv": replace(TV, share=1.0)})
    assert set(errands(scenario)) == {Errand(Purpose.WATCH, ())}
    curve = evening(scenario)
    assert curve.total == pytest.approx(8_000)
    assert curve.area(-300, 0) == pytest.approx(8_000 * 10 / 75)
    assert curve.area(300, 450) == 0
    assert curve.rate(500) == pytest.approx(8_000 * 25 / 75 / 150)


@given(
    st.dictionaries(st.text(), st.floats(0, 1e3), min_size=1).filter(lambda w: any(w.values())),
    st.integers(0, 2**32),
)
def test_what_weighs_nothing_is_never_dealt(weights: dict[str, float], seed: int) -> None:
    assert weights[Deal(weights).draw(Chance(seed))] > 0
