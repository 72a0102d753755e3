"""Playlists of a viewer's own, as an independent parser and our player's read them."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any, NamedTuple
from urllib.parse import urljoin

import m3u8
import pytest
from evening import NOW, Asker, Evening, device

from loadtests.behavior.playlist import Media
from loadtests.behavior.playlist_parser import parse
from loadtests.stack.ad_breaks import AdBreaks
from loadtests.stack.device import UNKNOWN_DEVICE
from loadtests.stack.exchange import Answer
from loadtests.stack.faults.cache_node_lost import CacheNodeLost
from loadtests.stack.faults.model import Fault
from loadtests.stack.faults.stale_playlists import StalePlaylists
from loadtests.stack.model import EdgeCache, Station, Stream
from loadtests.stack.signed_urls import SignedUrls
from loadtests.vocabulary import Step

ADS = AdBreaks(every=60.0, start=20.0, ads=2, duration=8.0, creatives=5)
SIGNED = SignedUrls(life=100.0)
PERSONAL = Stream(signed_urls=SIGNED, ad_breaks=ADS)
ONE, OTHER = Asker(device=device(1)), Asker("viewer-0000124", device(2))
BARE = Asker(None, UNKNOWN_DEVICE)


def evening(stream: Stream = PERSONAL, **more: Any) -> Evening:  # noqa: ANN401 - fields of Stack
    return Evening(stream=stream, **more)


def ways_in(stack: Evening, by: Asker = ONE) -> list[str]:
    """Targets of the media playlists a viewer's master playlist names, audio last."""
    master = m3u8.loads(stack.get("/live/master.m3u8", by=by).body.decode())
    uris = [p.uri for p in master.playlists] + [m.uri for m in master.media]
    return [urljoin("/live/master.m3u8", uri) for uri in uris]


class Listed(NamedTuple):
    """One segment as a playlist lists it, without what is the viewer's alone."""

    path: str
    section: str
    discontinuity: int  # its sequence number
    date: float


def plainly(uri: str) -> str:
    return uri.partition("?")[0]


def listed(text: bytes) -> dict[int, Listed]:
    """What an independent parser reads, by media sequence number."""
    playlist = m3u8.loads(text.decode())
    found, discontinuity = {}, playlist.discontinuity_sequence or 0
    for number, segment in enumerate(playlist.segments):
        discontinuity += segment.discontinuity
        found[playlist.media_sequence + number] = Listed(
            plainly(segment.uri),
            plainly(segment.init_section.uri),
            discontinuity,
            segment.program_date_time.timestamp(),
        )
    return found


def reloads(
    stack: Evening, target: str, *, by: Asker = ONE, until: int = 200
) -> Iterator[tuple[int, bytes]]:
    for at in range(until):
        answer = stack.get(target, by=by, at=at)
        assert (answer.status, answer.outcome) == (200, "ok")
        yield at, answer.body


def test_a_segment_is_the_same_in_every_playlist_that_lists_it() -> None:
    stack = evening()
    seen: dict[int, Listed] = {}
    for _, text in reloads(stack, ways_in(stack)[0]):
        now = listed(text)
        assert len(now) == 8
        assert {n: seen.get(n, segment) for n, segment in now.items()} == now
        seen |= now
    assert sorted(seen) == list(range(min(seen), max(seen) + 1))
    assert max(segment.discontinuity for segment in seen.values()) == 9  # three breaks of two ads


def test_dates_go_on_through_the_ads() -> None:
    stack = evening()
    seen: dict[int, Listed] = {}
    for _, text in reloads(stack, ways_in(stack)[0]):
        seen |= listed(text)
    assert {n: segment.date for n, segment in seen.items()} == {n: n * 4.0 for n in seen}


