"""Text to playlist, with the m3u8 library as the oracle."""

import string

import m3u8
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripted import DEMUXED, MASTER, media_playlist

from loadtests.behavior.playlist import Master, Media
from loadtests.behavior.playlist_parser import (
    Garbage,
    parse,
    read_media_playlist,
    read_playlist,
)
from loadtests.behavior.steps import Fetch, Reply, Timeouts
from loadtests.url import resolve
from loadtests.vocabulary import Outcome, Step

BASE = "http://t.invalid/live/v0/playlist.m3u8"

FULL = b"""#EXTM3U
#EXT-X-VERSION:9
#EXT-X-TARGETDURATION:5
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,HOLD-BACK=18.5,PART-HOLD-BACK=1.2
#EXT-X-MEDIA-SEQUENCE:41
#EXT-X-MAP:URI="all.mp4",BYTERANGE="600@0"
#EXT-X-PROGRAM-DATE-TIME:2022-09-06T19:00:00.500Z
#EXTINF:4.5,a title, with a comma
#EXT-X-BYTERANGE:1000@600
all.mp4
#EXTINF:5,
#EXT-X-BYTERANGE:2000
all.mp4
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI="/ads/init.mp4"
#EXTINF:4,
../ads/1.m4s?x=1
#EXT-X-GAP
#EXTINF:4,
http://other.invalid:8080/2.m4s
"""


def media(body: bytes, url: str = BASE) -> Media:
    found = parse(body, url)
    assert isinstance(found, Media)
    return found


def master(body: bytes, url: str = BASE) -> Master:
    found = parse(body, url)
    assert isinstance(found, Master)
    return found


def test_a_media_playlist_is_read_in_full() -> None:
    found = media(FULL)
    assert (found.target_duration, found.sequence, found.next_sequence) == (5.0, 41, 45)
    assert (found.hold_back, found.ended) == (18.5, False)
    assert [s.url for s in found.segments] == [
        "http://t.invalid/live/v0/all.mp4",
        "http://t.invalid/live/v0/all.mp4",
        "http://t.invalid/live/ads/1.m4s?x=1",
        "http://other.invalid:8080/2.m4s",
    ]
    assert [s.span for s in found.segments] == [(600, 1599), (1600, 3599), None, None]
    assert [s.section for s in found.segments[1:3]] == [
        ("http://t.invalid/live/v0/all.mp4", (0, 599)),
        ("http://t.invalid/ads/init.mp4", None),
    ]
    assert [s.discontinuity for s in found.segments] == [False, False, True, False]
    assert [s.gap for s in found.segments] == [False, False, False, True]


def test_dates_are_carried_forward_through_durations() -> None:
    found = media(FULL)
    first = 1662490800.5
    assert [s.date for s in found.segments] == [first, first + 4.5, first + 9.5, first + 13.5]
    assert found.end_date == first + 17.5


def test_a_playlist_is_joined_where_the_server_says_else_three_target_durations_back() -> None:
    assert media(media_playlist(10, 8)).start() == 15
    assert media(media_playlist(10, 8, duration=3.2, target="3")).start() == 15
    assert media(media_playlist(10, 8, extra="#EXT-X-SERVER-CONTROL:HOLD-BACK=20")).start() == 13
    assert media(media_playlist(10, 2)).start() == 10
    assert media(media_playlist(10, 8, ended=True)).start() == 10


def test_a_moment_is_found_in_another_rendition_by_its_date() -> None:
    found = media(FULL)
    first = 1662490800.5
    assert found.at_date(first - 60) == 41
    assert found.at_date(first + 4.4) == 42
    assert found.at_date(first + 17.5) == 45
    assert media(media_playlist(1, 3)).at_date(first) is None


def test_a_master_playlist_counts_in_bytes_and_knows_its_audio() -> None:
    found = master(DEMUXED, "http://t.invalid/live/master.m3u8")
    assert found.variants[0][:2] == (10_000.0, "http://t.invalid/live/v0/playlist.m3u8")
    assert found.audio_of(found.variants[0]) == "http://t.invalid/live/audio/playlist.m3u8"
    plain = master(MASTER)
    assert plain.audio_of(plain.variants[0]) is None


def test_audio_without_a_playlist_of_its_own_is_in_the_variant() -> None:
    inside = DEMUXED.replace(b',URI="audio/playlist.m3u8"', b"")
    found = master(inside)
    assert found.audio_of(found.variants[0]) is None


