"""A target's signature: what it could carry on the day this was measured, and what that cost it.

A later night is held against it, a plan reckons with it, a simulation is built from it. A signature
file is JSON, key for key as the records here; its numbers are seconds, bytes, a second and ratios.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any

from loadtests.audience.trial import Joins
from loadtests.binding import Misfit, about, bind_node
from loadtests.binding.scalars import quoted
from loadtests.binding.yaml_nodes import Flawed, MappingNode, ScalarNode, invalid
from loadtests.binding.yaml_text import compose, decode
from loadtests.errors import MatchnightError
from loadtests.units import Notation, Range
from loadtests.vocabulary import Step

VERSION = 1
"""Of the file's form; another one is refused, never guessed at."""


def _number(text: str) -> float:
    if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?", text):
        raise ValueError(text)
    return float(text)


def _notation(name: str, example: str) -> Notation:
    return Notation(name, example, parse=_number, write=repr)


_LEAST = Range(least=0)
_MORE = Range(above=0)
# JSON has bare numbers where our YAML has units: the same quantities, in another notation
Number = Annotated[float, _notation("a number", "41.3"), _LEAST]
Rate = Annotated[float, _notation("a number a second", "41.3"), _LEAST]
Time = Annotated[float, _notation("a number of seconds", "0.25"), _LEAST]
Lasting = Annotated[float, _notation("a number of seconds", "4"), _MORE]
Portion = Annotated[float, _notation("a plain ratio", "0.15"), _LEAST]
Multiple = Annotated[float, _notation("a plain ratio", "0.15"), _MORE]
Bytes = Annotated[float, _notation("a number of bytes", "820"), _LEAST]
Flow = Annotated[float, _notation("a number of bytes a second", "25000"), _LEAST]
Replicas = Annotated[int, Range(least=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure with the interval it lies in (90 %); Misfit unless low <= value <= high."""

    value: Number = field(metadata=about("the best guess; where `at_least`, the most that was met"))
    low: Number = field(metadata=about("low end of its 90 % interval"))
    high: Number | None = field(
        metadata=about("high end; null: nobody knows, the target carried all it was asked")
    )
    unit: str = field(metadata=about("of all three, such as `requests/s`"))
    at_least: bool = field(
        default=False, metadata=about("true: it was met, never exceeded; no capacity was found")
    )

    def __post_init__(self) -> None:
        if self.low > self.value:
            raise Misfit(f"is above the value; write at most {self.value!r}", "low")
        if self.high is not None and self.high < self.value:
            raise Misfit(f"is below the value; write at least {self.value!r}", "high")


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinKnee:
    """The highest load of one join profile that was carried."""

    knee: Figure = field(metadata=about("viewers who join a second"))
    first: Step | None = field(metadata=about("the step that breaks first; null: none broke"))
    next: Step | None = field(
        metadata=about("the step that slowed down most among the others: likely to break next")
    )
    in_flight: Figure | None = field(
        metadata=about("requests at the first step at once, at the knee; null: none broke")
    )
    broke_at: Rate | None = field(
        metadata=about("the lowest load that broke it, in viewers who join a second")
    )
    recovers_at: Rate | None = field(
        metadata=about(
            "the load at which it came back after an overload, in viewers who join a second; "
            "null: it did not, or that was not tried"
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What one step costs at low load."""

    per_join: Portion = field(metadata=about("requests for each viewer who joins"))
    response_time: Time = field(metadata=about("mean, of those that were answered well"))
    cost: Portion = field(
        metadata=about("response time of a request, beside one of the first step that breaks")
    )
    bytes: Bytes = field(metadata=about("of an answer, mean"))
    waits_up_to: Time | None = field(
        default=None,
        metadata=about(
            "in line, where the step saturated: the slowest answer less `response_time`; "
            "null: it never did"
        ),
    )
    refuses: bool = field(
        default=False,
        metadata=about("beyond its knee it says no (503, 429), rather than keep waiting"),
    )
    denied_cost: Portion | None = field(
        default=None,
        metadata=about("as `cost`, of a request with wrong credentials; null: none was seen"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Interference:
    """A step that slows although it is asked no more, when another is overloaded."""

    step: Step = field(metadata=about("the step that slows"))
    overloaded: Step = field(metadata=about("the step that is overloaded meanwhile"))
    slower: Portion = field(metadata=about("response time ÷ what it was at the same rate"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaling:
    """The target's capacity stepped up while it was overloaded."""

    before: Figure = field(metadata=about("viewers who join a second"))
    after: Figure = field(metadata=about("viewers who join a second"))
    took: Time | None = field(
        metadata=about("from the overload's start to the second capacity; null: nobody saw when")
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """Everything a capacity search has shown; `signature.json` is this, key for key."""

    version: int = field(metadata=about(f"of this file's form: {VERSION}"))
    scenario: str = field(metadata=about("whose crowd was played"))
    variant: str | None = field(metadata=about("of the scenario, if one was played"))
    target: str = field(metadata=about("as reports name it"))
    created: str = field(metadata=about("ISO 8601, UTC"))
    matchnight: str = field(metadata=about("the version that measured"))
    build: str = field(metadata=about("of the target, as given by the user; may be empty"))
    topology: str = field(metadata=about("of the target, as given by the user; may be empty"))
    replicas: Mapping[str, Replicas] = field(
        metadata=about("of the target by part, usually a step, as given by the user")
    )
    knee: Mapping[Step, Figure] = field(
        metadata=about("requests a second by step; `at_least` where the step never broke")
    )
    joins: Mapping[Joins, JoinKnee] = field(
        metadata=about("by join profile: how the crowd comes decides what is carried")
    )
    demand: Mapping[Step, Demand] = field(metadata=about("by step"))
    mix: Mapping[str, Portion] = field(
        metadata=about(
            "ratios of this event class at low load: share of the viewers with each `device.<name>`"
            ", of viewers who `sign_in` and who `refresh` a token, `denied` ÷ attempts at both, "
            "`retries` ÷ requests"
        )
    )
    steady: bool = field(
        metadata=about("a low load cost the same at the end as in the beginning, within bounds")
    )
    drift: Portion | None = field(
        metadata=about("response time of a low load at the end ÷ in the beginning")
    )
    target_duration: Lasting | None = field(
        metadata=about(
            "of the live stream's segments; null: not known, it is not the embedded stack's"
        )
    )
    bit_rate: Flow | None = field(
        metadata=about("of the media for each viewer who watches, as seen; null: nobody watched")
    )
    scale: Multiple = field(
        default=1.0,
        metadata=about("of the event the target is sized for; the embedded stack: a small part"),
    )
    speed: Multiple = field(
        default=1.0,
        metadata=about(
            "of its calendar: joining capacity for the event itself is value / (scale x speed), "
            "watching capacity value / scale"
        ),
    )
    interference: tuple[Interference, ...] = field(
        default=(), metadata=about("steps that slow when another is overloaded")
    )
    scaling: Scaling | None = field(
        default=None, metadata=about("capacity stepped up under overload; null: it did not")
    )
    notes: tuple[str, ...] = field(default=(), metadata=about("what to know before it is used"))

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, key for key."""
        made: dict[str, Any] = _plain(asdict(self))
        return made

    @classmethod
    def from_json(cls, text: str, *, file: str) -> "Signature":
        """The signature a file's text holds.

        InvalidFile names every problem with its place; MatchnightError if it is another version.
        """
        try:
            root, problems = compose(text, file=file)
            _refuse_other_versions(root, file)
            made = bind_node(root, cls)
        except Flawed as flawed:
            raise invalid(flawed.problems) from None
        if problems:
            raise invalid(problems)
        return made


def read_signature(path: Path) -> Signature:
    """The signature in a file. MatchnightError if there is none to be read, or it is not sound."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise MatchnightError(
            f"{path}: cannot be read: {error.strerror}; "
            "name the signature.json a capacity search wrote"
        ) from error
    return Signature.from_json(decode(data, file=str(path)), file=str(path))


# what JSON may hold raw and YAML, whose reader knows lines and columns, may not, or takes for a
# line's end
_RAW = re.compile("[\x7f-\xa0\u2028\u2029\ufeff\ufffe\uffff]")


def write_signature(signature: Signature) -> str:
    """The text of a signature file: JSON that our reader and any other read alike."""
    text = json.dumps(signature.to_json(), indent=2, ensure_ascii=False, allow_nan=False)
    text = text.encode(errors="replace").decode()  # bytes of a command line may be no text
    return _RAW.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n"


def _refuse_other_versions(root: MappingNode, file: str) -> None:
    """Before all else: another version may have other keys, each of which would be a mistake."""
    entry = root.entries.get("version")
    found = entry.value if entry else None
    if not isinstance(found, ScalarNode):
        raise MatchnightError(
            f"{file}: no signature: it has no version; name the signature.json a capacity search "
            "wrote"
        )
    if found.text != str(VERSION):
        raise MatchnightError(
            f"{found.place}: version: {quoted(found.text)} is not the version this matchnight "
            f"reads, {VERSION}; use the one that wrote it, or measure again"
        )


def _plain(value: Any) -> Any:  # noqa: ANN401 - any value of a record
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return str(value) if isinstance(value, Step | Joins) else value
