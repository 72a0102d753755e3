"""The target's own word: it serves the digest of the consent, or nothing is sent, or nothing more.

A few lines over a blocking socket: they run as they are in the supervisor, and in a greenlet under
Locust, which makes the standard library's sockets cooperative.
"""

import re
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from loadtests import __version__
from loadtests.errors import ExitStatus, MatchnightError
from loadtests.scenario.consent import Consent
from loadtests.swarm.clock import now
from loadtests.units import Seconds
from loadtests.url import Url, split

PATH = "/.well-known/matchnight"
EVERY: Seconds = 2.0
PATIENCE: Seconds = 2.0
"""Together they keep the promise that a withdrawal stops everything within five seconds."""

_MOST = 65_536  # bytes of an answer that are looked at: a digest has 64
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,9})[ \t]*(?:\r|$)", re.IGNORECASE)
_BUSY = frozenset({408, 429})  # says nothing but: not now; so does every 5xx


class Word(Enum):
    """What the target said when asked."""

    GIVEN = auto()
    WITHHELD = auto()  # it answered, and not with this digest
    NONE = auto()  # too busy, broken, or not there: it said nothing


@dataclass(slots=True, kw_only=True)
class Agreement:
    """Asks a target whether it (still) agrees to a consent."""

    target: str  # any URL on it
    consent: Consent
    resolve: Mapping[str, str] = field(default_factory=dict)  # "host:port" -> numeric address
    verify: bool = True  # its certificate
    _heard: Seconds = 0.0  # when it last agreed

    def check(self) -> None:
        """Look at the consent alone: MatchnightError unless it covers this target now."""
        host = split(self.target).host
        if not self.consent.covers(host):
            raise _refused(f"the consent does not list {host}")
        if not self.consent.allows(now()):
            raise _refused("the time the consent names is over, or has not come")

    def obtain(self) -> None:
        """Ask before the first request; MatchnightError (status 3) unless everything agrees."""
        self.check()
        match self.ask():
            case Word.WITHHELD:
                digest = self.consent.digest()
                raise _refused(f"{self._where} does not serve the consent's digest, {digest}")
            case Word.NONE:
                raise _refused(f"{self._where} cannot be read")
        self._heard = now()

    def renew(self) -> str | None:
        """Ask again; why everything must stop, or None: it agrees, or may just be too busy to."""
        word, at = self.ask(), now()
        if word is Word.WITHHELD:
            return f"{self._where} does not serve the consent's digest any more"
        if word is Word.GIVEN:
            self._heard = at
        elif at - self._heard > self.consent.grace:
            return f"{self._where} could not be read for {at - self._heard:.0f} s"
        return None

    def watch(
        self, on_stop: Callable[[str], None], sleep: Callable[[Seconds], None] = time.sleep
    ) -> None:
        """Renew every `EVERY` seconds until there is a reason to stop, then say it.

        A greenlet's whole life.
        """
        self._heard = self._heard or now()
        while True:
            sleep(EVERY)
            reason = self.renew()
            if reason is not None:
                on_stop(reason)
                return

    def ask(self) -> Word:
        """One question, one answer, in at most `PATIENCE` seconds and a connection's time-out."""
        try:
            head, _, body = self._exchange().partition(b"\r\n\r\n")
        except OSError:
            return Word.NONE
        status = head[:12].split(b" ")[-1]
        if not status.isdigit() or int(status) in _BUSY or int(status) >= 500:  # noqa: PLR2004 - 5xx
            return Word.NONE
        agrees = int(status) == 200 and self.consent.digest().encode() in body.split()  # noqa: PLR2004 - OK
        return Word.GIVEN if agrees else Word.WITHHELD

    def _exchange(self) -> bytes:
        url = split(self.target)
        # HTTP/1.0: never chunked; ends with the connection, or when it is as long as announced
        request = (
            f"GET {PATH} HTTP/1.0\r\nHost: {url.authority}\r\n"
            f"User-Agent: matchnight/{__version__}\r\n\r\n"
        )
        until = now() + PATIENCE
        answer = b""
        with self._connect(url) as sock:
            sock.sendall(request.encode("ascii"))
            while len(answer) < _MOST and not _is_whole(answer):
                sock.settimeout(max(0.001, until - now()))
                data = sock.recv(_MOST)
                if not data:
                    break
                answer += data
        return answer

    @property
    def _where(self) -> str:
        url = split(self.target)
        return f"{url.scheme}://{url.authority}{PATH}"

    def _connect(self, url: Url) -> socket.socket:
        host = self.resolve.get(f"{url.host}:{url.port}", url.host)
        sock = socket.create_connection((host, url.port), timeout=PATIENCE)
        if url.scheme == "http":
            return sock
        context = ssl.create_default_context()
        if not self.verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context.wrap_socket(sock, server_hostname=url.host)


def _refused(why: str) -> MatchnightError:
    return MatchnightError(f"--target: refused: {why}", ExitStatus.UNREACHABLE)


def _is_whole(answer: bytes) -> bool:
    """Whether the announced body is there: not every server then ends the connection."""
    head, blank, body = answer.partition(b"\r\n\r\n")
    announced = _LENGTH.search(head)
    return bool(blank) and announced is not None and len(body) >= int(announced[1])
