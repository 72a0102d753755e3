"""`matchnight capacity`: trial after trial, each a rehearsal of its own, until the knee is found.

The search decides what is played next and this plays it: canary first where one is wanted, then
one load after the other against one and the same stack.
"""

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from loadtests.audience.canary import peak
from loadtests.audience.trial import Aim, Trial
from loadtests.diagnosis.explore import Capacity, Plan, explore
from loadtests.diagnosis.level import Found, Level
from loadtests.errors import ExitStatus
from loadtests.export import words
from loadtests.export.archive import STOP, Archive
from loadtests.export.capacity_record import Search
from loadtests.export.capacity_report import write_capacity
from loadtests.export.capacity_text import capacity_text
from loadtests.scenario.model import Scenario
from loadtests.swarm import canary
from loadtests.swarm.ceiling import Ceiling, at_once, ceiling, everybody, largest
from loadtests.swarm.findings import Sought, findings
from loadtests.swarm.interrupts import Interrupts
from loadtests.swarm.launcher import fly
from loadtests.swarm.options import Options
from loadtests.swarm.playing import Asked
from loadtests.swarm.preparation import Stage, Turnout, default_folder, prepare
from loadtests.swarm.rehearsal import Reason
from loadtests.swarm.so_far import so_far
from loadtests.swarm.trials import Ended, Shown, show
from loadtests.swarm.watch import BY_HAND, Cause
from loadtests.swarm.wishes import Wishes
from loadtests.units import Seconds

Show = Callable[[Asked, Stage, Trial], Shown]
"""Plays one trial; raises Ended if the search is to end with it."""

FIRST = 0.1
"""Of the scenario's busiest second: the first load, where nobody says otherwise."""


def capacity(given: Mapping[str, Any], *, workers: int, quiet: bool) -> ExitStatus:
    """Find what the target carries, write it down, print it. `given`: the command line's texts.

    MatchnightError if it cannot begin.
    """
    wishes, options = Wishes.of(given), Options.of(given)
    _, scenario = options.read_scenario()
    flight = canary.wanted(options)
    options = replace(
        options, report_dir=options.report_dir or default_folder(f"{scenario.name}-capacity")
    )
    asked = Asked(given=given, options=options, workers=workers, quiet=quiet)
    plan, top = _plan(scenario, asked, wishes)
    of_largest = largest(plan.trial, plan.ceiling)
    turnout = Turnout(
        everybody=everybody(scenario, of_largest), at_once=at_once(scenario, of_largest)
    )
    stage = prepare(options, workers=workers, turnout=turnout)
    sought = Sought(stage=stage, wishes=wishes, plan=plan, top=top, began=time.time())
    hunt = Hunt(asked, sought)
    try:
        with Interrupts() as interrupts:
            hunt.run(flight, interrupts)
    finally:
        stage.end()
    return hunt.report()


def _plan(scenario: Scenario, asked: Asked, wishes: Wishes) -> tuple[Plan, Ceiling]:
    first = wishes.first or FIRST * peak(scenario)
    trial = Trial(number=1, joins=wishes.joins[0], rate=first)
    if wishes.stay is not None:
        trial = replace(trial, stay=wishes.stay)
    top = ceiling(scenario, asked.options, wishes, trial, workers=asked.workers)
    plan = Plan(
        first=min(first, top.rate),
        ceiling=top.rate,
        joins=wishes.joins,
        trial=trial,
        overload=not wishes.knee_only,
        again=not wishes.knee_only,
    )
    return plan, top


class Hunt:
    """One search under way: what it has seen, and why it ended."""

    def __init__(self, asked: Asked, sought: Sought, show: Show = show) -> None:
        """`show` plays a trial."""
        self._asked = asked
        self._sought = sought
        self._stage = sought.stage
        self._show = show
        self._shown: list[Shown] = []
        self._capacity: Capacity | None = None  # once it has come to its end
        self._cause: Cause | None = None  # why it did not

    def run(self, flight: Seconds | None, interrupts: Interrupts) -> None:
        """Play until all is known, or there is a cause to end; either is an event of the search."""
        try:
            self._play(flight, interrupts)
        except Ended as end:
            self._cause = end.cause
        except KeyboardInterrupt:
            self._cause = Cause(Reason.INTERRUPTED, "")
        reason, text = self._cause or Cause(Reason.FINISHED, "")
        with Archive(self._stage.folder) as archive:
            archive.event("stopped", time.time(), reason=reason, **({"text": text} if text else {}))

    def _play(self, flight: Seconds | None, interrupts: Interrupts) -> None:
        if flight is not None and (cause := fly(self._asked, self._stage, flight)) is not None:
            raise Ended(cause)
        asks = explore(self._sought.plan)
        trial = next(asks)
        while self._capacity is None:
            self._go_on(interrupts)
            shown = self._show(self._asked, self._stage, trial)
            self._shown.append(shown)
            self._tell(shown)
            self._write(Cause(Reason.FAILED, "it was killed, or is still going"))
            try:
                trial = asks.send(shown.level)
            except StopIteration as end:
                self._capacity = end.value

    def _go_on(self, interrupts: Interrupts) -> None:
        """Raises Ended if somebody wants no more."""
        if interrupts.caught:
            raise Ended(Cause(Reason.INTERRUPTED, ""))
        if (self._stage.folder / STOP).exists():
            raise Ended(Cause(Reason.INTERRUPTED, BY_HAND))

    def _tell(self, shown: Shown) -> None:
        if not self._asked.quiet:
            again = f"  (played twice: {shown.problem})" if shown.problem else ""
            sys.stdout.write(f"{line(shown.level)}{again}\n")
            sys.stdout.flush()

    def report(self) -> ExitStatus:
        """Write and print what there is; the search's exit status."""
        if self._cause is not None and self._cause.text:
            sys.stderr.write(f"matchnight: {self._cause.text}\n")
        found = self._write(self._cause)
        folder = str(self._stage.folder)
        sys.stdout.write(capacity_text(found, folder=folder, color=sys.stdout.isatty()))
        return ExitStatus(found.exit_status)

    def _write(self, cause: Cause | None) -> Search:
        """All there is until now; `cause`: why there is no more."""
        levels = [of.level for of in self._shown]
        capacity = self._capacity or so_far(self._sought.plan, levels)
        found = findings(self._sought, capacity, self._shown, cause)
        write_capacity(self._stage.folder, found)
        return found


def line(level: Level) -> str:
    """What one trial has shown: `step      41.2/s  held      27 s`."""
    trial = level.trial
    what = trial.joins if trial.aim is Aim.LEVEL else trial.aim
    why = "" if level.found is Found.HELD else level.why
    took = words.duration(level.stop)
    return f"{what:<9}{words.brief(trial.rate):>7}/s  {level.found:<9}{took:>7}  {why}".rstrip()
