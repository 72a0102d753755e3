from dataclasses import replace

import pytest
from overloads import Pair, on_paper, pair, signed

from loadtests.chance import Chance
from loadtests.errors import MatchnightError
from loadtests.paper.plan.changes import Case, changed, fills, older
from loadtests.paper.plan.losses import expected
from loadtests.paper.plan.night import Night, night
from loadtests.paper.plan.what_if import parse_what_if
from loadtests.scenario.habits import HumanRetry
from loadtests.scenario.model import Scenario
from loadtests.stack.edge import Edge
from loadtests.stack.event_clock import EventClock
from loadtests.stack.model import EdgeCache, Stack, Station, Stream, WaitingRoom
from loadtests.vocabulary import Step


def what_if(text: str, scenario: Scenario) -> Scenario:
    return changed(Case(scenario=scenario), parse_what_if(text)).scenario


@pytest.fixture
def signing_in(match: Scenario) -> Scenario:
    """The rush to kick-off, more than sign-in carries."""
    desk = Station(servers=6, service_time=1.0, queue=6)
    stream = Stream(target_duration=60.0)  # those who watch are of no interest here
    stack = Stack(stations={Step.SIGN_IN: desk}, stream=stream)
    return replace(match, stack=stack, scale=1 / 100)


@pytest.fixture
def entitling(match: Scenario) -> Scenario:
    """The same, but everybody is to be entitled."""
    desk = Station(servers=8, service_time=1.0, queue=8)
    stack = Stack(stations={Step.ENTITLEMENT: desk}, stream=Stream(target_duration=60.0))
    return replace(match, stack=stack, scale=1 / 100)


def agreeing(before: Scenario, after: Scenario) -> tuple[Pair, Pair]:
    """Both, reckoned and simulated; they must agree."""
    pairs = pair(before), pair(after)
    assert all(each.agrees for each in pairs), pairs
    return pairs


def test_whoever_signed_in_before_only_refreshes(signing_in: Scenario) -> None:
    warm = what_if("pre_warming=50%", signing_in)
    assert warm.devices["television"].signs_in == pytest.approx(0.2)
    before, after = agreeing(signing_in, warm)
    assert after.simulated < 0.7 * before.simulated
    sent = [night(s).total(night(s).requests[Step.SIGN_IN]) for s in (signing_in, warm)]
    assert sent[1] == pytest.approx(0.5 * sent[0])


def test_tokens_that_live_longer_expire_for_fewer(signing_in: Scenario) -> None:
    longer = what_if("token_life=x2", signing_in)
    assert longer.devices["television"].signs_in == pytest.approx(0.4**2)
    # an hour is what the stack's tokens live
    assert what_if("token_life=2h", signing_in) == longer
    before, after = agreeing(signing_in, longer)
    assert after.simulated < before.simulated


def test_nobody_knows_how_much_longer_without_a_life_of_now(signing_in: Scenario) -> None:
    with pytest.raises(MatchnightError, match=r"token_life: .* such as x3"):
        what_if("token_life=2h", replace(signing_in, stack=None))


def test_a_step_skipped_in_a_panic_breaks_nothing(entitling: Scenario) -> None:
    panic = what_if("panic=entitlement", entitling)
    before, after = agreeing(entitling, panic)
    assert before.simulated > 0.1
    assert after == Pair(reckoned=0.0, simulated=0.0)
    assert Step.ENTITLEMENT not in night(panic).requests


def test_heartbeats_may_be_skipped(entitling: Scenario) -> None:
    assert Step.HEARTBEAT in night(entitling).requests
    assert Step.HEARTBEAT not in night(what_if("panic=heartbeat", entitling)).requests


@pytest.mark.parametrize(
    ("step", "why"),
    [
        ("sign_in", "`sign_in` brings the token that every step after it needs"),
        ("session", "`session` brings the address of the stream"),
        ("catalog", "nobody is asked for `catalog` on the way"),
    ],
)
def test_what_viewers_cannot_do_without_is_not_skipped(
    entitling: Scenario, step: str, why: str
) -> None:
    with pytest.raises(MatchnightError, match=f"panic: {why}; write one of"):
        what_if(f"panic={step}", entitling)


def test_a_crowd_that_starts_spread_out_meets_less_of_a_peak(entitling: Scenario) -> None:
    before, after = agreeing(entitling, what_if("start_jitter=2m", entitling))
    assert after.simulated < before.simulated


