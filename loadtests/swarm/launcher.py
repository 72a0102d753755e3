"""`matchnight rehearse`: a supervisor with two children, the embedded stack and the crowd.

It imports neither gevent nor asyncio, which live in one child each. Both read their standard input
for its end, so that nothing keeps running when this process is killed; both have sessions of their
own, so that Ctrl-C reaches them through us, the crowd first.
"""

import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from loadtests.audience.canary import SHARE
from loadtests.audience.canary import canary as canary_of
from loadtests.errors import ExitStatus
from loadtests.export.archive import Archive, read_run
from loadtests.export.parts import CANARY
from loadtests.export.report import write_report
from loadtests.export.text import text
from loadtests.scenario.read import load, other_files
from loadtests.swarm import canary
from loadtests.swarm.options import Options
from loadtests.swarm.playing import Asked, play
from loadtests.swarm.preparation import Stage, manifest, prepare
from loadtests.swarm.watch import Cause
from loadtests.units import Seconds, write_duration


def rehearse(given: Mapping[str, Any], *, workers: int, quiet: bool) -> ExitStatus:
    """Play one rehearsal, write its report, print its summary. `given`: the command line's texts.

    A canary goes first where one is wanted; what it finds may end the rehearsal before it begins.
    MatchnightError if it cannot begin.
    """
    asked = Asked(given=given, options=Options.of(given), workers=workers, quiet=quiet)
    flight = canary.wanted(asked.options)
    stage = prepare(asked.options, workers=workers)
    try:
        cause = None if flight is None else fly(asked, stage, flight)
        if cause is None:
            play(asked, stage)
        else:
            _do_not_begin(asked, stage, cause)
    finally:
        # after the crowd: what it still asks of the stack while it stops is answered
        stage.end()
    return _report(stage)


def fly(asked: Asked, stage: Stage, seconds: Seconds) -> Cause | None:
    """Send the canary ahead, for so long; why the others must not follow, None: they may.

    What it found is an event of theirs.
    """
    folder = stage.folder / CANARY
    folder.mkdir()
    shown = write_duration(seconds)
    if not asked.quiet:
        sys.stdout.write(f"canary first: {SHARE:.0%} of the crowd for {shown}\n")
    scenario = canary_of(stage.scenario, seconds)
    ahead = replace(asked, given={**asked.given, "plays_canary": shown})
    play(ahead, replace(stage, folder=folder, scenario=scenario))
    write_report(folder)
    cause = canary.unclean(read_run(folder))
    said = f"clean after {shown}" if cause is None else cause.text
    with Archive(stage.folder) as archive:
        archive.event("canary", time.time(), clean=cause is None, text=said)
    return cause


def _do_not_begin(asked: Asked, stage: Stage, cause: Cause) -> None:
    """The folder's last word: the canary was not clean."""
    record = manifest(stage, asked.options, asked.given, workers=asked.workers)
    files = other_files(stage.path)
    with Archive.create(stage.folder, record, load(stage.path), files) as archive:
        archive.event("stopped", time.time(), reason=cause.reason, text=cause.text)


def _report(stage: Stage) -> ExitStatus:
    """Write and print the report; the run's exit status."""
    folder = stage.folder
    if (stopped := read_run(folder).stopped) is not None and "text" in stopped.facts:
        sys.stderr.write(f"matchnight: {stopped.facts['text']}\n")
    summary = write_report(folder)
    sys.stdout.write(text(summary, folder=str(folder), color=sys.stdout.isatty()))
    return ExitStatus(summary.exit_status)
