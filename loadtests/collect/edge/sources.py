"""From how many addresses each token was used lately."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import compress
from math import floor
from operator import eq, not_

from loadtests.collect.edge.window import MANY
from loadtests.units import Seconds

LATELY: Seconds = 150.0
"""A source is remembered for at least so long, and for less than twice as long."""

TOKENS = 100_000
"""Remembered at once, for so long; of more nothing is said."""


class Sources:
    """The addresses of the last minutes, by token; of at most TOKENS."""

    def __init__(self) -> None:
        self._age: int | None = None
        # of this age and the one before; nearly all tokens have one source
        self._known: dict[int, int | set[int]] = {}
        # of this age alone, of tokens with several
        self._fresh: dict[int, set[int]] = {}
        self._before: dict[int, int | set[int]] = {}

    def seen(self, token: int, source: int, at: Seconds) -> int:
        """How many sources `token` was lately used from, at most MANY, this one included.

        0: there are too many tokens to say.
        """
        self._turn(at)
        return 1 if self._known.get(token) == source else self._several(token, source)

    def seen_all(
        self, tokens: Sequence[int | None], sources: Sequence[int], at: Seconds
    ) -> Counter[int]:
        """How often which of these numbers, of requests about `at`; None is no token."""
        self._turn(at)
        known: Mapping[int | None, int | set[int]] = self._known  # type: ignore[assignment] # None is never in it
        is_known = [*map(eq, map(known.get, tokens), sources)]
        alone = sum(is_known)
        counted = Counter({1: alone}) if alone else Counter()
        if alone < len(is_known):
            for token, source in compress(zip(tokens, sources, strict=True), map(not_, is_known)):
                number = 0 if token is None else self.seen(token, source, at)
                if number:
                    counted[number] += 1
        return counted

    def _turn(self, at: Seconds) -> None:
        age = floor(at / LATELY)
        if self._age is None or age > self._age:
            is_next = self._age == age - 1
            self._before = {**self._known, **self._fresh} if is_next else {}
            self._known, self._fresh, self._age = {}, {}, age

    def _several(self, token: int, source: int) -> int:
        """The same for a token not known to have this source alone."""
        known = self._known.get(token)
        if known is None:
            if len(self._known) >= TOKENS:
                return 0
            before = self._before.get(token, source)
            if before == source:
                self._known[token] = source
                return 1
            known = self._known[token] = {before} if isinstance(before, int) else {*before}
            self._fresh[token] = set()
        elif isinstance(known, int):
            self._fresh[token] = {known}
            known = self._known[token] = {known}
        for kept in (known, self._fresh[token]):
            if len(kept) < MANY:
                kept.add(source)
        return len(known)
