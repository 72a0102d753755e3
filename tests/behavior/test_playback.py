"""The buffer's arithmetic."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.behavior.playback import TICK, Playback
from loadtests.behavior.steps import Progress


def started(*durations: float, tracks: int = 1) -> Playback:
    playback = Playback(0.0, tracks)
    for track in range(tracks):
        for duration in durations:
            playback.append(duration, 0.0, track=track, bit_rate=100.0)
    playback.begin(0.0)
    return playback


def test_startup_is_neither_watched_nor_stalled() -> None:
    playback = Playback(0.0)
    playback.append(4.0, 7.0)
    playback.begin(7.0)
    assert playback.settle(9.0) == Progress(2.0, 0.0, 0, 0.0, None, None, 0, 0)


def test_an_empty_buffer_is_one_stall_until_there_is_data() -> None:
    playback = started(4.0)
    assert playback.settle(6.0) == Progress(4.0, 2.0, 1, 400.0, None, None, 0, 0)
    assert not playback.is_playing(7.0)
    playback.append(4.0, 9.0)
    assert playback.is_playing(9.0)
    assert playback.settle(10.0) == Progress(1.0, 3.0, 0, 0.0, None, None, 0, 0)


def test_a_segment_that_arrives_as_the_last_one_ends_is_no_stall() -> None:
    playback = started(4.0)
    playback.append(4.0, 4.0)
    assert playback.settle(8.0).stalls == 0


def test_rounding_of_clock_times_makes_no_stall() -> None:
    start = 1_662_490_800.1
    playback = Playback(start)
    playback.append(3.2, start)
    playback.begin(start)
    now = start
    for _ in range(1000):
        now += 3.2
        playback.append(3.2, now)
    assert playback.settle(now).stalls == 0


def test_with_separate_audio_playback_runs_on_the_shorter_track() -> None:
    playback = started(4.0, tracks=2)
    playback.append(4.0, 1.0, track=0)
    assert playback.settle(6.0).stalled == 2.0
    assert (playback.level(6.0, 0), playback.level(6.0, 1)) == (4.0, 0.0)
    playback.append(4.0, 7.0, track=1)
    assert playback.settle(9.0).stalled == 1.0


def test_bytes_watched_follow_what_is_on_screen_not_what_is_loaded() -> None:
    playback = Playback(0.0)
    playback.append(4.0, 0.0, bit_rate=100.0)
    playback.begin(0.0)
    playback.append(4.0, 0.0, bit_rate=300.0)
    playback.append(4.0, 0.0, bit_rate=50.0)
    assert playback.settle(2.0).bits_watched == 200.0
    assert playback.settle(12.0).bits_watched == 200.0 + 1200.0 + 200.0


def test_live_latency_is_wall_clock_minus_the_date_on_screen() -> None:
    playback = Playback(1000.0)
    playback.append(4.0, 1000.0, date=980.0)
    assert playback.settle(1000.0).live_latency is None
    playback.begin(1001.0)
    playback.append(4.0, 1001.0, date=984.05)  # rounded by the packager
    assert playback.settle(1002.0).live_latency == 21.0
    assert playback.settle(1007.0).live_latency == 21.0
    assert playback.settle(1010.0).live_latency == 22.0  # stalled for a second
    playback.append(4.0, 1010.0, date=1000.0)  # skipped forward
    assert playback.settle(1011.0).live_latency == 10.0


def test_a_restart_throws_the_buffer_away_and_is_a_stall() -> None:
    playback = started(4.0, 4.0)
    playback.flush(1.0, 2)
    playback.append(4.0, 3.0, track=0)
    assert playback.settle(4.0) == Progress(1.0, 3.0, 1, 100.0, None, None, 0, 0)
    playback.append(4.0, 4.0, track=1)
    assert playback.settle(6.0).watched == 2.0


@given(delay=st.floats(0, 30), duration=st.floats(0.5, 10), count=st.integers(2, 20))
def test_each_segment_late_by_d_stalls_d_minus_its_duration(
    delay: float, duration: float, count: int
) -> None:
    """Each segment comes d after the last: every gap beyond its length is a stall."""
    playback = started(duration)
    for n in range(1, count):
        playback.append(duration, n * delay)
    late = max(0.0, delay - duration)
    progress = playback.settle((count - 1) * delay)
    assert progress.stalled == pytest.approx(late * (count - 1), abs=count * TICK)
    if late > 2 * TICK or not late:
        assert progress.stalls == (count - 1 if late else 0)


@given(frozen=st.floats(0, 60), ahead=st.integers(1, 8), duration=st.floats(0.5, 10))
def test_an_origin_frozen_for_t_stalls_what_the_buffer_does_not_cover(
    frozen: float, ahead: int, duration: float
) -> None:
    playback = started(*[duration] * ahead)
    playback.append(duration, frozen)
    assert playback.settle(frozen).stalled == pytest.approx(
        max(0.0, frozen - ahead * duration), abs=2 * TICK
    )


STEPS = st.lists(
    st.tuples(st.floats(0, 20), st.floats(0, 12), st.integers(0, 1), st.booleans()), max_size=40
)


@given(steps=STEPS, tracks=st.integers(1, 2))
def test_watched_and_stalled_add_up_to_the_time_since_the_first_frame(
    steps: list[tuple[float, float, int, bool]], tracks: int
) -> None:
    playback = started(2.0, tracks=tracks)
    now = watched = stalled = appended = 0.0
    for later, duration, track, flushed in steps:
        now += later
        if flushed:
            playback.flush(now, tracks)
        playback.append(duration, now, track=min(track, tracks - 1))
        appended += duration
        progress = playback.settle(now)
        watched += progress.watched
        stalled += progress.stalled
        assert playback.level(now, 0) >= -TICK
    assert watched + stalled == pytest.approx(now, abs=1e-6)
    assert watched <= 2.0 + appended + len(steps) * TICK
    assert playback.position == pytest.approx(watched, abs=1e-6)


def test_the_stalled_ratio_of_the_whole_stay_survives_what_was_told_before() -> None:
    playback = Playback(0.0)
    assert playback.stalled_ratio(3.0) is None
    playback.append(4.0, 3.0)
    playback.begin(3.0)
    assert playback.stalled_ratio(3.0) is None
    assert playback.stalled_ratio(7.0) == 0.0
    playback.settle(8.0)
    assert playback.stalled_ratio(8.0) == 0.2
    assert playback.stalled_ratio(11.0) == 0.5
