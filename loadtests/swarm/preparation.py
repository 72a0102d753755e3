"""Everything checked before a run: what is missing is said now, not in the middle of the evening.

Runs in the supervisor and in Locust's master alike: nothing here knows gevent.
"""

import resource
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from math import ceil
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from loadtests.audience import crowd
from loadtests.behavior.target import Target
from loadtests.errors import ExitStatus, MatchnightError
from loadtests.export.archive import Manifest
from loadtests.scenario.consent import read_consent
from loadtests.scenario.model import Scenario
from loadtests.scenario.read import load
from loadtests.stack.defaults import DEFAULT
from loadtests.swarm.agreement import Agreement
from loadtests.swarm.children import Child, is_free, start_testbed
from loadtests.swarm.messages import Plan
from loadtests.swarm.options import Options, arguments
from loadtests.units import Seconds, write_moment
from loadtests.url import Url, split

CONNECT_WITHIN: Seconds = 5.0
UNASKED_VIEWERS = 50  # so few send less than a hundred requests a second
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


def prepare(options: Options, *, workers: int) -> Stage:
    """Check everything, make the folder, start the embedded stack if there is no target.

    MatchnightError says what is in the way.
    """
    path, scenario = options.read_scenario()
    check_crowd(scenario)
    if options.metrics_port is not None and not is_free(options.metrics_port):
        raise MatchnightError(f"--metrics-port: {options.metrics_port} is in use; name another one")
    if options.target is not None:
        check_target(scenario, options.target, options)
    check_descriptors(scenario, workers=workers, embedded=options.target is None)
    folder = make_folder(options, scenario)
    if options.target is not None:
        return Stage(
            path=path, scenario=scenario, folder=folder, target=options.target, embedded=False
        )
    testbed, url = start_testbed(scenario.embedded_stack or DEFAULT, folder)
    return Stage(
        path=path, scenario=scenario, folder=folder, target=url, embedded=True, testbed=testbed
    )


def take_over(options: Options, *, embedded: bool) -> Stage:
    """The stage a supervisor has prepared already: it names the folder and the target."""
    path, scenario = options.read_scenario()
    if options.report_dir is None or options.target is None:
        raise MatchnightError("--supervised: needs --report-dir and --target")
    return Stage(
        path=path,
        scenario=scenario,
        folder=options.report_dir,
        target=options.target,
        embedded=embedded,
    )


def manifest(stage: Stage, options: Options, given: Mapping[str, Any], *, workers: int) -> Manifest:
    """How the run was asked for, for its archive; `given`: the texts behind `options`."""
    # whoever reads it starts it again: the embedded stack's URL would be of no use
    asked = {**given, "target": None if stage.embedded else stage.target, "report_dir": None}
    command = ["matchnight", "rehearse", options.scenario, *arguments(asked)]
    return Manifest(
        scenario=stage.scenario.name,
        variant=options.variant,
        scale=options.scale,
        speed=options.speed,
        seed=options.seed,
        workers=workers,
        target=stage.target,
        embedded=stage.embedded,
        blind_spots=[step.value for step in Target.parse(stage.target).blind_spots],
        created=write_moment(time.time()),
        command=[*command, f"--workers={workers}"],
    )


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
    )


def check_crowd(scenario: Scenario) -> None:
    """MatchnightError if the scale leaves nobody to play."""
    if crowd.size(scenario) == 0:
        raise MatchnightError(
            f"--scale: {scenario.scale:g} leaves no viewer in the window; write a larger one"
        )


def make_folder(options: Options, scenario: Scenario) -> Path:
    """The run's folder, made and empty; MatchnightError if it holds anything, or cannot be made."""
    wanted = options.report_dir or _default_folder(scenario)
    try:
        wanted.mkdir(parents=True, exist_ok=True)
        occupied = any(wanted.iterdir())
    except OSError as problem:
        raise MatchnightError(f"--report-dir: {wanted}: {problem.strerror}") from None
    if occupied:
        raise MatchnightError(f"--report-dir: {wanted} is not empty; name another one")
    return wanted


def _default_folder(scenario: Scenario) -> Path:
    name = f"{scenario.name}-{time.strftime('%Y%m%d-%H%M%S')}"
    candidates = (
        Path("reports") / (name + suffix) for suffix in ("", *(f"-{i}" for i in range(2, 99)))
    )
    return next(path for path in candidates if not path.exists())


