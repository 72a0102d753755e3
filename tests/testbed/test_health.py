"""The testbed's own confession."""

import asyncio
import time

import pytest

from loadtests.testbed.health import Health, Pulse


def first_second(*, frozen: float = 0.0, burning: float = 0.0) -> Health:
    """What the pulse tells of its first second, in which the loop is held up so long."""

    async def run() -> Health:
        told: asyncio.Queue[Health] = asyncio.Queue()
        pulse = Pulse(told.put_nowait, lambda: 0.5)
        end = time.process_time() + burning
        while time.process_time() < end:
            pass
        time.sleep(frozen)  # noqa: ASYNC251 - a frozen loop is what is looked for
        health = await told.get()
        pulse.stop()
        return health

    return asyncio.run(run())


def test_a_frozen_loop_is_confessed() -> None:
    health = first_second(frozen=0.4)
    assert health.lag >= 0.34  # the beat that was due within the first 50 ms
    assert [problem.split()[0] for problem in health.problems][:1] == ["answers"]


def test_a_core_in_use_is_confessed() -> None:
    health = first_second(burning=0.3)
    assert health.cpu > 0.0
    assert health.lag >= 0.24


@pytest.mark.parametrize(
    ("health", "problems"),
    [
        (Health(time=1.0, lag=0.1, cpu=0.9, sockets=0.95), []),
        (Health(time=1.0, lag=0.25, cpu=0.1, sockets=0), ["answers left up to 0.25 s late"]),
        (Health(time=1.0, lag=0, cpu=0.97, sockets=0), ["used 97% of a core"]),
        (Health(time=1.0, lag=0, cpu=0, sockets=0.99), ["held 99% of its descriptors"]),
    ],
)
def test_only_what_makes_figures_doubtful_is_a_problem(health: Health, problems: list[str]) -> None:
    assert health.problems == problems
    assert health.to_line()["problems"] == problems


def test_its_line_says_when_and_how_much() -> None:
    line = Health(time=1.8e9, lag=0.0123456789, cpu=0.5, sockets=0.25).to_line()
    assert line == {"time": 1.8e9, "lag": 0.012346, "cpu": 0.5, "sockets": 0.25, "problems": []}
