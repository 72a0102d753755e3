"""Nights on paper as a target's edge sees them, of any scenario; deterministic, hence kept."""

from functools import lru_cache
from typing import Literal

from loadtests.collect.edge.sighting import Sighting
from loadtests.collect.edge.watcher import Watcher
from loadtests.collect.edge.window import EdgeWindow
from loadtests.collect.timeline import Timeline
from loadtests.paper.edge import TargetEdge
from loadtests.paper.simulate import START, play
from loadtests.scenario.library import find
from loadtests.scenario.model import Scenario
from loadtests.scenario.read import read_scenario
from loadtests.stack.service import Service

View = Literal["edge", "samples"]


def shipped(name: str, variant: str | None = None, seed: int | None = None) -> Scenario:
    """A shipped scenario by its name, such as `psg-juventus`."""
    return read_scenario(find(name), variant=variant, seed=seed)


@lru_cache(maxsize=8)
def shipped_night(
    name: str, variant: str | None = None, view: View = "edge", seed: int | None = None
) -> tuple[EdgeWindow, ...]:
    """The night of a shipped scenario. Kept: whoever changes a window changes it for all."""
    return night_on_paper(shipped(name, variant, seed), view)


def night_on_paper(scenario: Scenario, view: View = "edge") -> tuple[EdgeWindow, ...]:
    """One window a second, as the target's own log shows the night or as our samples do."""
    if view == "samples":
        return tuple(window.edge for window in rehearsed(scenario).windows)
    watcher = Watcher(START)
    played(scenario, TargetEdge(watcher.see))
    return tuple(watcher.windows())


def sightings_on_paper(scenario: Scenario) -> list[Sighting]:
    """What the target's own log has of the night, in the order its requests ended."""
    seen: list[Sighting] = []
    played(scenario, TargetEdge(seen.append))
    return seen


def rehearsed(scenario: Scenario) -> Timeline:
    """The tester's own windows of the night."""
    return played(scenario, None)


def played(scenario: Scenario, edge: TargetEdge | None) -> Timeline:
    """The night, `edge` looking on."""
    stack = scenario.embedded_stack
    assert stack is not None, f"{scenario.name} has no stack"
    service = Service(stack)
    service.begin(START)
    return play(scenario, service, edge=edge, sampled=edge is None)
