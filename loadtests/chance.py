"""Seeded chance with nothing to share: one seed, one demand, on any number of workers."""

from math import log1p, sqrt

_MASK = 0xFFFFFFFFFFFFFFFF
_GOLDEN = 0x9E3779B97F4A7C15


def _mix(z: int) -> int:
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return z ^ (z >> 31)


class Chance:
    """SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): 64 bits of state.

    A `random.Random` carries 2.5 kB, a third of what a watching viewer may cost; this is an int.
    """

    __slots__ = ("_state",)

    def __init__(self, seed: int, stream: int = 0) -> None:
        """Start the sequence numbered `stream` of `seed`; sequences of one seed do not overlap."""
        self._state = _mix((seed & _MASK) ^ _mix((stream * _GOLDEN) & _MASK))

    def uniform(self) -> float:
        """Next number, evenly spread over [0, 1)."""
        self._state = (self._state + _GOLDEN) & _MASK
        return (_mix(self._state) >> 11) * 2.0**-53

    def between(self, low: float, high: float) -> float:
        """Next number, evenly spread over [low, high)."""
        return low + (high - low) * self.uniform()

    def exponential(self, mean: float) -> float:
        """Next number, exponentially distributed: how long it takes if it may end any moment."""
        return -mean * log1p(-self.uniform())


class Spread(Chance):
    """Numbers that fill [0, 1) evenly from stream to stream, instead of by chance.

    The d-th number of stream i is that of stream 0 plus i√p, less the whole, p being the d-th of
    some primes (Richtmyer 1951; Niederreiter, Random Number Generation and Quasi-Monte Carlo
    Methods, 1992, 3.1): of any n consecutive streams a share lies in each range that is right but
    for some log(n)/n, where chance is wrong by 1/√n. The seed decides where stream 0 begins.
    """

    __slots__ = ("_drawn", "_stream")

    def __init__(self, seed: int, stream: int = 0) -> None:
        """Start the sequence numbered `stream` of `seed`; it has as many numbers as `_ROOTS`."""
        super().__init__(seed)
        self._stream = stream
        self._drawn = 0

    def uniform(self) -> float:
        """Next number, evenly spread over [0, 1)."""
        step = self._stream * _ROOTS[self._drawn]
        self._drawn += 1
        return (super().uniform() + step) % 1.0


# √5 first: no other ratio fills a line as evenly
_ROOTS = tuple(sqrt(prime) for prime in (5, 2, 3, 7, 11, 13, 17, 19, 23, 29, 31, 37))
