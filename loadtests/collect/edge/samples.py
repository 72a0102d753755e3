"""Our own requests as the target's edge could see them: replies, many at a time, to `EdgeWindow`s.

Runs for every request of a run, tens of thousands a second: what can be done for many at once is.
"""

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from itertools import repeat
from operator import attrgetter, sub

from loadtests.behavior.judge import read_json
from loadtests.behavior.steps import Reply
from loadtests.collect.edge.cache_status import count_caches
from loadtests.collect.edge.counting import STARVED_AFTER
from loadtests.collect.edge.funnel import Funnel
from loadtests.collect.edge.identities import SIGNING, Identities, Speaker, target_of
from loadtests.collect.edge.probes import is_probe
from loadtests.collect.edge.returns import REFUSED, Returns
from loadtests.collect.edge.sighting import GIVEN_UP_AFTER, Attempt, Said
from loadtests.collect.edge.sources import Sources
from loadtests.collect.edge.window import EdgeWindow, Traffic
from loadtests.collect.policies import Codes
from loadtests.units import Seconds
from loadtests.vocabulary import Outcome, Step

_STREAM = frozenset({Step.MASTER, Step.PLAYLIST, Step.INIT, Step.SEGMENT})
STEADY = frozenset({Step.PLAYLIST, Step.INIT, Step.SEGMENT, Step.HEARTBEAT})
"""Asked for again and again: nearly all requests there are."""

_PIECES = STEADY - {Step.PLAYLIST}
"""Asked for by whoever asks for the playlist: their accounts are told there."""

_SAID = {
    Outcome.OK: Said.OK,
    Outcome.QUEUED: Said.QUEUED,
    Outcome.POLICY: Said.POLICY,
    Outcome.OVERLOAD: Said.OVERLOAD,
    Outcome.SERVER_ERROR: Said.SERVER_ERROR,
    Outcome.NOT_FOUND: Said.NOT_FOUND,
    Outcome.CLIENT_ERROR: Said.CLIENT_ERROR,
    # an edge does not know what a page should hold
    Outcome.BAD_REDIRECT: Said.OK,
    Outcome.GARBAGE: Said.OK,
    Outcome.TRUNCATED: Said.BROKEN,
    Outcome.RESET: Said.BROKEN,
}
_STATED = {
    "bad_credentials": Said.BAD_CREDENTIALS,
    "unknown_user": Said.UNKNOWN_USER,
    "expired": Said.EXPIRED,
    "blocked": Said.BLOCKED,
    "invalid_token": Said.EXPIRED,  # RFC 6750, 3.1
    "invalid_grant": Said.BAD_CREDENTIALS,  # RFC 6749, 5.2
}
_MAY_STATE = frozenset({Outcome.DENIED, Outcome.OVERLOAD, Outcome.CLIENT_ERROR})
_UNANSWERED = frozenset(
    {
        Outcome.CANCELED,
        Outcome.FIRST_BYTE_TIMEOUT,
        Outcome.RESET,
        Outcome.TIMEOUT,
        Outcome.TRUNCATED,
    }
)
"""Of a slow exchange: the edge waits for its client, and says so (408)."""

_POSTING = frozenset({"POST", "PUT", "PATCH", "DELETE"})

_REDIRECTION = range(300, 400)

_SOURCE = attrgetter("source")
_HEADERS = attrgetter("fetch.headers")
_URL = attrgetter("fetch.url")
_PHRASE = attrgetter("fetch.phrase")
_METHOD = attrgetter("fetch.method")
_SIZE = attrgetter("size")
_SENT = attrgetter("sent")
_DONE = attrgetter("done")
_ID = attrgetter("id")


_Asked = tuple[Step | None, int | None, int, Seconds, Seconds | None]
"""A step, account and client, when it was asked for, and granted (None: it was not)."""