def test_back_off_doubles_each_wait_and_draws_it_evenly(entitling: Scenario) -> None:
    calm = what_if("back_off=jitter", entitling)
    human = calm.devices["television"].human_retry
    # 5 s and 10 s, on average 7.5
    assert human == HumanRetry(times=2, after=7.5, spread=1.0)
    before, after = agreeing(entitling, calm)
    attempts = [on_paper(s).attempts[Step.ENTITLEMENT] for s in (entitling, calm)]
    assert attempts[1] < attempts[0]
    assert after.simulated == pytest.approx(before.simulated, abs=0.1)


def test_a_waiting_room_keeps_people_from_a_desk_that_would_refuse_them(
    entitling: Scenario,
) -> None:
    case = changed(Case(scenario=entitling), parse_what_if("waiting_room=400/s"))
    assert case.room == WaitingRoom(admit=400.0)
    assert case.scenario == entitling
    assert entitling.stack is not None
    room = WaitingRoom(admit=400.0 * entitling.scale * entitling.speed)
    behind = replace(entitling, stack=replace(entitling.stack, waiting_room=room))
    # its stack is sized for 1/200
    behind = replace(behind, stack_sized_for=None)
    assert pair(behind).agrees


def test_the_files_own_room_keeps_its_manners(entitling: Scenario) -> None:
    assert entitling.stack is not None
    room = WaitingRoom(admit=1.0, retry_after=20.0)
    own = replace(entitling, stack=replace(entitling.stack, waiting_room=room))
    case = changed(Case(scenario=own), parse_what_if("waiting_room=400/s"))
    assert case.room == WaitingRoom(admit=400.0, retry_after=20.0)


def test_more_capacity_is_what_a_larger_station_is(signing_in: Scenario) -> None:
    signature = signed(signing_in)
    case = Case(scenario=signing_in, signature=signature)
    grown = changed(case, parse_what_if("capacity.sign_in=x1.5")).signature
    assert grown is not None
    assert signing_in.stack is not None
    station = signing_in.stack.stations[Step.SIGN_IN].sized(1.5)
    larger = replace(signing_in, stack=replace(signing_in.stack, stations={Step.SIGN_IN: station}))
    assert grown.knee == signed(larger).knee
    played: Night = night(signing_in, speed=signing_in.speed, window=signing_in.window)
    reckoned = expected(played, grown, signing_in).share
    assert reckoned is not None
    assert reckoned.value == pytest.approx(pair(larger).simulated, abs=0.02)


def test_capacity_of_what_nobody_measured_is_no_case(signing_in: Scenario) -> None:
    case = Case(scenario=signing_in, signature=signed(signing_in))
    with pytest.raises(MatchnightError, match="capacity: the signature says nothing of `home`"):
        changed(case, parse_what_if("capacity.home=x2"))
    with pytest.raises(MatchnightError, match=r"capacity: .* add --signature"):
        changed(Case(scenario=signing_in), parse_what_if("capacity.home=x2"))


def test_scaling_may_take_another_time_than_was_seen(signing_in: Scenario) -> None:
    case = changed(Case(scenario=signing_in), parse_what_if("scaling_takes=3m"))
    assert case.scaling_takes == 180.0


def test_a_longer_lifetime_asks_the_origin_less_often() -> None:
    # closed form against the embedded edge: one playlist, asked for at random moments
    for asked, lifetime in ((0.5, 1.0), (5.0, 1.0), (5.0, 4.0), (50.0, 4.0)):
        stack = Stack(stations={}, cache=EdgeCache(playlist_ttl=lifetime))
        edge = Edge(stack, EventClock(None))
        slot = edge.slot("/live/v0/playlist.m3u8")
        assert slot is not None
        chance, now, misses = Chance(3), 10_000.0, 0
        while now < 20_000.0:
            now += chance.exponential(1 / asked)
            misses += edge.ask(slot, now) == "miss"
        assert misses / 10_000.0 == pytest.approx(fills(asked, lifetime), rel=0.05)


def test_a_longer_lifetime_is_written_into_the_stack_and_costs_half_of_it(
    match: Scenario,
) -> None:
    after = what_if("playlist_lifetime=4s", match)
    assert after.stack is not None
    assert after.stack.cache.playlist_ttl == 4.0
    assert older(4.0) - older(1.0) == 1.5
    without = what_if("playlist_lifetime=4s", replace(match, stack=None))
    assert without.stack is not None
    assert without.stack.cache.playlist_ttl == 4.0


def test_several_at_once_are_all_done(signing_in: Scenario) -> None:
    text = "pre_warming=50% panic=home back_off=jitter"
    device = what_if(text, signing_in).devices["television"]
    assert device.signs_in == pytest.approx(0.2)
    assert Step.HOME not in device.join
    assert device.human_retry.spread == 1.0
