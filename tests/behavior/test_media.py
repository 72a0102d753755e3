"""The live loop, to the second. Worlds start at 1000.0, when segment 249 is just finished."""

from collections.abc import Callable
from math import inf

import pytest
from scripted import (
    DEMUXED,
    MASTER,
    NEVER,
    Diary,
    Said,
    Stack,
    World,
    arrival,
    device,
    media_playlist,
    scenario,
)

from loadtests.behavior.steps import Fetch
from loadtests.behavior.target import Target
from loadtests.behavior.viewer import visit
from loadtests.scenario.habits import HumanRetry
from loadtests.scenario.model import Viewing
from loadtests.units import Seconds
from loadtests.url import split
from loadtests.vocabulary import End, Outcome, Player, Step

START = 1000.0
NEAR = pytest.approx
TWO_RUNGS = MASTER + b"#EXT-X-STREAM-INF:BANDWIDTH=400000,RESOLUTION=832x468\nv1/playlist.m3u8\n"
ONCE = HumanRetry(times=0)


def watch(  # noqa: PLR0913 - one keyword per thing a test may want otherwise
    script: Callable[[Fetch, Seconds], Said],
    *,
    player: Player = Player.HLS_JS,
    until: Seconds = 60.0,
    url: str = "http://t.invalid/live/master.m3u8",
    retry: HumanRetry = ONCE,
    viewing: Viewing | None = None,
    cap: float | None = None,
) -> tuple[World, Diary]:
    """A viewer of a bare stream who stays; `until` counts from the start."""
    world, diary = World(script, START), Diary()
    viewer = arrival(device(player, retry=retry, cap=cap))
    journey = visit(viewer, scenario(viewing=viewing), Target.parse(url), START, diary)
    walk = world.start(journey)
    world.run(START + until)
    walk.finish(START + until)
    return world, diary


def after(world: World, step: Step) -> list[Seconds]:
    return [round(at - START, 6) for at in world.times(step)]


def sequences(world: World) -> list[int]:
    urls = [r.fetch.url for r in world.sent if r.fetch.step is Step.SEGMENT]
    return [int(split(url).target.rsplit("/", 1)[1].removesuffix(".m4s")) for url in urls]


def on(step: Step, said: Callable[[Fetch, Seconds], Said | None]) -> Stack:
    """A healthy stack but for one step."""
    return Stack(twist=lambda fetch, now: said(fetch, now) if fetch.step is step else None)


def test_playback_starts_three_target_durations_back_with_init_before_media() -> None:
    world, diary = watch(Stack(), until=1.0)
    assert world.steps() == [Step.MASTER, Step.PLAYLIST, Step.INIT] + [Step.SEGMENT] * 3
    assert sequences(world) == [247, 248, 249]
    assert diary.ends == [(End.IN_TIME, START)]


def test_startup_time_is_the_sum_of_what_must_be_loaded_first() -> None:
    delays = {Step.MASTER: 0.3, Step.PLAYLIST: 0.5, Step.INIT: 0.2, Step.SEGMENT: 0.7}
    _, diary = watch(Stack(delays=delays), until=10.0)
    assert diary.ends == [(End.IN_TIME, START + 1.7)]


def test_after_a_change_the_playlist_is_reloaded_one_target_duration_after_the_load_began() -> None:
    world, _ = watch(Stack(delays={Step.PLAYLIST: 0.5}), until=13.0)
    assert after(world, Step.PLAYLIST) == [0.0, 4.0, 8.0, 12.0]


@pytest.mark.parametrize(
    ("player", "times"),
    [
        (Player.HLS_JS, [0.0, 4.0, 6.0, 8.0, 10.0]),
        (Player.SHAKA, [0.0, 4.0, 8.0]),
        (Player.SET_TOP_BOX, [0.0, 4.0, 6.0, 8.0, 10.0]),
    ],
)
def test_an_unchanged_playlist_is_reloaded_as_the_profile_says(
    player: Player, times: list[float]
) -> None:
    stale = on(Step.PLAYLIST, lambda _f, _n: Said(body=media_playlist(242, 8), after=0.5))
    world, _ = watch(stale, player=player, until=11.0)
    assert after(world, Step.PLAYLIST) == times


def test_a_full_buffer_asks_for_nothing_until_it_has_sunk_to_its_goal() -> None:
    stream = on(Step.PLAYLIST, lambda _f, _n: Said(body=media_playlist(200, 20, ended=True)))
    world, _ = watch(stream, until=20.0)
    times = after(world, Step.SEGMENT)
    # 8 segments of 4 s pass 30 s; the ninth is wanted when 2 s have been played
    assert times[:10] == [0.0] * 8 + [2.0, 6.0]


