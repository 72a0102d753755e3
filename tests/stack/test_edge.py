"""The edge cache: what it keeps, what it asks the origin for."""

from dataclasses import replace

from loadtests.stack.defaults import DEFAULT
from loadtests.stack.edge import Edge, Slot
from loadtests.stack.event_clock import EventClock
from loadtests.stack.model import EdgeCache, Stack, Station

NOW = 1.8e9
CLOCK = EventClock(None)
STACK = replace(
    DEFAULT,
    origin=Station(servers=1, service_time=0.5, queue=1),
    cache=EdgeCache(playlist_ttl=1.0, segment_ttl=60.0),
)


def slot_of(edge: Edge, target: str) -> Slot:
    slot = edge.slot(target)
    assert slot is not None
    return slot


def test_misses_at_once_cost_the_origin_one_fill_and_all_wait_for_it() -> None:
    edge = Edge(STACK, CLOCK)
    slot = slot_of(edge, "/live/v0/playlist.m3u8")
    assert [edge.ask(slot, NOW + wait) for wait in (0.0, 0.1, 0.4)] == ["miss", "hit", "hit"]
    assert slot.ready == NOW + 0.5


def test_a_playlist_is_asked_for_again_when_its_time_is_over() -> None:
    edge = Edge(STACK, CLOCK)
    slot = slot_of(edge, "/live/v0/playlist.m3u8")
    moments = (0.0, 1.4, 1.6, 3.0, 3.2)  # filled at 0.5, good until 1.5; then from 2.1 to 3.1
    assert [edge.ask(slot, NOW + at) for at in moments] == ["miss", "hit", "miss", "hit", "miss"]


def test_renditions_are_cached_apart() -> None:
    edge = Edge(STACK, CLOCK)
    targets = ("/live/v0/playlist.m3u8", "/live/v1/playlist.m3u8")
    assert [edge.ask(slot_of(edge, target), NOW) for target in targets] == ["miss", "miss"]


def test_another_query_is_another_entry() -> None:
    edge = Edge(STACK, CLOCK)
    targets = ("/live/master.m3u8", "/live/master.m3u8?x=1")
    assert [edge.ask(slot_of(edge, target), NOW) for target in targets] == ["miss", "miss"]


def test_a_full_origin_refuses_and_the_next_may_try_again() -> None:
    edge = Edge(STACK, CLOCK)
    slots = [slot_of(edge, f"/live/v{k}/init.mp4") for k in range(3)]
    assert [edge.ask(slot, NOW) for slot in slots] == ["miss", "miss", None]
    assert edge.ask(slots[2], NOW + 0.5) == "miss"


def test_what_does_not_exist_yet_is_not_kept() -> None:
    edge = Edge(STACK, CLOCK)
    sequence = int(NOW // 4) + 2  # made 12 seconds from now
    slot = slot_of(edge, f"/live/v0/{sequence}.m4s")
    assert edge.ask(slot, NOW) == "miss"
    assert slot.body is None
    assert edge.ask(slot, NOW + 12.0) == "miss"
    assert slot.body is not None


def test_a_playlist_is_as_fresh_as_the_moment_the_origin_answered() -> None:
    edge = Edge(STACK, CLOCK)
    slot = slot_of(edge, "/live/v0/playlist.m3u8")
    edge.ask(slot, NOW - 0.25)  # a segment ends at NOW, while the origin works
    assert slot.body is not None
    assert f"{int(NOW // 4) - 1}.m4s".encode() in slot.body


def test_what_is_no_part_of_the_stream_has_no_slot() -> None:
    edge = Edge(STACK, CLOCK)
    others = ("/home", "/live/", "/live/v9/playlist.m3u8", "/live/v0/x.m4s", "/live/audio/init.mp4")
    assert [edge.slot(target) for target in others] == [None] * len(others)


def test_a_flood_of_new_targets_does_not_make_the_cache_grow_without_end() -> None:
    edge = Edge(STACK, CLOCK)
    for n in range(20_000):
        edge.slot(f"/live/v0/playlist.m3u8?{n}")
    assert len(edge._slots) <= 4096
    assert "/live/v0/playlist.m3u8?19999" in edge._slots


def test_hits_cost_the_origin_nothing() -> None:
    edge = Edge(Stack(stations={}, origin=Station(servers=1, service_time=0.001, queue=0)), CLOCK)
    slot = slot_of(edge, "/live/v0/init.mp4")
    answers = [edge.ask(slot, NOW + n / 1000) for n in range(1000)]
    assert answers == ["miss"] + ["hit"] * 999


def test_where_none_is_held_each_playlist_is_the_origin_s_work() -> None:
    edge = Edge(replace(STACK, cache=EdgeCache(playlists=False)), CLOCK)
    slot = slot_of(edge, "/live/v0/playlist.m3u8")
    asked = [(edge.ask(slot, NOW + at), slot.ready) for at in (0.0, 0.0, 0.0, 0.75)]
    # the third finds one being made and one in line
    assert asked == [
        ("miss", NOW + 0.5),
        ("miss", NOW + 1.0),
        (None, NOW + 1.0),
        ("miss", NOW + 1.5),
    ]
    master = slot_of(edge, "/live/master.m3u8")
    assert [edge.ask(master, NOW + at) for at in (9.0, 9.9)] == ["miss", "miss"]


def test_where_no_playlist_is_held_segments_are_all_the_same() -> None:
    edge = Edge(replace(STACK, cache=EdgeCache(playlists=False)), CLOCK)
    slot = slot_of(edge, "/live/v0/init.mp4")
    assert [edge.ask(slot, NOW + at) for at in (0.0, 0.1, 9.0)] == ["miss", "hit", "hit"]


def test_a_stale_playlist_was_the_origin_s_work_too() -> None:
    edge = Edge(replace(STACK, cache=EdgeCache(playlists=False)), CLOCK)
    slot = slot_of(edge, "/live/v0/playlist.m3u8")
    edge.ask(slot, NOW)
    edge.forget("/live/v0/playlist.m3u8")
    assert edge.ask(slot, NOW + 0.1) == "miss"


def test_only_an_origin_that_makes_every_playlist_follows_the_audience() -> None:
    shared, own = STACK, replace(STACK, cache=EdgeCache(playlists=False))
    assert shared.sized(scale=0.5, speed=8).origin == STACK.origin
    assert own.sized(scale=0.5, speed=8).origin.capacity == STACK.origin.capacity / 2
