"""What a rehearsal is asked for: the same flags for `matchnight rehearse` and for Locust."""

from argparse import Action, _ActionsContainer
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from loadtests import units
from loadtests.audience.part import part
from loadtests.audience.trial import Trial
from loadtests.errors import MatchnightError
from loadtests.scenario.library import find
from loadtests.scenario.model import Scenario
from loadtests.scenario.read import read_scenario
from loadtests.units import Ratio, Seconds

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """One flag. Without `metavar` it is a switch; `form`: editable in Locust's web UI."""

    name: str
    help: str
    metavar: str | None = None
    repeated: bool = False
    form: bool = False

    @property
    def key(self) -> str:
        """Its name in a namespace."""
        return self.name.removeprefix("--").replace("-", "_")

    def add_to(self, parser: _ActionsContainer) -> Action:
        """Let `parser` take this flag, as text: `Options.of` reads it."""
        if self.metavar is None:
            return parser.add_argument(self.name, action="store_true", help=self.help)
        action = "append" if self.repeated else "store"
        return parser.add_argument(self.name, metavar=self.metavar, action=action, help=self.help)


SCENARIO = Flag(
    name="--scenario",
    metavar="SCENARIO",
    form=True,
    help="what to rehearse: a shipped scenario or a file",
)

OF_SCENARIO = (
    Flag(
        name="--variant", metavar="V", form=True, help="the variant of the scenario that is played"
    ),
    Flag(
        name="--scale",
        metavar="RATIO",
        form=True,
        help="viewers played per viewer of the event, such as 1/200",
    ),
    Flag(
        name="--speed",
        metavar="N",
        form=True,
        help="event seconds per second: compresses the calendar only",
    ),
    Flag(name="--seed", metavar="N", form=True, help="same scenario, same seed: same demand"),
)
"""Flags that choose what of a scenario is played."""

FLAGS = (
    *OF_SCENARIO,
    Flag(
        name="--target",
        metavar="URL",
        help="base URL of the stack, or of a bare .m3u8 stream; default: the profile's own, or the "
        "embedded stack",
    ),
    Flag(
        name="--profile",
        metavar="PROFILE",
        help="how the target is spoken to: a shipped target profile or a file; default: testbed",
    ),
    Flag(
        name="--accounts",
        metavar="FILE",
        help="accounts of the target, one viewer each: a CSV file or a vault",
    ),
    Flag(
        name="--canary",
        metavar="DURATION",
        help="play 1 %% first, so long, and go on only if that is clean; "
        "beyond this machine always, for 60s",
    ),
    Flag(
        name="--report-dir",
        metavar="DIR",
        help="the run's folder; default: reports/<scenario>-<time>",
    ),
    Flag(
        name="--consent",
        metavar="FILE",
        help="the approval to rehearse against anything but this machine",
    ),
    Flag(
        name="--resolve",
        metavar="HOST:PORT:ADDRESS",
        repeated=True,
        help="connect to ADDRESS for HOST:PORT (may be repeated)",
    ),
    Flag(name="--insecure", help="accept any TLS certificate"),
    Flag(name="--request-log", help="keep a line per request and per viewer in the run's folder"),
    Flag(
        name="--metrics-port",
        metavar="PORT",
        help="port of /metrics on 127.0.0.1; default: 9646, or a free one",
    ),
)
"""Flags of both commands."""

OF_TARGET = tuple(
    flag
    for flag in FLAGS
    if flag.name in {"--target", "--profile", "--accounts", "--consent", "--resolve", "--insecure"}
)
"""Flags that say which stack is spoken to, how, and as whom."""

SUPERVISED = (
    Flag(
        name="--supervised",
        help="end with standard input; leave the report to whoever started this",
    ),
    Flag(name="--embedded", help="the target is the embedded stack, already started"),
    Flag(name="--plays-canary", metavar="DURATION", help="what is played is the canary, so long"),
    Flag(name="--plays-trial", metavar="TRIAL", help="what is played is a trial of a search"),
)
"""Flags `matchnight rehearse` and `matchnight capacity` give the crowd they start."""


