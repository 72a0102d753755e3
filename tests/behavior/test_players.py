"""The profiles' rules, one by one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripted import media_playlist

from loadtests.behavior.players import PROFILES
from loadtests.behavior.playlist import Media
from loadtests.behavior.playlist_parser import parse
from loadtests.behavior.steps import Fetch, Reply
from loadtests.chance import Chance
from loadtests.vocabulary import Outcome, Player, Step

CHANCE = Chance(1)


def failing(step: Step, player: Player, status: int, outcome: Outcome) -> Reply:
    timeouts = PROFILES[player].manners[step].timeouts
    reply = Reply(Fetch(step, "http://t.invalid/", timeouts), 0.0)
    reply.status, reply.outcome = status, outcome
    return reply


def delays(
    player: Player, step: Step, status: int, outcome: Outcome, most: int = 12
) -> list[float | None]:
    """The delays before attempts 2, 3 ..., up to the one that is not made."""
    reply, found = failing(step, player, status, outcome), list[float | None]()
    for failed in range(1, most + 1):
        found.append(PROFILES[player].manners[step].retry(failed, reply, CHANCE))
        if found[-1] is None:
            break
    return found


def test_every_profile_has_manners_for_every_step() -> None:
    assert set(PROFILES) == set(Player)
    for profile in PROFILES.values():
        assert set(profile.manners) == set(Step)


@pytest.mark.parametrize(
    ("step", "waits"),
    [
        (Step.SEGMENT, [1.0, 2.0, 4.0, 8.0, 8.0, 8.0, None]),
        (Step.INIT, [1.0, 2.0, 4.0, 8.0, 8.0, 8.0, None]),
        (Step.PLAYLIST, [1.0, 2.0, None]),
        (Step.MASTER, [1.0, None]),
        (Step.LICENSE, [1.0] * 8 + [None]),
        (Step.SIGN_IN, [None]),
        (Step.HEARTBEAT, [None]),
    ],
)
@pytest.mark.parametrize("status", [500, 503])
def test_hls_js_retries_server_errors_as_its_policies_say(
    step: Step, waits: list[float | None], status: int
) -> None:
    assert delays(Player.HLS_JS, step, status, Outcome.SERVER_ERROR) == waits


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (400, Outcome.CLIENT_ERROR),
        (403, Outcome.DENIED),
        (404, Outcome.NOT_FOUND),
        (429, Outcome.QUEUED),
        (200, Outcome.GARBAGE),
        (0, Outcome.REFUSED),
        (0, Outcome.RESET),
    ],
)
def test_hls_js_repeats_neither_4xx_nor_broken_connections_nor_garbage(
    status: int, outcome: Outcome
) -> None:
    assert delays(Player.HLS_JS, Step.SEGMENT, status, outcome) == [None]


@pytest.mark.parametrize(
    ("step", "count", "wait"),
    [
        (Step.SEGMENT, 4, 0.0),
        (Step.PLAYLIST, 2, 0.0),
        (Step.MASTER, 2, 0.0),
        (Step.LICENSE, 1, 1.0),
    ],
)
@pytest.mark.parametrize("outcome", [Outcome.FIRST_BYTE_TIMEOUT, Outcome.TIMEOUT])
def test_hls_js_retries_time_outs_by_their_own_rule(
    step: Step, count: int, wait: float, outcome: Outcome
) -> None:
    assert delays(Player.HLS_JS, step, 0, outcome) == [wait] * count + [None]


def test_shaka_tries_twice_then_live_streaming_begins_again_without_end() -> None:
    found = delays(Player.SHAKA, Step.SEGMENT, 500, Outcome.SERVER_ERROR, most=400)
    fuzzed, restarts = found[::2], found[1::2]
    assert set(restarts) == {1.0}
    assert all(wait is not None and 0.5 <= wait < 1.5 for wait in fuzzed)
    assert len(set(fuzzed)) == len(fuzzed)
    assert delays(Player.SHAKA, Step.SEGMENT, 0, Outcome.TIMEOUT, most=4)[1::2] == [0.1, 0.1]


def test_shaka_gives_up_what_is_no_streaming_after_two_attempts() -> None:
    assert len(delays(Player.SHAKA, Step.LICENSE, 500, Outcome.SERVER_ERROR)) == 2


@pytest.mark.parametrize("status", [401, 403])
def test_shaka_takes_401_and_403_for_critical(status: int) -> None:
    assert delays(Player.SHAKA, Step.SEGMENT, status, Outcome.DENIED) == [None]


@pytest.mark.parametrize("step", [Step.HOME, Step.SIGN_IN, Step.SEGMENT])
def test_a_set_top_box_tries_every_five_seconds_without_end(step: Step) -> None:
    assert delays(Player.SET_TOP_BOX, step, 0, Outcome.REFUSED, most=50) == [5.0] * 50
    assert delays(Player.SET_TOP_BOX, step, 401, Outcome.DENIED) == [None]


@pytest.mark.parametrize("step", [Step.MASTER, Step.PLAYLIST, Step.SEGMENT, Step.LICENSE])
@pytest.mark.parametrize(
    ("status", "outcome"),
    [(503, Outcome.OVERLOAD), (404, Outcome.NOT_FOUND), (0, Outcome.RESET), (0, Outcome.TIMEOUT)],
)
def test_media3_retries_three_times_at_once_and_then_a_second_later_each(
    step: Step, status: int, outcome: Outcome
) -> None:
    assert delays(Player.MEDIA3, step, status, outcome) == [0.0, 1.0, 2.0, None]


@pytest.mark.parametrize(("status", "outcome"), [(200, Outcome.GARBAGE), (403, Outcome.POLICY)])
def test_media3_repeats_neither_what_it_cannot_parse_nor_a_refusal(
    status: int, outcome: Outcome
) -> None:
    assert delays(Player.MEDIA3, Step.PLAYLIST, status, outcome) == [None]


def test_avplayer_retries_what_may_pass_by_itself_twice() -> None:
    for status, outcome in ((500, Outcome.SERVER_ERROR), (0, Outcome.RESET), (0, Outcome.TIMEOUT)):
        assert delays(Player.AVPLAYER, Step.SEGMENT, status, outcome) == [1.0, 2.0, None]
    for status in (401, 403, 404, 429):
        assert delays(Player.AVPLAYER, Step.SEGMENT, status, Outcome.CLIENT_ERROR) == [None]


def test_the_apps_own_requests_are_repeated_by_people_and_not_by_avplayer_or_media3() -> None:
    for player in (Player.AVPLAYER, Player.MEDIA3):
        assert delays(player, Step.SIGN_IN, 503, Outcome.OVERLOAD) == [None]


def playlist(target: int, last: float) -> Media:
    body = media_playlist(1, 5, duration=target) + f"#EXTINF:{last:g},\n6.m4s\n".encode()
    found = parse(body, "http://t.invalid/")
    assert isinstance(found, Media)
    return found


@pytest.mark.parametrize(
    ("player", "changed", "unchanged"),
    [
        (Player.HLS_JS, 4.0, 2.0),
        (Player.SHAKA, 4.0, 4.0),
        (Player.AVPLAYER, 4.0, 2.0),
        (Player.MEDIA3, 4.0, 2.0),
        (Player.SET_TOP_BOX, 4.0, 2.0),
    ],
)
def test_reloads_follow_the_target_duration(
    player: Player, changed: float, unchanged: float
) -> None:
    reload = PROFILES[player].reload
    assert reload(playlist(4, 4.0), changed=True, behind=12.0) == changed
    assert reload(playlist(4, 4.0), changed=False, behind=12.0) == unchanged


def test_avplayer_waits_for_the_last_segment_s_duration_however_far_behind_it_is() -> None:
    reload = PROFILES[Player.AVPLAYER].reload
    assert reload(playlist(4, 3.0), changed=True, behind=30.0) == 3.0
    assert reload(playlist(4, 0.0), changed=True, behind=12.0) == 2.0


def test_near_the_live_edge_a_short_last_segment_hastens_hls_js() -> None:
    reload = PROFILES[Player.HLS_JS].reload
    assert reload(playlist(4, 3.0), changed=True, behind=12.0) == 3.0
    assert reload(playlist(4, 3.0), changed=True, behind=16.0) == 4.0
    assert reload(playlist(4, 0.0), changed=True, behind=12.0) == 2.0


@given(
    st.sampled_from(list(Player)),
    st.integers(0, 60),
    st.floats(0, 60),
    st.booleans(),
    st.floats(0, 1e4),
)
def test_no_player_reloads_sooner_than_half_a_target_duration(
    player: Player,
    target: int,
    last: float,
    changed: bool,  # noqa: FBT001 - hypothesis calls by position
    behind: float,
) -> None:
    found = playlist(target, last)
    wait = PROFILES[player].reload(found, changed=changed, behind=behind)
    assert found.target_duration / 2 <= wait <= found.target_duration
    assert wait >= 0.5


def test_apps_heed_the_waiting_room_and_only_boxes_heed_it_in_the_player() -> None:
    for player, profile in PROFILES.items():
        assert profile.heeds(Step.HOME)
        assert profile.heeds(Step.SIGN_IN)
        assert profile.heeds(Step.SEGMENT) is (player is Player.SET_TOP_BOX)
