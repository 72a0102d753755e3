"""Whole journeys through a stack that speaks the dialect, to the second. They start at 1000.0."""

import json
from collections.abc import Callable, Mapping
from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scripted import (
    ALWAYS,
    DEMUXED,
    MASTER,
    Diary,
    Said,
    Stack,
    World,
    arrival,
    device,
    media_playlist,
    scenario,
)

from loadtests.audience.arrivals import Arrival
from loadtests.behavior.players import PLAYER_STEPS
from loadtests.behavior.steps import Fetch
from loadtests.behavior.target import Target
from loadtests.behavior.viewer import visit
from loadtests.scenario.habits import HumanRetry
from loadtests.scenario.model import Viewing
from loadtests.units import Seconds
from loadtests.vocabulary import End, Outcome, Player, Step

START = 1000.0
NEAR = pytest.approx
JOINING = [Step.HOME, Step.REFRESH, Step.ENTITLEMENT, Step.SESSION, Step.LICENSE, Step.MASTER]
EIGHT = HumanRetry(times=3, after=8.0, spread=0.0)
EXPIRED = Said(status=401, body=b'{"error": "expired"}')

Twist = Callable[[Fetch, Seconds], Said | None]


def visiting(
    twist: Twist | None = None,
    viewer: Arrival | None = None,
    *,
    until: Seconds = 60.0,
    delays: Mapping[Step, Seconds] | None = None,
    viewing: Viewing | None = None,
    master: bytes = MASTER,
) -> tuple[World, Diary]:
    world, diary = World(Stack(twist=twist, delays=delays, master=master), START), Diary()
    journey = visit(
        viewer or arrival(device(retry=EIGHT)),
        scenario(viewing=viewing),
        Target.parse("http://t.invalid"),
        START,
        diary,
    )
    walk = world.start(journey)
    world.run(START + until)
    walk.finish(START + until)
    return world, diary


def failing(*steps: Step, status: int = 500, until: Seconds = inf, after: Seconds = 0.0) -> Twist:
    """These steps fail until a moment after the start."""

    def twist(fetch: Fetch, now: Seconds) -> Said | None:
        bad = fetch.step in steps and now < START + until
        return Said(status=status, after=after) if bad else None

    return twist


def since(world: World, step: Step) -> list[Seconds]:
    return [at - START for at in world.times(step)]


def test_a_viewer_takes_every_step_in_order() -> None:
    world, diary = visiting(until=1.0)
    assert world.steps()[:9] == [*JOINING, Step.PLAYLIST, Step.INIT, Step.SEGMENT]
    assert diary.ends == [(End.IN_TIME, START)]


def test_who_must_signs_in_with_the_account_of_the_arrival() -> None:
    world, _ = visiting(viewer=arrival(signs_in=True, index=123), until=1.0)
    sign_in = world.sent[1].fetch
    assert (sign_in.method, sign_in.url) == ("POST", "http://t.invalid/sign-in")
    assert json.loads(sign_in.body) == {
        "account": "viewer-0000123",
        "password": "password-of-viewer-0000123",
    }


def test_who_refreshes_needs_no_earlier_sign_in_and_an_expired_token_means_signing_in() -> None:
    def expired(fetch: Fetch, _now: Seconds) -> Said | None:
        return EXPIRED if fetch.step is Step.REFRESH else None

    world, diary = visiting(expired, until=1.0)
    assert json.loads(world.sent[1].fetch.body) == {"refresh_token": "refresh-viewer-0000007"}
    assert world.steps()[1:4] == [Step.REFRESH, Step.SIGN_IN, Step.ENTITLEMENT]
    assert diary.ends == [(End.IN_TIME, START)]


def test_once_there_is_a_token_every_request_carries_it() -> None:
    world, _ = visiting(until=40.0)
    bearing = [b"Authorization: Bearer one\r\n" in r.fetch.headers for r in world.sent]
    assert bearing == [False, False] + [True] * (len(bearing) - 2)


def test_the_first_frame_after_the_limit_is_a_late_start() -> None:
    for wait, end in ((29.9, End.IN_TIME), (30.1, End.STARTED_LATE)):
        _, diary = visiting(delays={Step.HOME: wait / 2, Step.SESSION: wait / 2})
        assert diary.ends == [(end, START + wait)]


def test_the_waiting_room_is_come_back_to_when_told() -> None:
    def queue(fetch: Fetch, now: Seconds) -> Said | None:
        if fetch.step is Step.HOME and now < START + 12:
            return Said(status=429, headers={b"retry-after": b"5"})
        return None

    world, diary = visiting(queue)
    assert since(world, Step.HOME) == [0.0, 5.0, 10.0, 15.0]
    assert diary.ends == [(End.IN_TIME, START + 15.0)]