class Samples:
    """What one worker's requests look like from the target's edge."""

    def __init__(self, key: bytes) -> None:
        """`key` is the run's: on all its workers a name has the same hash."""
        self._identities = Identities(key)
        self._codes = Codes()
        self._funnel = Funnel()
        self._sources = Sources()
        self._returns = Returns()
        # what was asked for in this second and in the one before: to be told to the funnel when
        # all that was granted before it has been, and not all at once
        self._asked: list[_Asked] = []
        self._ripe: deque[_Asked] = deque()
        self._window = EdgeWindow(0)

    def ended(self, step: Step, outcome: Outcome, *, retry: bool, replies: Sequence[Reply]) -> None:
        """Requests of `step` that ended so in this window; what was never sent does not count."""
        if outcome is not Outcome.OK:
            replies = [*filter(_ID, replies)]
        attempt = Attempt.RETRY if retry else Attempt.FIRST
        for said, some in _by_said(outcome, replies):
            if step in _STREAM or None not in map(_PHRASE, some):
                self._count(step, said, attempt, some)
                continue
            # no profile says it: to an edge its path is no step of a viewer's
            self._count(step, said, attempt, [reply for reply in some if reply.fetch.phrase])
            self._count(None, said, attempt, [reply for reply in some if not reply.fetch.phrase])

    def _count(
        self, step: Step | None, said: Said, attempt: Attempt, replies: Sequence[Reply]
    ) -> None:
        """Count requests of which the same is said."""
        if not replies:
            return
        traffic = self._window.steps.get(step)
        if traffic is None:
            traffic = self._window.steps[step] = Traffic()
        traffic.said[said, attempt] += len(replies)
        if said is Said.POLICY:
            traffic.codes.update(self._code(reply) for reply in replies)
        _count_amounts(traffic, said, replies)
        if step in _STREAM:
            count_caches(traffic.cache, replies)
        self._count_targets(traffic, step, replies)
        self._count_who(traffic, step, said, replies)

    def _count_who(
        self, traffic: Traffic, step: Step | None, said: Said, replies: Sequence[Reply]
    ) -> None:
        clients = [*map(self._identities.clients.__getitem__, map(_SOURCE, replies))]
        owners, regions = zip(*self._speakers(step, replies), strict=True)
        for region, n in Counter(regions).items():
            if region:
                traffic.regions[region, said.is_failure] += n
        traffic.clients.update(clients)
        traffic.top_clients.update(clients)
        if step not in _PIECES:
            known = [owner for owner in owners if owner is not None]
            traffic.accounts.update(known)
            traffic.top_accounts.update(known)
        if said is Said.OK:
            at = replies[-1].done
            traffic.shared.update(self._sources.seen_all(owners, clients, at))
        self._follow(step, said, owners=owners, clients=clients, replies=replies)

    def _speakers(self, step: Step | None, replies: Sequence[Reply]) -> Iterable[Speaker]:
        identities = self._identities
        if step in SIGNING:
            return [identities.named(reply.fetch) for reply in replies]
        headers = map(_HEADERS, replies)
        # other requests have lines of their own, made anew: not worth remembering
        known = identities.speakers.__getitem__ if step in STEADY else identities.speaker
        return map(known, headers)

    def _follow(
        self,
        step: Step | None,
        said: Said,
        *,
        owners: Sequence[int | None],
        clients: Sequence[int],
        replies: Sequence[Reply],
    ) -> None:
        """Who was granted something, and who went on."""
        if step in STEADY:
            self._funnel.asked_all(step, owners, clients, map(_SENT, replies))
            if said is Said.OK:
                self._returns.let_in_all(owners, clients, map(_DONE, replies))
            return
        done = [*map(_DONE, replies)]
        granted = done if said is Said.OK else [None] * len(done)
        sent = map(_SENT, replies)
        self._asked += zip(repeat(step, len(done)), owners, clients, sent, granted, strict=True)
        self._tell(2 * len(done))
        if step is not None and said is Said.OK:
            for owner, client, at in zip(owners, clients, done, strict=True):
                self._funnel.succeeded(step, owner, client, at)
        elif step is not None and said in REFUSED:
            for owner, client, at in zip(owners, clients, done, strict=True):
                self._returns.refused(step, owner, client, at)

    def _tell(self, most: int) -> None:
        """Tell funnel and returns of some of the second before."""
        ripe, asked, let_in = self._ripe, self._funnel.asked, self._returns.let_in
        for _ in range(min(most, len(ripe))):
            step, owner, client, at, granted = ripe.popleft()
            asked(step, owner, client, at)
            if granted is not None:
                let_in(owner, client, granted)

    def _code(self, reply: Reply) -> str:
        return self._codes.file(reply.fetch.step, str(reply.value or ""))

    def _count_targets(self, traffic: Traffic, step: Step | None, replies: Sequence[Reply]) -> None:
        identities, urls = self._identities, Counter(map(_URL, replies))
        traffic.targets.update(map(identities.targets.__getitem__, urls))
        traffic.paths.update(map(identities.paths.__getitem__, urls))
        if step is None:
            traffic.probes += sum(n for url, n in urls.items() if is_probe(target_of(url)))

    def close(self, second: int, now: Seconds) -> EdgeWindow:
        """The window since the last call, as that of `second`, which ends at the epoch's `now`."""
        self._tell(len(self._ripe))
        self._ripe.extend(self._asked)
        self._asked.clear()
        window, self._window = self._window, EdgeWindow(second + 1)
        window.second = second
        for traffic in window.steps.values():
            traffic.times.coarsen()
        self._settle(window, now)
        return window

    def _settle(self, window: EdgeWindow, now: Seconds) -> None:
        for (_, step, continued), n in self._funnel.settle(now).items():
            traffic = window.steps.setdefault(step, Traffic())
            traffic.settled += n
            traffic.continued += n if continued else 0
        for (_, step, returned), n in self._returns.settle(now).items():
            traffic = window.steps.setdefault(step, Traffic())
            traffic.denied += n
            traffic.returned += n if returned else 0


