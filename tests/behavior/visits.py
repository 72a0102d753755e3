"""Whole visits through a healthy stack that may be twisted; they start at 1000.0."""

from collections.abc import Callable, Mapping
from math import inf
from typing import Any

import pytest
from scripted import Diary, Said, Stack, World, scenario

from loadtests.audience.arrivals import Arrival
from loadtests.behavior.steps import Fetch
from loadtests.behavior.target import Target
from loadtests.behavior.viewer import visit
from loadtests.units import Seconds
from loadtests.vocabulary import Fact, Step

START: Seconds = 1000.0
NEAR = pytest.approx
TARGET = Target.parse("http://t.invalid")

Twist = Callable[[Fetch, Seconds], Said | None]


def come(
    viewer: Arrival,
    twist: Twist | None = None,
    *,
    until: Seconds = 600.0,
    delays: Mapping[Step, Seconds] | None = None,
    target: Target = TARGET,
    **habits: Any,  # noqa: ANN401 - any field of a scenario
) -> tuple[World, Diary]:
    """One viewer's visit, cut off `until` seconds after START."""
    world, diary = World(Stack(twist=twist, delays=delays), START), Diary()
    walk = world.start(visit(viewer, scenario(**habits), target, START, diary))
    world.run(START + until)
    walk.finish(START + until)
    return world, diary


def answering(step: Step, said: Said, *, until: Seconds = inf) -> Twist:
    """This step is answered so until a moment after START."""

    def twist(fetch: Fetch, now: Seconds) -> Said | None:
        return said if fetch.step is step and now < START + until else None

    return twist


def in_turn(step: Step, *said: Said | None) -> Twist:
    """This step is answered so, one after the other, and then as by a healthy stack."""
    left = iter(said)

    def twist(fetch: Fetch, _now: Seconds) -> Said | None:
        return next(left, None) if fetch.step is step else None

    return twist


def refusal(code: str) -> Said:
    """A refusal by policy."""
    return Said(status=403, body=f'{{"error": "policy", "code": "{code}"}}'.encode())


def since(world: World, step: Step) -> list[Seconds]:
    """When requests of a kind were due, after START."""
    return [at - START for at in world.times(step)]


def facts(diary: Diary) -> list[Fact]:
    """What was noted, in order."""
    return [fact for fact, _ in diary.facts]