def test_each_ad_is_played_from_its_beginning_with_a_section_of_its_own() -> None:
    stack = evening()
    seen: dict[int, Listed] = {}
    for _, text in reloads(stack, ways_in(stack)[0], until=80):
        seen |= listed(text)
    start = int((NOW + 20.0) // 4)
    deal = int(seen[start].section.split("/")[1])
    first, second = f"ads/{deal}/", f"ads/{(deal + 1) % 5}/"
    assert [seen[start + n][:3] for n in range(-1, 5)] == [
        (f"{start - 1}.m4s", "init.mp4", 0),
        (f"{first}0.m4s", f"{first}init.mp4", 1),
        (f"{first}1.m4s", f"{first}init.mp4", 1),
        (f"{second}0.m4s", f"{second}init.mp4", 2),
        (f"{second}1.m4s", f"{second}init.mp4", 2),
        (f"{start + 4}.m4s", "init.mp4", 3),
    ]


def test_viewers_see_their_own_ads_at_the_same_time() -> None:
    stack = evening()
    seen = []
    for number in range(40):
        by = Asker(device=device(number))
        seen.append(listed(stack.get(ways_in(stack, by)[0], by=by, at=40).body))
    ads = {tuple(s.path for s in one.values() if "ads/" in s.path) for one in seen}
    assert len(ads) == 5
    assert len({tuple((n, s.discontinuity, s.date) for n, s in one.items()) for one in seen}) == 1


def urls(target: str, text: bytes) -> list[str]:
    """Targets of everything a media playlist lists."""
    segments = m3u8.loads(text.decode()).segments
    named = [uri for segment in segments for uri in (segment.init_section.uri, segment.uri)]
    return [urljoin(target, uri) for uri in dict.fromkeys(named)]


@pytest.mark.parametrize(("stream", "count"), [(PERSONAL, 3), (replace(PERSONAL, demuxed=True), 4)])
def test_whatever_is_listed_can_be_had_at_once_and_half_a_minute_later(
    stream: Stream, count: int
) -> None:
    stack = evening(stream)
    tracks = ways_in(stack)
    assert len(tracks) == count
    earlier: dict[int, list[str]] = {}
    for at in range(0, 120, 10):
        now = [url for track in tracks for url in urls(track, stack.get(track, at=at).body)]
        assert len(now) >= 9 * len(tracks)
        earlier[at] = now
        answers = [stack.get(url, at=at) for url in (*now, *earlier.get(at - 30, ()))]
        assert {(answer.status, len(answer.body) > 0) for answer in answers} == {(200, True)}


@pytest.mark.parametrize("stream", [PERSONAL, Stream(ad_breaks=ADS), Stream(signed_urls=SIGNED)])
def test_our_player_reads_what_the_independent_parser_reads(stream: Stream) -> None:
    stack = evening(stream)
    target = ways_in(stack)[1]
    for _, text in reloads(stack, target, until=120):
        ours, theirs = parse(text, f"http://t.invalid{target}"), m3u8.loads(text.decode())
        assert isinstance(ours, Media)
        base = f"http://t.invalid{target}"
        assert (ours.sequence, ours.target_duration) == (
            theirs.media_sequence,
            theirs.target_duration,
        )
        assert [
            (s.url, s.section and s.section.url, s.discontinuity, s.date, s.duration)
            for s in ours.segments
        ] == [
            (
                urljoin(base, s.uri),
                urljoin(base, s.init_section.uri),
                s.discontinuity,
                s.program_date_time.timestamp(),
                s.duration,
            )
            for s in theirs.segments
        ]


def refused(answer: Answer) -> bool:
    assert (answer.status, answer.outcome) in {(403, "forbidden"), (200, "ok")}
    return answer.status == 403


def test_nothing_but_the_master_playlist_is_had_without_a_signature() -> None:
    stack = evening()
    track = ways_in(stack)[0]
    listing = [track, *urls(track, stack.get(track, at=30).body)]
    assert not any(refused(stack.get(url, at=30)) for url in listing)
    assert all(refused(stack.get(plainly(url), at=30)) for url in listing)
    assert all(refused(stack.get(f"{url}0", at=30)) for url in listing)
    assert not refused(stack.get("/live/master.m3u8?x=1", at=30))


def test_a_url_that_is_over_is_refused_and_the_next_playlist_has_a_good_one() -> None:
    stack = evening(Stream(signed_urls=SIGNED))
    track = ways_in(stack)[0]
    section = urls(track, stack.get(track, at=0).body)[0]
    answers = [refused(stack.get(section, at=at)) for at in range(0, 220, 5)]
    assert answers == sorted(answers)
    assert answers.index(True) * 5 == pytest.approx(150, abs=55)  # one life to two
    renewed = urls(track, stack.get(track, at=220).body)[0]
    assert plainly(renewed) == plainly(section)
    assert not refused(stack.get(renewed, at=220))


def test_a_signature_is_good_for_one_track() -> None:
    stack = evening(Stream(signed_urls=SIGNED))
    track = ways_in(stack)[0]
    section = urls(track, stack.get(track).body)[0]
    assert refused(stack.get(section.replace("/v0/", "/v1/")))
    assert refused(stack.get(track.replace("/v0/", "/v1/")))


def test_a_refusal_costs_the_origin_nothing() -> None:
    stack = evening(origin=Station(servers=1, service_time=1.0, queue=0))
    assert stack.get("/live/master.m3u8").cache == "miss"  # for one second the origin is busy
    assert refused(stack.get("/live/v0/init.mp4", at=0.5))


def test_whoever_shows_nothing_is_a_viewer_of_their_own_and_others_stay_who_they_are() -> None:
    stack = evening()
    assert ways_in(stack, BARE) != ways_in(stack, BARE)
    assert ways_in(stack, ONE) == ways_in(stack, ONE) != ways_in(stack, OTHER)
    same_account = Asker(ONE.account, device(9))
    assert ways_in(stack, ONE) != ways_in(stack, same_account)


def test_no_url_tells_whose_account_it_is_for() -> None:
    stack = evening()
    texts = [stack.get("/live/master.m3u8", by=OTHER).body]
    texts += [stack.get(track, by=OTHER).body for track in ways_in(stack, OTHER)]
    assert not any(b"0000124" in text for text in texts)


def test_viewers_share_what_the_cache_holds() -> None:
    stack = evening(cache=EdgeCache(playlist_ttl=100.0, segment_ttl=100.0))
    tracks = [ways_in(stack, by)[0] for by in (ONE, OTHER)]
    texts = [stack.get(track, at=10).body for track in tracks]
    asked = [stack.get(urls(*pair)[-1], at=10) for pair in zip(tracks, texts, strict=True)]
    assert [answer.cache for answer in asked] == ["miss", "hit"]
    assert [stack.get(track, at=11).cache for track in tracks] == ["hit", "hit"]
    assert texts[0] != texts[1]


def test_a_cached_playlist_is_as_old_for_all_and_signed_anew_for_each() -> None:
    stack = evening(Stream(signed_urls=SignedUrls(life=5.0)), cache=EdgeCache(playlist_ttl=60.0))
    track = ways_in(stack)[0]
    texts = [stack.get(track, at=at).body for at in (0, 12, 48)]
    assert len({tuple(listed(text)) for text in texts}) == 1
    assert len(set(texts)) == 3
    assert not refused(stack.get(urls(track, texts[-1])[0], at=50))


def test_old_playlists_are_the_viewer_s_own_and_their_urls_are_good() -> None:
    fault = Fault(stale_playlists=StalePlaylists(start=30.0, stop=600.0))
    stack = evening(faults=(fault,))
    track = ways_in(stack)[0]
    before = stack.get(track, at=30).body
    after = stack.get(track, at=500).body
    assert listed(after) == listed(before)
    assert any("ads/" in segment.path for segment in listed(after).values())
    assert not refused(stack.get(urls(track, after)[0], at=500))
    assert refused(stack.get(urls(track, before)[0], at=500))


def test_what_a_lost_node_held_is_lost_to_every_viewer() -> None:
    fault = Fault(cache_node_lost=CacheNodeLost(start=0.0, stop=600.0, nodes=2, lost=1))
    stack = evening(faults=(fault,), cache=EdgeCache(playlist_ttl=600.0, segment_ttl=600.0))
    caches: dict[str, list[str | None]] = {}
    for number in range(1, 6):
        by = Asker(device=device(number))
        for track in ways_in(stack, by):
            section = urls(track, stack.get(track, by=by, at=number).body)[0]
            for url in (track, section):
                caches.setdefault(plainly(url), []).append(stack.get(url, at=number).cache)
    lost = [answers == ["miss"] * 5 for answers in caches.values()]
    assert len(caches) == 6
    assert sorted(set(lost)) == [False, True]
    assert all(
        is_lost or answers in (["miss"] + ["hit"] * 4, ["hit"] * 5)
        for is_lost, answers in zip(lost, caches.values(), strict=True)
    )


def test_parts_of_segments_and_ads_are_given_where_the_url_is_good() -> None:
    stack = evening()
    track = ways_in(stack)[0]
    ad = next(url for url in urls(track, stack.get(track, at=30).body) if "ads/" in url)
    answer = stack.get(ad, at=30)
    assert (answer.step, answer.status) == (Step.INIT, 200)
    assert b"ad " in answer.body


@pytest.mark.parametrize(
    "path", ["ads/5/init.mp4", "ads/0/2.m4s", "ads/x/0.m4s", "ads/0/playlist.m3u8"]
)
def test_what_is_no_ad_of_the_stack_is_not_found(path: str) -> None:
    stack = evening(Stream(ad_breaks=ADS))
    assert stack.get(f"/live/v0/{path}").status == 404
    assert evening(Stream()).get("/live/v0/ads/0/init.mp4").status == 404


def test_before_the_run_begins_there_are_no_breaks_and_then_there_are() -> None:
    stack = evening(Stream(ad_breaks=ADS), begun=False)
    track = ways_in(stack)[0]
    assert b"ads/" not in stack.get(track, at=40).body
    stack.service.begin(NOW)
    assert b"ads/" in stack.get(track, at=42).body


def test_one_text_is_made_for_all_viewers_of_the_same_ads() -> None:
    stack = evening(Stream(ad_breaks=ADS))
    texts = [
        stack.get(ways_in(stack, by)[0], by=by, at=40).body
        for by in (Asker(device=device(number)) for number in range(40))
    ]
    assert len({id(text) for text in texts}) == 5


def test_the_sequence_of_discontinuities_never_runs_back_nor_leaps() -> None:
    stack = evening()
    numbers = [
        m3u8.loads(text.decode()).discontinuity_sequence
        for _, text in reloads(stack, ways_in(stack)[0], until=300)
    ]
    assert {later - earlier for earlier, later in pairwise(numbers)} == {0, 1}
