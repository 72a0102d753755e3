"""Whom a fault meets: the same people each time, drawn once by their device."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Annotated, Protocol

from loadtests.binding import Misfit, about
from loadtests.chance import Chance
from loadtests.stack.device import Device
from loadtests.units import Offset, Range, Share, write_offset
from loadtests.vocabulary import Trait

_SPARED = 0x57484F4D  # one draw each per device, the same in every run
_CELLS = 0x43454C4C


@dataclass(frozen=True, slots=True, kw_only=True)
class Whom:
    """Part of the crowd. The draw is one per device: who is spared once is spared by all faults.

    A device that says nothing of itself is of no kind and region and has no traits; it is drawn as
    number 0.
    """

    share: Share = field(default=1.0, metadata=about("share of the viewers"))
    regions: Mapping[str, Share] = field(
        default_factory=dict,
        metadata=about(
            "share of a region's viewers, by its name, where it is another one than `share`"
        ),
    )
    devices: tuple[str, ...] = field(
        default=(), metadata=about("only these devices; absent: all of them")
    )
    traits: tuple[Trait, ...] = field(
        default=(), metadata=about("only devices with one of these traits; absent: all of them")
    )

    def includes(self, device: Device) -> bool:
        """Whether a device is one of them."""
        if self.devices and device.platform not in self.devices:
            return False
        if self.traits and device.traits.isdisjoint(self.traits):
            return False
        share = self.regions.get(device.region, self.share)
        return share >= 1 or _draw(_SPARED, device.number) < share


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """Restoration cell by cell: devices are dealt to cells, which come back one after the other."""

    cells: Annotated[int, Range(least=2)] = field(metadata=about("how many, of the same size"))
    until: Offset = field(
        metadata=about(
            "when the last cell is back; the first is when the fault ends", clock="event"
        )
    )

    def back(self, device: Device, *, first: Offset) -> Offset:
        """When a device's cell is back, if the first one is at `first`."""
        cell = int(_draw(_CELLS, device.number) * self.cells)
        return first + (self.until - first) * cell / (self.cells - 1)


def check_recovery(recovery: Recovery | None, *, first: Offset) -> None:
    """Misfit unless the last cell is back after the first one."""
    if recovery is not None and recovery.until <= first:
        what = f"is not after {write_offset(first)}, when the first cell is back"
        raise Misfit(f"{what}; write a later time", "recovery", "until")


class Partial(Protocol):
    """The record of a fault that meets part of the crowd, and ends for some later than for others.

    `start` and `stop` are offsets from kick-off.
    """

    @property
    def start(self) -> Offset:
        """The first moment."""

    @property
    def stop(self) -> Offset:
        """The first moment after, for the first to recover."""

    @property
    def whom(self) -> Whom:
        """Which part."""

    @property
    def recovery(self) -> Recovery | None:
        """How it ends; None: for all at once."""


def is_met(fault: Partial, device: Device, offset: Offset) -> bool:
    """Whether a fault meets a device when the evening is at `offset`."""
    if offset < fault.start or not fault.whom.includes(device):
        return False
    if fault.recovery is None or offset < fault.stop:
        return offset < fault.stop
    return offset < fault.recovery.back(device, first=fault.stop)


@lru_cache(maxsize=65_536)
def _draw(salt: int, number: int) -> float:
    return Chance(salt, number).uniform()
