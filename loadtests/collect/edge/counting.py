"""Requests of one step and second to the numbers of them that add up: all that needs no memory."""

from collections import Counter
from collections.abc import Sequence
from typing import TypeVar

from loadtests.collect.edge.sighting import Said, Sighting
from loadtests.collect.edge.window import Traffic
from loadtests.units import Seconds

STARVED_AFTER: Seconds = 30.0
"""Open for longer without one byte of an answer: nothing benign is.

Unless the service hangs: those it starves are failures of its own. What was not sent in time, or
not taken, ends as an error of the client's (408, or 400 where it hung up itself).
"""

V = TypeVar("V")


def count(traffic: Traffic, sightings: Sequence[Sighting]) -> None:
    """Add `sightings`, at least one, to `traffic`: by column, which is quicker than one by one."""
    (
        _, _, said, attempts, clients, accounts, targets, paths, sizes, durations, caches, codes,
        regions, probes, posts, moved, timed_out,
    ) = zip(*sightings, strict=True)  # fmt: skip
    for outcome, n in Counter(zip(said, attempts, strict=True)).items():
        traffic.said[outcome] += n
    traffic.probes += sum(probes)
    if any(posts):
        traffic.posts += posts.count(True)
        traffic.moved += [*zip(posts, moved, strict=True)].count((True, True))
    if any(codes):
        traffic.codes.update(filter(None, codes))
    if any(regions):
        _count_regions(traffic, said, regions)
    traffic.cache.update(_known(caches))
    traffic.bytes += sum(_known(sizes))
    _count_durations(traffic, said, durations)
    if any(timed_out) or max(_known(durations), default=0.0) > STARVED_AFTER:
        traffic.starved += sum(map(_is_starved, sightings))
    _count_identities(traffic, _known(clients), _known(accounts))
    traffic.targets.update({*_known(targets)})
    traffic.paths.update({*_known(paths)})


def _known(column: Sequence[V | None]) -> Sequence[V]:
    return [value for value in column if value is not None]


def _count_regions(traffic: Traffic, said: Sequence[Said], regions: Sequence[str]) -> None:
    for (region, of), n in Counter(zip(regions, said, strict=True)).items():
        if region:
            traffic.regions[region, of.is_failure] += n


def _count_durations(
    traffic: Traffic, said: Sequence[Said], durations: Sequence[Seconds | None]
) -> None:
    traffic.busy += sum(_known(durations))
    traffic.times.extend(
        [
            took
            for took, of in zip(durations, said, strict=True)
            if took is not None and of is Said.OK
        ]
    )


def _count_identities(traffic: Traffic, clients: Sequence[int], accounts: Sequence[int]) -> None:
    traffic.clients.update(clients)
    traffic.top_clients.update(clients)
    if accounts:
        traffic.accounts.update(accounts)
        traffic.top_accounts.update(accounts)


def _is_starved(sighting: Sighting) -> bool:
    if sighting.said is not Said.CLIENT_ERROR:
        return False
    took = sighting.duration
    is_long = sighting.timed_out if took is None else took > STARVED_AFTER
    return is_long and sighting.size == 0
