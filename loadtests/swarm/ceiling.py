"""How far a capacity search may go: the most that consent, accounts and this machine allow."""

import resource
from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import ceil

from loadtests.audience import crowd
from loadtests.audience.canary import peak
from loadtests.audience.trial import Aim, Trial, trial_scenario
from loadtests.scenario.consent import read_consent
from loadtests.scenario.model import Scenario
from loadtests.swarm.accounts import read_accounts
from loadtests.swarm.options import Options
from loadtests.swarm.preparation import viewers_served
from loadtests.swarm.spoken import read_spoken
from loadtests.swarm.wishes import Wishes
from loadtests.units import PerSecond, Seconds

TIMES_PEAK = 20.0  # of the scenario's busiest second, where nothing else says how far to go
_MANY: PerSecond = 1000.0  # so many that a viewer more or less is none


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceiling:
    """What no trial exceeds, and what says so."""

    rate: PerSecond  # viewers who arrive
    why: str  # such as "the consent's joins"


def ceiling(
    scenario: Scenario, options: Options, wishes: Wishes, trial: Trial, *, workers: int
) -> Ceiling:
    """The lowest there is; `trial` says how loads are played.

    MatchnightError if the consent, or the accounts, cannot be read.
    """
    there = [
        *_wished(scenario, wishes),
        *_consented(scenario, options, trial),
        *_accounted(scenario, options, trial),
    ]
    if wishes.most is None:
        there += _open_files(scenario, options, trial, workers)
    return min(there, key=lambda each: each.rate)


def largest(trial: Trial, rate: PerSecond) -> Trial:
    """The trial most viewers come to: an overload, at this rate."""
    return replace(trial, aim=Aim.OVERLOAD, rate=rate)


def at_once(scenario: Scenario, trial: Trial) -> int:
    """Viewers who are there at the same time at most, those who try to start among them."""
    return min(ceil(trial.rate * _length(scenario, trial)), everybody(scenario, trial))


def everybody(scenario: Scenario, trial: Trial) -> int:
    """Viewers who come to it in all."""
    return crowd.size(trial_scenario(scenario, trial))


def _length(scenario: Scenario, trial: Trial) -> Seconds:
    """How long somebody is there who starts as late as ever counts as a start."""
    return trial.stay + scenario.start_limit


def _wished(scenario: Scenario, wishes: Wishes) -> Iterator[Ceiling]:
    if wishes.most is not None:
        yield Ceiling(rate=wishes.most, why="--most")
    else:
        why = f"{TIMES_PEAK:g} times the scenario's busiest second"
        yield Ceiling(rate=TIMES_PEAK * peak(scenario), why=why)


def _consented(scenario: Scenario, options: Options, trial: Trial) -> Iterator[Ceiling]:
    if options.consent is not None:
        allowed = read_consent(options.consent).ceilings
        yield Ceiling(rate=allowed.joins, why="the consent's joins")
        rate = allowed.viewers / _length(scenario, trial)
        yield Ceiling(rate=rate, why="the consent's viewers at once")


def _accounted(scenario: Scenario, options: Options, trial: Trial) -> Iterator[Ceiling]:
    """Each viewer of a trial has an account of its own; the next trial has the same ones again."""
    if options.accounts is not None:
        spoken = read_spoken(options.profile, options.target)
        room = read_accounts(options.accounts).room(streams=spoken.profile.accounts.streams)
        # one less: a crowd is a whole number
        rate = max(1, room - 1) / everybody(scenario, largest(trial, _MANY)) * _MANY
        yield Ceiling(rate=rate, why="the accounts")


def _open_files(
    scenario: Scenario, options: Options, trial: Trial, workers: int
) -> Iterator[Ceiling]:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY:
        viewers = viewers_served(hard, workers=workers, embedded=options.target is None)
        rate = viewers / _length(scenario, trial)
        yield Ceiling(rate=rate, why="this machine's limit of open files")
