"""Whether a target may be touched, and answers: asked before the first request of anything."""

import socket
import ssl
from ipaddress import ip_address
from urllib.parse import urlsplit

from loadtests.behavior.target import Target
from loadtests.errors import ExitStatus, MatchnightError
from loadtests.scenario.consent import read_consent
from loadtests.scenario.hostile import Pattern
from loadtests.scenario.model import Scenario
from loadtests.swarm.agreement import Agreement
from loadtests.swarm.options import Options
from loadtests.units import Seconds
from loadtests.url import Url, split

CONNECT_WITHIN: Seconds = 5.0
UNASKED_VIEWERS = 50  # so few send less than a hundred requests a second
SLOW = frozenset({Pattern.SLOW_REQUEST, Pattern.SLOW_READ})


def check_target(target: str, options: Options, *, viewers: int) -> None:
    """MatchnightError if the target may not be touched by so many viewers, or does not answer."""
    Target.parse(target)
    if "@" in urlsplit(target).netloc:
        raise MatchnightError("--target: no password belongs on a command line; leave it out")
    url = split(target)
    if options.consent is not None:
        _check_consent(agreement(target, options), viewers)
    elif not is_this_machine(_address(url, options)):
        raise MatchnightError(
            f"--target: {url.host} is not this machine: nothing is sent without --consent FILE",
            ExitStatus.UNREACHABLE,
        )
    _reach(url, options)


def check_hostile(target: str | None, scenario: Scenario, options: Options) -> None:
    """MatchnightError unless all hostile traffic of a scenario stays on this machine.

    No consent changes that. `target`: None for the embedded stack.
    """
    if not scenario.hostile:
        return
    if options.consent is not None:
        raise _hostile("--consent: does not allow hostile traffic, which stays on this machine")
    if target is None:
        return
    url = split(target)
    if not is_this_machine(_address(url, options)):
        raise _hostile(f"--target: {url.host} is not this machine, which hostile traffic stays on")
    patterns = {attack.pattern for attack in scenario.hostile}
    if url.scheme != "http" and not patterns.isdisjoint(SLOW):
        raise _hostile("--target: slow requests and reads are plain http")


def _hostile(problem: str) -> MatchnightError:
    advice = "leave it out, or play a scenario without `hostile`"
    return MatchnightError(f"{problem}; {advice}", ExitStatus.UNREACHABLE)


def agreement(target: str, options: Options) -> Agreement:
    """How to ask the target for its own agreement to the consent."""
    assert options.consent is not None  # noqa: S101 - only with a consent there is anything to agree to
    return Agreement(
        target=target,
        consent=read_consent(options.consent),
        resolve=options.resolve,
        verify=not options.insecure,
    )


def _check_consent(asked: Agreement, viewers: int) -> None:
    """Few viewers need nothing but the consent; for more of them the target has to agree itself."""
    if viewers > UNASKED_VIEWERS:
        asked.obtain()
    else:
        asked.check()


def is_this_machine(host: str) -> bool:
    """Whether a host has addresses, and all of them are loopback."""
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
