"""One viewer's stay: what the device holds, what the viewer saw, and whom the journey tells."""

from enum import Enum, auto
from typing import Protocol

from loadtests.audience.arrivals import Arrival
from loadtests.behavior.judge import ANSWERED
from loadtests.behavior.playback import Playback
from loadtests.behavior.players import PROFILES, Profile
from loadtests.behavior.steps import Progress, Reply
from loadtests.behavior.target import Target
from loadtests.chance import Chance
from loadtests.scenario.model import Scenario, Viewing
from loadtests.units import Seconds
from loadtests.vocabulary import End, Fact, Outcome, Purpose


class Observer(Protocol):
    """Told by journeys what became of viewers; its calls must be quick and never raise."""

    def decided(self, arrival: Arrival, end: End, at: Seconds) -> None:
        """The arrival's end is known, once per arrival: at the first frame for those that start."""

    def played(self, arrival: Arrival, progress: Progress, at: Seconds) -> None:
        """The player went on; progress since the last call."""

    def noted(self, arrival: Arrival, fact: Fact, at: Seconds) -> None:
        """Something of this viewer's way that is counted beside requests and ends."""

    def left(self, arrival: Arrival, at: Seconds) -> None:
        """A viewer who had started is gone (not told of those still watching when the run ends)."""


class Stop(Enum):
    """Why a part of a stay is over."""

    STARTED = auto()  # the first frame is on screen
    REFUSED = auto()  # by policy: final
    FAILED = auto()  # whatever the player repeats by itself did not help: an error is shown
    ENDED = auto()  # the stream is over and played out
    LEFT = auto()  # the viewer went
    DONE = auto()  # what there was to do is done: an errand, or a part of one


def stop_after(reply: Reply) -> Stop:
    """What a request that is not repeated any more means to the viewer."""
    if reply.ok:
        return Stop.DONE
    return Stop.REFUSED if reply.outcome is Outcome.POLICY else Stop.FAILED


HASTE: Seconds = 1.0
"""No human starts an app again sooner. [A]"""


ERRANDS = frozenset({Purpose.DOWNLOAD, Purpose.ACCOUNT, Purpose.WEBSITE, Purpose.SUPPORT})
"""What people come for who have not come to watch."""

_NOTHING: frozenset[Fact] = frozenset()
"""One for all: an empty set takes 216 bytes."""

_ENDS_OF_ERRANDS = {Stop.DONE: End.SERVED, Stop.REFUSED: End.TURNED_AWAY}


class Session:
    """What one viewer holds; things shared by many (profile, scenario) are never copied."""

    __slots__ = (
        "arrival", "born", "chance", "excused", "headers", "is_gone", "is_renewing", "kept",
        "last_answer", "noted", "observer", "playback", "profile", "scenario", "target",
    )  # fmt: skip

    def __init__(
        self,
        arrival: Arrival,
        scenario: Scenario,
        target: Target,
        start: Seconds,
        observer: Observer,
    ) -> None:
        self.arrival = arrival
        self.target = target
        self.observer = observer
        self.scenario = scenario
        self.profile: Profile = PROFILES[arrival.device.player]
        self.born = start + arrival.at
        self.chance = Chance(arrival.seed)
        self.playback = Playback(self.born)
        self.kept: dict[str, str] | None = None  # what answers left that later steps need
        self.last_answer = Outcome.OK
        self.excused: Seconds = 0.0  # of waiting that was the viewer's own doing
        self.noted = _NOTHING  # of what is noted once
        self.is_renewing = False
        self.is_gone = False
        self.headers = target.language.stream_headers(self)  # others once there is a token

    @property
    def viewing(self) -> Viewing:
        """How viewers of this scenario watch."""
        return self.scenario.viewing

    @property
    def start_limit(self) -> Seconds:
        """A later first frame is a late start."""
        return self.scenario.start_limit

    @property
    def id(self) -> str:
        """Of the playback session; empty if there is none."""
        return self.held("session")

    def headers_for(self, url: str) -> bytes:
        """The headers of a stream's request: no token is shown to a host it is not for."""
        language = self.target.language
        return self.headers if url.startswith(language.shown) else language.public_headers(self)

    def held(self, name: str) -> str:
        """What an answer left by this name; empty if none did."""
        return "" if self.kept is None else self.kept.get(name, "")

    def keep(self, name: str, text: str) -> None:
        """Hold this for later steps."""
        if self.kept is None:
            self.kept = {}
        self.kept[name] = text

    def note(self, fact: Fact, at: Seconds) -> None:
        """Tell something worth counting."""
        self.observer.noted(self.arrival, fact, at)

    def note_once(self, fact: Fact, at: Seconds) -> None:
        """Tell it unless it was told before."""
        if fact not in self.noted:
            self.noted |= {fact}
            self.note(fact, at)

    @property
    def leaves_at(self) -> Seconds:
        """When the stay is over; infinity: after the run."""
        return self.born + self.arrival.stay

    @property
    def gives_up_at(self) -> Seconds:
        """When whoever has no first frame goes away; infinity: never. Excuses put it off."""
        return self.born + min(self.arrival.patience + self.excused, self.arrival.stay)

    def heard(self, reply: Reply) -> None:
        """Remember how the last request that was answered ended."""
        outcome = reply.outcome
        if outcome in ANSWERED:
            self.last_answer = outcome

    def pause(self) -> Seconds:
        """How long this person looks at an error before starting the app again."""
        human = self.arrival.device.human_retry
        return max(HASTE, human.after * self.chance.between(1 - human.spread, 1 + human.spread))

    def decide(self, stop: Stop, at: Seconds) -> None:
        """Tell the arrival's end: see `viewer.visit` for the rule."""
        self.observer.decided(self.arrival, self._end(stop, at), at)

    def _end(self, stop: Stop, at: Seconds) -> End:
        if self.arrival.purpose in ERRANDS:
            return _ENDS_OF_ERRANDS.get(stop, End.UNSERVED)
        if stop is Stop.STARTED:
            in_time = at - self.born <= self.start_limit
            return End.IN_TIME if in_time else End.STARTED_LATE
        if stop is Stop.REFUSED:
            return End.REFUSED
        waiting = self.last_answer is Outcome.OK or self.last_answer is Outcome.QUEUED
        return End.LEFT_WAITING if stop is Stop.LEFT and waiting else End.NEVER_STARTED

    def settle(self, at: Seconds) -> None:
        """Bring the account of what was watched and stalled up to `at`, and tell it."""
        if not self.is_gone:
            self.observer.played(self.arrival, self.playback.settle(at), at)

    def conclude(self, at: Seconds) -> None:
        """The last account of this viewer, with what the whole stay was like."""
        if not self.is_gone:
            ratio = self.playback.stalled_ratio(at)
            progress = self.playback.settle(at)
            progress.stalled_ratio = ratio
            self.observer.played(self.arrival, progress, at)

    def leave(self, at: Seconds) -> None:
        """The screen is dark: nothing is watched or stalled any more."""
        self.conclude(at)
        self.is_gone = True
        self.observer.left(self.arrival, at)
