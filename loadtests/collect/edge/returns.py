"""Who got in after all: whether those whose credentials were refused were let in soon after.

People mistype a password, and try again; whoever tries stolen ones goes on to the next account.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from math import floor
from operator import attrgetter

from loadtests.collect.edge.funnel import FOLLOWS_WITHIN, KNOWN_AFTER
from loadtests.collect.edge.sighting import DENIALS, Said, Sighting
from loadtests.units import Seconds
from loadtests.vocabulary import Step

REFUSED = DENIALS - {Said.EXPIRED}
"""What is followed: a token that is no good any more is nobody's mistake."""

TYPED_WRONG = 3
"""Times a person is refused, at most, before the right password; one address may hide many. [A]"""

PENDING = 100_000
"""Followed at once; refusals beyond are not followed, and not counted as ones that were."""

_SAID = attrgetter("said")


class _Refusal:
    """One of them, until it is known whether whoever met it was let in."""

    __slots__ = ("account", "at", "client", "returned", "step")

    def __init__(self, step: Step, account: int | None, client: int | None, at: Seconds) -> None:
        self.step = step
        self.account = account
        self.client = client
        self.at = at
        self.returned = False


class Returns:
    """The refusals of the last KNOWN_AFTER seconds.

    Who is let in at a step, or at any other, takes back all refusals of the account, else the last
    TYPED_WRONG of the client.
    """

    def __init__(self) -> None:
        self._accounts: dict[int, list[_Refusal]] = {}
        self._clients: dict[int, list[_Refusal]] = {}
        self._by_second: dict[int, list[_Refusal]] = {}
        self._pending = 0

    def refused(self, step: Step, account: int | None, client: int | None, at: Seconds) -> None:
        """Credentials were not good enough at `at`."""
        if self._pending >= PENDING or (account is None and client is None):
            return
        refusal = _Refusal(step, account, client, at)
        self._pending += 1
        self._by_second.setdefault(floor(at), []).append(refusal)
        if account is not None:
            self._accounts.setdefault(account, []).append(refusal)
        if client is not None:
            self._clients.setdefault(client, []).append(refusal)

    def let_in(self, account: int | None, client: int | None, at: Seconds) -> None:
        """A request was granted at `at`."""
        if not self._pending:  # hardly anybody is ever refused, and this is asked of every request
            return
        waiting = self._accounts.get(account, ()) if account is not None else ()
        if not _take_back(waiting, at) and client is not None:
            _take_back(self._clients.get(client, ())[-TYPED_WRONG:], at)

    def let_in_all(
        self, accounts: Iterable[int | None], clients: Iterable[int], at: Iterable[Seconds]
    ) -> None:
        """Many requests were granted; each as in `let_in`, quickly passed over as a rule."""
        if not self._pending:
            return
        by_account, by_client = self._accounts, self._clients
        for account, client, when in zip(accounts, clients, at, strict=True):
            if account in by_account or client in by_client:
                self.let_in(account, client, when)

    def follow(self, sightings: Sequence[Sighting], start: Seconds) -> None:
        """Requests one after another, as they ended; `start`: the epoch second to count from."""
        if not self._pending and REFUSED.isdisjoint(map(_SAID, sightings)):
            return  # nearly always
        by_account, by_client = self._accounts, self._clients
        for at, step, said, _, client, account, *_ in sightings:
            if said is Said.OK:
                if account in by_account or client in by_client:
                    self.let_in(account, client, at - start)
            elif said in REFUSED and step is not None:
                self.refused(step, account, client, at - start)

    def settle(self, now: Seconds) -> Counter[tuple[int, Step, bool]]:
        """(second it is known in, step, whether they were let in) -> refusals decided by `now`."""
        decided: Counter[tuple[int, Step, bool]] = Counter()
        known = floor(now) - KNOWN_AFTER
        for second in [second for second in self._by_second if second < known]:
            for refusal in self._by_second.pop(second):
                decided[second + KNOWN_AFTER, refusal.step, refusal.returned] += 1
                self._pending -= 1
                _forget(self._accounts, refusal.account, refusal)
                _forget(self._clients, refusal.client, refusal)
        return decided


def _take_back(waiting: Sequence[_Refusal], at: Seconds) -> bool:
    taken = [one for one in waiting if not one.returned and one.at <= at <= one.at + FOLLOWS_WITHIN]
    for refusal in taken:
        refusal.returned = True
    return bool(taken)


def _forget(waiting: dict[int, list[_Refusal]], key: int | None, refusal: _Refusal) -> None:
    if key is None or key not in waiting:
        return
    left = [one for one in waiting[key] if one is not refusal]
    if left:
        waiting[key] = left
    else:
        del waiting[key]
