"""What must hold between a scenario and its embedded stack, and of who watches over a run."""

from collections.abc import Iterator

from loadtests.binding import Misfit
from loadtests.scenario.crowd_checks import not_among
from loadtests.scenario.model import Scenario
from loadtests.scenario.stopping import Guard
from loadtests.stack.faults.gateway_rule import GatewayRule
from loadtests.stack.faults.whom import Whom
from loadtests.units import plain, write_bytes
from loadtests.url import split
from loadtests.vocabulary import Trait


def guard_is_a_bound(guard: Guard) -> Iterator[Misfit]:
    """It is asked of a server, and held against something."""
    least, most = guard.at_least, guard.at_most
    if least is None and most is None:
        yield Misfit("nothing to hold the answer against; write `at_most` or `at_least`")
    if least is not None and most is not None and least > most:
        yield Misfit(f"no answer would be good; write {plain(most)} or less", "at_least")
    try:
        split(guard.prometheus)
    except ValueError as error:
        yield Misfit(f"{error}; write such as http://127.0.0.1:9090", "prometheus")
    if not guard.query.strip():
        yield Misfit("asks nothing; write PromQL that gives one number", "query")


def faults_meet_somebody(scenario: Scenario) -> Iterator[Misfit]:
    """Whom a fault is about exists: regions, devices and traits are those of the scenario."""
    for at, fault in enumerate(scenario.stack.faults if scenario.stack else ()):
        whom = getattr(fault.plan, "whom", None)
        if isinstance(whom, Whom):
            yield from _whom(whom, scenario, "stack", "faults", at, fault.kind, "whom")
        if isinstance(fault.plan, GatewayRule) and Trait.GATEWAY not in _traits(scenario):
            what = "nobody is behind the gateway; give a device `traits: {gateway: 30 %}`"
            yield Misfit(what, "stack", "faults", at, fault.kind)


def _whom(whom: Whom, scenario: Scenario, *path: str | int) -> Iterator[Misfit]:
    yield from not_among(whom.devices, scenario.devices, "device", *path, "devices")
    for misfit in not_among(whom.regions, scenario.regions, "region"):
        name = list(whom.regions)[int(misfit.path[0])]
        yield Misfit(misfit.what, *path, "regions", name)
    for at, trait in enumerate(whom.traits):
        if trait not in _traits(scenario):
            what = f"no device has it; write a device `traits: {{{trait}: 10 %}}`"
            yield Misfit(what, *path, "traits", at)


def _traits(scenario: Scenario) -> set[Trait]:
    return {trait for device in scenario.devices.values() for trait in device.traits}


def ad_breaks_leave_something(scenario: Scenario) -> Iterator[Misfit]:
    """At the scenario's speed there is live media between two ad breaks."""
    try:
        if scenario.stack is not None:
            scenario.stack.stream.check_breaks(scenario.speed)
    except Misfit as misfit:
        yield Misfit(misfit.what, "stack", "stream", *misfit.path)


def segments_hold_what_is_fetched(scenario: Scenario) -> Iterator[Misfit]:
    """A range beyond the end of the smallest segment is no part of it."""
    wanted, stack = scenario.viewing.segment_bytes, scenario.stack
    if wanted is None or stack is None:
        return
    smallest = stack.stream.bit_rates[0] * stack.stream.target_duration
    if wanted > smallest:
        what = f"the smallest segment has {write_bytes(smallest)}; write at most that"
        yield Misfit(what, "viewing", "segment_bytes")


def devices_can_play_something(scenario: Scenario) -> Iterator[Misfit]:
    """A cap below the lowest rendition leaves a device nothing to play."""
    if scenario.stack is None:
        return
    lowest = scenario.stack.stream.bit_rates[0]
    for name, device in scenario.devices.items():
        if device.bit_rate_cap is not None and device.bit_rate_cap < lowest:
            what = f"is below the lowest rendition; write at least {plain(lowest * 8 / 1e3)} kbit/s"
            yield Misfit(what, "devices", name, "bit_rate_cap")
