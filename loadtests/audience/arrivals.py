"""The crowd, one arrival at a time, the same whoever computes it."""

from dataclasses import dataclass

from loadtests.scenario.model import Device
from loadtests.units import Offset, Seconds
from loadtests.vocabulary import Purpose, Trait


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One viewer who turns up, and everything chance decides about them beforehand."""

    index: int  # number in the whole crowd, from 0: names the viewer and the account
    at: Seconds  # after the start of the run
    offset: Offset  # where the event is then
    device_name: str
    device: Device
    signs_in: bool  # must sign in; else refreshes a token it has
    patience: Seconds  # leaves this long after arriving without a first frame; infinity: never
    stay: Seconds  # leaves this long after arriving, watching; infinity: after the run
    seed: int  # of the viewer's own Chance, for whatever it meets later
    purpose: Purpose = Purpose.WATCH  # what they have come to do
    region: str = ""  # empty if the scenario has no regions
    traits: frozenset[Trait] = frozenset()
