# noqa: A005 - within this package it shadows nothing: imports are absolute
"""Target profiles: how each step is said to one stack, and what its answers mean.

A profile is a YAML file of `scenarios/targets/` or of the user's own. Nothing here sends anything:
`behavior.language` compiles it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from loadtests.binding import Misfit, about
from loadtests.binding.leaves import NOWHERE, Json, Where
from loadtests.scenario.answering import Condition, Keep, Meaning, Repeat, one_of
from loadtests.scenario.template import Template, json_pieces
from loadtests.units import Count
from loadtests.vocabulary import SIDE_EFFECTS, Step

OF_THE_STREAM = frozenset({Step.MASTER, Step.PLAYLIST, Step.INIT, Step.SEGMENT})
"""Steps that need no words: their URLs say it all."""


class Method(StrEnum):
    """HTTP's methods (RFC 9110, 9.3) but for those no viewer sends."""

    GET = "GET"
    HEAD = "HEAD"
    POST = "POST"
    PUT = "PUT"
    PATCH = "PATCH"
    DELETE = "DELETE"
    OPTIONS = "OPTIONS"


class Signer(StrEnum):
    """Ways to sign; the functions are in `behavior.signing`."""

    HMAC_SHA256 = "hmac_sha256"  # RFC 2104
    HMAC_SHA512 = "hmac_sha512"
    JWS_HS256 = "jws_hs256"  # RFC 7515, compact


class Encoding(StrEnum):
    """How bytes are written as text."""

    TEXT = "text"  # UTF-8
    HEX = "hex"
    BASE64 = "base64"
    BASE64URL = "base64url"


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """Where a secret comes from; it is never written in a profile."""

    env: str | None = field(default=None, metadata=about("this environment variable"))
    file: str | None = field(
        default=None, metadata=about("the first line of this file, seen from the profile")
    )
    where: Where = NOWHERE

    def __post_init__(self) -> None:
        one_of(self, "env", "file")


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One way to sign a request: which function, over what, sent in which headers.

    In these templates the request's own parts have names too (`profile_checks.OF_SIGNATURES`);
    `{signature}`, in `headers` only, is what the function gave.
    """

    by: Signer = field(metadata=about("which function"))
    key: Template = field(metadata=about("its key: a secret"))
    key_encoding: Encoding = field(default=Encoding.TEXT, metadata=about("how the key is written"))
    text: Template | None = field(default=None, metadata=about("what is signed, as a text"))
    json: Json | None = field(default=None, metadata=about("what is signed, as JSON: claims"))
    encoding: Encoding = field(
        default=Encoding.HEX, metadata=about("how an HMAC is written; a JWS is always compact")
    )
    header: Mapping[str, str] = field(
        default_factory=dict, metadata=about("what a JWS's own header says besides `alg`: `kid`")
    )
    headers: Mapping[str, Template] = field(metadata=about("the lines added to the request"))
    where: Where = NOWHERE

    def __post_init__(self) -> None:
        one_of(self, "text", "json")
        if self.json is not None:
            _check_json(self.json, "json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and what its answer means."""

    method: Method | None = field(
        default=None, metadata=about("absent: POST if there is a body, else GET")
    )
    url: Template = field(metadata=about("a path seen from the base, or a whole URL"))
    headers: Mapping[str, Template] = field(
        default_factory=dict, metadata=about("headers of this request, after those of all")
    )
    json: Json | None = field(
        default=None, metadata=about("a JSON body; names in braces may stand in its texts")
    )
    form: Mapping[str, Template] | None = field(
        default=None, metadata=about("a form body (application/x-www-form-urlencoded)")
    )
    text: Template | None = field(default=None, metadata=about("a body of text"))
    file: str | None = field(
        default=None, metadata=about("a body from this file, seen from the profile: a challenge")
    )
    sign: str | None = field(default=None, metadata=about("one of `signatures`"))
    follow: bool = field(default=True, metadata=about("whether redirects are followed"))
    means: tuple[Meaning, ...] = field(
        default=(), metadata=about("answers that mean something of their own; the first counts")
    )
    expect: Condition | None = field(
        default=None, metadata=about("what a good answer is like; any other 2xx is garbage")
    )
    keep: Mapping[str, Keep] = field(
        default_factory=dict, metadata=about("what later requests need of a good answer, by name")
    )
    repeat: Repeat | None = field(default=None, metadata=about("polling"))
    devices: tuple[str, ...] = field(
        default=(), metadata=about("the scenario's devices that send it; none: all")
    )
    other_devices: tuple[str, ...] = field(
        default=(), metadata=about("the scenario's devices that do not send it")
    )
    side_effect: bool | None = field(
        default=None,
        metadata=about("creates, cancels, texts or calls: needs a consent; absent: by the step"),
    )
    where: Where = NOWHERE

    def __post_init__(self) -> None:
        one_of(self, "json", "form", "text", "file", least=0)
        if self.json is not None:
            _check_json(self.json, "json")

    @property
    def has_body(self) -> bool:
        """Whether anything follows the headers."""
        bodies = (self.json, self.form, self.text, self.file)
        return any(body is not None for body in bodies)


