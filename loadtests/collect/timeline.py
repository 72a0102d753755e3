"""A run, second by second, all workers together."""

from collections.abc import Iterable, Iterator

from loadtests.collect.window import Window


class Timeline:
    """Windows merged by second. They may come in any order and be added while the run goes on.

    Each worker's window of each second is to be added once: who may receive it twice drops one.
    """

    def __init__(self, windows: Iterable[Window] = ()) -> None:
        self._by_second: dict[int, Window] = {}
        self.total = Window(0)  # the whole run in one window
        for window in windows:
            self.add(window)

    def add(self, window: Window) -> None:
        """Merge one worker's window; it stays as it is."""
        merged = self._by_second.get(window.second)
        if merged is None:
            merged = self._by_second[window.second] = Window(window.second)
        merged.merge(window)
        self.total.merge(window)

    @property
    def windows(self) -> list[Window]:
        """One window a second, from 0 to the last reported; an empty one where nobody did."""
        return [self._by_second.get(second) or Window(second) for second in range(len(self))]

    def between(self, start: int, stop: int) -> Window:
        """The seconds from `start` up to, not including, `stop`, in one window."""
        merged = Window(0)
        for second in range(max(start, 0), min(stop, len(self))):
            if window := self._by_second.get(second):
                merged.merge(window)
        return merged

    def __len__(self) -> int:
        """Seconds from 0 to the last anybody reported."""
        return max(self._by_second, default=-1) + 1

    def __iter__(self) -> Iterator[Window]:
        return iter(self.windows)
