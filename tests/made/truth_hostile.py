"""What can be done to a service on purpose, innocent of any failure or the cause of one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random

from truth_causes import HELD, Case, demand, outage
from truth_play import Labeled, Play
from truth_world import PEAK, QUIET, RISE, World, between

from loadtests.diagnosis.verdict.kinds import Cause, Hostile
from loadtests.scenario.hostile import Attack, Pattern
from loadtests.units import PerSecond, Seconds
from loadtests.vocabulary import Step

INTENSITIES = (0.02, 0.05, 0.2, 0.5)
"""Share of a step's requests while it lasts."""

STUFFED, FLOODED = Step.SIGN_IN, (Step.HOME, Step.SIGN_IN, Step.ENTITLEMENT)


@dataclass(frozen=True, kw_only=True)
class Way:
    """How a pattern is played, and what must be said of it."""

    pattern: Pattern
    label: Hostile
    step: Step | None  # whose requests it adds to
    attempts: float = 1.0  # requests of that step to each action


WAYS: Mapping[str, Way] = {
    "stuffing": Way(
        pattern=Pattern.CREDENTIAL_STUFFING, label=Hostile.CREDENTIAL_STUFFING, step=Step.SIGN_IN
    ),
    "flood": Way(pattern=Pattern.FLOOD, label=Hostile.L7_FLOOD, step=Step.HOME),
    "busting": Way(pattern=Pattern.CACHE_BUSTING, label=Hostile.CACHE_BUSTING, step=Step.SEGMENT),
    "slow_request": Way(pattern=Pattern.SLOW_REQUEST, label=Hostile.SLOW_HTTP, step=Step.SIGN_IN),
    "slow_read": Way(pattern=Pattern.SLOW_READ, label=Hostile.SLOW_HTTP, step=Step.SEGMENT),
    "replay": Way(
        pattern=Pattern.TOKEN_REPLAY,
        label=Hostile.TOKEN_REPLAY,
        step=Step.SEGMENT,
        attempts=15.0,
    ),
    "farming": Way(pattern=Pattern.LICENSE_FARMING, label=Hostile.LICENSE_ABUSE, step=Step.LICENSE),
    "scanner": Way(pattern=Pattern.SCANNER, label=Hostile.SCANNER, step=None),
}

BEGINS: Seconds = 30.0
LASTS: Seconds = QUIET + RISE + PEAK - BEGINS


def innocent(world: World, random: Random, way: Way, share: float) -> Play:
    """The pattern is at work, and nothing fails: there was room for it."""
    room = {step: random.uniform(0.15, 0.35) for step in (Step.HOME, Step.SIGN_IN, Step.LICENSE)}
    for step, load in room.items():
        world = world.loaded(step, load)
    step = way.step or Step.HOME
    rate = share / (1 - share) * _mean_asked(world, step) / way.attempts
    return Play(
        group="malice",
        tonight=attacked(world, attack(random, way, rate)),
        measured=world,
        causes=HELD,
        hostile={way.label: Labeled(step=way.step, share=share)},
        hard=share <= INTENSITIES[0],
    )


def attack(
    random: Random,
    way: Way,
    rate: PerSecond,
    *,
    begins: Seconds = BEGINS,
    lasts: Seconds = LASTS,
) -> Attack:
    """From a handful of addresses, or one for each of hundreds of attempts."""
    return Attack(
        pattern=way.pattern,
        start=begins,
        lasts=lasts,
        rate=rate,
        sources=random.choice([4, 60, 1000, 20_000]),
        step=way.step if way.pattern is Pattern.FLOOD else None,
        unknown_users=random.uniform(0.0, 0.8) if way.pattern is Pattern.CREDENTIAL_STUFFING else 0,
    )


def attacked(world: World, *attacks: Attack) -> World:
    """The same evening with hostile traffic."""
    return replace(world, scenario=replace(world.scenario, hostile=attacks))


