"""The testbed confesses: how late its own loop ran, how full its core was.

What is measured of a late testbed is its lateness.
"""

import asyncio
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from loadtests.testbed import clock
from loadtests.units import Ratio, Seconds

LATE: Seconds = 0.1
FULL: Ratio = 0.9
CROWDED: Ratio = 0.95
_TICK: Seconds = 0.05
_SPAN: Seconds = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """One second of the testbed's own life, ending at `time`."""

    time: Seconds
    lag: Seconds  # the event loop's worst lateness
    cpu: Ratio  # share of one core
    sockets: Ratio  # connections ÷ descriptors it may open

    @property
    def problems(self) -> list[str]:
        """What made this second's figures doubtful, in words; empty if nothing did."""
        return [
            words
            for is_so, words in (
                (self.lag > LATE, f"answers left up to {self.lag:.2f} s late"),
                (self.cpu > FULL, f"used {self.cpu:.0%} of a core"),
                (self.sockets > CROWDED, f"held {self.sockets:.0%} of its descriptors"),
            )
            if is_so
        ]

    def to_line(self) -> dict[str, Any]:
        """The line of health.jsonl."""
        rounded = {name: round(value, 6) for name, value in asdict(self).items()}
        return {**rounded, "problems": self.problems}


class Pulse:
    """Beats twenty times a second on the loop it watches; tells `tell` of every second past.

    `sockets` says what share of its descriptors the process uses.
    """

    def __init__(self, tell: Callable[[Health], None], sockets: Callable[[], Ratio]) -> None:
        self._loop = asyncio.get_running_loop()
        self._tell = tell
        self._sockets = sockets
        self._worst = 0.0
        self._begun = clock.now()
        self._cpu = clock.cpu_time()
        self._schedule()

    def stop(self) -> None:
        """Beat no more."""
        self._timer.cancel()

    def _schedule(self) -> None:
        self._due = self._loop.time() + _TICK
        self._timer = self._loop.call_at(self._due, self._beat)

    def _beat(self) -> None:
        self._worst = max(self._worst, self._loop.time() - self._due)
        if clock.now() - self._begun >= _SPAN:
            self._close()
        self._schedule()

    def _close(self) -> None:
        now, cpu = clock.now(), clock.cpu_time()
        share = (cpu - self._cpu) / (now - self._begun)
        health = Health(time=now, lag=self._worst, cpu=share, sockets=self._sockets())
        self._worst, self._begun, self._cpu = 0.0, now, cpu
        self._tell(health)
