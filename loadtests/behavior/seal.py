"""The signature of a request, compiled: what is signed, with which key, in which headers."""

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from loadtests.behavior.signing import SIGN, read, write
from loadtests.behavior.words import Text, Unsaid, Words
from loadtests.scenario.profile import Encoding, Signature
from loadtests.scenario.template import Template
from loadtests.url import split

if TYPE_CHECKING:
    from loadtests.behavior.headers import Lines


_NO_TEXT = Template.from_text("")


class Seal:
    """Signs requests of one kind."""

    __slots__ = ("_how", "_key", "_lines", "_message", "_sign")

    def __init__(
        self,
        how: Signature,
        lines: "Lines",
        text: Callable[[Template], Text],
        from_json: Callable[[object], Text],
    ) -> None:
        self._how = how
        self._sign = SIGN[how.by]
        self._lines = lines
        self._key = text(how.key)
        if self._key.fixed is not None and not _is_written(self._key.fixed, how.key_encoding):
            raise ValueError(f"{how.where}.key: the key is not written in {how.key_encoding}")
        if how.json is not None:
            self._message = from_json(how.json.value)
        else:
            self._message = text(how.text or _NO_TEXT)

    def __call__(self, words: Words, method: str, url: str, body: bytes) -> bytes:
        """The header lines to be added to this request; Unsaid: it cannot be signed."""
        parts = words.parts = _parts(method, url, body)
        try:
            try:
                key = read(self._key.say(words), self._how.key_encoding)
            except ValueError:
                raise Unsaid(f"the key is not written in {self._how.key_encoding}") from None
            message = self._message.say(words).encode()
            parts["signature"] = self._sign(key, message, self._how)
            return self._lines.say(words)
        finally:
            words.parts = None


def _is_written(key: str, encoding: Encoding) -> bool:
    try:
        read(key, encoding)
    except ValueError:
        return False
    return True


def _parts(method: str, url: str, body: bytes) -> dict[str, str]:
    parts = split(url)
    path, _, query = parts.target.partition("?")
    digest = hashlib.sha256(body).digest()
    return {
        "method": method,
        "host": parts.authority,
        "path": path,
        "query": query,
        "path_and_query": parts.target,
        "body": body.decode("utf-8", "replace"),
        "body.sha256": digest.hex(),
        "body.sha256.base64": write(digest, Encoding.BASE64),
    }
