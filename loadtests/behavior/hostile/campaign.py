"""One attack as one worker plays it: who its clients are, and what they share."""

from dataclasses import replace
from math import inf

from loadtests.audience.arrivals import Arrival
from loadtests.audience.crowd import strangers
from loadtests.audience.hostile import Action
from loadtests.behavior.access import gain_access
from loadtests.behavior.credentials import ACCOUNT, INVENTED
from loadtests.behavior.media import tune_in
from loadtests.behavior.session import Session
from loadtests.behavior.speech import UNSAID, has, master_url, perform
from loadtests.behavior.steps import Fetch, Journey, Progress, Timeouts, Wait
from loadtests.behavior.target import Target
from loadtests.scenario.model import Scenario
from loadtests.scenario.targets import default, shipped
from loadtests.stack.accounts import access_token
from loadtests.units import Seconds
from loadtests.vocabulary import End, Fact, Step, Trait

ACCESS_TOKEN = "access_token"  # noqa: S105 - what the testbed's profile calls it

LISTED_FOR: Seconds = 8.0
"""How long the URLs of a live playlist are asked for before it is read again. [A]"""

PATIENCE: Seconds = 10.0
"""How long a client waits for what another one is finding out. [A]"""

_LOOK: Seconds = 0.5
_TOKEN_LIFE: Seconds = 86_400.0


class Unheard:
    """An `Observer` nobody asks: what becomes of hostile clients is no viewer's end."""

    def decided(self, arrival: Arrival, end: End, at: Seconds) -> None:
        """Not told."""

    def played(self, arrival: Arrival, progress: Progress, at: Seconds) -> None:
        """Not told."""

    def noted(self, arrival: Arrival, fact: Fact, at: Seconds) -> None:
        """Not told."""

    def left(self, arrival: Arrival, at: Seconds) -> None:
        """Not told."""


UNHEARD = Unheard()


class Campaign:
    """What the actions of one attack share: the target, tokens, and URLs of the stream.

    Its accounts are invented, one for each number, whatever accounts a run was given: those of real
    people are never used to do harm.
    """

    def __init__(self, scenario: Scenario, target: Target, start: Seconds) -> None:
        """`target` speaks of invented accounts; `start` is the epoch second actions count from."""
        self.scenario = scenario
        self.target = target
        self.start = start
        self._draw = strangers(scenario)
        testbed, _ = shipped(default(target.url))
        self._has_tokens = target.language.profile == testbed and not target.is_bare
        self._tokens: dict[int, dict[str, str] | None] = {}  # by number; None: being got
        self._master = ""
        self._listed: list[str] = []
        self._look_at = -inf

    def session(self, action: Action, number: int | None = None) -> Session:
        """A client's, with the account of that `number` (else its own), signed in to nothing."""
        number = action.source if number is None else number
        arrival = self._draw(number, action.at, action.seed)
        # whatever its device is like: it calls from an address that is no gateway's
        arrival = replace(arrival, traits=arrival.traits - {Trait.GATEWAY})
        return Session(arrival, self.scenario, self.target, self.start, UNHEARD)

    def equip(self, session: Session, now: Seconds) -> Journey:
        """Give a session its account's token, got by the first who needs it. Returns when.

        Of the testbed's accounts they are there beforehand: its tokens prove themselves.
        """
        number = session.arrival.index
        if self._has_tokens and number not in self._tokens:
            name = INVENTED.of(number)[ACCOUNT]
            self._tokens[number] = {ACCESS_TOKEN: access_token(name, self.start + _TOKEN_LIFE)}
        if number not in self._tokens:
            self._tokens[number] = None
            try:
                reply = yield from gain_access(session, now)
            finally:  # whatever came of it, nobody waits for it any more
                self._tokens[number] = dict(session.kept or {})
            now = reply.done
        given_up = now + PATIENCE
        while self._tokens[number] is None and now < given_up:
            now = yield Wait(now + _LOOK)
        for name, text in (self._tokens[number] or {}).items():
            session.keep(name, text)
        session.headers = self.target.language.stream_headers(session)
        return now

    def master(self, session: Session, now: Seconds) -> Journey:
        """Find out where the master playlist is, once for all. Returns (URL, when)."""
        if self._master:
            return self._master, now
        now = yield from self.equip(session, now)
        if master_url(session) == UNSAID and has(session, Step.SESSION):
            reply = yield from perform(session, Step.SESSION, now, once=True)
            now = reply.done
        url = master_url(session)
        self._master = "" if url == UNSAID else url
        return url, now

    def listed(self, session: Session, now: Seconds) -> Journey:
        """URLs of segments there are now, looked up now and then. Returns (URLs, when)."""
        if now >= self._look_at:
            self._look_at = now + LISTED_FOR
            url, now = yield from self.master(session, now)
            _, now, tracks = yield from tune_in(session, url)
            playlists = [track.playlist for track in tracks if track.playlist is not None]
            self._listed = [s.url for p in playlists for s in p.segments] or self._listed
        given_up = now + PATIENCE
        while not self._listed and now < given_up:
            now = yield Wait(now + _LOOK)
        return self._listed, now

    def fetch(self, session: Session, step: Step, url: str) -> Fetch:
        """A plain request for a URL, the answer's body dropped."""
        manners = session.profile.manners[step]
        headers = session.headers_for(url)
        return Fetch(step, url, manners.timeouts, headers=headers, keep=False)


def lasting(seconds: Seconds) -> Timeouts:
    """Of a client that does not let go before."""
    return Timeouts(connect=PATIENCE, first_byte=seconds, whole=seconds)
