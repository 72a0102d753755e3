"""The canary's flight: when there is one, what it used up, and whether the rest may follow it."""

from collections import Counter
from pathlib import Path

from loadtests.collect import requests
from loadtests.collect.window import Window
from loadtests.diagnosis.black_screens import black
from loadtests.errors import ExitStatus, MatchnightError
from loadtests.export.archive import RUN, Run, read_run
from loadtests.export.parts import parts
from loadtests.export.summarize import summarize
from loadtests.export.words import count, percent
from loadtests.scenario.consent import read_consent
from loadtests.swarm.options import Options
from loadtests.swarm.reach import is_this_machine
from loadtests.swarm.rehearsal import Reason
from loadtests.swarm.watch import Cause
from loadtests.units import Ratio, Seconds, write_duration
from loadtests.url import split
from loadtests.vocabulary import Outcome, Step

BEYOND: Seconds = 60.0  # beyond this machine, at least
MOST_ERRORS: Ratio = 0.01  # of its requests
MOST_BLACK = 1  # of its viewers: one may have been unlucky


def wanted(options: Options) -> Seconds | None:
    """How long the canary flies before this rehearsal; None: there is none.

    Beyond this machine there always is one. MatchnightError if it was asked to be shorter.
    """
    if not reaches_beyond(options):
        return options.canary
    if options.canary is not None and options.canary < BEYOND:
        least = write_duration(BEYOND)
        raise MatchnightError(f"--canary: beyond this machine it takes at least {least}")
    return options.canary or BEYOND


def refuse_alone(options: Options) -> None:
    """MatchnightError if this rehearsal needs a canary, which plain Locust does not fly."""
    if options.canary is not None:
        raise MatchnightError("--canary: only `matchnight rehearse` flies one; use that")
    if reaches_beyond(options):
        raise MatchnightError(
            "--target: beyond this machine a canary goes first; use `matchnight rehearse`",
            ExitStatus.UNREACHABLE,
        )


def reaches_beyond(options: Options) -> bool:
    """Whether the target, or any other host its consent lists, is not this machine."""
    if options.target is None:
        return False
    try:
        url = split(options.target)
    except ValueError:
        return False  # whoever checks the target says so
    if not is_this_machine(options.resolve.get(f"{url.host}:{url.port}", url.host)):
        return True
    if options.consent is None:
        return False
    names = (host.name for host in read_consent(options.consent).hosts)
    return not all(name == url.host or _is_here(name, options) for name in names)


def _is_here(host: str, options: Options) -> bool:
    told = [address for name, address in options.resolve.items() if name.startswith(f"{host}:")]
    return all(map(is_this_machine, told or [host]))


def unclean(run: Run) -> Cause | None:
    """Why the rehearsal must not follow its canary; None: it was clean.

    Clean is a canary that was played to its end by a healthy tester, with at most one request in a
    hundred failed by the target, and one black screen.
    """
    stopped = run.stopped
    reason = Reason.FAILED if stopped is None else Reason(stopped.facts["reason"])
    if reason is not Reason.FINISHED:
        told = "" if stopped is None else stopped.facts.get("text", "")
        return Cause(reason, f"the canary was {reason}" + (f": {told}" if told else ""))
    if problems := summarize(run).tester.problems:
        return Cause(Reason.FAILED, f"the canary says nothing: {problems[0]}")
    found = _failures(run) or _black_screens(run)
    return None if found is None else Cause(Reason.CANARY, f"the canary was not clean: {found}")


def _failures(run: Run) -> str | None:
    total = run.timeline.total
    ended, failed = requests.ended(total), requests.failures(total)
    if not requests.outcomes(total)[Outcome.OK]:
        return f"none of its {count(ended)} requests was answered well"
    if failed <= MOST_ERRORS * ended:
        return None
    worst = max(Step, key=lambda step: requests.failures(total, step))
    return (
        f"{count(failed)} of {count(ended)} requests failed, at most {percent(MOST_ERRORS)} may; "
        f"{count(requests.failures(total, worst))} of them were `{worst}`"
    )


def _black_screens(run: Run) -> str | None:
    screens = black(run.timeline.total, run.scenario.black_screens)
    if screens <= MOST_BLACK:
        return None
    return f"{count(screens)} viewers met a black screen, at most {MOST_BLACK} may"


def spent(folder: Path) -> dict[str, float]:
    """What canary and trials in `folder` used up of a consent's totals; empty: there were none.

    Requests by step under the steps' names, and `bytes` of answers.
    """
    used: Counter[str] = Counter()
    for part in parts(folder):
        if (part / RUN).exists():
            _count(read_run(part).timeline.total, used)
    return {name: number for name, number in used.items() if number}


def _count(total: Window, used: Counter[str]) -> None:
    for step in Step:
        used[step] += requests.sent(total, step)
    used["bytes"] += sum(tally.bytes for tally in total.ended.values())
