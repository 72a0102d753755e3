"""Attacks on a real stack in memory: what their clients ask for, and what they are answered."""

from collections.abc import Mapping
from typing import Any

from scripted import Said, World, device, scenario

from loadtests.audience.hostile import actions
from loadtests.behavior.hostile.table import Hostile
from loadtests.behavior.steps import Fetch, Reply
from loadtests.behavior.target import Target
from loadtests.scenario.demand import Shape, Surge
from loadtests.scenario.hostile import Attack, Pattern
from loadtests.scenario.model import Device
from loadtests.stack import device as stack_device
from loadtests.stack.exchange import Request
from loadtests.stack.model import Stack
from loadtests.stack.service import Service
from loadtests.units import Seconds
from loadtests.url import split
from loadtests.vocabulary import Step, Trait

START: Seconds = 86_400.0
TARGET = Target.parse("http://t.invalid")
_CROWD = Surge(shape=Shape.STEADY, start=0.0, stop=600.0, share=1.0)


def attack(pattern: Pattern, **more: Any) -> Attack:  # noqa: ANN401 - fields of an Attack
    """Two a second for a minute, from five addresses."""
    usual = {"start": 0.0, "lasts": 60.0, "rate": 2.0, "sources": 5}
    return Attack(pattern=pattern, **{**usual, **more})


def raid(
    *attacks: Attack,
    target: Target = TARGET,
    until: Seconds = 60.0,
    devices: Mapping[str, Device] | None = None,
    **stack: Any,  # noqa: ANN401 - fields of a Stack
) -> list[Reply]:
    """All requests of these attacks on a stack, in order, as they had gone `until` after START."""
    devices = devices or {"tv": device()}
    evening = scenario(hostile=attacks, arrivals=(_CROWD,), devices=devices)
    service = Service(Stack(**{"stations": {}, **stack}))
    world = World(lambda fetch, now: _answered(service, fetch, now), START)
    hostile = Hostile(evening, target, START)
    for action in actions(evening):
        world.run(START + action.at)
        world.start(hostile.journey(action), START + action.at)
    world.run(START + until)
    return world.sent


def token_of(fetch: Fetch) -> str | None:
    """The token it carries."""
    _, found, rest = fetch.headers.partition(b"Authorization: Bearer ")
    return rest.partition(b"\r\n")[0].decode() if found else None


def number_of(fetch: Fetch) -> int:
    """The number its device tells."""
    return _device_of(fetch).number


def traits_of(fetch: Fetch) -> frozenset[Trait]:
    """What is special about its device."""
    return _device_of(fetch).traits


def _device_of(fetch: Fetch) -> stack_device.Device:
    _, _, rest = fetch.headers.partition(b"X-Device: ")
    return stack_device.read_device(rest.partition(b"\r\n")[0].decode())


def of(sent: list[Reply], step: Step) -> list[Reply]:
    """Requests of one step."""
    return [reply for reply in sent if reply.fetch.step is step]


def _answered(service: Service, fetch: Fetch, now: Seconds) -> Said:
    request = Request(fetch.method, split(fetch.url).target, token=token_of(fetch), body=fetch.body)
    answer = service.answer(request, now)
    headers = dict(answer.headers)
    return Said(status=answer.status, body=answer.body, headers=headers, after=answer.at - now)
