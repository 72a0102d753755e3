"""Viewers of targets whose profiles stand in the tests."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from scripted import Diary, Said, World, arrival, scenario

from loadtests.behavior.session import Session
from loadtests.behavior.speech import perform
from loadtests.behavior.steps import Fetch, Reply
from loadtests.behavior.target import Target
from loadtests.scenario.targets import parse_profile
from loadtests.units import Seconds
from loadtests.vocabulary import Step

BASE = "https://t.invalid/api"


def viewer(
    profile: str,
    *,
    url: str = BASE,
    secrets: Mapping[str, str] | None = None,
    files: Mapping[str, str] | None = None,
    index: int = 7,
    device: str = "tv",
) -> Session:
    """A viewer of the target this profile describes; its title need not be written."""
    read = parse_profile(f"title: a test\n{profile}", file="p.yaml")
    target = Target.parse(url, read, secrets=secrets or {}, files=files or {})
    one = replace(arrival(index=index), device_name=device, region="north")
    return Session(one, scenario(), target, 0.0, Diary())


def answers(*said: Said) -> Callable[[Fetch, Seconds], Said]:
    """These, in order; a request more is a mistake of the test."""
    left: Iterator[Said] = iter(said)
    return lambda _fetch, _now: next(left)


def do(
    session: Session,
    step: Step,
    *said: Said,
    told: Mapping[str, str] | None = None,
    once: bool = False,
    now: Seconds = 1000.0,
) -> tuple[Reply, World]:
    """Perform a step that is answered so; the last reply, and the world it was done in."""
    world = World(answers(*said), now)
    world.start(perform(session, step, now, told or {}, once=once))
    world.run()
    ((reply, _),) = world.results
    return reply, world


def sent(session: Session, step: Step, told: Mapping[str, str] | None = None) -> Fetch:
    """The first request of a step."""
    fetch = next(perform(session, step, 1000.0, told or {}))
    assert isinstance(fetch, Fetch)
    return fetch


def lines(headers: bytes) -> list[str]:
    """Header lines, as text."""
    return headers.decode("latin-1").split("\r\n")[:-1]
