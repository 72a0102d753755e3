from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from loadtests.collect.window import Window
from loadtests.diagnosis.black_screens import BlackScreens, black_screens
from loadtests.diagnosis.interval import wilson
from loadtests.scenario.demand import Shape, Surge
from loadtests.scenario.model import Audience, Device, Estimate, Event, Scenario, Span
from loadtests.vocabulary import End, Player

ONE = Estimate(value=1.0, low=1.0, high=1.0)
# 345,000 viewers over two hours, evenly: 2,875 a minute
EVENING = Scenario(
    name="cup-final",
    title="a cup final",
    event=Event(name="Cup final", kick_off="2026-05-30 21:00"),
    audience=Audience(
        published=2_300_000,
        people_per_account=ONE,
        share_on_app=Estimate(value=0.15, low=0.08, high=0.30),
        affected=(100_000, 200_000),
    ),
    scale=1 / 200,
    speed=10.0,
    window=Span(start=-600.0, stop=600.0),
    arrivals=(Surge(shape=Shape.STEADY, start=-3600.0, stop=3600.0, share=1.0),),
    devices={"tv": Device(share=1.0, player=Player.SHAKA, signs_in=1.0)},
)
CROWD = Window(
    0,
    arrived=Counter({-1: 100, 0: 110}),
    ends=Counter(
        {
            (-1, End.IN_TIME): 80,
            (-1, End.REFUSED): 20,
            (0, End.IN_TIME): 50,
            (0, End.STARTED_LATE): 10,
            (0, End.LEFT_WAITING): 15,
            (0, End.NEVER_STARTED): 25,
        }
    ),
)


def found(
    scenario: Scenario = EVENING, total: Window = CROWD, *, until: float = 600.0, speed: float = 20
) -> BlackScreens:
    return black_screens(scenario, total, until=until, faithful_up_to_speed=speed)


def test_the_share_is_of_those_decided_with_its_interval() -> None:
    said = found()
    assert said.share == 50 / 200
    assert (said.low, said.high) == wilson(50, 200)


ERRANDS = Counter({(-1, End.SERVED): 70, (0, End.TURNED_AWAY): 20, (0, End.UNSERVED): 110})


def test_those_on_an_errand_are_neither_black_nor_decided() -> None:
    crowd = Window(0, arrived=CROWD.arrived + Counter({-1: 70, 0: 130}), ends=CROWD.ends + ERRANDS)
    said, without = found(total=crowd), found()
    assert (said.share, said.low, said.high) == (without.share, without.low, without.high)
    assert said.by_minute == without.by_minute
    # half of the real crowd came on an errand too
    assert said.scaled is not None
    assert said.scaled.value == round(0.25 * 10 * 2875)


def test_the_end_of_an_errand_is_no_black_screen_whatever_the_scenario_says() -> None:
    crowd = Window(0, ends=CROWD.ends + ERRANDS)
    ends = (End.NEVER_STARTED, End.UNSERVED)
    assert found(replace(EVENING, black_screens=ends), crowd).share == 25 / 200


def test_the_scenario_says_which_ends_are_black_screens() -> None:
    assert found(replace(EVENING, black_screens=(End.NEVER_STARTED,))).share == 25 / 200


def test_it_is_told_by_join_minute() -> None:
    minutes = [(m.minute, m.arrived, m.black, m.decided, m.share) for m in found().by_minute]
    assert minutes == [(-1, 100, 0, 100, 0.0), (0, 110, 50, 100, 0.5)]


def test_a_minute_whose_viewers_are_all_undecided_has_no_share() -> None:
    (minute,) = found(total=Window(0, arrived=Counter({7: 3}))).by_minute
    assert (minute.arrived, minute.share) == (3, None)


def test_the_share_is_scaled_to_the_real_viewers_who_joined_in_the_part_played() -> None:
    scaled = found().scaled
    assert scaled is not None
    assert scaled.value == round(0.25 * 20 * 2875)


def test_of_a_run_cut_short_only_the_part_played_is_scaled() -> None:
    scaled = found(until=0.0).scaled
    assert scaled is not None
    assert scaled.value == round(0.25 * 10 * 2875)


def test_the_range_joins_the_interval_with_what_is_assumed_of_the_audience() -> None:
    shared = Estimate(value=1.5, low=1.2, high=2.0)
    audience = replace(EVENING.audience, people_per_account=shared)
    scaled = found(replace(EVENING, audience=audience)).scaled
    joined = 2_300_000 * 0.15 / 1.5 / 6
    low, high = wilson(50, 200)
    assert scaled is not None
    assert scaled.value == round(joined * 0.25)
    assert scaled.low == round(joined * low * (0.08 / 0.15) * (1.5 / 2.0))
    assert scaled.high == round(joined * high * (0.30 / 0.15) * (1.5 / 1.2))


@given(st.integers(0, 500), st.integers(1, 500))
def test_the_range_holds_the_value(black: int, well: int) -> None:
    ends = Counter({(0, End.NEVER_STARTED): black, (0, End.IN_TIME): well})
    scaled = found(total=Window(0, ends=ends)).scaled
    assert scaled is not None
    assert scaled.low <= scaled.value <= scaled.high


def test_nobody_decided_is_no_share_rather_than_none_at_all() -> None:
    said = found(total=Window(0))
    assert (said.share, said.low, said.high, said.scaled) == (None, None, None, None)
    assert said.by_minute == ()


def test_a_run_played_too_fast_is_not_scaled_and_says_up_to_which_speed_it_may_be() -> None:
    assert found(speed=10.0).scaled is not None
    said = found(speed=4.27)
    assert said.scaled is None
    assert said.share == 0.25
    assert said.assumptions[-1] == (
        "Not scaled: the run was played at speed 10, and the timers of people and devices do not "
        "compress; this scenario may be scaled up to speed 4.2."
    )


def test_what_is_assumed_is_said_in_sentences() -> None:
    crowd, played, share, check = found().assumptions
    assert crowd == (
        "345,000 viewers over the evening: 2,300,000 people, as published, of whom 15 % (8-30 %) "
        "are assumed to be on the app, with 1 to an account."
    )
    assert played == (
        "57,500 of them join in the part of the evening that was played: "
        "-10 min to +10 min from kick-off."
    )
    assert share.startswith("The share is taken to be the same whatever the size of the crowd")
    assert check == (
        "Check: the 100,000-200,000 said to have been affected would be 29-58 % of that crowd."
    )


def test_there_is_no_check_against_a_number_nobody_gave() -> None:
    silent = replace(EVENING, audience=replace(EVENING.audience, affected=None))
    assert not any("Check" in said for said in found(silent).assumptions)


def test_nothing_played_is_nobody_scaled() -> None:
    scaled = found(until=-600.0).scaled
    assert scaled is not None
    assert scaled.value == 0
