"""The edge: a cache before the live stream. Only a miss costs the origin anything."""

import re
from collections.abc import Callable

from loadtests.stack.event_clock import EventClock
from loadtests.stack.exchange import Cache, Request
from loadtests.stack.model import Stack
from loadtests.stack.personal import Personal
from loadtests.stack.station import Desk
from loadtests.stack.stream import Live
from loadtests.units import Seconds
from loadtests.vocabulary import Step

_MEDIA = re.compile(r"/live/([a-z]+\d*)/(?:(playlist\.m3u8)|(init\.mp4)|(\d{1,12})\.m4s)")
_AD = re.compile(r"/live/([a-z]+\d*)/ads/(\d{1,6})/(?:(init\.mp4)|(\d{1,6})\.m4s)")
_MASTER = "/live/master.m3u8"
_MOST_SLOTS = 4096

_PLAYLISTS = frozenset({Step.MASTER, Step.PLAYLIST})

_Make = Callable[[Seconds], bytes | None]


class Slot:
    """What the cache keeps of one target. `body` is None for what the origin does not have."""

    __slots__ = ("body", "expiry", "make", "ready", "step")

    def __init__(self, step: Step, make: _Make) -> None:
        self.step = step
        self.make = make
        self.body: bytes | None = None
        self.ready = -1.0  # when the origin had answered
        self.expiry = -1.0


class Edge:
    """Playlists and segments, cached by target (path and query, as caches are by default).

    Misses of one target while its fill is under way wait for it (nginx's proxy_cache_lock).
    What the origin does not have is not kept. Where each viewer has playlists of their own, the
    edge writes them from those it holds: it caches by path, and the origin has no more to do; with
    a cache that holds no playlists the origin makes each of them.
    """

    def __init__(self, stack: Stack, clock: EventClock) -> None:
        self.origin = Desk(stack.origin)
        self._live = live = Live(stack.stream, clock)
        self._personal = Personal(stack.stream, live) if stack.stream.is_personal else None
        self._cache = stack.cache
        self._slots: dict[str, Slot] = {}

    def slot(self, target: str) -> Slot | None:
        """The place of a target in the cache; None if it is no part of the stream."""
        key = self.key(target)
        slot = self._slots.get(key)
        if slot is None:
            slot = self._locate(key)
            if slot is not None:
                self._make_room()
                self._slots[key] = slot
        return slot

    def key(self, target: str) -> str:
        """What the cache knows a target by."""
        return target if self._personal is None else target.partition("?")[0]

    def admits(self, slot: Slot, target: str, now: Seconds) -> bool:
        """Whether the target's signature is good at `now`, where one is needed."""
        return self._personal is None or self._personal.admits(slot.step, target, now)

    def ask(self, slot: Slot, now: Seconds) -> Cache:
        """Have the slot filled if need be, by `slot.ready`; None if the origin refused."""
        if now < slot.expiry:
            return "hit"
        ready = self.origin.offer(now)
        if ready is None:
            return None
        slot.ready = ready
        slot.body = slot.make(ready)
        slot.expiry = self._expiry(slot, now)
        return "miss"

    def forget(self, target: str) -> None:
        """Keep nothing of a target; a fill under way goes on, and is shared until it is done."""
        slot = self._slots.get(self.key(target))
        if slot is not None:
            slot.expiry = min(slot.expiry, slot.ready)

    def body(self, slot: Slot, request: Request, account: str | None, now: Seconds) -> bytes | None:
        """What the slot holds, as whoever asks at `now` is to have it; None if it holds nothing."""
        personal = self._personal
        if personal is not None and slot.step is Step.PLAYLIST:
            return personal.playlist(request.target, slot.ready, now)
        if personal is not None and slot.step is Step.MASTER:
            return personal.master(request, account)
        return slot.body

    def playlist(self, target: str, moment: Seconds, now: Seconds) -> bytes:
        """What the media playlist of a target, asked for at `now`, would be had it stopped then."""
        if self._personal is None:
            return self._live.playlist(moment)
        return self._personal.playlist(target, moment, now)

    def _expiry(self, slot: Slot, now: Seconds) -> Seconds:
        """Until when what was just filled is served again, to those who wait for it included."""
        cache, is_playlist = self._cache, slot.step in _PLAYLISTS
        if is_playlist and not cache.playlists:
            return now
        if slot.body is None:
            return slot.ready
        return slot.ready + (cache.playlist_ttl if is_playlist else cache.segment_ttl)

    def _make_room(self) -> None:
        if len(self._slots) >= _MOST_SLOTS:
            newest = list(self._slots.items())[_MOST_SLOTS // 2 :]
            self._slots = dict(newest)

    def _locate(self, target: str) -> Slot | None:
        path = target.partition("?")[0]
        live = self._live
        if path == _MASTER:
            return Slot(Step.MASTER, lambda _: live.master)
        match = _MEDIA.fullmatch(path)
        if match is None:
            return self._locate_ad(path)
        if not live.has_track(match[1]):
            return None
        if match[2]:
            return Slot(Step.PLAYLIST, live.playlist)
        if match[3]:
            return Slot(Step.INIT, lambda _: live.init)
        track, sequence = match[1], int(match[4])
        return Slot(Step.SEGMENT, lambda at: live.segment(track, sequence, at))

    def _locate_ad(self, path: str) -> Slot | None:
        live, match = self._live, _AD.fullmatch(path)
        if match is None or not live.has_track(match[1]):
            return None
        track, creative = match[1], int(match[2])
        if match[3]:
            return Slot(Step.INIT, lambda _: live.ad_init(creative))
        part = int(match[4])
        return Slot(Step.SEGMENT, lambda _: live.ad_segment(track, creative, part))