def test_the_same_bytes_at_the_same_url_are_parsed_once() -> None:
    body = media_playlist(5, 3)
    again = bytes(bytearray(body))
    assert parse(body, BASE) is parse(again, BASE)
    assert parse(body, BASE) is not parse(body, BASE + "?x")


@pytest.mark.parametrize("said", ["0", "0.2", "1"])
def test_a_target_duration_is_never_below_one_second(said: str) -> None:
    assert media(media_playlist(1, 3, target=said)).target_duration == 1.0


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "EXTM3U"),
        (b"<!doctype html><html></html>", "EXTM3U"),
        (b'{"error": "gone"}', "EXTM3U"),
        (b"\xef\xbb\xbf" + MASTER, "EXTM3U"),
        (b"#EXTM3U\n\xff\xfe", "decode"),
        (b"#EXTM3U\n", "TARGETDURATION"),
        (media_playlist(1, 3).replace(b"TARGETDURATION", b"TARG"), "TARGETDURATION"),
        (media_playlist(1, 3, target="-4"), "duration"),
        (media_playlist(1, 3, target="nan"), "duration"),
        (media_playlist(1, 3, target="1e9"), "duration"),
        (media_playlist(1, 3, target="four"), "four"),
        (media_playlist(1, 3)[: -len(b"3.m4s\n")], "EXTINF without"),
        (media_playlist(1, 3) + b"4.m4s\n", "without EXTINF"),
        (media_playlist(-1, 3), "range"),
        (media_playlist(2**64, 3), "range"),
        (media_playlist(1, 1) + b"#EXTINF:inf,\n2.m4s\n", "duration"),
        (media_playlist(1, 1) + b"#EXTINF:4,\n#EXT-X-BYTERANGE:7\n2.m4s\n", "nowhere"),
        (media_playlist(1, 1) + b"#EXTINF:4,\n#EXT-X-BYTERANGE:0@0\n2.m4s\n", "empty"),
        (media_playlist(1, 1) + b"#EXT-X-MEDIA-SEQUENCE:9\n", "after a segment"),
        (media_playlist(1, 1) + b"#EXT-X-MAP:BYTERANGE=1@1\n", "MAP"),
        (media_playlist(1, 1) + b"#EXTINF:4,\nftp://t.invalid/2.m4s\n", "http"),
        (MASTER + media_playlist(1, 1), "both"),
        (b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n", "without its URI"),
        (b"#EXTM3U\n#EXT-X-STREAM-INF:RESOLUTION=1x1\nv.m3u8\n", "int"),
        (b"#EXTM3U\nv.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=1\nw.m3u8\n", "v.m3u8"),
    ],
)
def test_what_is_no_playlist_is_garbage_and_says_why(body: bytes, why: str) -> None:
    with pytest.raises(Garbage, match=why):
        parse(body, BASE)


def test_a_date_nobody_can_read_only_costs_the_date() -> None:
    body = FULL.replace(b"2022-09-06T19:00:00.500Z", b"yesterday")
    assert [s.date for s in media(body).segments] == [None] * 4


def test_reading_an_answer_leaves_the_playlist_or_calls_it_garbage() -> None:
    reply = Reply(Fetch(Step.PLAYLIST, BASE, Timeouts(1.0, 1.0, 1.0)), 0.0)
    reply.body = media_playlist(1, 3)
    assert (read_media_playlist(reply), reply.value) == (Outcome.OK, parse(reply.body, BASE))
    reply.body = MASTER
    assert read_playlist(reply) is Outcome.OK
    assert read_media_playlist(reply) is Outcome.GARBAGE
    reply.body = b"<html>"
    assert read_playlist(reply) is Outcome.GARBAGE


DURATIONS = st.integers(1, 12_000).map(lambda ms: ms / 1000)


