"""What hostile traffic may touch: this machine, whatever a consent says, and so much of it."""

from collections.abc import Callable
from math import ceil

from loadtests.scenario.hostile import LONGEST, MOST_CONNECTIONS, MOST_REQUESTS
from loadtests.swarm.wire.gate import Gate
from loadtests.units import Seconds
from loadtests.vocabulary import Step


class Fence(Gate):
    """A gate nobody's consent opens: loopback only, and never more than the numbers in code.

    What is too much is held back, and the run goes on; `held_back` says so, for the report.
    """

    def __init__(self, *, workers: int = 1, sockets: Callable[[], int]) -> None:
        """`workers`: how many share the numbers; `sockets`: how many this one holds open."""
        super().__init__()
        self.is_limited = True
        self.held_back: str | None = None
        self._most_requests = ceil(MOST_REQUESTS / workers)
        self._most_sockets = ceil(MOST_CONNECTIONS / workers)
        self._sockets = sockets
        self._begun: Seconds | None = None  # None: nothing was sent yet
        self._this_second = 0
        self._sent = 0  # in it

    def allows_host(self, host: str) -> bool:
        """Whether one more connection may be opened, wherever it leads: see `allows_address`."""
        if self._sockets() < self._most_sockets:
            return super().allows_host(host)
        return self._hold_back(f"{MOST_CONNECTIONS:,} connections at once")

    def send(self, step: Step, at: Seconds, *, is_harmless: bool = False) -> bool:
        """Whether one more request may be sent, which is then counted as sent."""
        begun = self._begun = at if self._begun is None else self._begun
        if at - begun > LONGEST:
            return self._hold_back(f"{LONGEST / 60:g} minutes")
        if int(at) != self._this_second:
            self._this_second, self._sent = int(at), 0
        if self._sent >= self._most_requests:
            return self._hold_back(f"{MOST_REQUESTS:,.0f} requests a second")
        self._sent += 1
        return super().send(step, at, is_harmless=is_harmless)

    def _hold_back(self, most: str) -> bool:
        self.held_back = f"hostile traffic beyond {most} was held back"
        return False
