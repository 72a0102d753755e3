"""The four things a journey can ask of its world, and what it gets back.

A journey is a generator: `reply = yield Fetch(...)`, `now = yield Wait(until)`,
`results = yield Together(a, b)`, `index, result = yield Race(a, b)`. Times are seconds since the
epoch on one steady clock. Records here are slotted and not frozen: one of each is made per request,
tens of thousands a second.
"""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from math import nan
from types import MappingProxyType
from typing import Any, Protocol

from loadtests.units import BytesPerSecond, Ratio, Seconds
from loadtests.vocabulary import Outcome, Step

Journey = Generator["Fetch | Wait | Together | Race", Any, Any]
"""A journey: yields steps, is sent what the world answers, returns to whoever started it."""


@dataclass(slots=True)
class Timeouts:
    """How long a device waits for connection, first byte, whole answer (from when it was sent)."""

    connect: Seconds
    first_byte: Seconds  # at most `whole`
    whole: Seconds

    def __post_init__(self) -> None:
        self.first_byte = min(self.first_byte, self.whole)


class Phrase(Protocol):
    """What was said in a request, and how its answers are understood: a line of a profile."""

    follow: bool  # redirects; else one is an answer like any other

    @property
    def where(self) -> str:
        """In the profile: `file:line:column: path`."""

    @property
    def has_side_effect(self) -> bool:
        """Whether it creates, cancels, texts or calls."""

    def judge(self, reply: "Reply") -> Outcome:
        """The outcome of an answer that arrived whole; what it says goes to `reply.value`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slow:
    """How an exchange is dragged out on purpose, to hold a connection; until its `timeouts.whole`.

    A byte goes out whenever one is due: of the body, or without one of the headers after the
    request line; what comes before goes at once. An answer is read by a window that is tiny.
    """

    writes: BytesPerSecond | None = None  # None: at once
    reads: BytesPerSecond | None = None


class Fetch:
    r"""One HTTP exchange: the journey is sent a `Reply`, whatever happens; no redirect is followed.

    `headers` are complete extra header lines (`b"Name: value\r\n"`), `span` an inclusive byte
    range, `keep` says whether the body is wanted (else it is counted and dropped). `read` judges an
    answer that arrived whole with a 2xx status: it returns the outcome and may leave what it
    understood in `reply.value`. Where there is a `phrase`, that judges all answers that arrived
    whole. `trail` holds the URLs that redirected here, first to last; empty for a request nobody
    redirected. `slow` is for hostile traffic: everybody else sends and reads as fast as they can.
    """

    __slots__ = (
        "attempt",
        "body",
        "headers",
        "keep",
        "method",
        "phrase",
        "read",
        "slow",
        "span",
        "step",
        "timeouts",
        "trail",
        "url",
    )

    def __init__(  # noqa: PLR0913 - one exchange has this many independent parts
        self,
        step: Step,
        url: str,
        timeouts: Timeouts,
        *,
        method: str = "GET",
        headers: bytes = b"",
        body: bytes = b"",
        keep: bool = True,
        span: tuple[int, int] | None = None,
        attempt: int = 1,
        read: "Callable[[Reply], Outcome] | None" = None,
        trail: tuple[str, ...] = (),
        phrase: Phrase | None = None,
        slow: Slow | None = None,
    ) -> None:
        self.step = step
        self.url = url
        self.timeouts = timeouts
        self.method = method
        self.headers = headers
        self.body = body
        self.keep = keep
        self.span = span
        self.attempt = attempt
        self.read = read
        self.trail = trail
        self.phrase = phrase
        self.slow = slow

    def again(self, attempt: int, headers: bytes | None = None) -> "Fetch":
        """The same request as a new one, number `attempt`; with other `headers` if given."""
        return Fetch(
            self.step,
            self.url,
            self.timeouts,
            method=self.method,
            headers=self.headers if headers is None else headers,
            body=self.body,
            keep=self.keep,
            span=self.span,
            attempt=attempt,
            read=self.read,
            phrase=self.phrase,
            slow=self.slow,
        )


_CANCELED = Outcome.CANCELED
_NONE: Mapping[bytes, bytes] = MappingProxyType({})


class Reply:
    """One request as it went: what the journey reads and what `collect` adds up.

    `due` is when the journey wanted it, `sent` when it left, `first_byte` and `done` when the
    answer began and ended; `first_byte` is NaN if none came. Response time is `done - due`: a late
    tester cannot hide in it. `id` is 0 when nothing was sent (refused by consent, no socket, no
    connection). `source` is the number whose address the target's edge sees (`audience.sources`):
    set by the world that performs the fetch.
    """

    __slots__ = (
        "body", "done", "due", "fetch", "first_byte", "headers", "id", "outcome", "sent", "size",
        "source", "status", "value",
    )  # fmt: skip

    def __init__(self, fetch: Fetch, due: Seconds, source: int = 0) -> None:
        self.fetch = fetch
        self.due = due
        self.sent = due
        self.first_byte = nan
        self.done = due
        self.outcome = _CANCELED
        self.status = 0
        self.headers: Mapping[bytes, bytes] = _NONE  # names in lower case
        self.body = b""
        self.size = 0  # body bytes received
        self.id = 0
        self.source = source
        self.value: Any = None

    @property
    def ok(self) -> bool:
        """Whether the step got what it asked for."""
        return self.outcome is Outcome.OK


class Wait:
    """Go on at `until`; the journey is sent that moment (or now, if `until` has passed)."""

    __slots__ = ("until",)

    def __init__(self, until: Seconds) -> None:
        self.until = until


class Together:
    """Do all of these side by side; sent: their results, in order, when the last has ended."""

    __slots__ = ("journeys",)

    def __init__(self, *journeys: Journey) -> None:
        self.journeys = journeys


class Race:
    """Do all of these side by side until one ends, cancel the others; sent: its (index, result)."""

    __slots__ = ("journeys",)

    def __init__(self, *journeys: Journey) -> None:
        if not journeys:
            raise ValueError("a race of nobody never ends")
        self.journeys = journeys


class RunOver(Exception):  # noqa: N818 - no error: the run ends while the viewer is there
    """Thrown into a journey at the end of the run, to settle its accounts; it must not yield."""

    def __init__(self, at: Seconds) -> None:
        super().__init__(at)
        self.at = at


@dataclass(slots=True)
class Progress:
    """What a player did since it last said so: the quality of experience, in pieces that add up."""

    watched: Seconds
    stalled: Seconds
    stalls: int  # stalls that began
    bits_watched: float  # sum of rendition's bit rate (bytes per second) x seconds watched
    live_latency: Seconds | None  # wall clock - program date time on screen; None without dates
    playlist_age: Seconds | None  # wall clock - program date time of its end, at its last load
    switches: int  # changes of rendition
    lost: int  # segments missed through gaps in the media sequence
    rewinds: int = 0  # playlists whose media sequence went backwards: a fault of the target
    stalled_ratio: Ratio | None = None  # of the whole stay; told with a viewer's last progress