def test_patience_that_runs_out_in_the_waiting_room_is_left_waiting() -> None:
    def queue(fetch: Fetch, _now: Seconds) -> Said | None:
        return Said(body=b'{"queue": {"retry_after": 4}}') if fetch.step is Step.HOME else None

    world, diary = visiting(queue, arrival(patience=13.0))
    assert since(world, Step.HOME) == [0.0, 4.0, 8.0, 12.0]
    assert diary.ends == [(End.LEFT_WAITING, START + 13.0)]
    assert world.results == [(None, START + 13.0)]


def test_patience_calls_off_the_request_under_way_and_slow_is_left_waiting() -> None:
    world, diary = visiting(None, arrival(patience=3.0), delays={Step.ENTITLEMENT: 8.0})
    assert diary.ends == [(End.LEFT_WAITING, START + 3.0)]
    assert [(r.fetch.step, r.done) for r in world.canceled] == [(Step.ENTITLEMENT, START + 3.0)]


def test_patience_that_runs_out_over_errors_is_never_started() -> None:
    _, diary = visiting(failing(Step.SIGN_IN, Step.REFRESH), arrival(patience=13.0))
    assert diary.ends == [(End.NEVER_STARTED, START + 13.0)]


def test_without_any_whole_answer_patience_ends_in_left_waiting() -> None:
    def dead(_fetch: Fetch, _now: Seconds) -> Said:
        return Said(outcome=Outcome.REFUSED)

    _, diary = visiting(dead, arrival(patience=13.0))
    assert diary.ends == [(End.LEFT_WAITING, START + 13.0)]


def test_a_stay_that_is_over_before_the_first_frame_counts_as_patience() -> None:
    world, diary = visiting(None, arrival(stay=3.0), delays={Step.HOME: 8.0})
    assert diary.ends == [(End.LEFT_WAITING, START + 3.0)]
    assert (diary.left_at, world.steps()) == ([], [Step.HOME])


def test_a_policy_refusal_is_final() -> None:
    def no(fetch: Fetch, _now: Seconds) -> Said | None:
        body = b'{"error": "policy", "code": "not_in_plan"}'
        return Said(status=403, body=body) if fetch.step is Step.ENTITLEMENT else None

    world, diary = visiting(no, arrival(patience=20.0))
    assert diary.ends == [(End.REFUSED, START)]
    assert world.steps() == JOINING[:3]
    assert world.results == [(None, START)]


def test_after_an_error_the_person_starts_the_app_again_some_times_and_gives_up() -> None:
    world, diary = visiting(failing(Step.ENTITLEMENT, after=1.0))
    assert since(world, Step.HOME) == [0.0, 9.0, 18.0, 27.0]
    assert world.attempts(Step.ENTITLEMENT) == [1] * 4
    assert diary.ends == [(End.NEVER_STARTED, START + 28.0)]


def test_a_restart_that_works_is_a_start() -> None:
    world, diary = visiting(failing(Step.SESSION, until=10.0))
    assert since(world, Step.HOME) == [0.0, 8.0, 16.0]
    assert diary.ends == [(End.IN_TIME, START + 16.0)]


def test_people_differ_in_how_long_they_look_at_an_error() -> None:
    spread = HumanRetry(times=1, after=8.0, spread=0.5)
    pauses = set()
    for index in range(20):
        viewer = arrival(device(retry=spread), index=index)
        world, _ = visiting(failing(Step.HOME), viewer)
        pauses.add(since(world, Step.HOME)[1])
    assert len(pauses) == 20
    assert all(4.0 <= pause < 12.0 for pause in pauses)


def test_nobody_starts_the_app_again_in_less_than_a_second() -> None:
    hasty = arrival(device(retry=HumanRetry(times=3, after=0.0, spread=0.0)))
    world, _ = visiting(failing(Step.HOME), hasty)
    assert since(world, Step.HOME) == [0.0, 1.0, 2.0, 3.0]


def test_heartbeats_are_sent_at_their_interval_while_playing() -> None:
    world, _ = visiting(viewing=Viewing(heartbeat=10.0), until=35.0, delays={Step.HEARTBEAT: 0.3})
    beats = [r.fetch for r in world.sent if r.fetch.step is Step.HEARTBEAT]
    assert since(world, Step.HEARTBEAT) == [10.0, 20.0, 30.0]
    assert [json.loads(b.body) for b in beats] == [
        {"session": "s1", "position": at} for at in (10.0, 20.0, 30.0)
    ]


