"""What each what-if does, as a table of pure functions: a case goes in, another comes out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from loadtests.binding.scalars import suggest
from loadtests.diagnosis.signature import Signature
from loadtests.errors import MatchnightError
from loadtests.paper.plan.losses import scaled
from loadtests.paper.plan.reshape import spread
from loadtests.paper.plan.what_if import BackOff, Life, Times, WhatIf
from loadtests.scenario.habits import HumanRetry
from loadtests.scenario.model import Device, Scenario
from loadtests.stack.model import Stack, WaitingRoom
from loadtests.units import PerSecond, Ratio, Seconds
from loadtests.vocabulary import Step

_NEEDED = {
    Step.SIGN_IN: "brings the token that every step after it needs",
    Step.SESSION: "brings the address of the stream",
}
_NEVER: Seconds = 7 * 86_400.0  # longer than any evening


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An evening, the stack it meets, and what stands before or behind that."""

    scenario: Scenario
    signature: Signature | None = None
    room: WaitingRoom | None = None  # sized for the event itself
    scaling_takes: Seconds | None = None  # None: as the signature has seen


def changed(case: Case, what_if: WhatIf) -> Case:
    """The case with all of it done. MatchnightError if some of it cannot be done here."""
    for key, value in what_if.said.items():
        case = CHANGES[key](case, value)
    return case


def _waiting_room(case: Case, rate: PerSecond) -> Case:
    """A room before everything; whoever it does not let in comes back when told to."""
    stack = case.scenario.stack
    room = stack.waiting_room if stack else None
    return replace(case, room=replace(room, admit=rate) if room else WaitingRoom(admit=rate))


def _start_jitter(case: Case, most: Seconds) -> Case:
    """Push notifications, or clients by themselves, spread the start."""
    return replace(case, scenario=spread(case.scenario, most))


def _token_life(case: Case, life: Life) -> Case:
    """Fewer have to sign in: the others refresh what they have.

    How long ago somebody signed in is taken to be exponential, as if visits had no memory: then of
    tokens that live k times as long, the k-th power of the share that has expired will have. [A]
    """
    longer = _longer(case.scenario, life)
    return _with_devices(case, lambda device: replace(device, signs_in=device.signs_in**longer))


def _longer(scenario: Scenario, life: Life) -> Ratio:
    if life.times is not None:
        return life.times
    if scenario.stack is None or life.seconds is None:
        raise MatchnightError(
            "token_life: the scenario does not say how long tokens are good now; "
            "write how many times as long, such as x3"
        )
    return life.seconds / scenario.stack.token_life


def _panic(case: Case, steps: tuple[Step, ...]) -> Case:
    """The steps are answered without being asked: from a cache, or not at all."""
    asked = {step for device in case.scenario.devices.values() for step in device.join}
    may = (asked | {Step.HEARTBEAT}) - _NEEDED.keys()
    for step in steps:
        if step in _NEEDED:
            raise MatchnightError(f"panic: `{step}` {_NEEDED[step]}; {suggest(step, sorted(may))}")
        if step not in may:
            known = suggest(step, sorted(may))
            raise MatchnightError(f"panic: nobody is asked for `{step}` on the way; {known}")
    case = _with_devices(
        case,
        lambda device: replace(device, join=tuple(s for s in device.join if s not in steps)),
    )
    if Step.HEARTBEAT not in steps:
        return case
    viewing = replace(case.scenario.viewing, heartbeat=_NEVER)
    return replace(case, scenario=replace(case.scenario, viewing=viewing))


def _pre_warming(case: Case, share: Ratio) -> Case:
    """So many of those who would sign in did before, and only refresh."""
    return _with_devices(
        case, lambda device: replace(device, signs_in=device.signs_in * (1 - share))
    )


def _playlist_lifetime(case: Case, lifetime: Seconds) -> Case:
    """The edge asks the origin less often; what viewers are shown is older (`fills`, `older`)."""
    stack = case.scenario.stack or Stack(stations={})
    cache = replace(stack.cache, playlist_ttl=lifetime)
    return replace(case, scenario=replace(case.scenario, stack=replace(stack, cache=cache)))


def _back_off(case: Case, how: BackOff) -> Case:  # noqa: ARG001 - there is one way so far
    """Full jitter (Brooker, Exponential Backoff and Jitter, AWS Architecture Blog, 2015).

    The n-th wait is drawn from nothing to 2^n times as long as the first is on average. One figure
    stands for all: their mean, as far from it either way.
    """
    return _with_devices(
        case, lambda device: replace(device, human_retry=_backing_off(device.human_retry))
    )


def _backing_off(human: HumanRetry) -> HumanRetry:
    n = human.times
    mean = human.after * (2**n - 1) / n if n else human.after
    return replace(human, after=mean, spread=1.0)


def _capacity(case: Case, factors: Mapping[Step, Times]) -> Case:
    """Steps carry so many times what they did, at either end of their intervals."""
    signature = _signature(case, "capacity")
    for step in factors:
        if step not in signature.knee:
            known = suggest(step, signature.knee)
            raise MatchnightError(f"capacity: the signature says nothing of `{step}`; {known}")
    knees = {
        step: scaled(knee, factors[step].factor) if step in factors else knee
        for step, knee in signature.knee.items()
    }
    return replace(case, signature=replace(signature, knee=knees))


def _scaling_takes(case: Case, took: Seconds) -> Case:
    """More capacity is there so long after it was needed."""
    signature = case.signature
    if signature is not None and signature.scaling is not None:
        signature = replace(signature, scaling=replace(signature.scaling, took=took))
    return replace(case, signature=signature, scaling_takes=took)


def _signature(case: Case, key: str) -> Signature:
    if case.signature is None:
        raise MatchnightError(f"{key}: nobody knows the capacity as it is; add --signature")
    return case.signature


def _with_devices(case: Case, change: Callable[[Device], Device]) -> Case:
    devices = {name: change(device) for name, device in case.scenario.devices.items()}
    return replace(case, scenario=replace(case.scenario, devices=devices))


CHANGES: Mapping[str, Callable[[Case, Any], Case]] = {
    "waiting_room": _waiting_room,
    "start_jitter": _start_jitter,
    "token_life": _token_life,
    "panic": _panic,
    "pre_warming": _pre_warming,
    "playlist_lifetime": _playlist_lifetime,
    "back_off": _back_off,
    "capacity": _capacity,
    "scaling_takes": _scaling_takes,
}
"""By the key of `WhatIf`: the closed set of what can be asked."""


def fills(asked: PerSecond, lifetime: Seconds) -> PerSecond:
    """How often an edge gets one playlist from the origin that is asked of it at random moments.

    After each answer it is silent for the lifetime, and then until somebody asks: a renewal
    process. However many ask, never more than once a lifetime.
    """
    return asked / (1 + asked * lifetime)


def older(lifetime: Seconds) -> Seconds:
    """How much further behind live a viewer is by the edge's cache, on average; at most twice."""
    return lifetime / 2
