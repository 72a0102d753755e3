"""What if: an evening or its stack with something done about it, as a file or a line says it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from pathlib import Path
from typing import Annotated, ClassVar

from loadtests.binding import Misfit, about, bind, bind_node
from loadtests.binding.scalars import quoted
from loadtests.binding.yaml_nodes import (
    AnyNode,
    Entry,
    Flawed,
    MappingNode,
    Place,
    Problem,
    ScalarNode,
    SequenceNode,
    below,
    invalid,
    overlay,
)
from loadtests.scenario.read import load
from loadtests.units import PerSecond, Range, Seconds, Share, parse_duration, parse_ratio, plain
from loadtests.vocabulary import Step

_ADVICE = "how many times as much, such as x1.5"


@dataclass(frozen=True, slots=True)
class Times:
    """So many times as much."""

    advice: ClassVar[str] = _ADVICE
    factor: float

    @classmethod
    def from_text(cls, text: str) -> "Times":
        """The factor of `x1.5`; ValueError says what to write instead."""
        try:
            factor = parse_ratio(text.removeprefix("x"))
        except ValueError:
            factor = 0.0
        if not text.startswith("x") or factor <= 0:
            raise ValueError(f"{quoted(text)} is no factor; write {_ADVICE}")
        return cls(factor)

    def __str__(self) -> str:
        return f"x{plain(self.factor)}"


@dataclass(frozen=True, slots=True)
class Life:
    """How long tokens are good: a time, or so many times as long as now."""

    advice: ClassVar[str] = "a duration such as 24h, or how many times as long, such as x3"
    seconds: Seconds | None
    times: float | None

    @classmethod
    def from_text(cls, text: str) -> "Life":
        """The life a text says; ValueError says what to write instead."""
        if text.startswith("x"):
            return cls(None, Times.from_text(text).factor)
        try:
            seconds = parse_duration(text)
        except ValueError:
            seconds = 0.0
        if seconds <= 0:
            raise ValueError(f"{quoted(text)} is no life of a token; write {cls.advice}")
        return cls(seconds, None)


class BackOff(StrEnum):
    """How those who try again keep out of each other's way."""

    JITTER = "jitter"  # waits that double, each drawn evenly from nothing to twice its mean


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """Something done about an evening: each key by itself, or several at once."""

    waiting_room: Annotated[PerSecond, Range(above=0)] | None = field(
        default=None, metadata=about("viewers of the event let in a second")
    )
    start_jitter: Seconds | None = field(
        default=None,
        metadata=about("everybody starts later, evenly by up to so much", clock="event"),
    )
    token_life: Life | None = field(
        default=None, metadata=about("of what is left of an earlier sign-in")
    )
    panic: tuple[Step, ...] = field(default=(), metadata=about("steps that are skipped"))
    pre_warming: Share | None = field(
        default=None, metadata=about("share of those who must sign in that did so before")
    )
    playlist_lifetime: Annotated[Seconds, Range(above=0)] | None = field(
        default=None, metadata=about("how long the edge serves a playlist again", clock="media")
    )
    back_off: BackOff | None = field(
        default=None, metadata=about("how people who are shown an error come back")
    )
    capacity: Mapping[Step, Times] = field(
        default_factory=dict, metadata=about("of a step, in place of what the signature says")
    )
    scaling_takes: Annotated[Seconds, Range(above=0)] | None = field(
        default=None, metadata=about("until capacity that is ordered is there")
    )

    def __post_init__(self) -> None:
        if not self.said:
            known = ", ".join(f.name for f in fields(self))
            raise Misfit(f"nothing is different; write one of {known}")

    @property
    def said(self) -> dict[str, object]:
        """What is different, by key, in the order in which it is done."""
        values = ((f.name, getattr(self, f.name)) for f in fields(self))
        return {name: value for name, value in values if value not in (None, (), {})}


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIfs:
    """A file of cases, each to be compared with the night as it is."""

    cases: Mapping[str, WhatIf] = field(metadata=about("what is different, by name"))


def read_what_ifs(path: Path) -> Mapping[str, WhatIf]:
    """The cases of a file, by name, in its order.

    InvalidFile has every problem with its place; MatchnightError: the file cannot be read.
    """
    return bind(load(path), file=str(path), into=WhatIfs).cases


def parse_what_if(text: str) -> WhatIf:
    """The case of a line such as `waiting_room=420/s capacity.sign_in=x1.5`.

    InvalidFile has every problem, with the path of each.
    """
    place = Place("--what-if")
    root = MappingNode(place=place, entries={})
    try:
        for word in text.split() or [""]:
            root = overlay(root, _word(place, word))
        return bind_node(root, WhatIf)
    except Flawed as flawed:
        raise invalid(flawed.problems) from None


def _word(place: Place, word: str) -> MappingNode:
    """One `KEY=VALUE` as a file would have it: dots nest, commas make a list of steps."""
    key, equals, value = word.partition("=")
    if not equals or not value:
        what = f"{quoted(word)} is no case; write KEY=VALUE, such as waiting_room=420/s"
        raise Flawed(Problem(place, "", what))
    names = key.split(".")
    node = _value(place, key, value)
    for n in range(len(names) - 1, 0, -1):
        path = ".".join(names[:n])
        node = MappingNode(place=place, path=path, entries={names[n]: Entry(place, node)})
    return MappingNode(place=place, entries={names[0]: Entry(place, node)})


def _value(place: Place, key: str, value: str) -> AnyNode:
    if key != "panic":
        return ScalarNode(place=place, path=key, text=value)
    steps = enumerate(value.split(","))
    items = (ScalarNode(place=place, path=below(key, n), text=step) for n, step in steps)
    return SequenceNode(place=place, path=key, items=tuple(items))
