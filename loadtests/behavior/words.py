"""What the names in a profile's templates stand for, viewer by viewer and request by request."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from operator import itemgetter
from typing import TYPE_CHECKING

from loadtests.behavior.credentials import ACCOUNT, INVENTED, PASSWORD, REFRESH_TOKEN
from loadtests.behavior.signing import s256, write
from loadtests.chance import Chance
from loadtests.scenario.profile import Encoding
from loadtests.scenario.template import Filter, Gap, Pieces
from loadtests.units import Seconds

if TYPE_CHECKING:
    from loadtests.behavior.session import Session

_DEVICE = 0x444556494345  # a sequence of its own: what a device is called does not change
_COLUMN = "account."
_OF_ACCOUNTS = frozenset({ACCOUNT, PASSWORD, REFRESH_TOKEN})

PER_REQUEST = frozenset({"now", "now.ms", "now.iso", "uuid"})
"""Names whose texts are others in the next request: a repeated one is written anew."""


class Unsaid(Exception):  # noqa: N818 - says what became of a request
    """A request cannot be written: a name stands for nothing, or for what cannot be sent."""


class Text:
    """A template compiled: `fixed` if nothing is to be filled in, else `say` fills it."""

    __slots__ = ("_fills", "_form", "fixed", "names")

    def __init__(self, pieces: Pieces, constants: Mapping[str, str]) -> None:
        """`constants` are filled in at once; ValueError: a filter refuses one."""
        form: list[str] = []
        gaps: list[Gap] = []
        for piece in pieces:
            if isinstance(piece, Gap) and piece.name not in constants:
                form.append("%s")
                gaps.append(piece)
            else:
                form.append(_filled(piece, constants).replace("%", "%%"))
        self._form = "".join(form)
        self._fills = tuple(map(_fill, gaps))
        self.names = tuple(gap.name for gap in gaps)
        self.fixed: str | None = None if gaps else self._form.replace("%%", "%")

    def say(self, words: "Words") -> str:
        """The text, filled in; Unsaid if it cannot be."""
        if self.fixed is not None:
            return self.fixed
        return self._form % tuple([fill(words) for fill in self._fills])


def _filled(piece: str | Gap, constants: Mapping[str, str]) -> str:
    if isinstance(piece, str):
        return piece
    text = constants[piece.name]
    return text if piece.apply is None else piece.apply(text)


def _fill(gap: Gap) -> "Callable[[Words], str]":
    """What gives the text for a hole."""
    name, apply = gap
    make = _OF_DEVICES.get(name)
    if apply is None:
        return itemgetter(name) if make is None else lambda words: make(words.session)
    if make is None:
        return lambda words: _filtered(words[name], name, apply)
    return lambda words: _filtered(make(words.session), name, apply)


def _filtered(text: str, name: str, apply: Filter) -> str:
    try:
        return apply(text)
    except ValueError as error:
        raise Unsaid(f"{{{name}}} {error}") from None


class Words:
    """The names of one viewer doing one step.

    Looked for in this order: what the journey says in this step, what was kept of answers, the
    viewer's account, the profile's own names, and what is made here. Unsaid: there is none.
    """

    __slots__ = ("_drawn", "_names", "_said", "at", "parts", "session")

    def __init__(
        self,
        session: "Session",
        said: Mapping[str, str],
        at: Seconds,
        names: Mapping[str, Text],
    ) -> None:
        self.session = session
        self.at = at  # when the request is due
        self.parts: Mapping[str, str] | None = None  # of the request, while it is signed
        self._said = said
        self._names = names
        self._drawn: dict[str, str] | None = None

    def __getitem__(self, name: str) -> str:
        if self.parts is not None and name in self.parts:
            return self.parts[name]
        if name in self._said:
            return self._said[name]
        kept = self.session.kept
        if kept is not None and name in kept:
            return kept[name]
        return self._brought(name)

    def _brought(self, name: str) -> str:
        session = self.session
        credentials = session.target.credentials
        is_own = name in self._names
        is_held = name in _OF_ACCOUNTS or name.startswith(_COLUMN)
        if is_held and not (is_own and credentials is INVENTED):
            text = credentials.of(session.arrival.index).get(name.removeprefix(_COLUMN))
            if text is not None:
                return text
        if is_own:
            return self._names[name].say(self)
        return self._made(name)

    def again(self, at: Seconds) -> None:
        """The next request of the same step, or the same once more, is due at `at`."""
        self.at = at
        if self._drawn is not None:
            self._drawn.pop("uuid", None)
            self._drawn.pop("position", None)

    def _made(self, name: str) -> str:
        if name.startswith("now"):
            return _moment(name, self.at)
        make = _DRAWN.get(name)
        if make is None:
            raise Unsaid(f"{{{name}}} stands for nothing here: no answer so far left it")
        if self._drawn is None:
            self._drawn = {}
        if name not in self._drawn:
            self._drawn[name] = make(self)
        return self._drawn[name]


def uuid4(chance: Chance) -> str:
    """A UUID of version 4 (RFC 9562, 5.4)."""
    octets = bytearray(octets_of(chance, 16))
    octets[6] = octets[6] & 0x0F | 0x40
    octets[8] = octets[8] & 0x3F | 0x80
    digits = octets.hex()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def octets_of(chance: Chance, count: int) -> bytes:
    """So many octets (a multiple of four) of a viewer's seeded chance: repeatable, no secret."""
    draws = (int(chance.uniform() * 2**32) for _ in range(count // 4))
    return b"".join(draw.to_bytes(4, "big") for draw in draws)


def _token(words: Words) -> str:
    return write(octets_of(words.session.chance, 32), Encoding.BASE64URL)


def _moment(name: str, at: Seconds) -> str:
    if name == "now":
        return str(int(at))
    if name == "now.ms":
        return str(int(at * 1000))
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _uuid(words: Words) -> str:
    return uuid4(words.session.chance)


def _challenge(words: Words) -> str:
    return s256(words["pkce.verifier"])


def _position(words: Words) -> str:
    return repr(round(words.session.playback.position, 3))


_DRAWN: Mapping[str, Callable[[Words], str]] = {
    "uuid": _uuid,
    "state": _token,
    "nonce": _token,
    "pkce.verifier": _token,  # 43 characters of 32 octets, as RFC 7636, 4.1 recommends
    "pkce.challenge": _challenge,
    "position": _position,
}


def _index(session: "Session") -> str:
    return f"{session.arrival.index:07d}"


def _device(session: "Session") -> str:
    return session.arrival.device_name


def _device_id(session: "Session") -> str:
    return uuid4(Chance(session.arrival.seed, _DEVICE))


def _region(session: "Session") -> str:
    return session.arrival.region


def _traits(session: "Session") -> str:
    return "+".join(sorted(session.arrival.traits))


_OF_DEVICES: Mapping[str, Callable[["Session"], str]] = {
    "index": _index,
    "device": _device,
    "device.id": _device_id,
    "region": _region,
    "traits": _traits,
}
"""What nothing else can stand for: looked up when a template is compiled."""


def named(texts: Iterable[Text]) -> frozenset[str]:
    """All names that are to be filled in in these texts."""
    return frozenset(name for text in texts for name in text.names)
