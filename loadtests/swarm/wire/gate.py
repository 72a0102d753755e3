"""Consent, enforced where nothing gets past it: what is not let through here is not dialed."""

from math import ceil

from loadtests.scenario.consent import Consent
from loadtests.swarm.wire.addresses import Address
from loadtests.units import Seconds
from loadtests.vocabulary import Step


class Gate:
    """What one worker may touch, and how much of it.

    Without a consent: this machine, and as much as one likes. With one: the hosts it lists (this
    machine too must be among them), within its hours, this worker's share of its ceilings and
    totals. `breach` says what was exceeded first; from then on nothing is let through.
    """

    def __init__(self, consent: Consent | None = None, *, workers: int = 1) -> None:
        """`workers`: how many share the consent; arrivals are dealt evenly, and so are ceilings."""
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

    def send(self, step: Step, at: Seconds) -> bool:
        """Whether one more request may be sent, which is then counted as sent."""
        consent = self._consent
        if consent is None:
            return True
        if not consent.allows(at):
            self._break("the time the consent names is over, or has not come")
        elif self.breach is None:
            self._requests += 1
            self._licenses += step is Step.LICENSE
            self._hold(self._requests, consent.totals.requests, "requests in all")
            self._hold(self._licenses, consent.totals.licenses, "license requests in all")
        return self.breach is None

    def receive(self, size: int, at: Seconds) -> None:
        """So many bytes of answers have come in."""
        consent = self._consent
        if consent is None:
            return
        self._turn(at)
        self._bytes += size
        self._received += size
        self._hold(self._bytes, consent.totals.bytes, "bytes of answers in all")
        self._hold(self._received, consent.ceilings.bit_rate, "bytes of answers in a second")

    def _turn(self, at: Seconds) -> None:
        if int(at) != self._second:
            self._second = int(at)
            self._joins = 0
            self._received = 0

    def _hold(self, count: float, limit: float, what: str) -> None:
        if count > ceil(limit / self._workers):
            self._break(
                f"the consent allows {limit:g} {what}"
                + (f", a share of 1/{self._workers} to each worker" if self._workers > 1 else "")
            )

    def _break(self, why: str) -> None:
        self.breach = self.breach or why