def test_no_heartbeat_is_sent_while_stalled() -> None:
    starving = failing(Step.PLAYLIST, status=404)

    def twist(fetch: Fetch, now: Seconds) -> Said | None:
        return starving(fetch, now) if now > START + 1 else None

    box = arrival(device(Player.SET_TOP_BOX))
    world, diary = visiting(twist, box, viewing=Viewing(heartbeat=5.0), until=60.0)
    assert since(world, Step.HEARTBEAT) == [5.0, 10.0]
    assert diary.total("stalled") == NEAR(48.0)


def test_the_stay_over_the_viewer_stops_playing_and_says_so() -> None:
    world, diary = visiting(None, arrival(stay=33.0))
    assert world.steps()[-1] is Step.LEAVE
    assert json.loads(world.sent[-1].fetch.body) == {"session": "s1"}
    assert since(world, Step.LEAVE) == [33.0]
    assert diary.left_at == [START + 33.0]
    assert diary.total("watched") == NEAR(33.0)
    assert world.results == [(None, START + 33.0)]


def test_the_end_of_the_run_settles_the_account_and_tells_no_departure() -> None:
    _, diary = visiting(until=33.3)
    assert diary.total("watched") == NEAR(33.3)
    assert diary.left_at == []


def test_the_end_of_the_run_while_saying_goodbye_adds_nothing() -> None:
    _, diary = visiting(None, arrival(stay=33.0), delays={Step.LEAVE: 9.0}, until=37.0)
    assert diary.total("watched") == NEAR(33.0)


def renewing(step: Step) -> tuple[World, Diary]:
    """The first token is refused at this step from 10 s on."""

    def twist(fetch: Fetch, now: Seconds) -> Said | None:
        old = b"Bearer one" in fetch.headers
        if fetch.step is step and old and now >= START + 10:
            return EXPIRED
        if fetch.step is Step.REFRESH and now > START:
            return Said(body=ALWAYS[Step.REFRESH][1].replace(b"one", b"two"), after=0.5)
        return None

    return visiting(twist, viewing=Viewing(heartbeat=15.0), until=40.0)


@pytest.mark.parametrize("step", [Step.PLAYLIST, Step.SEGMENT, Step.HEARTBEAT])
def test_a_token_that_expires_while_watching_is_refreshed(step: Step) -> None:
    world, diary = renewing(step)
    assert len(world.times(Step.REFRESH)) == 2
    assert len(world.times(Step.HOME)) == 1
    assert b"Bearer two" in world.sent[-1].fetch.headers
    assert diary.total("stalled") == 0.0
    repeats = [] if step is Step.HEARTBEAT else [2]
    assert [n for n in world.attempts(step) if n > 1] == repeats


def test_two_tracks_that_find_the_token_expired_renew_it_once() -> None:
    def twist(fetch: Fetch, now: Seconds) -> Said | None:
        if fetch.step is Step.PLAYLIST and b"one" in fetch.headers and now > START + 3:
            return EXPIRED
        if fetch.step is Step.REFRESH and now > START:
            return Said(body=ALWAYS[Step.REFRESH][1].replace(b"one", b"two"), after=0.5)
        return None

    world, diary = visiting(twist, until=20.0, master=DEMUXED)
    assert len(world.times(Step.REFRESH)) == 2
    assert diary.total("stalled") == 0.0


def test_a_token_refused_again_right_after_renewal_is_an_error_not_a_storm() -> None:
    def twist(fetch: Fetch, now: Seconds) -> Said | None:
        return EXPIRED if fetch.step is Step.PLAYLIST and now > START + 3 else None

    world, diary = visiting(twist, until=60.0)
    assert len(world.sent) < 60
    assert diary.ends == [(End.IN_TIME, START)]
    assert len(diary.left_at) == 1


def test_after_an_error_while_watching_the_person_restarts_and_the_end_stays_what_it_was() -> None:
    def twist(fetch: Fetch, now: Seconds) -> Said | None:
        broken = fetch.step is Step.PLAYLIST and START + 3 < now < START + 10
        return Said(status=403) if broken else None

    world, diary = visiting(twist, until=40.0)
    # the reload due at 4 s is refused, the person restarts 8 s later, as the last second plays
    assert since(world, Step.HOME) == [0.0, 12.0]
    assert diary.ends == [(End.IN_TIME, START)]
    assert diary.total("watched") + diary.total("stalled") == NEAR(40.0)
    assert diary.left_at == []


def test_a_viewer_nobody_helps_any_more_leaves() -> None:
    def twist(fetch: Fetch, now: Seconds) -> Said | None:
        return Said(status=403) if fetch.step is Step.PLAYLIST and now > START + 3 else None

    world, diary = visiting(twist, until=60.0)
    assert since(world, Step.HOME) == [0.0, 12.0, 20.0, 28.0]
    assert diary.left_at == [START + 28.0]
    assert diary.total("watched") == NEAR(12.0)
    assert diary.total("stalled") == NEAR(16.0)


