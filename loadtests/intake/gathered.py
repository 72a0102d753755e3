"""What logs say, gathered into windows: in bounded memory, however much there is of it."""

from collections.abc import Iterator, Sequence
from math import floor
from typing import overload

from loadtests.collect.edge.sighting import Sighting
from loadtests.collect.edge.watcher import LONGEST, Watcher
from loadtests.collect.edge.window import EdgeWindow
from loadtests.units import Seconds

MOST = 24_000
"""Steps of windows kept at once, of some 15 kB each: more are put together, in coarser windows.

Four hours of eight steps are looked at in fives of seconds, as a diagnosis does anyway.
"""
RESOLUTIONS = (1, 5, 10, 30, 60, 300, 900, 3_600, 21_600, 86_400)
"""Seconds of a window, the finest first; each divides the next."""
_DAY = 86_400
_DRAINED = 600
"""Seconds after which windows are taken from the watcher: late sightings make new ones."""


class Windows(Sequence[EdgeWindow]):
    """A window each second from the first on; where nothing was seen, an empty one is made."""

    def __init__(self, seen: dict[int, EdgeWindow]) -> None:
        """`seen`: by their seconds, from 0 on."""
        self._seen = seen
        self._length = max(seen, default=-1) + 1

    @property
    def seen(self) -> list[EdgeWindow]:
        """Those with anything in them."""
        return [self._seen[second] for second in sorted(self._seen)]

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, at: int) -> EdgeWindow: ...
    @overload
    def __getitem__(self, at: slice) -> list[EdgeWindow]: ...
    def __getitem__(self, at: int | slice) -> EdgeWindow | list[EdgeWindow]:
        if isinstance(at, slice):
            return [self[second] for second in range(*at.indices(self._length))]
        second = at + self._length if at < 0 else at
        if not 0 <= second < self._length:
            raise IndexError(at)
        return self._seen.get(second) or EdgeWindow(second)

    def __iter__(self) -> Iterator[EdgeWindow]:
        return (self._seen.get(second) or EdgeWindow(second) for second in range(self._length))


class Gathered:
    """Sightings of all edges, roughly in order, to windows."""

    def __init__(self) -> None:
        self.strange = 0  # sightings no watcher took: more than a day out of order
        self._kept: dict[int, EdgeWindow] = {}  # by epoch second
        self._resolution = 0  # its index
        self._base = 0
        self._watcher: Watcher | None = None
        self._drain_at: Seconds = 0.0
        self._last_at: Seconds = 0.0

    @property
    def resolution(self) -> int:
        """Seconds of a window."""
        return RESOLUTIONS[self._resolution]

    def see(self, sighting: Sighting) -> None:
        """One more."""
        at = sighting.at
        watcher = self._watcher
        if watcher is None or not self._base <= at < self._base + LONGEST:
            watcher = self._begin(at)
        watcher.see(sighting)
        if at >= self._drain_at:
            self._drain_at = at + _DRAINED
            self._keep(watcher.take(floor(at) - self._base - _DRAINED))

    def _begin(self, at: Seconds) -> Watcher:
        """A watcher of the days around `at`: each has room for three."""
        self._finish()
        self._base = (floor(at) // _DAY - 1) * _DAY
        self._drain_at = at + _DRAINED
        watcher = self._watcher = Watcher(self._base)
        watcher.resolution = self.resolution
        return watcher

    def _finish(self) -> None:
        if self._watcher is not None:
            self._keep(self._watcher.take(LONGEST))
            self.strange += self._watcher.strange

    def _keep(self, windows: list[EdgeWindow]) -> None:
        for window in windows:
            self._merge(self._base + window.second, window)
        while self._weight() > MOST and self.resolution < RESOLUTIONS[-1]:
            self._coarsen()

    def _weight(self) -> int:
        return sum(len(window.steps) for window in self._kept.values())

    def _coarsen(self) -> None:
        self._resolution += 1
        if self._watcher is not None:
            self._watcher.resolution = self.resolution
        finer, self._kept = self._kept, {}
        for second, window in finer.items():
            self._merge(second, window)

    def _merge(self, second: int, window: EdgeWindow) -> None:
        second -= second % self.resolution
        known = self._kept.get(second)
        if known is None:
            window.second = second
            self._kept[second] = window
        else:
            known.merge(window)
            known.second = second

    def windows(self) -> tuple[int, Windows]:
        """The epoch second of the first window with anything in it, and all from there on."""
        if self._watcher is not None:
            self._keep(self._watcher.take(LONGEST))
        start = min(self._kept, default=0)
        seen = {}
        for second, window in self._kept.items():
            seen[second - start] = EdgeWindow(second - start, window.steps)
        return start, Windows(seen)