def _by_said(outcome: Outcome, replies: Sequence[Reply]) -> Iterable[tuple[Said, Sequence[Reply]]]:
    """The replies by what is said of each: the same of all, but for a few outcomes."""
    if outcome in _UNANSWERED:
        slow = [reply for reply in replies if reply.fetch.slow is not None]
        if slow:
            rest = [reply for reply in replies if reply.fetch.slow is None]
            return [(Said.CLIENT_ERROR, slow), *_by_said(outcome, rest)]
    said = _SAID.get(outcome)
    if said is not None and outcome not in _MAY_STATE:
        return [(said, replies)] if replies else []
    groups: dict[Said, list[Reply]] = {}
    for reply in replies:
        groups.setdefault(_said(reply, outcome), []).append(reply)
    return groups.items()


def _said(reply: Reply, outcome: Outcome) -> Said:
    if outcome in _MAY_STATE:
        return _stated(reply) or _SAID.get(outcome, Said.DENIED)
    # whatever the device ran out of, the edge sees it go
    return Said.GIVEN_UP if reply.done - reply.sent >= GIVEN_UP_AFTER else Said.GONE


def _stated(reply: Reply) -> Said | None:
    """What the application states as the reason of a refusal, if we know its word for it."""
    if isinstance(reply.value, str) and reply.value in _STATED:
        return _STATED[reply.value]
    word = read_json(reply.body).get("error") if reply.body else None
    return _STATED.get(word) if isinstance(word, str) else None


def _count_amounts(traffic: Traffic, said: Said, replies: Sequence[Reply]) -> None:
    traffic.bytes += sum(map(_SIZE, replies))
    posts = sum(map(_POSTING.__contains__, map(_METHOD, replies)))
    if posts:
        traffic.posts += posts
        traffic.moved += sum(
            reply.fetch.method in _POSTING and reply.status in _REDIRECTION for reply in replies
        )
    durations = [*map(sub, map(_DONE, replies), map(_SENT, replies))]
    traffic.busy += sum(durations)
    if said is Said.OK:
        traffic.times.extend(durations)
    if said is Said.CLIENT_ERROR and max(durations) > STARVED_AFTER:
        traffic.starved += sum(
            duration > STARVED_AFTER and not reply.size
            for duration, reply in zip(durations, replies, strict=True)
        )
