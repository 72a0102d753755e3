"""The commands that send nothing: what they need is imported when they run."""

import gc
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from loadtests.errors import ExitStatus

if TYPE_CHECKING:
    from argparse import _SubParsersAction

Parser = TypeVar("Parser", bound=ArgumentParser)


def add_simulate(commands: "_SubParsersAction[Parser]") -> None:
    """`matchnight simulate`."""
    from loadtests.swarm.options import FLAGS, OF_SCENARIO

    parser = commands.add_parser(
        "simulate",
        help="play a scenario on paper: the same journeys in simulated time, no traffic",
        description="Plays the scenario's journeys in simulated time, against its own stack or a "
        "model of the target whose signature is given, and writes the folder and report of a "
        "rehearsal. Nothing is sent. The exit status is that of a rehearsal.",
    )
    parser.set_defaults(run=_simulate)
    parser.add_argument("scenario", metavar="SCENARIO", help="a shipped name or a file")
    parser.add_argument(
        "--signature", metavar="FILE", type=Path, help="what `capacity` found out about the target"
    )
    for flag in (*OF_SCENARIO, *(flag for flag in FLAGS if flag.name == "--report-dir")):
        flag.add_to(parser)
    parser.add_argument("--quiet", action="store_true", help="only the summary, at the end")


def _simulate(given: Namespace) -> ExitStatus:
    from loadtests.diagnosis.signature import read_signature
    from loadtests.paper.rehearse import Asked, against, rehearse
    from loadtests.swarm import clock
    from loadtests.swarm.options import OF_SCENARIO, Options, arguments
    from loadtests.swarm.preparation import check_crowd, make_folder

    options = Options.of(vars(given))
    path, scenario = options.read_scenario()
    check_crowd(scenario)
    signature = None if given.signature is None else read_signature(given.signature)
    wishes = [] if signature is None else [f"--signature={given.signature}"]
    wishes += arguments(vars(given), OF_SCENARIO)
    asked = Asked(
        path=path,
        scenario=against(scenario, signature),
        signature=signature,
        folder=make_folder(options, scenario),
        variant=options.variant,
        scale=options.scale,
        speed=options.speed,
        seed=options.seed,
        command=["matchnight", "simulate", given.scenario, *wishes],
        quiet=given.quiet,
    )
    return rehearse(asked, clock.now)


def add_plan(commands: "_SubParsersAction[Parser]") -> None:
    """`matchnight plan`."""
    from loadtests.swarm.options import OF_SCENARIO

    parser = commands.add_parser(
        "plan",
        help="say what a night will ask for, and whether a stack carries it: arithmetic",
        description="Tells what the real night asks for, what the rehearsal sends and uses up, "
        "and with a signature whether that stack carries the night. Nothing is sent.",
    )
    parser.set_defaults(run=_plan)
    parser.add_argument("scenario", metavar="SCENARIO", help="a shipped name or a file")
    for flag in OF_SCENARIO:
        flag.add_to(parser)
    parser.add_argument(
        "--also",
        metavar="SCENARIO[@OFFSET]",
        action="append",
        help="another event of the same night, its kick-off so much after the first one's, such "
        "as derby@+30m (may be repeated)",
    )
    parser.add_argument(
        "--background",
        metavar="VIEWERS[@BIT_RATE]",
        help="on-demand viewing that goes on besides, such as 50_000@4Mbit/s",
    )
    parser.add_argument(
        "--bit-rate",
        metavar="RATE",
        help="what a viewer takes on average, such as 5Mbit/s; default: the signature's, or the "
        "scenario's own stream, which is a tenth of a real one",
    )
    parser.add_argument(
        "--signature", metavar="FILE", help="what `capacity` found out about the target"
    )
    parser.add_argument(
        "--what-if",
        metavar="KEY=VALUE",
        action="append",
        help="something done about it, such as waiting_room=420/s, or several at once with blanks "
        "between (may be repeated)",
    )
    parser.add_argument("--what-ifs", metavar="FILE", help="a file of them")
    parser.add_argument("--prices", metavar="FILE", help="what each of what is used up costs")
    parser.add_argument("--minutes", action="store_true", help="the night minute by minute, too")
    parser.add_argument("--json", action="store_true", help="every figure and its unit, as JSON")


def _plan(given: Namespace) -> ExitStatus:
    gc.disable()  # it reads, reckons and ends: looking for cycles only costs time
    import json

    from loadtests.paper.plan.plan import plan
    from loadtests.paper.plan.plan_json import plan_json
    from loadtests.paper.plan.plan_options import question
    from loadtests.paper.plan.plan_text import plan_text
    from loadtests.swarm.options import Options

    _, scenario = Options.of(vars(given)).read_scenario()
    found = plan(question(vars(given), scenario))
    if given.json:
        print(json.dumps(plan_json(found, minutes=given.minutes), indent=1, ensure_ascii=False))
    else:
        print(plan_text(found, by_minute=given.minutes, color=sys.stdout.isatty()), end="")
    return ExitStatus.PASSED
