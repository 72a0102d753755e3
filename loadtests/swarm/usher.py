"""Starts whoever comes when the curve says, whatever the target is doing: the open model's door."""

from collections.abc import Callable, Iterator
from typing import Generic, Protocol, TypeVar

from loadtests.units import Seconds

LATE: Seconds = 0.1
"""A viewer started later than this is a late arrival: the tester's fault, and confessed."""


class Cancelable(Protocol):
    """An alarm that was set."""

    def cancel(self) -> None:
        """Call it off."""


class Clockwork(Protocol):
    """What the usher needs of `Timers`."""

    def at(self, when: Seconds, callback: Callable[[Seconds], None], /) -> Cancelable:
        """Call `callback(lateness)` at `when`, or as soon as possible after it."""


class Due(Protocol):
    """Somebody who turns up."""

    @property
    def at(self) -> Seconds:
        """When, after the start of the run."""


Comer = TypeVar("Comer", bound=Due)


class Usher(Generic[Comer]):
    """Takes arrivals in order and starts each at `start + at`; none is dropped, however late.

    One alarm at a time: after a freeze of the tester everybody due is started at once, in order,
    with the sockets getting their turns in between (`Timers` bounds a batch).
    """

    def __init__(
        self,
        arrivals: Iterator[Comer],
        timers: Clockwork,
        begin: Callable[[Comer, Seconds], None],
    ) -> None:
        """`begin(arrival, lateness)` starts one."""
        self._arrivals = arrivals
        self._timers = timers
        self._begin = begin
        self._start: Seconds = 0.0
        self._alarm: Cancelable | None = None

    def open(self, start: Seconds) -> None:
        """Begin with the first arrival; `start` is the epoch second arrivals count from."""
        self._start = start
        self._await_next()

    def close(self) -> None:
        """Let nobody in any more."""
        if self._alarm is not None:
            self._alarm.cancel()
        self._arrivals = iter(())

    def _await_next(self) -> None:
        arrival = next(self._arrivals, None)
        if arrival is None:
            return
        self._alarm = self._timers.at(
            self._start + arrival.at, lambda late: self._admit(arrival, late)
        )

    def _admit(self, arrival: Comer, late: Seconds) -> None:
        # the next alarm first: what the viewer's journey does takes time, and may raise
        self._await_next()
        self._begin(arrival, late)