@given(
    first=st.integers(0, 2**40),
    durations=st.lists(DURATIONS, max_size=12),
    dated=st.booleans(),
    ended=st.booleans(),
    eol=st.sampled_from(["\n", "\r\n"]),
)
def test_media_playlists_are_read_as_the_m3u8_library_reads_them(
    *, first: int, durations: list[float], dated: bool, ended: bool, eol: str
) -> None:
    lines = ["#EXTM3U", "#EXT-X-TARGETDURATION:12", f"#EXT-X-MEDIA-SEQUENCE:{first}"]
    if dated:
        lines.append("#EXT-X-PROGRAM-DATE-TIME:2022-09-06T21:00:00.000+02:00")
    for n, duration in enumerate(durations):
        lines += [f"#EXTINF:{duration},", f"sub/{n}.m4s"]
    text = eol.join([*lines, *(["#EXT-X-ENDLIST"] if ended else []), ""])
    ours, theirs = media(text.encode()), m3u8.loads(text, uri=BASE)
    assert [s.url for s in ours.segments] == [s.absolute_uri for s in theirs.segments]
    assert [s.duration for s in ours.segments] == [s.duration for s in theirs.segments]
    assert (ours.sequence, ours.ended) == (theirs.media_sequence, theirs.is_endlist)
    dates = [s.current_program_date_time for s in theirs.segments]
    for segment, date in zip(ours.segments, dates, strict=True):
        assert segment.date == pytest.approx(date and date.timestamp(), abs=1e-3)


@given(st.lists(st.tuples(st.integers(8, 10**9), st.booleans()), min_size=1, max_size=6))
def test_master_playlists_are_read_as_the_m3u8_library_reads_them(
    rungs: list[tuple[int, bool]],
) -> None:
    lines = ["#EXTM3U"]
    for n, (rate, seen) in enumerate(rungs):
        picture = ",RESOLUTION=16x9" if seen else ""
        lines += [f'#EXT-X-STREAM-INF:BANDWIDTH={rate},CODECS="a,b"{picture}', f"v{n}.m3u8"]
    text = "\n".join(lines)
    ours, theirs = master(text.encode()), m3u8.loads(text, uri=BASE)
    assert [v.bit_rate * 8 for v in ours.variants] == [
        p.stream_info.bandwidth for p in theirs.playlists
    ]
    assert [v.url for v in ours.variants] == [p.absolute_uri for p in theirs.playlists]
    assert [v.has_picture for v in ours.variants] == [
        p.stream_info.resolution is not None for p in theirs.playlists
    ]


@given(
    reference=st.text(string.ascii_letters + string.digits + "./?#:-_~%&=+@ é", min_size=1),
    base=st.sampled_from(
        [
            BASE,
            "http://t.invalid",
            "http://t.invalid/a/../b/x?y=/z/",
            "http://t.invalid/a/./x",
            "http://t.invalid//a/x",
            "http://t.invalid/.a/x",
            "http://t.invalid/a/..",
            "https://t.invalid:8443/viewer/1/live.m3u8?signature=a/b.c",
        ]
    ),
)
def test_uris_resolve_as_rfc_3986_says_however_they_are_joined(reference: str, base: str) -> None:
    if reference.strip() != reference or reference.startswith("#"):
        return
    body = f"#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n{reference}\n".encode()
    try:
        found = media(body, base).segments[0].url
    except Garbage:
        return  # an absolute reference no request can be sent to
    assert found == resolve(base, reference)


TAGS = [
    "#EXTM3U", "#EXT-X-TARGETDURATION:4", "#EXTINF:4,", "s.m4s", "#EXT-X-MEDIA-SEQUENCE:7",
    "#EXT-X-BYTERANGE:9@1", "#EXT-X-BYTERANGE:9", '#EXT-X-MAP:URI="i"', "#EXT-X-ENDLIST",
    "#EXT-X-GAP",
    "#EXT-X-PROGRAM-DATE-TIME:0001-01-01T00:00:00+14:00", "#EXT-X-STREAM-INF:BANDWIDTH=9", "http://[",
    "#EXT-X-SERVER-CONTROL:HOLD-BACK=x", '#EXT-X-MEDIA:TYPE=AUDIO,URI="//["',
    "#EXT-X-DISCONTINUITY",
]  # fmt: skip


@given(
    st.binary(max_size=200).map(lambda b: b"#EXTM3U" + b)
    | st.lists(st.sampled_from(TAGS) | st.text(max_size=8), max_size=20).map(
        lambda lines: "\n".join(["#EXTM3U", *lines]).encode("utf-8", "surrogatepass")
    )
)
def test_any_bytes_are_a_playlist_or_garbage(body: bytes) -> None:
    try:
        found = parse(body, BASE)
    except Garbage:
        return
    assert isinstance(found, Master | Media)
