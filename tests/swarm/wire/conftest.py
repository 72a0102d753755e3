"""Fixtures around `loopback`: everything started is ended, and no bug goes unseen."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from loopback import Server, Talk, World

from loadtests.swarm.clock import now
from loadtests.swarm.wire import Gate, WireOptions


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def start(*talks: Talk, host: str = "127.0.0.1") -> Server:
        servers.append(Server(*talks, host=host))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def make_world() -> Iterator[Callable[..., World]]:
    worlds: list[World] = []

    def make(
        *,
        clock: Callable[[], float] = now,
        gate: Gate | None = None,
        expects_bugs: bool = False,
        **options: Any,  # noqa: ANN401 - those of WireOptions
    ) -> World:
        world = World(clock, WireOptions(**options), gate or Gate())
        worlds.append(world)
        world.expects_bugs = expects_bugs
        return world

    yield make
    for world in worlds:
        world.timers.close()
        world.wire.close()
        assert world.wire.sockets == 0
        assert world.expects_bugs or not world.bugs


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    return make_world()
