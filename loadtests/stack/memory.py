"""What the stack remembers of accounts and devices: so many, and never more."""

from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

MOST = 200_000
"""Entries: some 70 MB, and many times the accounts a rehearsal on one machine has."""


class Memory(Generic[K, V]):
    """Values by key. One too many, and the older half of them is forgotten.

    A value kept again counts as new. What is forgotten is as if it had never been: a download
    nobody knows of, a device that has entered no code.
    """

    __slots__ = ("_most", "_values")

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._values: dict[K, V] = {}  # the oldest first

    def get(self, key: K) -> V | None:
        """What is kept there; None if nothing is, or not any more."""
        return self._values.get(key)

    def keep(self, key: K, value: V) -> None:
        """Remember it from now on."""
        self._values.pop(key, None)
        if len(self._values) >= self._most:
            # half at a time: dropping one by one from the front of a dict gets ever slower
            newest = list(self._values.items())[self._most // 2 + 1 :]
            self._values = dict(newest)
        self._values[key] = value

    def __len__(self) -> int:
        return len(self._values)
