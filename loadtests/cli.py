"""The `matchnight` command. What a subcommand needs is imported when it runs."""

import gc
import os
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from loadtests import __version__
from loadtests.cli_capacity import add_capacity, redraw
from loadtests.cli_diagnose import add_diagnose
from loadtests.cli_paper import add_plan, add_simulate
from loadtests.errors import ExitStatus, InvalidFile, MatchnightError

if TYPE_CHECKING:
    from argparse import _SubParsersAction


class _Parser(ArgumentParser):
    """Says what is wrong in one line, as everything else here does."""

    def error(self, message: str) -> NoReturn:
        self.exit(
            ExitStatus.USAGE,
            f"matchnight: {message.removeprefix('argument ')}; see {self.prog} --help\n",
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; its `errors.ExitStatus`. A user's mistake is one message on stderr."""
    try:
        status = _run(arguments)
        sys.stdout.flush()
    except MatchnightError as error:
        # the problems of a file stand by themselves: editors make links of `file:line:column`
        prefix = "" if isinstance(error, InvalidFile) else "matchnight: "
        print(f"{prefix}{error}", file=sys.stderr)
        return error.status
    except KeyboardInterrupt:
        print("matchnight: interrupted", file=sys.stderr)
        return ExitStatus.INTERRUPTED
    except BrokenPipeError:
        # whoever read our output has enough; Python would complain again while it shuts down
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitStatus.PASSED
    return status


def _run(arguments: Sequence[str] | None) -> ExitStatus:
    given = _parser().parse_args(arguments)
    status: ExitStatus = given.run(given)
    return status


def _parser() -> ArgumentParser:
    parser = _Parser(
        prog="matchnight",
        description="Rehearse a live event's crowd against a streaming stack.",
        epilog="Exit status: 0 passed, 99 an objective was missed, the run aborted or its canary "
        "not clean, 2 usage or scenario invalid, 3 target unreachable, consent refused or "
        "withdrawn, 4 invalid run or a guard silent, 5 undetermined (diagnose), 130 interrupted or "
        "stopped.",
    )
    parser.add_argument("--version", action="version", version=f"matchnight {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for add in _COMMANDS:
        add(commands)
    return parser


def _add_rehearse(commands: "_SubParsersAction[_Parser]") -> None:
    from loadtests.swarm.options import FLAGS

    parser = commands.add_parser("rehearse", help="play a scenario and write its report")
    parser.set_defaults(run=_rehearse)
    parser.add_argument("scenario", metavar="SCENARIO", help="a shipped name or a file")
    for flag in FLAGS:
        flag.add_to(parser)
    parser.add_argument(
        "--workers", metavar="N", default="1", help="processes that play the crowd; default: 1"
    )
    parser.add_argument("--quiet", action="store_true", help="only the summary, at the end")


def _rehearse(given: Namespace) -> ExitStatus:
    from loadtests.swarm.launcher import rehearse
    from loadtests.swarm.options import whole_number

    workers = whole_number("--workers", given.workers, least=1)
    return rehearse(vars(given), workers=workers, quiet=given.quiet)


def _add_report(commands: "_SubParsersAction[_Parser]") -> None:
    parser = commands.add_parser(
        "report", help="redraw the report of a run, or of a search; the exit status is its own"
    )
    parser.set_defaults(run=_report)
    parser.add_argument("folder", metavar="RUN", type=Path, help="the run's folder")


def _report(given: Namespace) -> ExitStatus:
    gc.disable()  # it reads, writes and ends: looking for cycles only costs time
    from loadtests.export.capacity_report import is_of_a_search
    from loadtests.export.report import write_report
    from loadtests.export.text import text

    if is_of_a_search(given.folder):
        return redraw(given.folder)
    summary = write_report(given.folder)
    print(text(summary, folder=str(given.folder), color=sys.stdout.isatty()), end="")
    return ExitStatus(summary.exit_status)


def _add_stop(commands: "_SubParsersAction[_Parser]") -> None:
    parser = commands.add_parser("stop", help="end a run that is under way, in order")
    parser.set_defaults(run=_stop)
    parser.add_argument("folder", metavar="RUN", type=Path, help="the run's folder")


def _stop(given: Namespace) -> ExitStatus:
    from loadtests.swarm.stop import stop

    print(stop(given.folder))
    return ExitStatus.PASSED


def _add_check(commands: "_SubParsersAction[_Parser]") -> None:
    from loadtests.swarm.options import OF_SCENARIO, OF_TARGET

    parser = commands.add_parser(
        "check", help="say what a scenario would play, or walk one viewer through a target"
    )
    parser.set_defaults(run=_check)
    parser.add_argument("scenario", metavar="SCENARIO", help="a shipped name or a file")
    for flag in (*OF_SCENARIO, *OF_TARGET):
        flag.add_to(parser)
    parser.add_argument(
        "--probe",
        action="store_true",
        help="walk one viewer through --target, step by step: what is sent, received and kept, "
        "and the line of the profile where it goes wrong",
    )
    parser.add_argument(
        "--side-effects",
        action="store_true",
        help="probe steps that create, cancel, text or call, too; "
        "beyond this machine the consent must count them",
    )
    _add_device(parser)


def _check(given: Namespace) -> ExitStatus:
    from loadtests.swarm.options import Options
    from loadtests.swarm.outlook import outlook

    if given.probe:
        from loadtests.swarm.probe import probe

        return probe(vars(given))
    _, scenario = Options.of(vars(given)).read_scenario()
    print(outlook(scenario), end="")
    return ExitStatus.PASSED


def _add_device(parser: _Parser) -> None:
    parser.add_argument(
        "--device", metavar="NAME", help="a device of the scenario; default: its first"
    )


def _add_warm(commands: "_SubParsersAction[_Parser]") -> None:
    from loadtests.swarm.options import OF_TARGET

    parser = commands.add_parser(
        "warm",
        help="sign accounts in beforehand, slowly, and keep their refresh tokens in a vault",
        description="Signs in every account of --accounts that has no refresh token in --vault. "
        "Interrupt it and give the same command again: it goes on where it stopped. The vault is "
        "what `rehearse --accounts VAULT` takes. "
        "Exit status: 0 all are in the vault, 99 some are not.",
    )
    parser.set_defaults(run=_warm)
    for flag in OF_TARGET:
        flag.add_to(parser)
    parser.add_argument(
        "--vault", metavar="FILE", help="where the tokens go; made if it is not there"
    )
    parser.add_argument(
        "--rate", metavar="RATE", default="1/s", help="sign-ins begun, up to 20/s; default: 1/s"
    )
    parser.add_argument(
        "--scenario", metavar="SCENARIO", default="smoke", help="whose devices sign in"
    )
    _add_device(parser)


def _warm(given: Namespace) -> ExitStatus:
    from loadtests.swarm.warm import warm

    return warm(vars(given))


def _add_scenarios(commands: "_SubParsersAction[_Parser]") -> None:
    parser = commands.add_parser("scenarios", help="list the shipped scenarios and their variants")
    parser.set_defaults(run=_scenarios)


def _scenarios(_given: Namespace) -> ExitStatus:
    from loadtests.scenario.library import find, names
    from loadtests.scenario.read import NONE, read_scenario, variants

    for name in names():
        path = find(name)
        print(f"{name:<30} {read_scenario(path, variant=NONE).title}")
        for variant, title in variants(path).items():
            print(f"  --variant {variant:<18} {title}")
    return ExitStatus.PASSED


def _add_schema(commands: "_SubParsersAction[_Parser]") -> None:
    parser = commands.add_parser("schema", help="print the JSON Schema of a file, for editors")
    parser.set_defaults(run=_schema)
    parser.add_argument("kind", metavar="KIND", help="scenario, target, consent or verdict")


def _schema(given: Namespace) -> ExitStatus:
    import json

    from loadtests.binding.scalars import quoted, suggest
    from loadtests.export.verdict_record import verdict_schema
    from loadtests.scenario.schema import KINDS, schema

    known = [*KINDS, "verdict"]
    if given.kind not in known:
        raise MatchnightError(f"no file is a {quoted(given.kind)}; {suggest(given.kind, known)}")
    made = schema(given.kind) if given.kind in KINDS else verdict_schema()
    print(json.dumps(made, indent=2, ensure_ascii=False))
    return ExitStatus.PASSED


def _add_testbed(commands: "_SubParsersAction[_Parser]") -> None:
    parser = commands.add_parser("testbed", help="serve the embedded stack alone, on 127.0.0.1")
    parser.set_defaults(run=_testbed)
    parser.add_argument(
        "--config", metavar="FILE", type=Path, help="its stations; default: a comfortable stack"
    )
    parser.add_argument("--port", metavar="P", default="0", help="default: a free one")
    parser.add_argument("--log", metavar="DIR", type=Path, help="folder of its logs; default: none")
    parser.add_argument(
        "--agreement", metavar="DIGEST", help="the consent it agrees to, at /.well-known/matchnight"
    )
    parser.add_argument("--until-stdin-closes", action="store_true", help="end with standard input")


def _testbed(given: Namespace) -> ExitStatus:
    from loadtests.swarm.options import port
    from loadtests.testbed.main import run

    return run(
        given.config,
        0 if given.port == "0" else port("--port", given.port),
        given.log,
        given.until_stdin_closes,
        agreement=given.agreement,
    )


_COMMANDS = (
    _add_rehearse,
    add_capacity,
    _add_stop,
    _add_report,
    add_diagnose,
    _add_check,
    _add_warm,
    add_plan,
    add_simulate,
    _add_scenarios,
    _add_schema,
    _add_testbed,
)


if __name__ == "__main__":
    sys.exit(main())
