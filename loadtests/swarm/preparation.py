"""Everything checked before a run: what is missing is said now, not in the middle of the evening.

Runs in the supervisor and in Locust's master alike: nothing here knows gevent.
"""

import resource
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from math import ceil
from pathlib import Path
from typing import Any

from loadtests.audience import crowd, hostile
from loadtests.errors import ExitStatus, MatchnightError
from loadtests.export.archive import Manifest
from loadtests.export.parts import whole
from loadtests.scenario.consent import read_consent
from loadtests.scenario.model import Scenario
from loadtests.scenario.read import load, other_files
from loadtests.stack.defaults import DEFAULT
from loadtests.swarm import guards
from loadtests.swarm.accounts import Accounts, read_accounts
from loadtests.swarm.canary import spent
from loadtests.swarm.children import Child, is_free, start_testbed
from loadtests.swarm.farewell import pace
from loadtests.swarm.lock import hold
from loadtests.swarm.messages import Plan
from loadtests.swarm.options import Options, arguments
from loadtests.swarm.reach import check_hostile, check_target
from loadtests.swarm.spoken import Spoken, read_spoken
from loadtests.units import Seconds, write_moment
from loadtests.vocabulary import Step

SOCKETS_PER_VIEWER = 1.7  # measured: 1.65 with separate audio, side by side with the playlist
SPARE_DESCRIPTORS = 200  # files, pipes, the loop's own


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A rehearsal ready to begin."""

    path: Path  # the scenario's file
    scenario: Scenario
    folder: Path
    target: str
    embedded: bool
    testbed: Child | None = None  # ours to end; None: not ours
    spoken: Spoken  # how the target is spoken to
    accounts: Accounts | None = None  # None: invented ones
    spent: Mapping[str, float] = field(default_factory=dict)  # of a consent's totals, before
    held: ExitStack = field(default_factory=ExitStack)  # what no other run may have meanwhile

    def end(self) -> None:
        """End the embedded stack, if it is ours, and let other runs have what was held."""
        if self.testbed is not None:
            self.testbed.end()
        self.held.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Turnout:
    """Clients of the largest part that is played."""

    everybody: int  # viewers
    at_once: int  # at most, with hostile ones

    @classmethod
    def of(cls, scenario: Scenario) -> "Turnout":
        """The crowd of one rehearsal: it may come and stay, and so may hostile clients."""
        viewers = crowd.size(scenario)
        return cls(everybody=viewers, at_once=viewers + hostile.most_at_once(scenario))


def prepare(options: Options, *, workers: int, turnout: Turnout | None = None) -> Stage:
    """Check everything, make the folder, start the embedded stack if there is no target.

    `turnout`: None for the scenario's own. MatchnightError says what is in the way.
    """
    with ExitStack() as held:
        hold(held, consent=options.consent, accounts=options.accounts)
        return replace(_prepared(options, workers, turnout), held=held.pop_all())


def _prepared(options: Options, workers: int, turnout: Turnout | None) -> Stage:
    path, scenario = options.read_scenario()
    check_crowd(scenario)
    if turnout is None:
        check_hostile(options.target, scenario, options)
        turnout = Turnout.of(scenario)
    if options.metrics_port is not None and not is_free(options.metrics_port):
        raise MatchnightError(f"--metrics-port: {options.metrics_port} is in use; name another one")
    spoken = read_spoken(options.profile, options.target)
    accounts = _accounts(options, spoken, viewers=turnout.everybody)
    if options.target is not None:
        check_target(options.target, options, viewers=turnout.at_once)
    guards.check(guards.posted(scenario, options))
    check_descriptors(turnout.at_once, workers=workers, embedded=options.target is None)
    folder = make_folder(options, scenario)
    if options.target is not None:
        testbed, url = None, options.target
    else:
        testbed, url = start_testbed(scenario.embedded_stack or DEFAULT, folder)
    return Stage(
        path=path,
        scenario=scenario,
        folder=folder,
        target=url,
        embedded=testbed is not None,
        testbed=testbed,
        spoken=spoken,
        accounts=accounts,
    )


def _accounts(options: Options, spoken: Spoken, *, viewers: int) -> Accounts | None:
    """The accounts that were brought, enough for so many viewers; None: there are none."""
    if options.accounts is None:
        return None
    accounts = read_accounts(options.accounts)
    accounts.check(viewers, streams=spoken.profile.accounts.streams)
    return accounts


def stop_folders(stage: Stage, options: Options) -> set[Path]:
    """Where somebody may leave the wish that this ends."""
    return {stage.folder, _whole(stage.folder, options)}


def take_over(options: Options, *, embedded: bool) -> Stage:
    """The stage a supervisor has prepared already: it names the folder and the target."""
    path, scenario = options.read_scenario()
    if options.report_dir is None or options.target is None:
        raise MatchnightError("--supervised: needs --report-dir and --target")
    spoken = read_spoken(options.profile, options.target)
    return Stage(
        path=path,
        scenario=scenario,
        folder=options.report_dir,
        target=options.target,
        embedded=embedded,
        spoken=spoken,
        accounts=_accounts(options, spoken, viewers=crowd.size(scenario)),
        spent={} if options.consent is None else spent(_whole(options.report_dir, options)),
    )


def manifest(stage: Stage, options: Options, given: Mapping[str, Any], *, workers: int) -> Manifest:
    """How the run was asked for, for its archive; `given`: the texts behind `options`."""
    # whoever reads it starts it again: the embedded stack's URL would be of no use
    asked = {**given, "target": None if stage.embedded else stage.target, "report_dir": None}
    word = "rehearse" if options.plays_trial is None else "capacity"
    command = ["matchnight", word, options.scenario, *arguments(asked)]
    return Manifest(
        scenario=stage.scenario.name,
        variant=options.variant,
        scale=options.scale,
        speed=options.speed,
        seed=options.seed,
        workers=workers,
        target=stage.target,
        embedded=stage.embedded,
        canary=options.plays_canary,
        trial=_trial(options),
        profile=stage.spoken.name,
        blind_spots=[step.value for step in _blind_spots(stage, options)],
        created=write_moment(time.time()),
        command=[*command, f"--workers={workers}"],
    )


def _blind_spots(stage: Stage, options: Options) -> list[Step]:
    """The steps nothing is said about: those the target lacks, and those nobody consented to."""
    target = stage.spoken.target(stage.target)
    unsaid = set(target.blind_spots)
    if options.consent is not None:
        unsaid |= read_consent(options.consent).forbidden(target.side_effects)
    return [step for step in Step if step in unsaid]


def plan(
    stage: Stage,
    options: Options,
    *,
    run: str,
    scenario: str,
    start: Seconds,
    worker: tuple[int, int],
) -> Plan:
    """What one worker is told; `scenario` is a text, `worker` its index and their number."""
    return Plan(
        run=run,
        folder=str(stage.folder.absolute()),
        file=str(stage.path),
        scenario=scenario,
        name=stage.scenario.name,
        variant=options.variant,
        scale=options.scale,
        speed=options.speed,
        seed=options.seed,
        target=stage.target,
        consent=None if options.consent is None else load(options.consent),
        resolve=dict(options.resolve),
        insecure=options.insecure,
        request_log=options.request_log,
        start=start,
        worker=worker[0],
        workers=worker[1],
        files=other_files(stage.path),
        canary=options.plays_canary,
        trial=_trial(options),
        leaving=0.0 if stage.embedded else pace(stage.scenario, options.consent) / worker[1],
        spent=dict(stage.spent),
        profile=stage.spoken.text,
        profile_file=str(stage.spoken.path),
        profile_files=dict(stage.spoken.files),
        secrets=dict(stage.spoken.secrets),
        accounts=_dealt(stage, *worker),
        vault=str(stage.accounts.path.absolute())
        if stage.accounts is not None and stage.accounts.is_vault
        else "",
    )


def _trial(options: Options) -> str | None:
    return None if options.plays_trial is None else options.plays_trial.to_text()


def _whole(folder: Path, options: Options) -> Path:
    return whole(folder, canary=options.plays_canary, trial=options.plays_trial)


def _dealt(stage: Stage, worker: int, workers: int) -> list[dict[str, str]] | None:
    """The accounts of one worker's viewers, in their order."""
    if stage.accounts is None:
        return None
    return stage.accounts.share(
        range(worker, crowd.size(stage.scenario), workers),
        streams=stage.spoken.profile.accounts.streams,
    )


