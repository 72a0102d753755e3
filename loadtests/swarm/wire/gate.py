"""Consent, enforced where nothing gets past it: what is not let through here is not dialed."""

from collections.abc import Mapping
from math import ceil
from types import MappingProxyType

from loadtests.scenario.consent import Consent
from loadtests.swarm.wire.addresses import Address
from loadtests.units import Seconds
from loadtests.vocabulary import SIDE_EFFECTS, Step

_NOTHING: Mapping[str, float] = MappingProxyType({})


class Gate:
    """What one worker may touch, and how much of it.

    Without a consent: this machine, and as much as one likes. With one: the hosts it lists (this
    machine too must be among them), within its hours, this worker's share of its ceilings and
    totals. `breach` says what was exceeded first; from then on nothing is let through.

    A step with side effects is let through as often as the consent counts it, and not at all if
    it does not: that is no breach, the rest goes on. `permits` tells before it is tried.
    """

    def __init__(
        self,
        consent: Consent | None = None,
        *,
        worker: int = 0,
        workers: int = 1,
        side_effects: frozenset[Step] = SIDE_EFFECTS,
        spent: Mapping[str, float] = _NOTHING,
    ) -> None:
        """`workers`: how many share the consent; arrivals are dealt evenly, and so are ceilings.

        Counts of side effects are dealt so that all shares add up to them exactly: some worker may
        have one more than another, from the first on. `spent` was used up before: requests by step,
        and `bytes` of answers.
        """
        self.is_limited = consent is not None
        self.breach: str | None = None
        self._consent = consent
        self._workers = workers
        self._second = 0  # what the two below belong to
        self._joins = 0
        self._received: float = 0
        self._viewers = 0
        self._requests = 0
        self._licenses = 0
        self._bytes: float = 0
        self._side_effects = side_effects
        self._spent = spent
        self._left: dict[Step, int] = {}
        self._may_request = self._may_license = 0
        if consent is not None:
            sent = int(sum(spent.get(step, 0) for step in Step))
            self._may_request = self._share(consent.totals.requests - sent, worker)
            licensed = int(spent.get(Step.LICENSE, 0))
            self._may_license = self._share(consent.totals.licenses - licensed, worker)
            counts = dict.fromkeys(side_effects, 0) | dict(consent.side_effects)
            self._left = {
                s: self._share(n - int(spent.get(s, 0)), worker) for s, n in counts.items()
            }
        self._used_up: list[Step] = []

    def allows_host(self, host: str) -> bool:
        """Whether a host, as a URL names it, may be looked up."""
        return self._consent is None or self._consent.covers(host)

    def allows_address(self, address: Address) -> bool:
        """Whether an address of such a host may be dialed."""
        return self._consent is not None or address.is_loopback

    def admit(self, at: Seconds) -> None:
        """One more viewer is there."""
        consent = self._consent
        if consent is None:
            return
        self._turn(at)
        self._viewers += 1
        self._joins += 1
        self._hold(self._viewers, consent.ceilings.viewers, "viewers at once")
        self._hold(self._joins, consent.ceilings.joins, "joins in a second")

    def leave(self) -> None:
        """One less."""
        self._viewers -= 1

    def permits(self, step: Step) -> bool:
        """Whether this step may be done once more: false of a side effect that is used up."""
        return self._left.get(step, 1) > 0

    def used_up(self) -> list[Step]:
        """Steps whose count has been used up since the last time this was asked."""
        used_up, self._used_up = self._used_up, []
        return used_up

    def send(self, step: Step, at: Seconds, *, is_harmless: bool = False) -> bool:
        """Whether one more request may be sent, which is then counted as sent.

        `is_harmless`: it belongs to a step with side effects and is not what has them.
        """
        consent = self._consent
        if consent is None:
            return True
        is_counted = step in self._left and not (is_harmless and step in self._side_effects)
        if is_counted and not self.permits(step):
            return False
        if not consent.allows(at):
            self._break("the time the consent names is over, or has not come")
        elif self.breach is None:
            self._requests += 1
            self._licenses += step is Step.LICENSE
            if self._requests > self._may_request:
                self._exceeds(consent.totals.requests, "requests in all")
            if self._licenses > self._may_license:
                self._exceeds(consent.totals.licenses, "license requests in all")
            if is_counted:
                self._spend(step)
        return self.breach is None

    def receive(self, size: int, at: Seconds) -> None:
        """So many bytes of answers have come in."""
        consent = self._consent
        if consent is None:
            return
        self._turn(at)
        self._bytes += size
        self._received += size
        spent = self._spent.get("bytes", 0)
        self._hold(self._bytes, consent.totals.bytes, "bytes of answers in all", spent=spent)
        self._hold(self._received, consent.ceilings.bit_rate, "bytes of answers in a second")

    def _spend(self, step: Step) -> None:
        if self.breach is None:
            self._left[step] -= 1
            if self._left[step] == 0:
                self._used_up.append(step)

    def _turn(self, at: Seconds) -> None:
        if int(at) != self._second:
            self._second = int(at)
            self._joins = 0
            self._received = 0

    def _share(self, count: int, worker: int) -> int:
        whole, rest = divmod(max(0, count), self._workers)
        return whole + (worker < rest)

    def _hold(self, count: float, limit: float, what: str, *, spent: float = 0) -> None:
        if count > ceil((limit - spent) / self._workers):
            self._exceeds(limit, what)

    def _exceeds(self, limit: float, what: str) -> None:
        share = f", a share of 1/{self._workers} to each worker" if self._workers > 1 else ""
        self._break(f"the consent allows {limit:g} {what}{share}")

    def _break(self, why: str) -> None:
        self.breach = self.breach or why
