"""A tiny world in memory: replies as scripted, the clock jumping to whatever is due next."""

import heapq
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from math import inf
from typing import Any

from loadtests.audience.arrivals import Arrival
from loadtests.behavior.judge import judge
from loadtests.behavior.steps import Fetch, Journey, Progress, Reply
from loadtests.behavior.walk import Pending, Walk
from loadtests.scenario.habits import HumanRetry
from loadtests.scenario.model import Audience, Device, Estimate, Event, Scenario, Span, Viewing
from loadtests.units import Seconds
from loadtests.url import split
from loadtests.vocabulary import End, Fact, Outcome, Player, Purpose, Step

NEVER: Seconds = inf


@dataclass(frozen=True, kw_only=True)
class Said:
    """A scripted answer: complete `after`, its first byte `first` seconds after the request."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[bytes, bytes] = field(default_factory=dict)
    after: Seconds = 0.0
    first: Seconds | None = None
    outcome: Outcome | None = None  # a transport failure in place of an answer


Script = Callable[[Fetch, Seconds], Said]


class World:
    """Performs what any number of journeys yield; `sent` lists every request, in order."""

    def __init__(self, script: Script, now: Seconds = 0.0) -> None:
        self.script = script
        self.now = now
        self.sent: list[Reply] = []
        self.canceled: list[Reply] = []
        self.waits: list[Seconds] = []
        self.results: list[Any] = []
        self._due: list[tuple[Seconds, int, _Pending]] = []
        self._order = count()

    def fetch(self, fetch: Fetch, walk: Walk) -> Pending:
        reply = Reply(fetch, walk.now)
        self.sent.append(reply)
        said = self.script(fetch, walk.now)
        after, outcome = said.after, said.outcome
        if fetch.timeouts.whole < after:
            after, outcome = fetch.timeouts.whole, Outcome.TIMEOUT
        reply.done = walk.now + after
        reply.first_byte = walk.now + (after if said.first is None else said.first)
        if outcome is None:
            reply.status, reply.headers, reply.size = (
                said.status,
                dict(said.headers),
                len(said.body),
            )
            reply.body = said.body if fetch.keep else b""
        return self._later(reply.done, walk, reply, outcome)

    def wait(self, until: Seconds, walk: Walk) -> Pending:
        assert until < inf, "an infinite wait on the timer heap"
        self.waits.append(until)
        return self._later(until, walk, None, None)

    def _later(
        self, at: Seconds, walk: Walk, reply: Reply | None, outcome: Outcome | None
    ) -> "_Pending":
        pending = _Pending(self, walk, reply, outcome)
        heapq.heappush(self._due, (at, next(self._order), pending))
        return pending

    def start(self, journey: Journey, at: Seconds | None = None) -> Walk:
        """Begin a journey now or at a given moment."""
        now = self.now if at is None else at
        walk = Walk(journey, self, now, self, 0)
        walk.resume(None, now)
        return walk

    def ended(self, index: int, result: Any, at: Seconds) -> None:  # noqa: ANN401, ARG002 - walk.Parent's signature
        self.results.append((result, at))

    def run(self, until: Seconds = inf, *, most: int = 1_000_000) -> "World":
        """Let happen what is due before `until`."""
        for _ in range(most):
            if not self._due or self._due[0][0] > until:
                self.now = max(self.now, until if until < inf else self.now)
                return self
            self.now, _, pending = heapq.heappop(self._due)
            pending.happen(self.now)
        raise AssertionError(f"more than {most} events by {self.now}")

    def times(self, step: Step) -> list[Seconds]:
        """When requests of a kind were due."""
        return [r.due for r in self.sent if r.fetch.step is step]

    def steps(self) -> list[Step]:
        """The kinds of all requests, in order."""
        return [r.fetch.step for r in self.sent]

    def attempts(self, step: Step) -> list[int]:
        """The attempt numbers of all requests of a kind."""
        return [r.fetch.attempt for r in self.sent if r.fetch.step is step]


class _Pending:
    def __init__(
        self, world: World, walk: Walk, reply: Reply | None, outcome: Outcome | None
    ) -> None:
        self._world = world
        self._walk: Walk | None = walk
        self._reply = reply
        self._outcome = outcome

    def happen(self, at: Seconds) -> None:
        walk, self._walk = self._walk, None
        if walk is None:
            return
        reply = self._reply
        if reply is None:
            walk.resume(at, at)
            return
        reply.outcome = judge(reply) if self._outcome is None else self._outcome
        walk.resume(reply, at)

    def cancel(self) -> None:
        if self._walk is not None and self._reply is not None:
            self._reply.done = self._world.now
            self._world.canceled.append(self._reply)
        self._walk = None


class Diary:
    """An observer that remembers."""

    def __init__(self) -> None:
        self.ends: list[tuple[End, Seconds]] = []
        self.progress: list[tuple[Seconds, Progress]] = []
        self.left_at: list[Seconds] = []
        self.facts: list[tuple[Fact, Seconds]] = []

    def decided(self, arrival: Arrival, end: End, at: Seconds) -> None:  # noqa: ARG002 - Observer's signature
        self.ends.append((end, at))

    def played(self, arrival: Arrival, progress: Progress, at: Seconds) -> None:  # noqa: ARG002 - Observer's signature
        self.progress.append((at, progress))

    def noted(self, arrival: Arrival, fact: Fact, at: Seconds) -> None:  # noqa: ARG002 - Observer's signature
        self.facts.append((fact, at))

    def left(self, arrival: Arrival, at: Seconds) -> None:  # noqa: ARG002 - Observer's signature
        self.left_at.append(at)

    def total(self, what: str) -> float:
        """One figure of all progress, added up."""
        return float(sum(getattr(progress, what) for _, progress in self.progress))

    def seen(self, what: str) -> list[float]:
        """The values of one figure, where there were any."""
        values = (getattr(progress, what) for _, progress in self.progress)
        return [value for value in values if value is not None]


def device(
    player: Player = Player.HLS_JS,
    *,
    cap: float | None = None,
    retry: HumanRetry = HumanRetry(spread=0.0),  # noqa: B008 - frozen
) -> Device:
    return Device(share=1.0, player=player, signs_in=0.0, bit_rate_cap=cap, human_retry=retry)


def arrival(  # noqa: PLR0913 - what chance decides about a viewer
    on: Device | None = None,
    *,
    at: Seconds = 0.0,
    index: int = 7,
    signs_in: bool = False,
    patience: Seconds = inf,
    stay: Seconds = inf,
    purpose: Purpose = Purpose.WATCH,
) -> Arrival:
    return Arrival(
        index=index,
        at=at,
        offset=0.0,
        device_name="tv",
        device=on or device(),
        signs_in=signs_in,
        patience=patience,
        stay=stay,
        seed=index,
        purpose=purpose,
    )


def scenario(
    *,
    start_limit: Seconds = 30.0,
    viewing: Viewing | None = None,
    **more: Any,  # noqa: ANN401 - any field
) -> Scenario:
    one = Estimate(value=1.0, low=1.0, high=1.0)
    made = Scenario(
        name="test",
        title="a test",
        event=Event(name="a match", kick_off="2022-09-06 21:00"),
        audience=Audience(published=1, people_per_account=one, share_on_app=one),
        scale=1.0,
        speed=1.0,
        window=Span(start=0.0, stop=600.0),
        arrivals=(),
        devices={"tv": device()},
        viewing=viewing or Viewing(),
        start_limit=start_limit,
    )
    return replace(made, **more)


def media_playlist(  # noqa: PLR0913 - one keyword per line of a playlist
    first: int,
    count_: int,
    *,
    duration: Seconds = 4.0,
    target: str | None = None,
    ended: bool = False,
    section: str | None = "init.mp4",
    extra: str = "",
) -> bytes:
    lines = ["#EXTM3U", f"#EXT-X-TARGETDURATION:{target or round(duration)}"]
    lines.append(f"#EXT-X-MEDIA-SEQUENCE:{first}")
    if extra:
        lines.append(extra)
    if section:
        lines.append(f'#EXT-X-MAP:URI="{section}"')
    for sequence in range(first, first + count_):
        lines += [f"#EXTINF:{duration:g},", f"{sequence}.m4s"]
    if ended:
        lines.append("#EXT-X-ENDLIST")
    return ("\n".join(lines) + "\n").encode()


MASTER = b"""#EXTM3U
#EXT-X-STREAM-INF:BANDWIDTH=80000,RESOLUTION=416x234
v0/playlist.m3u8
"""

DEMUXED = b"""#EXTM3U
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="main",DEFAULT=YES,URI="audio/playlist.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=80000,RESOLUTION=416x234,AUDIO="a"
v0/playlist.m3u8
"""


TOKENS = b'{"access_token": "one", "refresh_token": "r", "expires_in": 60}'

ALWAYS = {
    Step.HOME: (200, b"{}"),
    Step.SIGN_IN: (200, TOKENS),
    Step.REFRESH: (200, TOKENS),
    Step.ENTITLEMENT: (200, b'{"entitled": true}'),
    Step.SESSION: (201, b'{"session": "s1", "master": "/live/master.m3u8"}'),
    Step.LICENSE: (200, b"keys"),
    Step.INIT: (200, b"ftyp"),
    Step.HEARTBEAT: (204, b""),
    Step.LEAVE: (204, b""),
    Step.WEBSITE: (200, b"<html></html>"),
    Step.BOOT: (200, b'{"platform": "a", "move_to": null}'),
    Step.REGISTER: (200, b'{"platform": "b"}'),
    Step.SIGN_UP: (201, TOKENS),
    Step.CATALOG: (200, b'{"titles": ["title-0001"]}'),
    Step.ACCOUNT: (200, b"{}"),
    Step.HOUSEHOLD_CODE: (202, b'{"code": "123456"}'),
    Step.HOUSEHOLD: (200, b'{"verified": true}'),
    Step.CANCEL: (200, b"{}"),
    Step.SUPPORT: (200, b'{"by": "agent", "waited": 0, "takes": 60}'),
    Step.DOWNLOAD: (200, b'{"license": "l0", "renewals_left": 1}'),
    Step.RENEWAL: (200, b'{"license": "l1", "renewals_left": 0, "warning": "the last one"}'),
}


class Stack:
    """A healthy stack in the testbed's dialect: segment n exists once (n + 1) x duration is over.

    `twist` may answer in its place: it is asked first, and answers None where all is well.
    """

    def __init__(
        self,
        *,
        duration: Seconds = 4.0,
        listed: int = 8,
        master: bytes = MASTER,
        delays: Mapping[Step, Seconds] | None = None,
        twist: Callable[[Fetch, Seconds], Said | None] | None = None,
        segment: bytes = b"x" * 40_000,
    ) -> None:
        self.duration = duration
        self.listed = listed
        self.master = master
        self.delays = delays or {}
        self.twist = twist
        self.segment = segment

    def __call__(self, fetch: Fetch, now: Seconds) -> Said:
        said = self.twist(fetch, now) if self.twist else None
        if said is not None:
            return said
        status, body = self._answer(fetch, now)
        return Said(status=status, body=body, after=self.delays.get(fetch.step, 0.0))

    def _answer(self, fetch: Fetch, now: Seconds) -> tuple[int, bytes]:
        match fetch.step:
            case Step.PLAYLIST:
                newest = int(now // self.duration) - 1
                first = newest - self.listed + 1
                return 200, media_playlist(first, self.listed, duration=self.duration)
            case Step.SEGMENT:
                sequence = int(split(fetch.url).target.rsplit("/", 1)[1].removesuffix(".m4s"))
                return (200, self.segment) if (sequence + 1) * self.duration <= now else (404, b"")
            case Step.MASTER:
                return 200, self.master
            case _:
                return ALWAYS[fetch.step]
