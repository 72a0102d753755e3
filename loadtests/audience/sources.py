"""Where everybody calls from: a number for each address a target's edge sees.

On the wire each stands for an address of 127/8; on paper the numbers stand for themselves.
"""

from loadtests.audience.arrivals import Arrival
from loadtests.scenario.hostile import MOST_SOURCES
from loadtests.vocabulary import Trait

VIEWERS = 15_000_000
"""Numbers below are viewers'; in a larger crowd some share one."""
GATEWAY = VIEWERS
"""Of all viewers behind the gateway: to the edge they are one."""
HOSTILE = VIEWERS + 1
"""The first number of hostile traffic."""
MOST_HOSTILE = MOST_SOURCES
"""Addresses hostile traffic can come from, of all patterns together."""


def viewer_source(arrival: Arrival) -> int:
    """Where a viewer calls from: an address of their own, or the gateway's."""
    return GATEWAY if Trait.GATEWAY in arrival.traits else arrival.index % VIEWERS


def hostile_source(number: int) -> int:
    """The `number`-th address of hostile traffic."""
    return HOSTILE + number % MOST_HOSTILE
