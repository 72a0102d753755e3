"""The synthetic stream as an independent parser reads it."""

from datetime import timedelta

import m3u8
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests.stack.event_clock import EventClock
from loadtests.stack.model import Stream
from loadtests.stack.stream import Live

STREAMS = st.builds(
    Stream,
    target_duration=st.sampled_from([1.0, 1.92, 2.0, 2.5, 4.0, 6.006]),
    segments=st.integers(3, 12),
    demuxed=st.booleans(),
    program_date_time=st.booleans(),
)
CLOCK = EventClock(None)
MOMENTS = st.floats(1.7e9, 2.0e9)


def parsed(text: bytes) -> m3u8.M3U8:
    return m3u8.loads(text.decode())


@given(STREAMS, MOMENTS)
def test_a_playlist_lists_the_newest_complete_segments(stream: Stream, now: float) -> None:
    live = Live(stream, CLOCK)
    playlist = parsed(live.playlist(now))
    newest = live.newest(now)
    assert playlist.media_sequence == newest - stream.segments + 1
    assert [s.uri for s in playlist.segments] == [
        f"{n}.m4s" for n in range(newest - stream.segments + 1, newest + 1)
    ]
    assert not playlist.is_endlist
    assert playlist.segment_map[0].uri == "init.mp4"


@given(STREAMS, MOMENTS)
def test_no_segment_is_longer_than_the_target_duration_says(stream: Stream, now: float) -> None:
    playlist = parsed(Live(stream, CLOCK).playlist(now))
    for segment in playlist.segments:
        assert int(segment.duration + 0.5) <= playlist.target_duration  # RFC 8216, 4.3.3.1


@given(STREAMS, MOMENTS)
def test_dates_say_when_the_media_was_live(stream: Stream, now: float) -> None:
    live = Live(stream, CLOCK)
    segments = parsed(live.playlist(now)).segments
    if not stream.program_date_time:
        assert all(segment.program_date_time is None for segment in segments)
        return
    last = segments[-1].program_date_time.timestamp()
    assert last == pytest.approx(live.newest(now) * stream.target_duration, abs=0.002)
    # complete at most one target duration ago: the newest there can be
    assert -0.002 <= now - (last + stream.target_duration) <= stream.target_duration + 0.002
    gap = segments[1].program_date_time - segments[0].program_date_time
    assert abs(gap - timedelta(seconds=stream.target_duration)) <= timedelta(milliseconds=2)


@given(STREAMS, MOMENTS)
def test_everything_a_playlist_lists_can_be_had(stream: Stream, now: float) -> None:
    live = Live(stream, CLOCK)
    for listed in parsed(live.playlist(now)).segments:
        sequence = int(listed.uri.removesuffix(".m4s"))
        # RFC 8216, 6.2.2: until its duration and the playlist's have passed
        for later in (now, now + stream.target_duration * stream.segments):
            assert live.segment("v0", sequence, later) is not None


@given(STREAMS, MOMENTS)
def test_what_is_not_made_yet_or_long_gone_cannot_be_had(stream: Stream, now: float) -> None:
    live = Live(stream, CLOCK)
    newest = live.newest(now)
    assert live.segment("v0", newest + 1, now) is None
    assert live.segment("v0", newest - 2 * stream.segments - 1, now) is None


def test_a_playlist_moves_by_one_segment_each_target_duration() -> None:
    live = Live(Stream(target_duration=4.0), CLOCK)
    sequences = [parsed(live.playlist(1.8e9 + t)).media_sequence for t in range(12)]
    first = sequences[0]
    assert sequences == [first] * 4 + [first + 1] * 4 + [first + 2] * 4


def test_one_text_is_made_once_and_served_again() -> None:
    live = Live(Stream(), CLOCK)
    assert live.playlist(1.8e9) is live.playlist(1.8e9 + 3.9)


def test_the_master_playlist_names_every_rendition_and_its_bandwidth() -> None:
    master = parsed(Live(Stream(bit_rates=(10_000.0, 50_000.0)), CLOCK).master)
    assert [(p.uri, p.stream_info.bandwidth) for p in master.playlists] == [
        ("v0/playlist.m3u8", 80_000),
        ("v1/playlist.m3u8", 400_000),
    ]
    assert not master.media


def test_a_demuxed_stream_has_its_audio_in_a_group_every_rendition_names() -> None:
    live = Live(Stream(bit_rates=(10_000.0, 50_000.0), audio_bit_rate=2_000.0, demuxed=True), CLOCK)
    master = parsed(live.master)
    assert [(m.type, m.group_id, m.uri) for m in master.media] == [
        ("AUDIO", "audio", "audio/playlist.m3u8")
    ]
    assert [p.stream_info.audio for p in master.playlists] == ["audio", "audio"]
    assert master.playlists[0].stream_info.bandwidth == 96_000  # what both take together
    assert live.has_track("audio")


def test_a_muxed_stream_has_no_audio_track() -> None:
    assert not Live(Stream(), CLOCK).has_track("audio")


def test_segments_are_as_large_as_their_bit_rate_says() -> None:
    live = Live(Stream(bit_rates=(10_000.0, 50_000.0), target_duration=4.0), CLOCK)
    now = 1.8e9
    sizes = [len(live.segment(track, live.newest(now), now) or b"") for track in ("v0", "v1")]
    assert sizes == [40_000, 200_000]


def test_a_segment_is_a_row_of_whole_boxes() -> None:
    live = Live(Stream(), CLOCK)
    for data in (live.init, live.segment("v1", live.newest(1.8e9), 1.8e9) or b""):
        kinds, at = [], 0
        while at < len(data):
            kinds.append(data[at + 4 : at + 8])
            at += int.from_bytes(data[at : at + 4])
        assert at == len(data)
        assert kinds in ([b"ftyp", b"moov"], [b"styp", b"moof", b"mdat"])