@dataclass(frozen=True, slots=True, kw_only=True)
class Streaming:
    """How the stream itself is asked for: playlists, init sections, segments."""

    master: Template = field(
        default=Template.from_text("{master}"),
        metadata=about("URL of the master playlist, seen from the base; `{target}`: the base"),
    )
    headers: Mapping[str, Template] | None = field(
        default=None, metadata=about("headers of its requests; absent: those of every request")
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountUse:
    """What one of the user's accounts is good for."""

    streams: Count = field(default=1, metadata=about("viewers that may hold one at a time"))


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetProfile:
    """How one stack is spoken to."""

    title: str = field(metadata=about("one line: which stack"))
    url: str | None = field(
        default=None, metadata=about("its base, unless --target names another one")
    )
    names: Mapping[str, Template] = field(
        default_factory=dict, metadata=about("names of your own, to be used in any template")
    )
    secrets: Mapping[str, Secret] = field(
        default_factory=dict, metadata=about("secrets by name, to be used as {secret.name}")
    )
    accounts: AccountUse = field(
        default_factory=AccountUse, metadata=about("what --accounts brings")
    )
    headers: Mapping[str, Template] = field(
        default_factory=dict,
        metadata=about("of every request; a line is left out while a name in it is not known"),
    )
    hosts: tuple[str, ...] = field(
        default=(),
        metadata=about("other hosts, as host or host:port, that may see these headers and tokens"),
    )
    stream: Streaming = field(default_factory=Streaming, metadata=about("the stream's requests"))
    signatures: Mapping[str, Signature] = field(
        default_factory=dict, metadata=about("ways to sign, by name")
    )
    steps: Mapping[Step, Exchange | tuple[Exchange, ...]] = field(
        default_factory=dict,
        metadata=about("what each step sends, in order; a step not named is a blind spot"),
    )

    def exchanges(self, step: Step) -> tuple[Exchange, ...]:
        """What a step sends; empty: the stack does not have it."""
        said = self.steps.get(step, ())
        return said if isinstance(said, tuple) else (said,)

    @property
    def side_effects(self) -> frozenset[Step]:
        """The steps that create, cancel, text or call."""
        return frozenset(
            step
            for step in self.steps
            for exchange in self.exchanges(step)
            if (step in SIDE_EFFECTS if exchange.side_effect is None else exchange.side_effect)
        )

    @property
    def files(self) -> Iterator[tuple[str, Where]]:
        """The files of bodies, with where each is named."""
        for step in self.steps:
            for exchange in self.exchanges(step):
                if exchange.file is not None:
                    yield exchange.file, exchange.where


def _check_json(body: Json, name: str) -> None:
    try:
        json_pieces(body.value)
    except ValueError as error:
        raise Misfit(str(error), name) from None
