"""Who arrives: each worker's share of the crowd, computed without a message.

Given how many come, the moments of a Poisson process are independent draws from its normalized rate
(Kingman, Poisson Processes, 1993, 2.4). So viewer i needs nothing but the seed and i.

Those of a trial come one after the other, each in a part of the curve of its own, all alike, and
what else is drawn about them is spread evenly as well: a line that grows is then the target's
doing, never a whim of chance.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from heapq import merge
from math import ceil, inf, log1p

from loadtests.audience.arrivals import Arrival
from loadtests.audience.curve import evening
from loadtests.audience.draws import Deal, Errands
from loadtests.chance import Chance, Spread
from loadtests.scenario.habits import Patience
from loadtests.scenario.model import Device, Scenario, Viewing
from loadtests.units import Seconds
from loadtests.vocabulary import Player, Purpose, Trait

_NO_TRAITS: frozenset[Trait] = frozenset()  # one for all: an empty set takes 216 bytes
_LATER = frozenset({"join", "traits", "resumed_tls"})
_STRANGERS = 1  # a sequence of their own
_PLAIN = Device(share=1.0, player=Player.HLS_JS, signs_in=0.0)


def size(scenario: Scenario) -> int:
    """How many viewers this rehearsal plays: scaled, those of the window only."""
    return round(
        scenario.scale * evening(scenario).area(scenario.window.start, scenario.window.stop)
    )


def share(scenario: Scenario, worker: int = 0, workers: int = 1) -> Iterator[Arrival]:
    """Arrivals of `worker` (from 0) of `workers`, ordered by `at`: every `workers`-th viewer."""
    arrivals = _Lottery(scenario)
    # the inverse of the curve is monotone: ordered by rank is ordered by time
    for index in sorted(range(worker, size(scenario), workers), key=arrivals.rank):
        yield arrivals.draw(index)


def strangers(scenario: Scenario) -> Callable[[int, Seconds, int], Arrival]:
    """Draws people like the crowd who are not of it: by number, when they come, and a seed."""
    return _Lottery(scenario).stranger


def planned(scenario: Scenario) -> list[float]:
    """Expected arrivals in each second of the run; the last one may be cut short."""
    curve, window = evening(scenario), scenario.window
    stops = [min(window.stop, scenario.offset(s + 1)) for s in range(ceil(scenario.duration))]
    return [
        scenario.scale * curve.area(scenario.offset(second), stop)
        for second, stop in enumerate(stops)
    ]


def digest(scenario: Scenario, workers: int = 1) -> str:
    """SHA-256 over every field of every arrival in the order of `index`: demand as one word.

    What a scenario does not use is left out, so that its demand keeps its word as keys are added.
    """
    shares = (
        sorted(share(scenario, worker, workers), key=lambda arrival: arrival.index)
        for worker in range(workers)
    )
    seal = hashlib.sha256(_devices(scenario.devices).encode())
    for arrival in merge(*shares, key=lambda arrival: arrival.index):
        seal.update(_line(arrival).encode())
    return seal.hexdigest()


def _devices(devices: Mapping[str, Device]) -> str:
    return f"{{{', '.join(f'{name!r}: {_device(device)}' for name, device in devices.items())}}}"


def _device(device: Device) -> str:
    told = (
        f"{f.name}={getattr(device, f.name)!r}"
        for f in fields(Device)
        if f.name not in _LATER or getattr(device, f.name) != getattr(_PLAIN, f.name)
    )
    return f"Device({', '.join(told)})"


def _line(arrival: Arrival) -> str:
    a = arrival
    special = (
        *((a.purpose.value,) if a.purpose is not Purpose.WATCH else ()),
        *((a.region,) if a.region else ()),
        *sorted(trait.value for trait in a.traits),
    )
    return (
        f"{a.index} {a.at!r} {a.offset!r} {a.device_name} {a.signs_in} "
        f"{a.patience!r} {a.stay!r} {a.seed}{''.join(f' {word}' for word in special)}\n"
    )


class _Lottery:
    """Draws what chance decides about a viewer, always in the same order.

    What a scenario does not have costs no draw, and what was added last is drawn last: a scenario
    that gains a region keeps everybody else about its viewers.
    """

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._size = size(scenario)
        self._curve = evening(scenario)
        start, stop = scenario.window.start, scenario.window.stop
        self._before = self._curve.area(-inf, start)
        self._area = self._curve.area(start, stop)
        self._errands = Errands(scenario)
        self._regions = Deal(scenario.regions) if scenario.regions else None

    def rank(self, index: int) -> float:
        """Where among all that come the viewer numbered `index` does, from 0 to 1."""
        return self._begin(index)[0]

    def draw(self, index: int) -> Arrival:
        """The viewer numbered `index`."""
        rank, chance = self._begin(index)
        offset = self._offset(rank)
        return self._drawn(index, self._scenario.run_time(offset), offset, chance)

    def stranger(self, number: int, at: Seconds, seed: int) -> Arrival:
        """Somebody like the crowd who is not of it, come at `at`."""
        return self._drawn(number, at, self._scenario.offset(at), Chance(seed, _STRANGERS))

    def _drawn(self, index: int, at: Seconds, offset: float, chance: Chance) -> Arrival:
        scenario = self._scenario
        deal = self._errands.draw if scenario.trial_stay is None else self._errands.draw_evenly
        purpose, name, signs_in = deal(offset, chance)
        device = scenario.devices[name]
        return Arrival(
            index=index,
            at=at,
            offset=offset,
            device_name=name,
            device=device,
            signs_in=signs_in,
            patience=_patience(device.patience, chance),
            stay=self._stay(at, offset, chance),
            seed=int(chance.uniform() * 2**53),
            purpose=purpose,
            region="" if self._regions is None else self._regions.draw(chance),
            traits=_traits(device, chance),
        )

    def _begin(self, index: int) -> tuple[float, Chance]:
        """A viewer's rank, and the chance that decides about all else."""
        chance = Chance(self._scenario.seed, index)
        if self._scenario.trial_stay is None:
            return chance.uniform(), chance
        # by chance within its part: else whatever takes a fixed time would keep step with the crowd
        rank = (index + chance.uniform()) / self._size
        return rank, Spread(self._scenario.seed, index)

    def _offset(self, rank: float) -> float:
        offset = self._curve.inverse(self._before + rank * self._area)
        return min(max(offset, self._scenario.window.start), self._scenario.window.stop)

    def _stay(self, at: Seconds, offset: float, chance: Chance) -> Seconds:
        stay = self._scenario.trial_stay
        if stay is None:
            stay = _event_stay(self._scenario.viewing, offset, chance) / self._scenario.speed
        return stay if at + stay < self._scenario.duration else inf


def _traits(device: Device, chance: Chance) -> frozenset[Trait]:
    if not device.traits:
        return _NO_TRAITS
    return frozenset(t for t, part in device.traits.items() if chance.uniform() < part)


def _patience(patience: Patience, chance: Chance) -> Seconds:
    rank = chance.uniform()
    if rank >= patience.at_most or patience.leaving_per_second == 0:
        return inf
    return patience.none_before + rank / patience.leaving_per_second


def _event_stay(viewing: Viewing, offset: float, chance: Chance) -> Seconds:
    early, rank = chance.uniform() < viewing.early, chance.uniform()
    longest = max(0.0, viewing.until - offset)
    return min(longest, -viewing.early_stay * log1p(-rank)) if early else longest
