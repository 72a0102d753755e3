"""What a search has found, in the words of its report: finished, or up to where it ended."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from loadtests.audience.canary import peak
from loadtests.diagnosis.explore import Capacity, Plan
from loadtests.diagnosis.search import Knee
from loadtests.diagnosis.sign import Told, sign
from loadtests.diagnosis.signature import Signature
from loadtests.errors import ExitStatus
from loadtests.export import words
from loadtests.export.archive import read_run
from loadtests.export.capacity_record import Search
from loadtests.export.capacity_words import PROFILES
from loadtests.scenario.model import Scenario
from loadtests.swarm.ceiling import Ceiling
from loadtests.swarm.preparation import Stage
from loadtests.swarm.rehearsal import Reason
from loadtests.swarm.trials import Shown
from loadtests.swarm.watch import Cause
from loadtests.swarm.wishes import Wishes
from loadtests.units import PerSecond, Seconds, write_moment

STATUSES = {
    Reason.INTERRUPTED: ExitStatus.INTERRUPTED,
    Reason.WITHDRAWN: ExitStatus.UNREACHABLE,
    Reason.ABORTED: ExitStatus.MISSED,
    Reason.CANARY: ExitStatus.MISSED,
    Reason.SILENT: ExitStatus.INVALID_RUN,
    Reason.FAILED: ExitStatus.INVALID_RUN,
}
"""What a search comes to that was ended before it had found all it looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """A search that is set up: what it is to find out, of whom, and how far it may go."""

    stage: Stage
    wishes: Wishes
    plan: Plan
    top: Ceiling
    began: Seconds  # epoch second


def findings(
    sought: Sought, capacity: Capacity, shown: Sequence[Shown], cause: Cause | None
) -> Search:
    """The record of a search that has shown this much; `cause`: why it shows no more."""
    stage, began = sought.stage, sought.began
    notes = _notes(stage.scenario, sought.top, capacity)
    capacity = replace(capacity, notes=(*capacity.notes, *notes))
    summaries = [of.summary for of in shown]
    return Search(
        scenario=stage.scenario.name,
        title=stage.scenario.title,
        variant=stage.scenario.variant,
        target=stage.target,
        embedded=stage.embedded,
        started=write_moment(began),
        duration=time.time() - began,
        exit_status=int(ExitStatus.PASSED if cause is None else STATUSES[cause.reason]),
        complete=cause is None,
        why=None if cause is None else cause.text or str(cause.reason),
        ceiling=sought.top.rate,
        problems=(cause.text,) if cause is not None and cause.reason is Reason.FAILED else (),
        lag_p99=max((s.tester.lag_p99 or 0.0 for s in summaries), default=None),
        cpu=max((s.tester.cpu or 0.0 for s in summaries), default=None),
        folders={of.level.trial.number: of.folder for of in shown},
        capacity=capacity,
        signature=None if cause is not None else _signed(sought, capacity, shown),
    )


def _signed(sought: Sought, capacity: Capacity, shown: Sequence[Shown]) -> Signature | None:
    """None where no load was held: nobody knows what anything costs."""
    stage, wishes, lowest = sought.stage, sought.wishes, capacity.lowest
    if lowest is None:
        return None
    folder = next(of.folder for of in shown if of.level.trial.number == lowest.trial.number)
    timeline = read_run(stage.folder / folder).timeline
    told = Told(
        target=_target(stage),
        embedded=stage.embedded,
        created=write_moment(sought.began),
        build=wishes.build,
        topology=wishes.topology,
        replicas={step.value: n for step, n in wishes.replicas.items()},
    )
    low = timeline.between(int(lowest.start), int(lowest.stop))
    return sign(capacity, stage.scenario, low=low, told=told)


def _target(stage: Stage) -> str:
    """What the signature is of, as reports name it: an embedded stack's port says nothing."""
    scenario = stage.scenario
    if not stage.embedded:
        return stage.target
    variant = f", variant {scenario.variant}" if scenario.variant else ""
    return f"the embedded stack of {scenario.name}{variant}"


def _notes(scenario: Scenario, top: Ceiling, capacity: Capacity) -> Iterator[str]:
    if any(knee.at_least and knee.is_complete for knee in capacity.knees.values()):
        yield f"No trial had more than {words.brief(top.rate)} viewers/s: {top.why}."
    for knee in capacity.knees.values():
        asked = f"{words.brief(peak(scenario))} viewers/s in its busiest second"
        scaled = f"at scale {words.fraction(scenario.scale)} and speed {scenario.speed:g}"
        yield (
            f"{scenario.name} brings {asked} {scaled}: "
            f"{_beside(knee, peak(scenario))} {PROFILES[knee.joins]}."
        )


def _beside(knee: Knee, asked: PerSecond) -> str:
    if asked <= knee.low:
        return "that was carried"
    if knee.high is None:
        return "it is not known whether that is carried"
    return "more than is carried" if asked > knee.high else "at the very limit of what is carried"
