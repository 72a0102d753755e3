"""Evenings that look like malice, or like a failure, and are not."""

from collections.abc import Mapping
from dataclasses import replace
from random import Random

from truth_causes import HELD, Case, behind_a_gateway, with_faults
from truth_play import Play
from truth_world import LENGTH, PEAK, QUIET, RISE, World

from loadtests.diagnosis.verdict.kinds import Cause
from loadtests.scenario.demand import Shape, Surge
from loadtests.stack.faults.cache_node_lost import CacheNodeLost
from loadtests.stack.faults.dependency import Broken, Dependency
from loadtests.stack.faults.model import Fault
from loadtests.stack.faults.sessions_invalidated import SessionsInvalidated
from loadtests.stack.model import Station
from loadtests.vocabulary import Purpose, Step

AT_THE_PEAK = QUIET + RISE


def gateways(world: World, random: Random) -> Play:
    """Operators' gateways: a large part of the crowd calls from a few addresses."""
    return _held(behind_a_gateway(world, random.uniform(0.3, 0.5)), world)


def expired_tokens(world: World, random: Random) -> Play:
    """Every session ends at once, and everybody signs in again; there is room for it."""
    roomy = world
    for step in (Step.SIGN_IN, Step.REFRESH):
        roomy = roomy.loaded(step, 0.1)
    fault = SessionsInvalidated(at=AT_THE_PEAK + random.uniform(0.0, 30.0))
    return _held(with_faults(roomy, Fault(sessions_invalidated=fault)), roomy)


def goal(world: World, random: Random) -> Play:
    """A goal: who follows the match elsewhere looks at the home page."""
    return _held(_more(world, random.uniform(0.3, 1.5), Purpose.WEBSITE), world)


def new_accounts(world: World, random: Random) -> Play:
    """A push notification: many sign up in a few minutes."""
    return _held(_more(world, random.uniform(0.1, 0.3), Purpose.SIGN_UP), world)


def lost_node(world: World, random: Random) -> Play:
    """Part of the cache is lost: misses rise, the URLs are what they were."""
    lost = CacheNodeLost(
        start=AT_THE_PEAK, stop=AT_THE_PEAK + random.uniform(20.0, 60.0), nodes=2, lost=1
    )
    return _held(with_faults(world, Fault(cache_node_lost=lost)), world)


def identical_devices(world: World, random: Random) -> Play:
    """One television, one firmware: all take the same way at the same pace."""
    name, device = next(iter(world.scenario.devices.items()))
    devices = {name: replace(device, share=1.0, signs_in=random.uniform(0.4, 0.6))}
    alike = replace(world, scenario=replace(world.scenario, devices=devices))
    return _held(alike, alike)


def short_errors(world: World, random: Random) -> Play:
    """A few seconds of errors in a service that holds: nothing to be sure about."""
    begins = random.uniform(QUIET, AT_THE_PEAK + PEAK)
    down = Dependency(
        start=begins,
        stop=begins + 1.0,
        steps=(Step.SESSION,),
        answer=Broken.SERVER_ERROR,
    )
    play = _held(with_faults(world, Fault(dependency=down)), world)
    causes = HELD | {Cause.DEPENDENCY_OUTAGE, Cause.UNDETERMINED}
    return replace(play, causes=causes)


def _held(tonight: World, measured: World) -> Play:
    return Play(group="legitimate", tonight=tonight, measured=measured, causes=HELD, hard=True)


def _more(world: World, factor: float, purpose: Purpose) -> World:
    """That many more people, for each of the peak's viewers, who come on another errand."""
    ample = Station(servers=400, service_time=0.1, queue=400)
    for step in (Step.WEBSITE, Step.SIGN_UP, Step.HOME, *_joining(purpose)):
        world = world.with_station(step, ample)
    scenario = world.scenario
    viewers, others = scenario.audience.published, round(world.peak * factor * PEAK)
    share = others / (viewers + others)
    wave = Surge(
        shape=Shape.WAVE, start=QUIET, stop=min(QUIET + PEAK, LENGTH), share=share, purpose=purpose
    )
    arrivals = scenario.arrivals
    assert isinstance(arrivals, tuple)
    kept = tuple(replace(surge, share=surge.share * (1 - share)) for surge in arrivals)
    audience = replace(scenario.audience, published=viewers + others)
    return replace(world, scenario=replace(scenario, audience=audience, arrivals=(*kept, wave)))


def _joining(purpose: Purpose) -> tuple[Step, ...]:
    """What those go through who watch after their errand."""
    if purpose is Purpose.WEBSITE:
        return ()
    return (Step.SIGN_IN, Step.ENTITLEMENT, Step.SESSION, Step.LICENSE)


PITFALLS: Mapping[str, Case] = {
    "gateways": gateways,
    "expired_tokens": expired_tokens,
    "goal": goal,
    "new_accounts": new_accounts,
    "lost_node": lost_node,
    "identical_devices": identical_devices,
    "short_errors": short_errors,
}
