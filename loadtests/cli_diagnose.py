"""The command that says what made viewers fail: what it needs is imported when it runs."""

import json
import sys
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any, TypeVar

from loadtests.errors import ExitStatus

if TYPE_CHECKING:
    from argparse import _SubParsersAction

    from loadtests.diagnosis.verdict.records import Verdict
    from loadtests.intake.asked import Asked

Parser = TypeVar("Parser", bound=ArgumentParser)


def add_diagnose(commands: "_SubParsersAction[Parser]") -> None:
    """`matchnight diagnose`."""
    parser = commands.add_parser(
        "diagnose",
        help="say what made viewers fail, and whether hostile traffic was there, with evidence",
        description="Diagnoses a run, a night's access logs or a Prometheus range: capacity or "
        "malice. Sends nothing but queries. Exit status: 0 a cause is said, also that nothing "
        "failed; 5 undetermined; 4 the tester was the limit; 3 Prometheus does not answer; "
        "2 usage, or a file that cannot be read.",
    )
    parser.set_defaults(run=_diagnose)
    _add_places(parser)
    _add_known(parser)
    _add_ways(parser)


def _add_places(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("which night")
    group.add_argument("folder", metavar="RUN", nargs="?", help="the folder of a run")
    group.add_argument(
        "--access-log",
        metavar="FILE",
        nargs="+",
        help="access logs of one night, one or more an edge: nginx or Apache, common or combined, "
        "or JSON; compressed or not; - is standard input",
    )
    group.add_argument(
        "--fields", metavar="FILE", help="YAML map of the log's field names; default: usual ones"
    )
    group.add_argument(
        "--profile",
        metavar="PROFILE",
        help="the target profile that tells steps from paths; default: they are guessed",
    )
    group.add_argument(
        "--sampled", metavar="RATIO", help="share of the requests that are logged; default: all"
    )
    group.add_argument(
        "--clock",
        metavar="FILE=OFFSET",
        action="append",
        help="by how much the clock of that log's edge is ahead, such as edge2.log=+1h "
        "(may be repeated)",
    )
    group.add_argument("--prometheus", metavar="URL", help="a Prometheus server, or alike")
    group.add_argument("--from", metavar="MOMENT", help="such as 2026-11-22T20:00:00+01:00")
    group.add_argument("--to", metavar="MOMENT", help="with --watch: none, it goes on")
    group.add_argument(
        "--queries", metavar="FILE", help="YAML map of the queries; default: our own metrics"
    )


def _add_known(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("what is known from before")
    group.add_argument(
        "--signature", metavar="FILE", help="what `capacity` found out about the target"
    )
    group.add_argument("--build", metavar="TEXT", help="of the target that night")
    group.add_argument(
        "--replicas",
        metavar="STEP=N",
        action="append",
        help="how many served a step that night (may be repeated)",
    )
    group.add_argument(
        "--baseline",
        metavar="EVENING",
        help="an evening of the same kind of event: a run's folder, a log, or a time as "
        "FROM/TO of Prometheus",
    )
    group.add_argument(
        "--ordinary", metavar="EVENING", help="the same, but of an ordinary evening: proves less"
    )


def _add_ways(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("what is told of it")
    group.add_argument("--json", action="store_true", help="verdict.json, on standard output")
    group.add_argument(
        "--watch",
        action="store_true",
        help="follow a night that goes on: each change of verdict, and at its end, or at Ctrl-C, "
        "all of it",
    )
    group.add_argument(
        "--readiness",
        metavar="SAMPLE",
        nargs="*",
        help="weeks before: which verdicts such logs, or the source named, can ever support, "
        "which field to add and what it buys",
    )
    group.add_argument(
        "--measure", metavar="NAME", help="measure one evidence item again, with the next two"
    )
    group.add_argument("--step", metavar="STEP", help="of the measure; default: what is no step")
    group.add_argument(
        "--between",
        metavar=("FROM", "TO"),
        nargs=2,
        help="seconds since the first window; default: the whole night",
    )


def _diagnose(given: Namespace) -> ExitStatus:
    from loadtests.export.archive import nothing_is_garbage
    from loadtests.intake.asked import Asked

    if given.watch:
        return _watch(given, Asked.of(vars(given)))
    with nothing_is_garbage():
        if given.readiness is not None:
            return _readiness(given)
        asked = Asked.of(vars(given))
        return _measure(given, asked) if given.measure else _verdict(given, asked)


def _verdict(given: Namespace, asked: "Asked") -> ExitStatus:
    from loadtests.export.verdict_text import verdict_text
    from loadtests.intake.nights import case_of, find_night

    case = case_of(asked, find_night(asked))
    if given.json:
        _print_json(case.to_json())
    else:
        print(verdict_text(case, color=sys.stdout.isatty()), end="")
    return status_of(case.verdict)


def _measure(given: Namespace, asked: "Asked") -> ExitStatus:
    from loadtests.export.measure_text import measure_json, measure_text, measured
    from loadtests.intake.asked import span, step
    from loadtests.intake.nights import find_night

    night = find_night(asked).night
    of, between = step(given.step), span(given.between, len(night.windows))
    reading = measured(night, given.measure, of, between)
    if given.json:
        _print_json(measure_json(given.measure, of, between, reading))
    else:
        print(measure_text(given.measure, of, reading), end="")
    return ExitStatus.UNDETERMINED if reading is None else ExitStatus.PASSED


def _readiness(given: Namespace) -> ExitStatus:
    from loadtests.diagnosis.readiness import readiness
    from loadtests.export.readiness_text import readiness_json, readiness_text
    from loadtests.intake.asked import Asked
    from loadtests.intake.nights import find_night

    texts = vars(given)
    night = find_night(Asked.of(texts | {"access_log": given.readiness or given.access_log})).night
    found = readiness(night)
    if given.json:
        _print_json(readiness_json(night, found))
    else:
        print(readiness_text(night, found, color=sys.stdout.isatty()), end="")
    return ExitStatus.PASSED


def _watch(given: Namespace, asked: "Asked") -> ExitStatus:
    from loadtests.export.verdict_text import verdict_text
    from loadtests.intake.watch import to_screen, watch

    case = watch(asked, _nothing if given.json else to_screen)
    if given.json:
        _print_json(case.to_json())
    else:
        print(f"\n{verdict_text(case, color=sys.stdout.isatty())}", end="")
    return status_of(case.verdict)


def _nothing(_text: str) -> None:
    """Standard output is for JSON alone."""


def _print_json(made: Any) -> None:  # noqa: ANN401 - any JSON value
    print(json.dumps(made, indent=1, ensure_ascii=False, allow_nan=False))


def status_of(verdict: "Verdict") -> ExitStatus:
    """What a verdict comes to: a cause that is said, whichever, is 0; "could not tell" never."""
    from loadtests.diagnosis.verdict.kinds import Cause

    ends = {
        Cause.UNDETERMINED: ExitStatus.UNDETERMINED,
        Cause.TESTER_LIMITED: ExitStatus.INVALID_RUN,
    }
    return ends.get(verdict.cause.kind, ExitStatus.PASSED)
