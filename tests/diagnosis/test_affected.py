from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.collect.timeline import Timeline
from loadtests.collect.window import Window
from loadtests.diagnosis.affected import Affected, affected, scaled
from loadtests.diagnosis.black_screens import Scaled, black_screens
from loadtests.diagnosis.failing import FailingSpan
from loadtests.diagnosis.interval import wilson
from loadtests.scenario.demand import Shape, Surge
from loadtests.scenario.model import Audience, Device, Estimate, Event, Scenario, Span
from loadtests.vocabulary import End, Player, Step

ONE = Estimate(value=1.0, low=1.0, high=1.0)
# two hours, 100 viewers of the real event a minute, one in ten is played
EVENING = Scenario(
    name="outage",
    title="an outage",
    event=Event(name="An evening", kick_off="2026-05-30 21:00"),
    audience=Audience(published=12_000, people_per_account=ONE, share_on_app=ONE),
    scale=1 / 10,
    speed=60.0,
    window=Span(start=0.0, stop=7200.0),
    arrivals=(Surge(shape=Shape.STEADY, start=0.0, stop=7200.0, share=1.0),),
    devices={"tv": Device(share=1.0, player=Player.SHAKA, signs_in=1.0)},
)
UNSURE = Estimate(value=1.0, low=0.5, high=1.5)


def joined(black: range, *, of: int = 120, minute: int = 10) -> Window:
    """Ten decided a minute, all of them black in the minutes of `black`."""
    ends: Counter[tuple[int, End]] = Counter()
    for at in range(of):
        ends[at, End.NEVER_STARTED if at in black else End.IN_TIME] = minute
    return Window(0, arrived=Counter(dict.fromkeys(range(of), minute)), ends=ends)


def found(
    total: Window,
    *spans: FailingSpan,
    scenario: Scenario = EVENING,
    reach: float = 0.0,
    until: float = 7200.0,
) -> Affected:
    return affected(scenario, Timeline([total]), spans, until=until, reach=reach)


def black(total: Window, *, scenario: Scenario = EVENING, reach: float = 0.0) -> Scaled:
    made = found(total, scenario=scenario, reach=reach).black_screens
    assert made is not None
    return made


def test_at_the_evenings_own_pace_it_is_the_scaled_share() -> None:
    total = joined(range(20, 80))
    scaled_share = black_screens(EVENING, total, until=7200.0, faithful_up_to_speed=99.0).scaled
    assert black(total) == scaled_share
    assert black(total).value == 6000


def test_within_reach_of_a_change_whoever_joined_may_be_on_its_wrong_side() -> None:
    said = black(joined(range(21, 81)), reach=360.0)
    # two edges, each six minutes to either side, in stretches of three minutes
    assert said.value == 6000
    assert said.low == round(12_000 * wilson((60 - 12) * 10, 1200)[0])
    assert said.high == round(12_000 * wilson((60 + 12) * 10, 1200)[1])


def test_where_nothing_changes_reach_adds_nothing() -> None:
    nobody, everybody = black(joined(range(0)), reach=1e6), black(joined(range(120)), reach=1e6)
    assert nobody == black(joined(range(0)))
    assert everybody == black(joined(range(120)))


def test_a_reach_beyond_the_evening_leaves_everything_open() -> None:
    said = black(joined(range(21, 81)), reach=1e6)
    assert (said.low, said.value, said.high) == (0, 6000, 12_000)


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=60),
    st.floats(0, 4000),
    st.floats(0, 4000),
)
def test_the_range_holds_the_value_and_widens_with_reach(
    minutes: list[tuple[int, int]], one: float, other: float
) -> None:
    ends: Counter[tuple[int, End]] = Counter()
    for at, (bad, good) in enumerate(minutes):
        ends[at, End.LEFT_WAITING] += bad
        ends[at, End.IN_TIME] += good
    total = Window(0, ends=+ends)
    if not total.ends:
        assert found(total).black_screens is None
        return
    less, more = (black(total, reach=reach) for reach in sorted((one, other)))
    assert more.low <= less.low <= less.value <= less.high <= more.high


def test_the_audiences_own_estimates_widen_the_range_but_not_the_value() -> None:
    unsure = replace(EVENING, audience=replace(EVENING.audience, share_on_app=UNSURE))
    sure, wide = black(joined(range(60))), black(joined(range(60)), scenario=unsure)
    assert wide.value == sure.value
    assert wide.low == pytest.approx(sure.low / 2, abs=1)
    assert wide.high == pytest.approx(sure.high * 1.5, abs=1)


def test_errands_are_no_part_of_those_who_met_a_black_screen() -> None:
    total = joined(range(60))
    errands = Counter({(at, End.UNSERVED): 10 for at in range(120)})
    total.merge(Window(0, arrived=Counter(dict.fromkeys(range(120), 10)), ends=errands))
    # half of the crowd came on an errand, so half as many came to watch
    assert black(total).value == 3000
    assert found(total).unserved == scaled(EVENING, 1200, 1200)
    assert found(joined(range(60))).unserved is None


def test_a_count_of_refusals_is_scaled_as_it_is() -> None:
    low, high = wilson(30, 120)
    assert scaled(EVENING, 30, 120) == Scaled(
        value=300, low=round(1200 * low), high=round(1200 * high)
    )


def second(at: int, *, started: int = 0, froze: int = 0) -> Window:
    return Window(at, ends=Counter({(0, End.IN_TIME): started}), stalled_viewers=froze)


PLAYED = Timeline([second(0, started=100), second(5, froze=3), second(10, froze=20), second(11)])


def interrupted(*spans: FailingSpan) -> Scaled | None:
    return affected(EVENING, PLAYED, spans, until=7200.0, reach=0.0).interrupted


def failing(step: Step, start: float, stop: float) -> FailingSpan:
    return FailingSpan(step=step, start=start, stop=stop, failed=10, counted=20)


def test_who_lost_the_picture_froze_while_playlists_or_segments_failed() -> None:
    said = interrupted(failing(Step.SEGMENT, 9.0, 12.0))
    assert said is not None
    assert said.value == 200
    assert said.low == round(1000 * wilson(20, 100)[0])


def test_at_most_everybody_who_was_watching_lost_it() -> None:
    said = interrupted(failing(Step.PLAYLIST, 9.0, 12.0))
    assert said is not None
    assert said.high == 1000


def test_a_stall_while_signing_in_fails_is_no_picture_lost() -> None:
    assert interrupted(failing(Step.SIGN_IN, 9.0, 12.0)) is None
    assert interrupted() is None
