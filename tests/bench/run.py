"""`make bench`: our engine beside its limits and its peers, on this machine, in the same run.

Contenders take turns, round after round, so that a slow stretch of the machine hits all alike; a
figure is the median of the rounds, with their range. The generator has one core, the server
another.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import readme
from case import Case, Figures, Place, Results
from machine import commit, machine
from origin import nginx
from results import REPORTS, Bench, judged, newest
from table import terminal

MODULES = (
    "case_viewers",
    "case_keep_alive",
    "case_new_tcp",
    "case_handshakes",
    "case_bulk_tls",
    "case_drain",
    "case_latency",
    "case_join",
    "case_memory",
    "case_startup",
    "case_merge",
    "case_two_hours",
)
PACKAGES = {"nginx": "nginx-light", "wrk": "wrk", "cc": "gcc libc6-dev", "openssl": "openssl"}
"""Debian's, by command."""

MISSED, UNUSABLE, INTERRUPTED = 1, 2, 130  # exit statuses; the first also for a case that broke off


def cases() -> dict[str, Case]:
    """All there are, by name, in the order they are played."""
    modules = [import_module(name) for name in MODULES]
    found = [case for m in modules for case in (m.CASES if hasattr(m, "CASES") else (m.CASE,))]
    return {case.name: case for case in found}


def missing(case: Case) -> list[str]:
    """Commands the case needs that are not installed."""
    return [c for c in case.needs if (nginx() if c == "nginx" else shutil.which(c)) is None]


def play(case: Case, *, rounds: int, seconds: float, cores: Sequence[int]) -> Results:
    """All rounds of a case."""
    results: dict[str, list[Figures]] = {name: [] for name in case.contenders}
    with tempfile.TemporaryDirectory() as folder:
        place = Place(folder=Path(folder), core=cores[-1], server_core=cores[0], seconds=seconds)
        with case.origin(place) as url:
            for number in range(min(rounds, case.rounds or rounds)):
                for name, contender in case.contenders.items():
                    say(f"{case.name}: round {number + 1}, {name}")
                    results[name].append(contender(place, url))
    return results


def bench(
    chosen: Sequence[Case],
    options: argparse.Namespace,
    cores: Sequence[int],
    folder: Path = REPORTS,
) -> Bench:
    """Play them, and write the results into the folder after each."""
    skipped = {case.name: lacking for case in chosen if (lacking := missing(case))}
    run = Bench(
        at=datetime.now(UTC).replace(microsecond=0),
        machine=machine(),
        commit=commit(),
        seconds=options.seconds,
        skipped=skipped,
    )
    for case in chosen:
        if case.name in skipped:
            continue
        try:
            rounds = play(case, rounds=options.rounds, seconds=options.seconds, cores=cores)
        except (RuntimeError, OSError, subprocess.SubprocessError) as problem:
            run = replace(run, broken={**run.broken, case.name: str(problem)})
            say(f"{case.name} broke off: {problem}")
        else:
            run = replace(run, cases=(*run.cases, judged(case, rounds)))
            show(terminal(run.cases[-1]) + "\n")
        path = run.write(folder)
    if run.cases or run.broken:
        show(f"written: {path}")
    return run


def say_what_is_missing(skipped: dict[str, list[str]]) -> None:
    """One message for all."""
    commands = sorted({command for lacking in skipped.values() for command in lacking})
    if commands:
        packages = " ".join(PACKAGES[command] for command in commands)
        say(
            f"bench: {', '.join(commands)} missing (Debian: apt-get install {packages}); "
            f"left out: {', '.join(skipped)}"
        )


def arguments(names: Sequence[str], given: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--case", action="append", choices=names, metavar="NAME", default=[])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=8.0, help="a turn is measured for")
    parser.add_argument("--list", action="store_true", help="what cases there are")
    parser.add_argument("--readme", action="store_true", help="renew its table; measure nothing")
    asked = parser.parse_args(given)
    if asked.rounds < 1 or asked.seconds < 1:
        parser.error("--rounds and --seconds must be at least 1")
    return asked


def renew_readme() -> int:
    """Put the newest results' table into the README."""
    found = newest()
    if found is None:
        say("bench: there are no results yet in reports/benchmarks/: run make bench first")
        return UNUSABLE
    readme.README.write_text(readme.renewed(readme.README.read_text(), found))
    return 0


def main(given: Sequence[str] | None = None) -> int:
    """0 if all bars are cleared, 1 if not, 2 if nothing can be measured here."""
    known = cases()
    options = arguments([*known], given)
    if options.readme:
        return renew_readme()
    if options.list:
        show("\n".join(f"{case.name:14}{case.title}" for case in known.values()))
        return 0
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0, 1]
    if len(cores) == 1:
        say("bench: this takes two cores, one for the generator and one for the server")
        return UNUSABLE
    return judge([known[name] for name in options.case or known], options, cores)


def judge(chosen: Sequence[Case], options: argparse.Namespace, cores: Sequence[int]) -> int:
    """Play what can be played; the exit status."""
    say_what_is_missing({case.name: lacking for case in chosen if (lacking := missing(case))})
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {cores[0]})  # whoever looks on stays off the generator's core
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # or the server would stay behind
    try:
        run = bench(chosen, options, cores)
    except KeyboardInterrupt:
        return INTERRUPTED
    if not run.cases and not run.broken:
        return UNUSABLE
    return 0 if run.cleared and not run.broken else MISSED


def show(text: str) -> None:
    """What was asked for."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def say(text: str) -> None:
    """What is going on."""
    sys.stderr.write(text + "\n")


if __name__ == "__main__":
    sys.exit(main())
