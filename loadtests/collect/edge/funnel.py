"""Who went on: whether those a step was granted to asked for a later step soon.

Paying fans go on, one way or another: whoever only wants to know whether a password is right, or
wants a page rendered, does not.
"""

from collections import Counter
from collections.abc import Iterable
from math import floor

from loadtests.collect.edge.sighting import Said, Sighting
from loadtests.units import Seconds
from loadtests.vocabulary import Step

FOLLOWS_WITHIN: Seconds = 30.0
"""A later step asked for within so long is a continuation. [A]"""

KNOWN_AFTER = 45
"""Seconds until it is decided who did not go on: what was asked for in time is answered later."""

PENDING = 100_000
"""Followed at once; successes beyond are not followed, and not counted as ones that were."""

_RANKS: dict[Step | None, int] = {step: rank for rank, step in enumerate(Step)}
_RANKS[Step.WEBSITE] = _RANKS[Step.CATALOG]  # who has signed in to a web site sees its pages
_RANKS[None] = len(_RANKS)  # pages and what is on them: whoever wants to see a page loads that
_FOLLOWED = _RANKS[Step.PLAYLIST]  # it, and what comes after, is asked for again and again
_BEFORE_STREAM = frozenset(step for step in Step if _RANKS[step] < _FOLLOWED)


class _Success:
    """A request that was granted, until it is known whether its maker went on."""

    __slots__ = ("account", "at", "client", "continued", "step")

    def __init__(self, step: Step, account: int | None, client: int | None, at: Seconds) -> None:
        self.step = step
        self.account = account
        self.client = client
        self.at = at
        self.continued = False


class _Waiting(dict[int, dict[int, list[_Success]]]):
    """Successes nobody went on from so far: by account or client, by rank, the oldest first."""

    def put(self, key: int | None, rank: int, success: _Success) -> None:
        if key is not None:
            self.setdefault(key, {}).setdefault(rank, []).append(success)

    def take(self, key: int | None, rank: int, at: Seconds) -> _Success | None:
        """One that a request for a step of `rank`, asked for `at` then, goes on from."""
        ranks = self.get(key) if key is not None else None
        if ranks is None:
            return None
        for earlier in sorted(ranks, reverse=True):
            if earlier < rank:
                waiting = ranks[earlier]
                # nobody goes on from these any more: a crowded address has many, each asked once
                while waiting and waiting[0].at + FOLLOWS_WITHIN < at:
                    del waiting[0]
                if waiting and waiting[0].at <= at:
                    return waiting[0]
        return None

    def drop(self, key: int | None, success: _Success) -> None:
        ranks, rank = self.get(key, {}) if key is not None else {}, _RANKS[success.step]
        waiting = ranks.get(rank, [])
        if success in waiting:
            waiting.remove(success)
        if not waiting:
            ranks.pop(rank, None)
        if not ranks and key is not None:
            self.pop(key, None)


class Funnel:
    """The successes of the last KNOWN_AFTER seconds, of the steps before the stream.

    A request continues all its account's successes at earlier steps; if there are none, one of its
    client's: behind one address there may be many, each of whom has to go on for themselves. Tell
    what was granted before what was asked for after it.
    """

    def __init__(self) -> None:
        self._accounts = _Waiting()
        self._clients = _Waiting()
        self._by_second: dict[int, list[_Success]] = {}
        self._pending = 0
        self._known: int | None = None  # all before this second are decided; None: none is

    def asked(
        self, step: Step | None, account: int | None, client: int | None, at: Seconds
    ) -> None:
        """Somebody asked for `step` at `at`, whatever the answer was."""
        rank = _RANKS[step]
        found = self._accounts.take(account, rank, at)
        if found is None:
            found = self._clients.take(client, rank, at)
            if found is not None:
                self._continue(found)
            return
        while found is not None:
            self._continue(found)
            found = self._accounts.take(account, rank, at)

    def asked_all(
        self,
        step: Step | None,
        accounts: Iterable[int | None],
        clients: Iterable[int],
        at: Iterable[Seconds],
    ) -> None:
        """Many asked for `step`; each as in `asked`, quickly passed over where nobody waits."""
        by_account, by_client = self._accounts, self._clients
        if not (by_account or by_client):
            return
        for account, client, when in zip(accounts, clients, at, strict=True):
            if account in by_account or client in by_client:
                self.asked(step, account, client, when)

    def follow(self, sightings: Iterable[Sighting], start: Seconds) -> None:
        """Requests one after another, as they ended; `start`: the epoch second to count from."""
        by_account, by_client = self._accounts, self._clients
        for at, step, said, _, client, account, _, _, _, took, *_ in sightings:
            if account in by_account or client in by_client:
                self.asked(step, account, client, at - start - (took or 0.0))
            if said is Said.OK and step in _BEFORE_STREAM:
                self.succeeded(step, account, client, at - start)

    def _continue(self, success: _Success) -> None:
        success.continued = True
        self._accounts.drop(success.account, success)
        self._clients.drop(success.client, success)

    def succeeded(self, step: Step, account: int | None, client: int | None, at: Seconds) -> None:
        """`step` was granted at `at`."""
        rank = _RANKS[step]
        if rank >= _FOLLOWED or self._pending >= PENDING or account is client is None:
            return
        if self._known is not None and at < self._known:
            return  # too late to follow it
        success = _Success(step, account, client, at)
        self._pending += 1
        self._by_second.setdefault(floor(at), []).append(success)
        self._accounts.put(account, rank, success)
        self._clients.put(client, rank, success)

    def settle(self, now: Seconds) -> Counter[tuple[int, Step, bool]]:
        """(second it became known in, step, was it continued) -> successes decided by `now`."""
        decided: Counter[tuple[int, Step, bool]] = Counter()
        known = floor(now) - KNOWN_AFTER
        if self._known is not None and known <= self._known:
            return decided
        self._known = known
        for second in [second for second in self._by_second if second < known]:
            for success in self._by_second.pop(second):
                decided[second + KNOWN_AFTER, success.step, success.continued] += 1
                self._pending -= 1
                if not success.continued:
                    self._accounts.drop(success.account, success)
                    self._clients.drop(success.client, success)
        return decided