def arguments(given: Mapping[str, Any], flags: Iterable[Flag] = FLAGS) -> list[str]:
    """The command line that says what `given` (a namespace's dictionary) holds of `flags`."""
    line: list[str] = []
    for flag in flags:
        value = given.get(flag.key)
        for one in value if isinstance(value, list) else [value]:
            if one is True:
                line.append(flag.name)
            elif one:
                line.append(f"{flag.name}={one}")
    return line


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """A rehearsal as asked for. None: the scenario, or the machine, decides."""

    scenario: str
    variant: str | None = None
    target: str | None = None  # None: the embedded stack
    scale: Ratio | None = None
    speed: float | None = None
    seed: int | None = None
    report_dir: Path | None = None
    profile: str | None = None  # None: the testbed's
    accounts: Path | None = None
    canary: Seconds | None = None
    plays_canary: Seconds | None = None  # this is the canary of what was asked for
    plays_trial: Trial | None = None  # this is a trial of the search that was asked for
    consent: Path | None = None
    resolve: Mapping[str, str] = field(default_factory=dict)  # "host:port" -> address
    insecure: bool = False
    request_log: bool = False
    metrics_port: int | None = None

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> "Options":
        """Read a namespace's texts; MatchnightError names the flag and says what to write."""

        def optional(key: str, parse: Callable[[str], T]) -> T | None:
            # Locust's web UI sends an empty text for a field left empty
            return parse(str(given[key])) if given.get(key) not in {None, ""} else None

        return cls(
            scenario=_required(given),
            variant=optional("variant", str),
            target=optional("target", str) or optional("profile", _base_of),
            scale=optional("scale", _scale),
            speed=optional("speed", _speed),
            seed=optional("seed", lambda text: whole_number("--seed", text, least=0)),
            report_dir=optional("report_dir", Path),
            profile=optional("profile", str),
            accounts=optional("accounts", Path),
            canary=optional("canary", _canary),
            plays_canary=optional("plays_canary", _canary),
            plays_trial=optional("plays_trial", _trial),
            consent=optional("consent", Path),
            resolve=dict(_resolve(text) for text in given.get("resolve") or ()),
            insecure=bool(given.get("insecure")),
            request_log=bool(given.get("request_log")),
            metrics_port=optional("metrics_port", lambda text: port("--metrics-port", text)),
        )

    def read_scenario(self) -> tuple[Path, Scenario]:
        """The scenario's file, and what it says under these options; raises MatchnightError."""
        path = find(self.scenario)
        scenario = read_scenario(
            path, variant=self.variant, scale=self.scale, speed=self.speed, seed=self.seed
        )
        return path, part(scenario, canary=self.plays_canary, trial=self.plays_trial)


def _refused(flag: str, text: str, *, is_not: str, such_as: str) -> MatchnightError:
    return MatchnightError(f"{flag}: {text!r} is not {is_not}; write such as {such_as}")


def _required(given: Mapping[str, Any]) -> str:
    if scenario := given.get("scenario"):
        return str(scenario)
    raise MatchnightError("--scenario: missing; write such as --scenario psg-juventus")


def _base_of(profile: str) -> str | None:
    from loadtests.scenario.targets import base_of  # noqa: PLC0415 - whoever asks for one pays

    return base_of(profile)


def positive(
    flag: str, parse: Callable[[str], float], *, is_not: str, such_as: str
) -> Callable[[str], float]:
    """Reads what `parse` does, if it is more than nothing."""

    def read(text: str) -> float:
        try:
            number = parse(text)
        except ValueError:
            number = 0.0
        if number <= 0:
            raise _refused(flag, text, is_not=is_not, such_as=such_as)
        return number

    return read


_scale = positive("--scale", units.parse_ratio, is_not="a ratio", such_as="1/200")
_speed = positive("--speed", units.parse_ratio, is_not="a number above 0", such_as="10")
_canary = positive("--canary", units.parse_duration, is_not="a duration", such_as="60s")


def _trial(text: str) -> Trial:
    try:
        return Trial.from_text(text)
    except ValueError as problem:
        raise MatchnightError(f"--plays-trial: {problem}") from None


def whole_number(flag: str, text: str, *, least: int) -> int:
    """The number `text` of `flag`; MatchnightError if it is none, or below `least`."""
    if not text.isascii() or not text.isdigit() or int(text) < least:
        raise _refused(flag, text, is_not=f"a whole number from {least} up", such_as=str(least + 1))
    return int(text)


def port(flag: str, text: str) -> int:
    """The TCP port `text` of `flag`; MatchnightError if it is none."""
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 2**16:
        raise _refused(flag, text, is_not="a port from 1 to 65535", such_as="9646")
    return int(text)


def _resolve(text: str) -> tuple[str, str]:
    host, _, rest = text.partition(":")
    number, _, address = rest.partition(":")
    if not host or not number.isdigit() or not 0 < int(number) < 2**16 or not address:
        raise _refused(
            "--resolve", text, is_not="HOST:PORT:ADDRESS", such_as="cdn.example:443:127.0.0.1"
        )
    return f"{host.lower()}:{int(number)}", address.strip("[]")
