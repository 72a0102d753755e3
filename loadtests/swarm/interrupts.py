"""Ctrl-C while nobody plays: noted, so that what was found until then is still written down."""

import signal
from types import TracebackType
from typing import Any, Self

INTERRUPTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupts:
    """Takes the signals that ask for an end, for the length of a `with`; `caught` says so.

    Whoever plays a crowd takes them over meanwhile, and gives them back.
    """

    def __init__(self) -> None:
        self.caught = False
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        self._before = {number: signal.signal(number, self._catch) for number in INTERRUPTS}
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _catch(self, number: int, frame: object) -> None:
        del number, frame
        self.caught = True
