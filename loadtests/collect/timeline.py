"""A run, second by second, all workers together."""

from collections.abc import Iterable, Iterator

from loadtests.collect.window import Window


class Timeline:
    """Windows merged by second. They may come in any order and be added while the run goes on.

    Each worker's window of each second is to be added once: who may receive it twice drops one.
    Windows in it are shared, not copied: neither who adds them nor who reads them changes them.
    """

    def __init__(self, windows: Iterable[Window] = ()) -> None:
        self._by_second: dict[int, Window] = {}
        self._merged: set[int] = set()  # seconds whose window is our own work
        self._total: Window | None = None
        for window in windows:
            self.add(window)

    def add(self, window: Window) -> None:
        """Take in one worker's window."""
        second = window.second
        known = self._by_second.setdefault(second, window)
        if known is not window:
            if second not in self._merged:
                self._by_second[second] = known = _merge([known])
                self._merged.add(second)
            known.merge(window)
        if self._total is not None:
            self._total.merge(window)

    @property
    def total(self) -> Window:
        """The whole run in one window."""
        if self._total is None:  # whole seconds are fewer than windows: cheaper than as they come
            self._total = _merge(self._by_second.values())
        return self._total

    @property
    def windows(self) -> list[Window]:
        """One window a second, from 0 to the last reported; an empty one where nobody did."""
        return [self._by_second.get(second) or Window(second) for second in range(len(self))]

    def seconds(self, start: int, stop: int) -> list[Window]:
        """The windows of the seconds from `start` up to, not including, `stop`."""
        return self.windows[max(start, 0) : max(stop, 0)]

    def between(self, start: int, stop: int) -> Window:
        """The seconds from `start` up to, not including, `stop`, in one window."""
        return _merge(self.seconds(start, stop))

    def __len__(self) -> int:
        """Seconds from 0 to the last anybody reported."""
        return max(self._by_second, default=-1) + 1

    def __iter__(self) -> Iterator[Window]:
        return iter(self.windows)


def _merge(windows: Iterable[Window]) -> Window:
    made = Window(0)
    for window in windows:
        made.merge(window)
    return made
