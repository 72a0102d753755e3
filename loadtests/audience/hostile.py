"""When hostile traffic comes, and from where: each worker's share of it, as of the crowd.

It is a stream of its own: no viewer's arrival is another one because of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import merge
from itertools import accumulate

from loadtests.audience.sources import hostile_source
from loadtests.chance import Chance
from loadtests.scenario.hostile import MOST_CONNECTIONS, Attack
from loadtests.scenario.model import Scenario
from loadtests.units import Seconds

_SEED = 0x484F5354  # a sequence of chance of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One thing that one hostile client does: an attempt, a request, a connection, a stay."""

    attack: Attack
    campaign: int  # which of the scenario's attacks it is, from 0
    number: int  # in that attack, from 0
    at: Seconds  # after the start of the run
    client: int  # which of the attack's sources, from 0
    source: int  # the number whose address the edge sees
    seed: int  # of its own Chance


def actions(scenario: Scenario, worker: int = 0, workers: int = 1) -> Iterator[Action]:
    """Hostile actions of `worker` (from 0) of `workers`, ordered by `at`: every `workers`-th."""
    firsts = accumulate((attack.sources for attack in scenario.hostile), initial=0)
    streams = (
        _of_one(scenario, campaign, first, worker, workers)
        for campaign, first in zip(range(len(scenario.hostile)), firsts, strict=False)
    )
    return merge(*streams, key=lambda action: action.at)


def size(scenario: Scenario, attack: Attack) -> int:
    """How many actions of an attack this rehearsal plays."""
    start, stop = attack.span_in(scenario)
    return round(attack.rate_in(scenario) * (stop - start))


def most_at_once(scenario: Scenario) -> int:
    """Connections hostile clients hold at once, at most."""
    everybody = sum(size(scenario, attack) for attack in scenario.hostile)
    return min(everybody, MOST_CONNECTIONS)


def _of_one(
    scenario: Scenario, campaign: int, first: int, worker: int, workers: int
) -> Iterator[Action]:
    """One attack's; independent moments, as those of a Poisson process are (see `crowd`)."""
    attack = scenario.hostile[campaign]
    start, stop = attack.span_in(scenario)
    seed = scenario.seed ^ _SEED ^ (campaign << 40)

    def rank(number: int) -> float:
        return Chance(seed, number).uniform()

    for number in sorted(range(worker, size(scenario, attack), workers), key=rank):
        chance = Chance(seed, number)
        at = start + (stop - start) * chance.uniform()
        client = number % attack.sources
        yield Action(
            attack=attack,
            campaign=campaign,
            number=number,
            at=at,
            client=client,
            source=hostile_source(first + client),
            seed=int(chance.uniform() * 2**53),
        )
