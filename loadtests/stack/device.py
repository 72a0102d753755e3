"""A viewer's device as the stack sees it."""

import re
from functools import lru_cache
from typing import NamedTuple

from loadtests.vocabulary import Trait

_NUMBER = re.compile("[0-9]{1,12}")
_TRAITS = frozenset(trait.value for trait in Trait)


class Device(NamedTuple):
    """What the stack sees of a device, by its address and what it says of itself (`X-Device`)."""

    number: int  # its own, 0 for one that does not say
    platform: str  # the scenario's name of the device
    region: str
    traits: frozenset[Trait]


UNKNOWN_DEVICE = Device(0, "", "", frozenset())


@lru_cache(maxsize=65_536)
def read_device(header: str) -> Device:
    """The device an `X-Device` header names: `0000123;smart_tv;brussels;outside+rooted`.

    Anything else is an unknown device.
    """
    parts = header.split(";")
    if len(parts) != 4 or not _NUMBER.fullmatch(parts[0]):  # noqa: PLR2004 - the four above
        return UNKNOWN_DEVICE
    known = frozenset(Trait(word) for word in parts[3].split("+") if word in _TRAITS)
    return Device(int(parts[0]), parts[1], parts[2], known)
