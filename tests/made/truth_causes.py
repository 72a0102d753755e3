"""What can befall a service without anybody meaning it harm: each a play with its right cause."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random

from truth_play import Play
from truth_world import CALM, FALL, LENGTH, PEAK, QUIET, RISE, World, between

from loadtests.diagnosis.verdict.kinds import Cause
from loadtests.scenario.habits import HumanRetry, Patience
from loadtests.stack.faults.dependency import Broken, Dependency
from loadtests.stack.faults.gateway_rule import GatewayRule, Rule
from loadtests.stack.faults.model import Fault
from loadtests.stack.faults.whom import Whom
from loadtests.stack.model import Station
from loadtests.vocabulary import Player, Step, Trait

Case = Callable[[World, Random], Play]

CRITICAL = (Step.SIGN_IN, Step.ENTITLEMENT, Step.SESSION, Step.LICENSE, Step.HOME)
HELD = frozenset({Cause.NOMINAL, Cause.SURGE_ABSORBED})


def nominal(world: World, random: Random) -> Play:
    flat = world.flat(world.peak * random.uniform(0.4, 0.9))
    return _legitimate(flat, world, Cause.NOMINAL)


def absorbed(world: World, random: Random) -> Play:
    """The surge comes, and every station is at most at 85 %."""
    for step in random.sample(CRITICAL, 2):
        world = world.loaded(step, random.uniform(0.5, 0.85))
    return _legitimate(world, world, Cause.SURGE_ABSORBED)


def demand(world: World, random: Random) -> Play:
    tonight = world.loaded(random.choice(CRITICAL), between(random, 1.25, 3.0))
    return Play(
        group="capacity",
        tonight=tonight,
        measured=tonight,
        causes=frozenset({Cause.DEMAND_ABOVE_KNEE}),
    )


def regression(world: World, random: Random) -> Play:
    """The same demand was held once; since the last deployment each request takes longer."""
    step, load = random.choice(CRITICAL), between(random, 1.3, 2.5)
    measured = world.loaded(step, random.uniform(0.4, 0.75))
    slow = _slower(measured.stack.stations[step], load / measured.load(step))
    return Play(
        group="capacity",
        tonight=measured.with_station(step, slow),
        measured=measured,
        causes=frozenset({Cause.CAPACITY_REGRESSION}),
    )


def outage(world: World, random: Random) -> Play:
    """What some steps depend on is down, whoever asks."""
    return _outage(world, random, Whom())


def partial_outage(world: World, random: Random) -> Play:
    """It is down for some of them."""
    return _outage(world, random, Whom(share=random.uniform(0.4, 0.8)))


def policy(world: World, random: Random) -> Play:
    stack = replace(world.stack, refused_accounts=random.uniform(0.25, 0.7))
    return Play(
        group="policy",
        tonight=world.with_stack(stack),
        measured=world,
        causes=frozenset({Cause.POLICY_REJECTION}),
    )


def collateral(world: World, random: Random) -> Play:
    """A rule of our own takes those behind an operator's gateway for one client."""
    share = random.uniform(0.2, 0.5)
    tonight = behind_a_gateway(world, share)
    step = random.choice([Step.HOME, Step.SIGN_IN, Step.ENTITLEMENT])
    rule = GatewayRule(
        start=0.0,
        stop=LENGTH,
        steps=(step,),
        rate=world.asked(step) * share * random.uniform(0.1, 0.5),
        answer=random.choice(list(Rule)),
    )
    return Play(
        group="defence",
        tonight=_with_faults(tonight, Fault(gateway_rule=rule)),
        measured=world,
        causes=frozenset({Cause.DEFENCE_COLLATERAL}),
    )


def storm(world: World, random: Random) -> Play:
    """A short failure sets off repeats that keep the service down when it is long over."""
    step = random.choice([Step.SIGN_IN, Step.ENTITLEMENT, Step.SESSION, Step.LICENSE])
    joins = world.peak * 0.7
    flat = insisting(world.flat(joins), random).loaded(step, random.uniform(0.75, 0.92))
    station = flat.stack.stations[step]
    # who waits longer than a device does is served in vain: that is what keeps it down
    line = round(station.capacity * random.uniform(25.0, 60.0))
    flat = flat.with_station(step, replace(station, queue=line))
    trigger = Dependency(
        start=QUIET,
        stop=QUIET + random.uniform(35.0, 45.0),
        steps=(step,),
        answer=Broken.SERVER_ERROR,
    )
    return Play(
        group="retry",
        tonight=_with_faults(flat, Fault(dependency=trigger)),
        measured=flat,
        causes=frozenset({Cause.RETRY_STORM}),
    )


def insisting(world: World, random: Random) -> World:
    """Devices and people that repeat by themselves, soon and without end."""
    devices = {
        name: replace(
            device,
            player=Player.SET_TOP_BOX,
            patience=Patience(at_most=0.0),
            human_retry=HumanRetry(times=50, after=random.uniform(1.5, 3.0)),
        )
        for name, device in world.scenario.devices.items()
    }
    # who has gone to bed repeats nothing
    viewing = replace(world.scenario.viewing, early_stay=80.0)
    return replace(world, scenario=replace(world.scenario, devices=devices, viewing=viewing))


def behind_a_gateway(world: World, share: float) -> World:
    """So many viewers call from one operator's few addresses."""
    devices = {
        name: replace(device, traits={Trait.GATEWAY: share})
        for name, device in world.scenario.devices.items()
    }
    return replace(world, scenario=replace(world.scenario, devices=devices))


def _legitimate(tonight: World, measured: World, cause: Cause) -> Play:
    return Play(group="legitimate", tonight=tonight, measured=measured, causes=frozenset({cause}))


def _outage(world: World, random: Random, whom: Whom) -> Play:
    begins = random.uniform(QUIET - 20.0, QUIET + RISE + PEAK - 40.0)
    down = Dependency(
        start=begins,
        stop=begins + random.uniform(40.0, FALL + CALM),
        steps=tuple(random.sample(CRITICAL, random.randint(1, 3))),
        answer=random.choice([Broken.SERVER_ERROR, Broken.UNAVAILABLE, Broken.SILENCE]),
        whom=whom,
    )
    return Play(
        group="outage",
        tonight=_with_faults(world, Fault(dependency=down)),
        measured=world,
        causes=frozenset({Cause.DEPENDENCY_OUTAGE}),
    )


def _with_faults(world: World, *faults: Fault) -> World:
    return world.with_stack(replace(world.stack, faults=(*world.stack.faults, *faults)))


def _slower(station: Station, factor: float) -> Station:
    each = (station.service_time + station.rest) * factor
    return replace(station, service_time=each, rest=0.0)


with_faults = _with_faults

CAUSES: Mapping[str, Case] = {
    "nominal": nominal,
    "absorbed": absorbed,
    "demand": demand,
    "regression": regression,
    "outage": outage,
    "partial_outage": partial_outage,
    "policy": policy,
    "collateral": collateral,
    "storm": storm,
}