def malice(world: World, random: Random) -> Play:
    """Viewers alone would fit; with the attack a step is asked more than it can do."""
    name = random.choice(["stuffing", "flood"])
    way = WAYS[name] if name == "stuffing" else flooding(random)
    assert way.step is not None
    quiet = world.loaded(way.step, random.uniform(0.4, 0.7))
    more = (between(random, 1.3, 3.0) - quiet.load(way.step)) * _capacity(quiet, way.step)
    return Play(
        group="malice",
        tonight=attacked(quiet, attack(random, way, more)),
        measured=quiet,
        causes=frozenset({Cause.MALICE_CAUSED}),
        hostile={way.label: _labeled(quiet, way, more)},
    )


def both(world: World, random: Random) -> Play:
    """Demand alone is above the knee, and an attack comes on top."""
    play = demand(world, random)
    way = WAYS[random.choice(["stuffing", "flood"])]
    return _on_top(play, random, way)


def attack_and_outage(world: World, random: Random) -> Play:
    return _on_top(outage(world, random), random, WAYS["stuffing"])


def imitation(world: World, random: Random) -> Play:
    """Hostile clients walk the whole way at human pace: nobody can tell."""
    order = Attack(
        pattern=Pattern.IMITATION,
        start=BEGINS,
        lasts=LASTS,
        rate=world.quiet * random.uniform(0.1, 0.5),
        sources=500,
    )
    return Play(
        group="legitimate",
        tonight=attacked(world, order),
        measured=world,
        causes=HELD | {Cause.UNDETERMINED},
        hard=True,
    )


def at_kick_off(world: World, random: Random) -> Play:
    """The attack starts exactly when the crowd does."""
    way = WAYS["stuffing"]
    quiet = world.loaded(Step.SIGN_IN, 0.3)
    rate = random.uniform(0.1, 0.4) * quiet.asked(Step.SIGN_IN)
    order = attack(random, way, rate, begins=QUIET, lasts=RISE + PEAK)
    return Play(
        group="malice",
        tonight=attacked(quiet, order),
        measured=quiet,
        causes=HELD,
        hostile={way.label: _labeled(quiet, way, rate, joins=quiet.peak)},
        hard=True,
    )


def spread_stuffing(world: World, random: Random) -> Play:
    """2 % of the sign-ins of a great surge, one attempt an address."""
    play = innocent(world, random, WAYS["stuffing"], INTENSITIES[0])
    orders = tuple(replace(a, sources=100_000) for a in play.tonight.scenario.hostile)
    return replace(play, tonight=attacked(play.tonight, *orders), hard=True)


def flooding(random: Random) -> Way:
    return replace(WAYS["flood"], step=random.choice(FLOODED))


def _on_top(play: Play, random: Random, way: Way) -> Play:
    assert way.step is not None
    rate = between(random, 0.15, 0.6) * play.tonight.asked(way.step)
    return replace(
        play,
        group="mixed",
        tonight=attacked(play.tonight, attack(random, way, rate)),
        hostile={way.label: _labeled(play.tonight, way, rate)},
    )


def _labeled(world: World, way: Way, rate: PerSecond, *, joins: PerSecond | None = None) -> Labeled:
    assert way.step is not None
    asked = _mean_asked(world, way.step) if joins is None else world.asked(way.step, joins)
    return Labeled(step=way.step, share=rate / (rate + asked))


def _capacity(world: World, step: Step) -> PerSecond:
    return world.stack.stations[step].capacity


def _mean_asked(world: World, step: Step) -> PerSecond:
    """First requests of viewers a second, over the time attacks last."""
    more = world.peak - world.quiet
    joins = world.quiet + more * (RISE / 2 + PEAK) / LASTS
    if step is Step.SEGMENT:  # some eight of each who stays twelve seconds on average
        return 8 * joins
    return world.asked(step, joins)


def _innocent(name: str, share: float) -> Case:
    return lambda world, random: innocent(world, random, WAYS[name], share)


INNOCENT: Mapping[str, Case] = {
    f"{name}_{share:g}": _innocent(name, share) for name in WAYS for share in INTENSITIES
}
CAUSED: Mapping[str, Case] = {"malice": malice}
MIXED: Mapping[str, Case] = {"both": both, "attack_and_outage": attack_and_outage}
HARD: Mapping[str, Case] = {
    "imitation": imitation,
    "at_kick_off": at_kick_off,
    "spread_stuffing": spread_stuffing,
}