def test_a_stream_that_ends_is_played_out_and_then_over() -> None:
    stream = on(Step.PLAYLIST, lambda _f, _n: Said(body=media_playlist(200, 3, ended=True)))
    world, diary = watch(stream, until=60.0)
    assert sequences(world) == [200, 201, 202]
    assert diary.left_at == [NEAR(START + 12.0, abs=0.2)]
    assert diary.total("watched") == NEAR(12.0, abs=0.01)
    assert world.results == [(None, diary.left_at[0])]


def test_a_gap_in_the_numbers_is_lost_and_playback_goes_on_near_the_end() -> None:
    def leaping(_fetch: Fetch, now: Seconds) -> Said:
        return Said(body=media_playlist(242 if now < START + 4 else 300, 8))

    world, diary = watch(
        Stack(twist=lambda f, n: leaping(f, n) if f.step is Step.PLAYLIST else anything(f)),
        until=5.0,
    )
    assert sequences(world) == [247, 248, 249, 305, 306, 307]
    assert diary.total("lost") == 305 - 250


def anything(fetch: Fetch) -> Said | None:
    """A segment whatever its number."""
    return Said(body=b"x" * 40_000) if fetch.step is Step.SEGMENT else None


def test_a_listed_gap_is_not_asked_for_and_counts_as_lost() -> None:
    body = media_playlist(242, 8).replace(b"#EXTINF:4,\n248", b"#EXT-X-GAP\n#EXTINF:4,\n248")
    world, diary = watch(on(Step.PLAYLIST, lambda _f, _n: Said(body=body)), until=3.0)
    assert sequences(world) == [247, 249]
    assert diary.total("lost") == 1


def test_numbers_that_begin_anew_are_joined_at_the_live_edge_and_counted() -> None:
    def restarted(fetch: Fetch, now: Seconds) -> Said | None:
        if fetch.step is Step.PLAYLIST:
            return Said(body=media_playlist(242 if now < START + 4 else 0, 8))
        return anything(fetch)

    world, diary = watch(Stack(twist=restarted), until=5.0)
    assert sequences(world) == [247, 248, 249, 5, 6, 7]
    assert (diary.total("rewinds"), diary.total("lost")) == (1, 0)


def test_an_older_copy_of_the_playlist_is_counted_and_otherwise_ignored() -> None:
    def behind(_fetch: Fetch, now: Seconds) -> Said | None:
        return Said(body=media_playlist(240, 8)) if START < now < START + 5 else None

    world, diary = watch(on(Step.PLAYLIST, behind), until=7.0)
    assert sequences(world) == [247, 248, 249, 250]
    assert after(world, Step.PLAYLIST) == [0.0, 4.0, 6.0]  # as after an unchanged one
    assert diary.total("rewinds") == 1


