"""What a watching viewer costs: bytes, which are the same on every machine."""

import gc
import tracemalloc
from math import inf

import pytest
from scripted import DEMUXED, MASTER, Said, Stack, World, arrival, device, scenario

from loadtests.audience.arrivals import Arrival
from loadtests.behavior.steps import Fetch, Progress
from loadtests.behavior.target import Target
from loadtests.behavior.viewer import visit
from loadtests.behavior.walk import Pending, Walk
from loadtests.units import Seconds
from loadtests.vocabulary import End, Fact, Purpose, Step

VIEWERS = 400


class Nobody:
    """An observer that keeps nothing."""

    def decided(self, arrival: Arrival, end: End, at: Seconds) -> None:
        """Not kept."""

    def played(self, arrival: Arrival, progress: Progress, at: Seconds) -> None:
        """Not kept."""

    def noted(self, arrival: Arrival, fact: Fact, at: Seconds) -> None:
        """Not kept."""

    def left(self, arrival: Arrival, at: Seconds) -> None:
        """Not kept."""


class Forgetful(World):
    """A world that lists no requests."""

    def fetch(self, fetch: Fetch, walk: Walk) -> Pending:
        pending = super().fetch(fetch, walk)
        self.sent.clear()
        return pending

    def wait(self, until: Seconds, walk: Walk) -> Pending:
        pending = super().wait(until, walk)
        self.waits.clear()
        return pending


def footprint(master: bytes, stay: Seconds) -> float:
    """Bytes a viewer who watches and waits costs, the world's timers included."""
    playlists: dict[Seconds, Said] = {}
    stack = Stack(master=master)

    def script(fetch: Fetch, now: Seconds) -> Said:
        if fetch.step is not Step.PLAYLIST:
            return stack(fetch, now)
        if now // 4 not in playlists:
            playlists[now // 4] = stack(fetch, now)
        return playlists[now // 4]

    world, tv, one = Forgetful(script, 1000.0), device(), scenario()
    target = Target.parse("http://t.invalid")
    crowd = [arrival(tv, index=i, at=i * 0.001, stay=stay) for i in range(VIEWERS)]
    gc.collect()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for viewer in crowd:
            world.start(visit(viewer, one, target, 1000.0, Nobody()), 1000.0 + viewer.at)
        world.run(1010.5)
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return (after - before) / VIEWERS


@pytest.mark.parametrize(
    ("master", "stay", "most"),
    [(MASTER, inf, 4_000), (MASTER, 3600.0, 4_600), (DEMUXED, inf, 5_200)],
)
def test_a_watching_viewer_costs_little(master: bytes, stay: Seconds, most: float) -> None:
    assert footprint(master, stay) <= most


@pytest.mark.parametrize("purpose", list(Purpose))
@pytest.mark.parametrize("master", [MASTER, DEMUXED])
def test_viewers_who_left_leave_nothing_for_the_collector_of_cycles(
    master: bytes, purpose: Purpose
) -> None:
    world, tv, one = World(Stack(master=master), 1000.0), device(), scenario()
    target = Target.parse("http://t.invalid")
    gc.collect()
    gc.disable()
    try:
        for index in range(40):
            viewer = arrival(tv, index=index, at=0.0, stay=20.0, patience=15.0, purpose=purpose)
            world.start(visit(viewer, one, target, 1000.0, Nobody()), 1000.0)
        world.run(1060.0)
        del viewer
        assert gc.collect() == 0
    finally:
        gc.enable()
