"""What a target profile says of answers: what is taken from them, and what they mean."""

import re
from dataclasses import dataclass, field
from typing import ClassVar

from loadtests.binding import Misfit, about
from loadtests.binding.leaves import NOWHERE, Json, Where
from loadtests.binding.scalars import quoted
from loadtests.scenario.json_path import JsonPath
from loadtests.scenario.template import Template
from loadtests.units import Bytes, Lasting
from loadtests.vocabulary import Outcome

MEANT = frozenset(
    {
        Outcome.OK,
        Outcome.QUEUED,
        Outcome.POLICY,
        Outcome.DENIED,
        Outcome.OVERLOAD,
        Outcome.SERVER_ERROR,
        Outcome.NOT_FOUND,
        Outcome.CLIENT_ERROR,
        Outcome.GARBAGE,
    }
)
"""Outcomes an answer can mean; the others are of requests that were not answered whole."""

_STATUS = re.compile(r"([1-5])xx|([1-5][0-9][0-9])(?:\s*-\s*([1-5][0-9][0-9]))?")


@dataclass(frozen=True, slots=True)
class Statuses:
    """A status code, or a range of them."""

    advice: ClassVar[str] = "a status such as 200, 200-204 or 2xx"
    first: int
    last: int

    @classmethod
    def from_text(cls, text: str) -> "Statuses":
        """Read `404`, `4xx` or `200-204`; ValueError for anything else."""
        match = _STATUS.fullmatch(text.strip())
        if match is None:
            raise ValueError(f"{quoted(text)} is no status; write {cls.advice}")
        if match[1]:
            return cls(int(match[1]) * 100, int(match[1]) * 100 + 99)
        first, last = int(match[2]), int(match[3] or match[2])
        if first > last:
            raise ValueError(f"{quoted(text)} ends before it begins; write {last}-{first}")
        return cls(first, last)

    @property
    def codes(self) -> range:
        """All of them."""
        return range(self.first, self.last + 1)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression, searched anywhere in a text."""

    advice: ClassVar[str] = "a regular expression"
    regex: re.Pattern[str]

    @classmethod
    def from_text(cls, text: str) -> "Pattern":
        """Read an expression; ValueError says what is wrong with it."""
        try:
            return cls(re.compile(text))
        except re.error as error:
            raise ValueError(f"{quoted(text)} is no regular expression: {error}") from None


def one_of(record: object, *names: str, least: int = 1) -> None:
    """Misfit unless exactly one of these fields is written; with `least` 0, at most one."""
    written = [name for name in names if getattr(record, name) is not None]
    if least <= len(written) <= 1:
        return
    if not written:
        raise Misfit(f"missing; write one of {', '.join(names)}")
    raise Misfit(f"{' and '.join(written)} are both written; keep one", written[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where in an answer a text is found."""

    json: JsonPath | None = field(default=None, metadata=about("at this path of a JSON body"))
    header: str | None = field(default=None, metadata=about("in this header"))
    cookie: str | None = field(default=None, metadata=about("in the cookie of this name being set"))
    fixed: Template | None = field(default=None, metadata=about("nowhere: it is this text"))
    regex: Pattern | None = field(
        default=None,
        metadata=about("the first group of this expression: of the body, or of what is found"),
    )
    where: Where = NOWHERE

    def __post_init__(self) -> None:
        one_of(self, "json", "header", "cookie", "fixed", least=0 if self.regex else 1)
        if self.regex is not None and self.regex.regex.groups != 1:
            raise Misfit("the expression needs exactly one group: `(...)`", "regex")


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep(Source):
    """A text later requests need, by the name it is kept under."""

    optional: bool = field(
        default=False,
        metadata=about("it may be missing: what was kept before stays; else that is garbage"),
    )
    resolve: bool = field(
        default=False, metadata=about("it is a URL, and a relative one is seen from the answer's")
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonTest:
    """What is to be at a path of a JSON body: anything, unless more is said."""

    at: JsonPath = field(metadata=about("where"))
    equals: Json | None = field(default=None, metadata=about("exactly this value"))
    matches: Pattern | None = field(default=None, metadata=about("a text in which this is found"))
    missing: bool = field(default=False, metadata=about("nothing is to be there"))

    def __post_init__(self) -> None:
        written = [self.equals is not None, self.matches is not None, self.missing]
        if sum(written) > 1:
            raise Misfit("equals, matches and missing exclude each other; keep one")


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderTest:
    """What is to be in a header: anything, unless more is said."""

    name: str = field(metadata=about("which header"))
    matches: Pattern | None = field(default=None, metadata=about("this is found in it"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What an answer may be like; of what is written all must hold."""

    status: Statuses | tuple[Statuses, ...] = field(
        default=(), metadata=about("its status is one of these")
    )
    json: JsonTest | None = field(default=None, metadata=about("its body is JSON, and says this"))
    header: HeaderTest | None = field(default=None, metadata=about("it has this header"))
    body: Pattern | None = field(default=None, metadata=about("this is found in its body"))
    size: Bytes | None = field(default=None, metadata=about("its body has at least this size"))
    where: Where = NOWHERE

    @property
    def codes(self) -> frozenset[int]:
        """All statuses it names; empty: any."""
        ranges = self.status if isinstance(self.status, tuple) else (self.status,)
        return frozenset(code for each in ranges for code in each.codes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning(Condition):
    """What answers of a kind mean; the first that fits counts, before what matchnight assumes."""

    outcome: Outcome = field(metadata=about("how such a request counts"))
    code: Source | None = field(
        default=None, metadata=about("of a policy: the refusal's own code; absent: `unnamed`")
    )
    wait: Source | None = field(
        default=None,
        metadata=about("of a queue: seconds until the viewer comes back; absent: Retry-After"),
    )

    def __post_init__(self) -> None:
        if self.outcome not in MEANT:
            known = ", ".join(outcome for outcome in Outcome if outcome in MEANT)
            raise Misfit(f"no answer can mean {self.outcome}; write one of {known}", "outcome")
        if self.code is not None and self.outcome is not Outcome.POLICY:
            raise Misfit(
                "only a policy has a code; leave it out, or write `outcome: policy`", "code"
            )
        if self.wait is not None and self.outcome is not Outcome.QUEUED:
            raise Misfit(
                "only a queue has a wait; leave it out, or write `outcome: queued`", "wait"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """Polling: the same request again while the answer says so, as for a device code (RFC 8628)."""

    pending: Condition = field(metadata=about("answers that mean: not yet", name="while"))
    every: Template = field(
        metadata=about("between an answer and the next request: `5s`, or `{name}` in seconds")
    )
    slower: Condition | None = field(
        default=None, metadata=about("answers after which the interval is 5 s longer from then on")
    )
    at_most: Lasting = field(
        default=600.0, metadata=about("after so long the step has failed", clock="client")
    )