def test_garbage_at_every_step_is_an_error_the_person_sees() -> None:
    for step in (*JOINING, Step.PLAYLIST):
        world, diary = visiting(
            lambda f, _n, bad=step: Said(body=b"<html></html>") if f.step is bad else None  # type: ignore[misc]
        )
        if step is Step.LICENSE:
            continue  # a license is bytes nobody here can read
        assert [e for e, _ in diary.ends] == [End.NEVER_STARTED], step
        assert {r.outcome for r in world.sent if r.fetch.step is step} == {Outcome.GARBAGE}


def test_a_refusal_while_restarting_sends_the_viewer_home() -> None:
    def twist(fetch: Fetch, now: Seconds) -> Said | None:
        if now < START + 3:
            return None
        if fetch.step is Step.ENTITLEMENT:
            return Said(status=403, body=b'{"error": "policy", "code": "moved"}')
        return Said(status=404) if fetch.step is Step.PLAYLIST else None

    _, diary = visiting(twist, until=60.0)
    assert diary.ends == [(End.IN_TIME, START)]
    assert diary.left_at == [START + 12.0]


def anything(fetch: Fetch) -> Said | None:
    """A segment whatever its name."""
    return Said(body=b"x") if fetch.step is Step.SEGMENT else None


MOST = 700  # 10 starts x (8 requests + 2 tracks x 30)

SAID = st.sampled_from(
    [
        Said(status=404),
        Said(status=403),
        Said(status=401),
        Said(status=503),
        Said(status=503, headers={b"retry-after": b"0"}),
        Said(status=302, headers={b"location": b"/7.m4s"}),
        Said(body=b"<html>"),
        Said(body=b""),
        Said(outcome=Outcome.REFUSED),
        Said(outcome=Outcome.RESET),
        Said(outcome=Outcome.FIRST_BYTE_TIMEOUT),
        Said(body=MASTER),
        Said(body=DEMUXED),
        Said(body=media_playlist(0, 400, duration=0.0, target="0")),
        Said(body=media_playlist(10**6, 400, duration=0.0, target="0")),
        Said(body=media_playlist(5, 300, duration=0.001, target="1", ended=True)),
        Said(body=media_playlist(242, 8)),
        None,
    ]
)


@settings(max_examples=150, deadline=None)
@given(
    st.data(),
    st.sampled_from(list(Player)),
    st.sampled_from([MASTER, DEMUXED]),
    st.sampled_from([frozenset(Step), PLAYER_STEPS, frozenset({Step.PLAYLIST, Step.SEGMENT})]),
)
def test_no_answer_of_the_target_makes_one_viewer_a_storm(
    data: st.DataObject, player: Player, master: bytes, steps: frozenset[Step]
) -> None:
    """Whatever is answered, at once, for two minutes: bounded requests in any ten seconds.

    The person restarts each second, and each start may begin with a burst in both tracks.
    """
    script = data.draw(st.lists(SAID, min_size=1, max_size=12))
    turn = iter(range(10**9))

    def twist(fetch: Fetch, _now: Seconds) -> Said | None:
        return script[next(turn) % len(script)] if fetch.step in steps else anything(fetch)

    hasty = arrival(device(player, retry=HumanRetry(times=9**9, after=0.0)))
    world, diary = visiting(twist, hasty, until=120.0, master=master)
    times = [r.due for r in world.sent if not r.fetch.trail]
    for first, last in zip(times, times[MOST:], strict=False):
        assert last - first > 10.0
    assert len(diary.ends) <= 1


@given(
    ends=st.lists(SAID, max_size=30),
    patience=st.floats(0.5, 60) | st.just(inf),
    stay=st.floats(1, 60) | st.just(inf),
    player=st.sampled_from(list(Player)),
)
@settings(max_examples=150, deadline=None)
def test_every_viewer_ends_once_and_time_adds_up(
    ends: list[Said | None], patience: float, stay: float, player: Player
) -> None:
    left = iter(ends)

    def twist(_fetch: Fetch, _now: Seconds) -> Said | None:
        return next(left, None)

    viewer = arrival(device(player, retry=EIGHT), patience=patience, stay=stay)
    world, diary = visiting(twist, viewer, until=100.0)
    assert len(diary.ends) <= 1
    played = diary.total("watched") + diary.total("stalled")
    if diary.ends and diary.ends[0][0] in {End.IN_TIME, End.STARTED_LATE}:
        last = diary.left_at[0] if diary.left_at else START + 100.0
        assert played == NEAR(last - diary.ends[0][1], abs=1e-5)
    else:
        assert (played, diary.left_at) == (0.0, [])
    assert bool(world.results) or not (diary.left_at and stay < 90)