def test_an_init_section_is_loaded_once_per_change() -> None:
    def changing(_fetch: Fetch, now: Seconds) -> Said:
        newest = int(now // 4) - 1
        section = "a.mp4" if now < START + 8 else "b.mp4"
        return Said(body=media_playlist(newest - 7, 8, section=section))

    world, _ = watch(on(Step.PLAYLIST, changing), until=20.0)
    urls = [r.fetch.url for r in world.sent if r.fetch.step is Step.INIT]
    assert [url[-5:] for url in urls] == ["a.mp4", "b.mp4"]


def test_uris_are_relative_to_where_the_playlist_was_found_and_reloads_go_to_its_name() -> None:
    def moved(fetch: Fetch, _now: Seconds) -> Said | None:
        if fetch.step is Step.PLAYLIST and "edge" not in fetch.url:
            return Said(status=302, headers={b"location": b"http://edge.invalid/x/p.m3u8"})
        return None

    world, _ = watch(Stack(twist=moved), until=5.0)
    urls = [r.fetch.url for r in world.sent]
    assert urls[1:5] == [
        "http://t.invalid/live/v0/playlist.m3u8",
        "http://edge.invalid/x/p.m3u8",
        "http://edge.invalid/x/init.mp4",
        "http://edge.invalid/x/247.m4s",
    ]
    assert urls.count("http://t.invalid/live/v0/playlist.m3u8") == 2


def test_byte_ranges_are_asked_for_and_a_part_of_them_where_the_scenario_says() -> None:
    body = media_playlist(1, 2).replace(b"4,\n2", b"4,\n#EXT-X-BYTERANGE:900@100\n2")
    for part, spans in ((None, [None, (100, 999)]), (50.0, [(0, 49), (100, 149)])):
        world, _ = watch(
            Stack(twist=lambda f, _n: Said(body=body) if f.step is Step.PLAYLIST else anything(f)),
            until=1.0,
            viewing=Viewing(segment_bytes=part),
        )
        assert [r.fetch.span for r in world.sent if r.fetch.step is Step.SEGMENT] == spans


def test_segments_are_counted_and_dropped() -> None:
    world, _ = watch(Stack(), until=5.0)
    kept = {r.fetch.step for r in world.sent if r.fetch.keep}
    assert kept == {Step.MASTER, Step.PLAYLIST}


def test_a_media_playlist_for_a_target_is_a_stream_of_one_rendition() -> None:
    def script(fetch: Fetch, now: Seconds) -> Said:
        if fetch.step in {Step.MASTER, Step.PLAYLIST}:
            return Said(body=media_playlist(int(now // 4) - 8, 8))
        return Said(body=b"x" * 8000)

    world, diary = watch(script, until=5.0)
    assert world.steps()[:3] == [Step.MASTER, Step.INIT, Step.SEGMENT]
    assert after(world, Step.PLAYLIST) == [4.0]
    assert world.sent[-2].fetch.url == "http://t.invalid/live/master.m3u8"
    assert diary.total("bits_watched") == NEAR(5.0 * 2000)


def test_separate_audio_is_a_second_track_and_the_first_frame_needs_both() -> None:
    def slow_audio(fetch: Fetch, _now: Seconds) -> Said | None:
        if "audio" in fetch.url and fetch.step is Step.SEGMENT:
            return Said(body=b"a", after=2.5)
        return None

    world, diary = watch(Stack(master=DEMUXED, twist=slow_audio), until=30.0)
    assert diary.ends == [(End.IN_TIME, START + 2.5)]
    names = [split(r.fetch.url).target for r in world.sent if r.fetch.step is Step.SEGMENT]
    assert sorted(names[:2]) == ["/live/audio/247.m4s", "/live/v0/247.m4s"]
    assert len([n for n in names if "audio" in n]) == len([n for n in names if "v0" in n])


def frozen(since: Seconds, lasting: Seconds) -> Callable[[Fetch, Seconds], Said | None]:
    """Everything asked in the freeze is answered when it is over."""

    def twist(fetch: Fetch, now: Seconds) -> Said | None:
        thaw = START + since + lasting
        if not START + since <= now < thaw:
            return None
        said = Stack()(fetch, now)
        return Said(status=said.status, body=said.body, after=thaw - now)

    return twist


@pytest.mark.parametrize("lasting", [3.0, 9.0, 15.0, 18.0])
def test_an_origin_frozen_for_t_stalls_what_the_buffer_does_not_cover(lasting: float) -> None:
    """At 20 s, when a reload is due, the buffer holds two segments of 4 s."""
    _, diary = watch(Stack(twist=frozen(20.0, lasting)), until=80.0)
    assert diary.total("stalled") == NEAR(max(0.0, lasting - 8.0), abs=1e-6)
    assert diary.total("stalls") == (1 if lasting > 8.0 else 0)
    assert diary.total("watched") + diary.total("stalled") == NEAR(80.0)


@pytest.mark.parametrize("delay", [0.5, 3.0, 6.0, 9.0])
def test_each_segment_delayed_by_d_stalls_as_the_closed_form_says(delay: float) -> None:
    """Startup = init + first segment; then a segment each max(4, d) seconds, within one."""
    _, diary = watch(Stack(delays={Step.SEGMENT: delay}), until=100.0)
    assert diary.ends == [(End.IN_TIME, START + delay)]
    seen = 100.0 - delay
    assert diary.total("watched") == NEAR(min(seen, seen * 4.0 / max(4.0, delay)), abs=8.0)
    assert diary.total("watched") + diary.total("stalled") == NEAR(seen)


def test_overtaken_by_the_window_playback_skips_forward() -> None:
    world, diary = watch(Stack(listed=4, twist=frozen(20.0, 40.0)), until=90.0)
    assert diary.total("lost") > 0
    numbers = sequences(world)
    assert numbers == sorted(numbers)
    assert diary.total("stalls") == 1
    assert diary.total("stalled") == NEAR(32.0)


@pytest.mark.parametrize(
    ("player", "times"),
    [
        (Player.HLS_JS, [0.0, 1.0, 3.0, 7.0, 15.0, 23.0, 31.0]),
        (Player.SET_TOP_BOX, [float(5 * n) for n in range(8)]),
    ],
)
def test_a_segment_is_repeated_as_the_profile_says_while_the_playlist_goes_on(
    player: Player, times: list[float]
) -> None:
    world, diary = watch(on(Step.SEGMENT, lambda _f, _n: Said(status=500)), player=player, until=39)
    assert after(world, Step.SEGMENT) == times
    assert world.attempts(Step.SEGMENT) == list(range(1, len(times) + 1))
    assert len(world.times(Step.PLAYLIST)) > 5
    assert diary.ends == ([(End.NEVER_STARTED, START + 31.0)] if player is Player.HLS_JS else [])


def test_a_time_out_is_retried_at_once_by_hls_js() -> None:
    hanging = on(Step.SEGMENT, lambda _f, _n: Said(after=10.0, outcome=Outcome.FIRST_BYTE_TIMEOUT))
    world, _ = watch(hanging, until=60.0)
    assert after(world, Step.SEGMENT) == [0.0, 10.0, 20.0, 30.0, 40.0]


def test_garbage_for_a_playlist_is_an_error_the_human_sees() -> None:
    world, diary = watch(on(Step.PLAYLIST, lambda _f, _n: Said(body=b"<html>")), until=9.0)
    assert [r.outcome for r in world.sent] == [Outcome.OK, Outcome.GARBAGE]
    assert diary.ends == [(End.NEVER_STARTED, START)]


def test_a_target_duration_of_zero_makes_no_flood() -> None:
    broken = on(Step.PLAYLIST, lambda _f, _n: Said(body=media_playlist(242, 8, target="0")))
    world, _ = watch(broken, until=10.0)
    assert len(world.times(Step.PLAYLIST)) <= 20


def test_an_empty_playlist_is_reloaded_until_there_is_something_in_it() -> None:
    def filling(_fetch: Fetch, now: Seconds) -> Said | None:
        return Said(body=media_playlist(244, 0)) if now < START + 9 else None

    world, diary = watch(on(Step.PLAYLIST, filling), until=13.0)
    assert after(world, Step.PLAYLIST) == [0.0, 4.0, 6.0, 8.0, 10.0]
    assert diary.ends == [(End.IN_TIME, START + 10.0)]


def test_the_rendition_goes_up_when_the_network_carries_it_and_down_when_not() -> None:
    def network(fetch: Fetch, now: Seconds) -> Said | None:
        if fetch.step is not Step.SEGMENT:
            return None
        rate = 200_000.0 if now < START + 40 else 20_000.0
        size = 40_000 if "v0" in fetch.url else 200_000
        return Said(body=b"x" * size, after=size / rate, first=0.0)

    world, diary = watch(Stack(master=TWO_RUNGS, twist=network), until=150.0)
    rungs = [r.fetch.url.split("/")[4] for r in world.sent if r.fetch.step is Step.SEGMENT]
    assert (rungs[0], rungs[5], rungs[-1]) == ("v0", "v1", "v0")
    assert diary.total("switches") == 2
    numbers = sequences(world)
    assert numbers == sorted(set(numbers))


def test_a_device_never_plays_above_its_cap() -> None:
    world, _ = watch(Stack(master=TWO_RUNGS), until=30.0, cap=10_000.0)
    assert not [r for r in world.sent if "v1" in r.fetch.url]


def test_parts_of_segments_say_nothing_of_throughput_so_the_rendition_stays() -> None:
    world, _ = watch(
        Stack(master=TWO_RUNGS, segment=b"xx"), until=30.0, viewing=Viewing(segment_bytes=2.0)
    )
    assert {r.fetch.url.split("/")[4] for r in world.sent if r.fetch.step is Step.SEGMENT} == {"v1"}


def test_playlist_age_and_live_latency_come_from_program_date_times() -> None:
    def dated(_fetch: Fetch, now: Seconds) -> Said:
        newest = int(now // 4) - 1
        date = f"#EXT-X-PROGRAM-DATE-TIME:1970-01-01T00:{(newest - 7) * 4 // 60:02d}:"
        return Said(
            body=media_playlist(newest - 7, 8, extra=date + f"{(newest - 7) * 4 % 60:02d}Z")
        )

    _, diary = watch(on(Step.PLAYLIST, dated), until=20.0)
    assert set(diary.seen("playlist_age")) == {0.0}
    assert diary.seen("live_latency")[-1] == NEAR(12.0)


def test_requests_that_never_end_leave_no_timer_that_never_fires() -> None:
    world, _ = watch(lambda _f, _n: Said(after=NEVER), until=25.0)
    assert (world.sent[0].outcome, world.sent[0].done) == (Outcome.TIMEOUT, START + 20.0)
    assert inf not in world.waits
