"""A target profile compiled for one target: what its viewers say, and to whom."""

import base64
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from loadtests.behavior.headers import Lines
from loadtests.behavior.phrase import Phrase
from loadtests.behavior.seal import Seal
from loadtests.behavior.words import PER_REQUEST, Text, Words, named
from loadtests.errors import MatchnightError
from loadtests.scenario.profile import Exchange, TargetProfile
from loadtests.scenario.profile_checks import OF_STEPS, OF_VIEWERS
from loadtests.scenario.template import Pieces, Template, json_pieces
from loadtests.url import encoded, split

if TYPE_CHECKING:
    from loadtests.behavior.session import Session

NOTHING: Mapping[str, str] = MappingProxyType({})
_ALWAYS_PRIVATE = frozenset({"authorization", "cookie", "proxy-authorization"})
_ABSOLUTE = ("https://", "http://")


class Language:
    """What one profile says to one target. Shared by all viewers; compiled before any comes."""

    __slots__ = (
        "_constants", "_files", "_public", "_standing", "_stream", "_stream_public", "base",
        "header_names", "is_of_session", "master_url", "names", "phrases", "private", "profile",
        "seals", "secrets", "shown",
    )  # fmt: skip

    def __init__(
        self,
        profile: TargetProfile,
        base: str,
        *,
        secrets: Mapping[str, str] = NOTHING,
        files: Mapping[str, str] = NOTHING,
    ) -> None:
        """`files` are in base64. MatchnightError: a secret is not what the profile takes it for."""
        self.profile = profile
        self.base = base
        self.secrets = frozenset(secrets.values())
        self._files = files
        self._constants = {f"secret.{name}": text for name, text in secrets.items()}
        self._constants["target"] = base
        try:
            self._compile(profile)
        except ValueError as error:
            raise MatchnightError(f"{profile.title}: {error}") from None

    def _compile(self, profile: TargetProfile) -> None:
        self.names = self._own_names(profile)
        self.shown = _origins(self.base, profile.hosts)
        self.private = self._private_headers(profile)
        self._standing = Lines(profile.headers, self.text, lenient=True)
        self._public = Lines(self._to_anybody(profile.headers), self.text, lenient=True)
        streaming = profile.stream.headers
        self._stream, self._stream_public = self._standing, self._public
        if streaming is not None:
            self._stream = Lines(streaming, self.text, lenient=True)
            self._stream_public = Lines(self._to_anybody(streaming), self.text, lenient=True)
        self.header_names = self._names_in_headers(profile)
        # the session's headers are the stream's: they serve every request if those are the same
        is_volatile = not PER_REQUEST.isdisjoint(named(self._standing.texts))
        self.is_of_session = streaming is None and not is_volatile
        self.master_url = self.text(profile.stream.master)
        self.seals = {
            name: Seal(how, Lines(how.headers, self.text), self.text, self.from_json)
            for name, how in profile.signatures.items()
        }
        self.phrases = {
            step: tuple(Phrase(step, each, self) for each in profile.exchanges(step))
            for step in profile.steps
        }

    def _own_names(self, profile: TargetProfile) -> dict[str, Text]:
        """The profile's names; those nothing else can stand for become constants."""
        kept = {n for step in profile.steps for e in profile.exchanges(step) for n in e.keep}
        names = {}
        for name, template in profile.names.items():
            text = self.text(template)
            if text.fixed is not None and name not in {*kept, *OF_STEPS, *OF_VIEWERS}:
                self._constants[name] = text.fixed
            else:
                names[name] = text
        return names

    def _private_headers(self, profile: TargetProfile) -> frozenset[str]:
        """Names, in lower case, of headers that show a secret, an account or a token."""
        exchanges = [e for step in profile.steps for e in profile.exchanges(step)]
        tables = [profile.headers, profile.stream.headers or {}, *(e.headers for e in exchanges)]
        private = {name for table in tables for name, t in table.items() if self._shows_much(t)}
        signed = {name for how in profile.signatures.values() for name in how.headers}
        return frozenset(name.lower() for name in private | signed) | _ALWAYS_PRIVATE

    def _shows_much(self, template: Template) -> bool:
        names = set(template.names)
        for name in template.names:
            own = self.profile.names.get(name)
            if own is not None and self._shows_much(own):
                return True
        return not names <= {*OF_VIEWERS, *PER_REQUEST, *self.profile.names} - _OF_ACCOUNTS

    def _to_anybody(self, headers: Mapping[str, Template]) -> Mapping[str, Template]:
        return {name: t for name, t in headers.items() if name.lower() not in self.private}

    def _names_in_headers(self, profile: TargetProfile) -> frozenset[str]:
        exchanges = [e for step in profile.steps for e in profile.exchanges(step)]
        tables = [profile.headers, profile.stream.headers or {}, *(e.headers for e in exchanges)]
        return frozenset(n for table in tables for t in table.values() for n in t.names)

    # for phrases, while they are compiled

    def text(self, template: Template | None) -> Text:
        """A template compiled."""
        return Text(() if template is None else template.pieces(), self._constants)

    def from_json(self, body: object) -> Text:
        """A JSON body compiled."""
        return Text(json_pieces(body), self._constants)

    def url_of(self, template: Template) -> Text:
        """A URL compiled: absolute if it is known now."""
        text = self.text(template)
        return text if text.fixed is None else Text((self.absolute(text.fixed),), {})

    def body(self, exchange: Exchange) -> Text | bytes:
        """A body compiled; bytes if it is the same for all."""
        if exchange.file is not None:
            return base64.b64decode(self._files[exchange.file])
        if exchange.json is not None:
            text = self.from_json(exchange.json.value)
        elif exchange.form is not None:
            text = Text(_form(exchange.form), self._constants)
        else:
            text = self.text(exchange.text)
        return text if text.fixed is None else text.fixed.encode()

    def lines(self, exchange: Exchange) -> Lines:
        """The headers of one request, after those of all."""
        return Lines(exchange.headers, self.text, content_type=_content_type(exchange))

    # for viewers

    def absolute(self, url: str) -> str:
        """A URL of the profile: as it is, or a path below the base."""
        if url.startswith(_ABSOLUTE):
            return url
        return self.base + (url if url.startswith(("/", "?")) or not url else f"/{url}")

    def shows(self, url: str) -> bool:
        """Whether whoever is at this URL may see tokens."""
        return url.startswith(self.shown)

    def before(self, words: Words, *, shown: bool) -> bytes:
        """The headers of every request, as this one has them."""
        if not shown:
            return self._public.say(words)
        return words.session.headers if self.is_of_session else self._standing.say(words)

    def stream_headers(self, session: "Session") -> bytes:
        """The headers of the stream's requests, as far as the names in them are known by now."""
        fixed = self._stream.fixed
        return self._stream.say(self.words(session, session.born)) if fixed is None else fixed

    def public_headers(self, session: "Session") -> bytes:
        """The same for hosts that may not see tokens."""
        fixed = self._stream_public.fixed
        if fixed is not None:
            return fixed
        return self._stream_public.say(self.words(session, session.born))

    def words(self, session: "Session", at: float, said: Mapping[str, str] = NOTHING) -> Words:
        """What names stand for in one step of a viewer's."""
        return Words(session, said, at, self.names)

    def redacted(self, text: str) -> str:
        """A text without any of the profile's secrets."""
        for secret in sorted(self.secrets, key=len, reverse=True):
            text = text.replace(secret, "(secret)").replace(encoded(secret), "(secret)")
        return text


_OF_ACCOUNTS = frozenset({"account", "password", "refresh_token"})


def _form(form: Mapping[str, Template]) -> Pieces:
    pieces: Pieces = ()
    for name, template in form.items():
        lead = ("&" if pieces else "") + encoded(name) + "="
        pieces = (*pieces, lead, *template.pieces(encoded))
    return pieces


def _content_type(exchange: Exchange) -> str | None:
    if exchange.json is not None:
        return "application/json"
    if exchange.form is not None:
        return "application/x-www-form-urlencoded"
    if exchange.text is not None:
        return "text/plain; charset=utf-8"
    return None if exchange.file is None else "application/octet-stream"


def _origins(base: str, hosts: tuple[str, ...]) -> tuple[str, ...]:
    """How URLs begin whose hosts may see tokens: the base's own, and others over as good a wire."""
    parts = split(base)
    as_given = base[: base.index("/", len(parts.scheme) + 3)] if "/" in base[8:] else base
    own = {f"{as_given}/", f"{parts.scheme}://{parts.authority}/"}
    schemes = {"https", parts.scheme}
    return (*own, *(f"{scheme}://{host.lower()}/" for host in hosts for scheme in schemes))
