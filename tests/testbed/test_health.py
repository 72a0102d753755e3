"""The testbed's own confession."""

import asyncio
import time
from collections.abc import Callable

import pytest

from loadtests.testbed.health import Health, Pulse


class Hands:
    """Clocks that stand still until turned, and the loop that goes by them."""

    def __init__(self) -> None:
        self.now = self.cpu = 0.0
        self._beat: Callable[[], None] = lambda: None

    def time(self) -> float:
        return self.now

    def call_at(self, _: float, beat: Callable[[], None]) -> None:
        self._beat = beat

    def turn(self, seconds: float, *, cpu: float) -> None:
        """So much later, `cpu` of it worked: the beat that was due happens only now."""
        self.now += seconds
        self.cpu += cpu
        self._beat()


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch) -> Hands:
    made = Hands()
    monkeypatch.setattr("loadtests.testbed.health.asyncio.get_running_loop", lambda: made)
    monkeypatch.setattr("loadtests.testbed.health.clock.now", made.time)
    monkeypatch.setattr("loadtests.testbed.health.clock.cpu_time", lambda: made.cpu)
    return made


@pytest.fixture
def told(hands: Hands) -> list[Health]:  # noqa: ARG001 - the clocks are there before the pulse
    """What a pulse that goes by these clocks tells, a second each."""
    made: list[Health] = []
    Pulse(made.append, lambda: 0.5)
    return made


def test_a_frozen_loop_is_confessed() -> None:
    async def run() -> Health:
        told: asyncio.Queue[Health] = asyncio.Queue()
        pulse = Pulse(told.put_nowait, lambda: 0.5)
        time.sleep(0.4)  # noqa: ASYNC251 - a frozen loop is what is looked for
        health = await told.get()
        pulse.stop()
        return health

    health = asyncio.run(run())
    assert health.lag >= 0.34  # the beat that was due within the first 50 ms
    assert [problem.split()[0] for problem in health.problems][:1] == ["answers"]


def test_a_core_in_use_is_confessed(told: list[Health], hands: Hands) -> None:
    hands.turn(0.35, cpu=0.3)  # the beat was due after 0.05 s
    hands.turn(0.65, cpu=0.0)
    assert [(round(each.lag, 3), round(each.cpu, 3)) for each in told] == [(0.6, 0.3)]


def test_each_second_is_told_alone(told: list[Health], hands: Hands) -> None:
    hands.turn(1.25, cpu=1.25)
    for _ in range(4):
        hands.turn(0.25, cpu=0.05)
    assert [(round(each.lag, 3), round(each.cpu, 3)) for each in told] == [(1.2, 1.0), (0.2, 0.2)]


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
