"""A run, second by second, all workers together."""

from collections.abc import Iterable, Iterator

from loadtests.collect.window import Window

BLOCK = 8
"""Seconds that are added up once and then serve every stretch they lie in: the run's total, its
course, the points of its charts (eight seconds each in a run of two hours)."""


class Timeline:
    """Windows merged by second. They may come in any order and be added while the run goes on.

    Each worker's window of each second is to be added once: who may receive it twice drops one.
    Windows in it are shared, not copied: neither who adds them nor who reads them changes them.
    """

    def __init__(self, windows: Iterable[Window] = ()) -> None:
        self._by_second: dict[int, Window] = {}
        self._length = 0
        self._merged: set[int] = set()  # seconds whose window is our own work
        self._blocks: dict[int, Window] = {}  # by first second ÷ BLOCK; those asked for
        self._total: Window | None = None
        for window in windows:
            self.add(window)

    def add(self, window: Window) -> None:
        """Take in one worker's window, or several workers' of one second."""
        second = window.second
        if second >= self._length:
            self._length = second + 1
            self._pack(second - BLOCK)
        self._blocks.pop(second // BLOCK, None)
        known = self._by_second.setdefault(second, window)
        if known is not window:
            if second not in self._merged:
                self._by_second[second] = known = _merge([known])
                self._merged.add(second)
            known.merge(window)
        if self._total is not None:
            self._total.merge(window)

    def _pack(self, second: int) -> None:
        """Hardly anybody adds to it any more: as it was read, it takes a fifth of the memory."""
        if second in self._merged:
            self._merged.remove(second)
            self._by_second[second] = Window.from_json(self._by_second[second].to_json())

    @property
    def total(self) -> Window:
        """The whole run in one window."""
        if self._total is None:
            self._total = self.between(0, len(self))
        return self._total

    @property
    def windows(self) -> list[Window]:
        """One window a second, from 0 to the last reported; an empty one where nobody did."""
        return self.seconds(0, len(self))

    def seconds(self, start: int, stop: int) -> list[Window]:
        """The windows of the seconds from `start` up to, not including, `stop`."""
        return [self._second(at) for at in range(max(start, 0), min(stop, len(self)))]

    def between(self, start: int, stop: int) -> Window:
        """The seconds from `start` up to, not including, `stop`, in one window."""
        return _merge(self._parts(max(start, 0), min(stop, len(self))))

    def _parts(self, start: int, stop: int) -> Iterator[Window]:
        """What makes up these seconds: whole blocks, and single seconds around them."""
        while start < stop:
            if start % BLOCK or start + BLOCK > stop:
                yield self._second(start)
                start += 1
            else:
                yield self._block(start // BLOCK)
                start += BLOCK

    def _block(self, number: int) -> Window:
        known = self._blocks.get(number)
        if known is None:
            first = number * BLOCK
            known = self._blocks[number] = _merge(map(self._second, range(first, first + BLOCK)))
        return known

    def _second(self, at: int) -> Window:
        return self._by_second.get(at) or Window(at)

    def __len__(self) -> int:
        """Seconds from 0 to the last anybody reported."""
        return self._length

    def __iter__(self) -> Iterator[Window]:
        return iter(self.windows)


def _merge(windows: Iterable[Window]) -> Window:
    made = Window(0)
    for window in windows:
        made.merge(window)
    return made