def check_target(scenario: Scenario, target: str, options: Options) -> None:
    """MatchnightError if the target may not be touched, or does not answer."""
    Target.parse(target)
    if "@" in urlsplit(target).netloc:
        raise MatchnightError("--target: no password belongs on a command line; leave it out")
    url = split(target)
    if options.consent is not None:
        _check_consent(scenario, agreement(target, options))
    elif not _is_this_machine(_address(url, options)):
        raise MatchnightError(
            f"--target: {url.host} is not this machine: nothing is sent without --consent FILE",
            ExitStatus.UNREACHABLE,
        )
    _reach(url, options)


def agreement(target: str, options: Options) -> Agreement:
    """How to ask the target for its own agreement to the consent."""
    assert options.consent is not None  # noqa: S101 - only with a consent there is anything to agree to
    return Agreement(
        target=target,
        consent=read_consent(options.consent),
        resolve=options.resolve,
        verify=not options.insecure,
    )


def _check_consent(scenario: Scenario, asked: Agreement) -> None:
    """Few viewers need nothing but the consent; for more of them the target has to agree itself."""
    if crowd.size(scenario) > UNASKED_VIEWERS:
        asked.obtain()
    else:
        asked.check()


def _is_this_machine(host: str) -> bool:
    try:
        addresses = socket.getaddrinfo(host, None)
    except (OSError, UnicodeError):
        return False
    return all(ip_address(str(a[4][0]).partition("%")[0]).is_loopback for a in addresses)


def _address(url: Url, options: Options) -> str:
    return options.resolve.get(f"{url.host}:{url.port}", url.host)


def _reach(url: Url, options: Options) -> None:
    """Connect once, as a viewer would."""
    try:
        plain = socket.create_connection((_address(url, options), url.port), CONNECT_WITHIN)
    except socket.gaierror:
        raise _unreachable(url, "its name has no address") from None
    except TimeoutError:
        raise _unreachable(url, f"no answer within {CONNECT_WITHIN:g} s") from None
    except OSError as problem:
        raise _unreachable(url, problem.strerror or str(problem)) from None
    with plain:
        if url.scheme == "https":
            _shake_hands(plain, url, verify=not options.insecure)


def _shake_hands(plain: socket.socket, url: Url, *, verify: bool) -> None:
    context = ssl.create_default_context()
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    try:
        context.wrap_socket(plain, server_hostname=url.host).close()
    except ssl.SSLCertVerificationError as problem:
        why = f"its TLS certificate is not trusted: {problem.verify_message}"
        raise _unreachable(url, f"{why}; --insecure accepts it") from None
    except TimeoutError:
        why = f"no TLS handshake within {CONNECT_WITHIN:g} s: does it speak http?"
        raise _unreachable(url, why) from None
    except OSError as problem:  # ssl.SSLError is one
        raise _unreachable(url, f"it does not speak TLS: {problem.strerror}") from None


def _unreachable(url: Url, why: str) -> MatchnightError:
    return MatchnightError(
        f"--target: {url.scheme}://{url.authority} cannot be reached: {why}", ExitStatus.UNREACHABLE
    )


def descriptors_needed(scenario: Scenario, *, workers: int, embedded: bool) -> int:
    """Files one process has open at most: all viewers at once, and a stack serves them all."""
    served_by_one = 1 if embedded else workers
    return ceil(crowd.size(scenario) * SOCKETS_PER_VIEWER / served_by_one) + SPARE_DESCRIPTORS


def check_descriptors(scenario: Scenario, *, workers: int, embedded: bool) -> None:
    """Raise the soft limit, which children inherit; MatchnightError if the hard one is too low.

    That is no fault of the scenario: the tester would be the bottleneck (status 4).
    """
    needed = descriptors_needed(scenario, workers=workers, embedded=embedded)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and needed > hard:
        more = "" if embedded else ", or more --workers"
        raise MatchnightError(
            f"too few file descriptors: {crowd.size(scenario)} viewers need up to {needed} in one "
            f"process, the system allows {hard}; raise the limit (ulimit -n {needed}), "
            f"or write a smaller --scale{more}",
            ExitStatus.INVALID_RUN,
        )
    if soft != resource.RLIM_INFINITY and soft < needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, needed), hard))
