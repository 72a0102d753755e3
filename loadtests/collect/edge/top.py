"""Who came most often, in little room.

The summary of Misra and Gries (1982), which is that of Space-Saving (Metwally, Agrawal and El
Abbadi, ICDT 2005) less its least count, and adds up (Agarwal et al., "Mergeable summaries", PODS
2012; Cafaro et al. 2016). Where nobody comes more often than others it is empty, and takes no room.
"""

from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

KEPT = 8
"""So many are told apart: who makes more than a 9th of all is among them, for certain."""

_ROOM = 4 * KEPT
_BYTES = 3
_KEY = 0xFFFFFF  # two of those that come most often will hardly share these bits


class Top:
    """Counts of those that come most often, by the lower 24 bits of their hash."""

    __slots__ = ("_counts", "_missed")

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}
        self._missed = 0

    def add(self, key: int, count: int = 1) -> None:
        """`key` came `count` (> 0) times."""
        key &= _KEY
        counts = self._counts
        counts[key] = counts.get(key, 0) + count
        if len(counts) > _ROOM:
            self._shrink()

    def update(self, keys: Sequence[int]) -> None:
        """Each of these came once more; where none comes much more often it is done at once."""
        came: dict[int, int] = Counter(keys)
        if len(came) > _ROOM:
            cut = sorted(came.values())[-KEPT - 1]
            self._missed += cut
            came = {key: count - cut for key, count in came.items() if count > cut}
        for key, count in came.items():
            self.add(key, count)

    def merge(self, other: "Top") -> None:
        """Add what `other` counted; it stays as it is but for who is told apart.

        In whatever order many are merged: a count is at most `missed` too low, and `missed` at most
        a 9th of all. The same counts, as long as no more than KEPT came.
        """
        counts = self._counts
        for key, count in other.counts.items():
            counts[key] = counts.get(key, 0) + count
        self._missed += other.missed
        self._shrink()

    @property
    def counts(self) -> Mapping[int, int]:
        """How often each of at most KEPT came: at least so often, and at most `missed` more."""
        self._shrink()
        return self._counts

    @property
    def missed(self) -> int:
        """What every count may be too low by, and how often anybody else may have come."""
        self._shrink()
        return self._missed

    def _shrink(self) -> None:
        if len(self._counts) <= KEPT:
            return
        cut = sorted(self._counts.values())[-KEPT - 1]
        self._missed += cut
        self._counts = {key: count - cut for key, count in self._counts.items() if count > cut}

    def __bool__(self) -> bool:
        return bool(self._counts or self._missed)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Top):
            return NotImplemented
        return (self.counts, self.missed) == (other.counts, other.missed)

    __hash__ = None  # type: ignore[assignment] # it changes: no key of anything

    def __repr__(self) -> str:
        return f"<{sorted(self.counts.values(), reverse=True)}, each up to {self.missed} more>"

    def to_json(self) -> list[Any]:
        """Plain JSON: `[missed, count, keys, count, keys, …]`, the keys together in base64."""
        if not self:
            return []
        keys: dict[int, bytes] = {}
        for key, count in sorted(self.counts.items()):
            keys[count] = keys.get(count, b"") + key.to_bytes(_BYTES, "big")
        made: list[Any] = [self.missed]
        for count, joined in keys.items():
            made += (count, b64encode(joined).decode())
        return made

    @classmethod
    def from_json(cls, parts: list[Any]) -> "Top":
        """What `to_json` made these of; TypeError or ValueError if it made nothing of the kind."""
        made = cls()
        if not parts:
            return made
        made._missed = int(parts[0])
        for count, told in zip(parts[1::2], parts[2::2], strict=True):
            joined = b64decode(told, validate=True)
            for begin in range(0, len(joined), _BYTES):
                made._counts[int.from_bytes(joined[begin : begin + _BYTES], "big")] = count
        return made
