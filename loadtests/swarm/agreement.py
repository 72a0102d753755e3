"""The target's own word: it serves the digest of the consent, or nothing is sent, or nothing more.

Asked in the supervisor before the run, and in a greenlet of the master's while it goes on.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from loadtests.errors import ExitStatus, MatchnightError
from loadtests.scenario.consent import Consent
from loadtests.swarm.clock import now
from loadtests.swarm.http_get import get
from loadtests.units import Seconds
from loadtests.url import split

PATH = "/.well-known/matchnight"
EVERY: Seconds = 2.0
PATIENCE: Seconds = 2.0
"""Together they keep the promise that a withdrawal stops everything within five seconds."""

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
        self,
        on_stop: Callable[[str], None],
        sleep: Callable[[Seconds], None] = time.sleep,
        *,
        is_needed: bool = True,
    ) -> None:
        """Renew every `EVERY` seconds until there is a reason to stop, then say it.

        A greenlet's whole life. A run too small to need the agreement is watched if the target
        gave it all the same: what was never given cannot be withdrawn.
        """
        if not is_needed and self.ask() is not Word.GIVEN:
            return
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
            answer = get(self._where, patience=PATIENCE, resolve=self.resolve, verify=self.verify)
        except OSError:
            return Word.NONE
        if answer.says_stop:
            return Word.WITHHELD
        if not answer.status or answer.status in _BUSY or answer.status >= 500:  # noqa: PLR2004 - 5xx
            return Word.NONE
        agrees = answer.status == 200 and self.consent.digest().encode() in answer.body.split()  # noqa: PLR2004 - OK
        return Word.GIVEN if agrees else Word.WITHHELD

    @property
    def _where(self) -> str:
        url = split(self.target)
        return f"{url.scheme}://{url.authority}{PATH}"


def _refused(why: str) -> MatchnightError:
    return MatchnightError(f"--target: refused: {why}", ExitStatus.UNREACHABLE)
