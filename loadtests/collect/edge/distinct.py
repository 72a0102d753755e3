"""How many different ones there were, in little room: exact for a few, within a few percent beyond.

HyperLogLog (Flajolet, Fusy, Gandouet and Meunier, AofA 2007), with a sparse form for few (Heule,
Nunkesser and Hall, EDBT 2013) and an estimator that needs no table of corrections (Ertl, "New
cardinality estimation algorithms for HyperLogLog sketches", 2017). Sketches add up: that of two
workers is the one a single worker would have made.
"""

import zlib
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Iterable
from math import log

_INDEX = 11  # bits that choose a register: standard error 1.04 ÷ √2048 = 2.3 %
_REGISTERS = 1 << _INDEX
_PLACE = 24  # bits kept of a hash: enough for tens of millions (see `_estimate`)
_DROPPED = 64 - _PLACE
_REST = _PLACE - _INDEX
_REST_MASK = (1 << _REST) - 1

FEW = 32
"""Up to so many are counted one by one; more take less room as registers."""

_BUFFER = 512  # wait to be put into registers together, which takes less time than one by one

ERROR = 1.04 / _REGISTERS**0.5
"""Standard error beyond, as a ratio of the count."""

_GOLDEN = 0x9E3779B97F4A7C15
_MASK = 0xFFFFFFFFFFFFFFFF
_HIGH = int.from_bytes(b"\x80" * _REGISTERS, "little")
_BYTES = _PLACE // 8
_ALPHA = 1 / (2 * log(2))
_DENSE = "~"


class Distinct:
    """A set that knows how many it holds (`count`) but not which."""

    __slots__ = ("_few", "_registers")

    def __init__(self, hashes: Iterable[int] = ()) -> None:
        self._few: set[int] = set()  # of all there were; with registers: not yet in them
        self._registers = 0  # a byte each, in one number; 0: there are only a few so far
        self.update(hashes)

    def add(self, key: int) -> None:
        """One of these; `key` is a hash, of 64 bits."""
        few = self._few
        # spreads whatever is unevenly spread in the upper half of it (Knuth, TAOCP 3, 6.4)
        few.add((key * _GOLDEN & _MASK) >> _DROPPED)
        if len(few) > FEW and (not self._registers or len(few) > _BUFFER):
            self._fold()

    def update(self, hashes: Iterable[int]) -> None:
        """All of these, as `add` does."""
        self._few.update([(key * _GOLDEN & _MASK) >> _DROPPED for key in hashes])
        if len(self._few) > FEW and (not self._registers or len(self._few) > _BUFFER):
            self._fold()

    def merge(self, other: "Distinct") -> None:
        """Add those `other` holds; it stays as it is."""
        few, registers = other.parts()
        self._few |= few
        if registers:
            self._registers = _greater(self._registers, registers)
        if len(self._few) > FEW and (not self._registers or len(self._few) > _BUFFER):
            self._fold()

    @property
    def count(self) -> float:
        """How many different ones: exact up to FEW, then with a standard error of ERROR."""
        self._settle()
        return _estimate(self._registers) if self._registers else float(len(self._few))

    def __bool__(self) -> bool:
        return bool(self._few or self._registers)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Distinct):
            return NotImplemented
        return self.parts() == other.parts()

    __hash__ = None  # type: ignore[assignment] # it changes: no key of anything

    def __repr__(self) -> str:
        return f"<{self.count:.0f} distinct>"

    def _settle(self) -> None:
        if self._registers and self._few:
            self._fold()

    def parts(self) -> tuple[set[int], int]:
        """Places of the few there are, or registers: the same for the same ones."""
        self._settle()
        return self._few, self._registers

    def _fold(self) -> None:
        registers = bytearray(_REGISTERS)
        for place in self._few:
            rank = _REST + 1 - (place & _REST_MASK).bit_length()
            if rank > registers[place >> _REST]:  # noqa: PLR1730 - max() would take twice as long
                registers[place >> _REST] = rank
        self._registers = _greater(self._registers, int.from_bytes(registers, "little"))
        self._few = set()

    def to_json(self) -> str:
        """As a short text; empty if there are none."""
        self._settle()
        if self._registers:
            told = zlib.compress(self._registers.to_bytes(_REGISTERS, "little"), 9)
            return _DENSE + b64encode(told).decode()
        return b64encode(b"".join(p.to_bytes(_BYTES, "big") for p in sorted(self._few))).decode()

    @classmethod
    def from_json(cls, told: str) -> "Distinct":
        """What `to_json` made this of; ValueError if it made nothing of the kind."""
        made = cls()
        if told.startswith(_DENSE):
            made._registers = _read_registers(b64decode(told[1:], validate=True))
            return made
        places = b64decode(told, validate=True)
        if len(places) % _BYTES or len(places) > _BYTES * FEW:
            raise ValueError("places of hashes take three bytes each, and there are only a few")
        begins = range(0, len(places), _BYTES)
        made._few = {int.from_bytes(places[i : i + _BYTES], "big") for i in begins}
        return made


def _read_registers(told: bytes) -> int:
    try:
        registers = zlib.decompress(told)
    except zlib.error as error:
        raise ValueError("registers that cannot be read") from error
    if len(registers) != _REGISTERS or not 0 < max(registers) <= _REST + 1:
        raise ValueError("registers of another size")
    return int.from_bytes(registers, "little")


def _greater(one: int, other: int) -> int:
    """The greater of each two bytes (all < 128): every byte is compared by one subtraction."""
    at_least = ((one | _HIGH) - other) & _HIGH
    mask = (at_least << 1) - (at_least >> 7)
    return other ^ ((one ^ other) & mask)


def _estimate(registers: int) -> float:
    """Ertl 2017, algorithm 6: right for hashes cut short, too, until all registers are full."""
    held = Counter(registers.to_bytes(_REGISTERS, "little"))
    z = _REGISTERS * _tau(1 - held[_REST + 1] / _REGISTERS)
    for rank in range(_REST, 0, -1):
        z = 0.5 * (z + held[rank])
    z += _REGISTERS * _sigma(held[0] / _REGISTERS)
    return _ALPHA * _REGISTERS * _REGISTERS / z


def _sigma(x: float) -> float:
    """The sum x + Σ x^(2^k) 2^(k-1), for registers nothing fell into; x < 1."""
    y, z, before = 1.0, x, -1.0
    while z != before:
        x *= x
        before = z
        z += x * y
        y += y
    return z


def _tau(x: float) -> float:
    """(1 - x - Σ (1 - x^(2^-k))² 2^-k) ÷ 3, for registers that cannot grow any more."""
    if x in {0.0, 1.0}:
        return 0.0
    y, z, before = 1.0, 1 - x, -1.0
    while z != before:
        x **= 0.5
        before = z
        y *= 0.5
        z -= (1 - x) ** 2 * y
    return z / 3