def check_crowd(scenario: Scenario) -> None:
    """MatchnightError if the scale leaves nobody to play."""
    if crowd.size(scenario) == 0:
        raise MatchnightError(
            f"--scale: {scenario.scale:g} leaves no viewer in the window; write a larger one"
        )


def make_folder(options: Options, scenario: Scenario) -> Path:
    """The run's folder, made and empty; MatchnightError if it holds anything, or cannot be made."""
    wanted = options.report_dir or default_folder(scenario.name)
    try:
        wanted.mkdir(parents=True, exist_ok=True)
        occupied = any(wanted.iterdir())
    except OSError as problem:
        raise MatchnightError(f"--report-dir: {wanted}: {problem.strerror}") from None
    if occupied:
        raise MatchnightError(f"--report-dir: {wanted} is not empty; name another one")
    return wanted


def default_folder(name: str) -> Path:
    """A folder of its own, for now: `reports/<name>-<time>`."""
    stamped = f"{name}-{time.strftime('%Y%m%d-%H%M%S')}"
    candidates = (
        Path("reports") / (stamped + suffix) for suffix in ("", *(f"-{i}" for i in range(2, 99)))
    )
    return next(path for path in candidates if not path.exists())


def descriptors_needed(viewers: int, *, workers: int, embedded: bool) -> int:
    """Files one process has open at most: all viewers at once, and a stack serves them all."""
    served_by_one = 1 if embedded else workers
    return ceil(viewers * SOCKETS_PER_VIEWER / served_by_one) + SPARE_DESCRIPTORS


def viewers_served(files: int, *, workers: int, embedded: bool) -> int:
    """The inverse: viewers at once who need no more open files than so many."""
    served_by_one = 1 if embedded else workers
    return max(0, int((files - SPARE_DESCRIPTORS) * served_by_one / SOCKETS_PER_VIEWER))


def check_descriptors(viewers: int, *, workers: int, embedded: bool) -> None:
    """Raise the soft limit, which children inherit; MatchnightError if the hard one is too low.

    That is no fault of the scenario: the tester would be the bottleneck (status 4).
    """
    needed = descriptors_needed(viewers, workers=workers, embedded=embedded)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and needed > hard:
        more = "" if embedded else ", or more --workers"
        raise MatchnightError(
            f"too few file descriptors: {viewers} viewers need up to {needed} in one "
            f"process, the system allows {hard}; raise the limit (ulimit -n {needed}), "
            f"or let fewer come{more}",
            ExitStatus.INVALID_RUN,
        )
    if soft != resource.RLIM_INFINITY and soft < needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, needed), hard))
