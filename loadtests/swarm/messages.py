"""What master and workers tell each other, and how windows get through exactly once.

A worker numbers its windows and keeps each until it is acknowledged; what is older than two
seconds it sends again. The master counts each number of a worker once, whatever is lost, doubled
or overtaken on the way.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from loadtests.audience.part import part
from loadtests.behavior.target import Target
from loadtests.collect.window import Window
from loadtests.scenario.model import Scenario
from loadtests.scenario.read import parse_scenario
from loadtests.scenario.targets import parse_profile
from loadtests.units import Seconds

GREETING = "matchnight_greeting"  # worker -> master: here I am (until a plan comes)
PLAN = "matchnight_plan"  # master -> worker: what to play, from when, which share of it
WINDOW = "matchnight_window"  # worker -> master: a parcel
ACCEPTED = "matchnight_accepted"  # master -> worker: its number
STOP = "matchnight_stop"  # master -> worker: no more arrivals; who is there has so long to leave
FAILED = "matchnight_failed"  # worker -> master: it cannot go on, and why
NOTICE = "matchnight_notice"  # worker -> master: something the report should mention
WITHDRAWN = "matchnight_withdrawn"  # worker -> master: no more may be sent, and why

RESEND_AFTER: Seconds = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All one worker needs to play its share; it reads neither its disk nor its command line."""

    run: str  # the run's id, in every request
    folder: str  # where --request-log goes, if asked for
    file: str  # the scenario's file, for messages
    scenario: str  # its text
    name: str
    variant: str | None
    scale: float | None
    speed: float | None
    seed: int | None
    target: str
    consent: str | None  # text of the consent file; None: loopback only
    resolve: dict[str, str]  # "host:port" -> address
    insecure: bool
    request_log: bool
    start: Seconds  # the barrier: epoch second at which the run begins
    worker: int  # index of this worker
    workers: int
    profile: str | None = None  # text of the target profile; None: the testbed's
    profile_file: str = ""  # its file, for messages
    profile_files: dict[str, str] = field(default_factory=dict)  # those it names, in base64
    files: dict[str, str] = field(default_factory=dict)  # other texts, by the name used for them
    # what no repr may show: what the profile needs, by name
    secrets: dict[str, str] = field(default_factory=dict, repr=False)
    # this worker's viewers' own, in their order; None: invented ones
    accounts: list[dict[str, str]] | None = field(default=None, repr=False)
    vault: str = ""  # where refresh tokens they are given go; empty: nowhere
    canary: Seconds | None = None  # what is played is the canary, for so long
    trial: str | None = None  # what is played is this trial of a search (`Trial.to_text`)
    leaving: float = 0.0  # sessions closed per second at the end; 0: none, the target is our own
    spent: dict[str, float] = field(default_factory=dict)  # of the consent's totals, before

    def read_scenario(self) -> Scenario:
        """The scenario to play, the same on every worker."""
        scenario = parse_scenario(
            self.scenario,
            file=self.file,
            name=self.name,
            variant=self.variant,
            scale=self.scale,
            speed=self.speed,
            seed=self.seed,
            files=self.files,
        )
        return part(scenario, canary=self.canary, trial=self.trial)

    def read_target(self) -> Target:
        """The target, spoken to by the profile there is."""
        if self.profile is None:
            return Target.parse(self.target)
        return Target.parse(
            self.target,
            parse_profile(self.profile, file=self.profile_file),
            secrets=self.secrets,
            files=self.profile_files,
        )

    def to_json(self) -> dict[str, Any]:
        """As a message's body."""
        return asdict(self)

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> "Plan":
        """Of a message's body."""
        return cls(**body)


@dataclass(frozen=True, slots=True)
class Parcel:
    """One numbered window on its way; `last`: its worker has played, or was told to stop."""

    number: int
    window: dict[str, Any]
    last: bool

    def to_json(self) -> dict[str, Any]:
        """As a message's body."""
        return asdict(self)

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> "Parcel":
        """Of a message's body."""
        return cls(body["number"], body["window"], body["last"])


def receipt(body: Mapping[str, Any]) -> dict[str, Any]:
    """What the master answers a parcel's message with, whatever it was: it need not come again."""
    return {"run": body["run"], "number": body["number"]}


class Outbox:
    """A worker's parcels until they are acknowledged."""

    def __init__(self) -> None:
        self._next = 0
        self._sent: dict[int, tuple[Parcel, Seconds]] = {}

    def post(self, window: Window, now: Seconds, *, last: bool = False) -> Parcel:
        """Number a closed window; the caller sends the parcel, now."""
        parcel = Parcel(self._next, window.to_json(), last)
        self._next += 1
        self._sent[parcel.number] = (parcel, now)
        return parcel

    def acknowledged(self, number: int) -> None:
        """The master has it. Hearing so twice changes nothing."""
        self._sent.pop(number, None)

    def overdue(self, now: Seconds) -> list[Parcel]:
        """What went out two seconds ago and was not acknowledged; the caller sends it again."""
        old = [p for p, sent in self._sent.values() if now - sent >= RESEND_AFTER]
        for parcel in old:
            self._sent[parcel.number] = (parcel, now)
        return old

    @property
    def is_empty(self) -> bool:
        """Whether everything posted has arrived."""
        return not self._sent


class Inbox:
    """The numbers of one worker's parcels: all below a floor, and a few above it."""

    def __init__(self) -> None:
        self._floor = 0
        self._above: set[int] = set()

    def accept(self, number: int) -> bool:
        """Whether this number is new, and so to be counted. Acknowledge it either way."""
        if number < self._floor or number in self._above:
            return False
        self._above.add(number)
        while self._floor in self._above:
            self._above.remove(self._floor)
            self._floor += 1
        return True

    def is_complete(self, last: int) -> bool:
        """Whether everything up to the number `last` has come."""
        return self._floor > last
