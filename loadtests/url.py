"""URLs as the wire needs them: split once, resolved by RFC 3986. Pure text: no look-ups."""

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, unquote, urljoin, urlsplit

_UNSENDABLE = re.compile(r"[^\x21-\x7e]")


class Url(NamedTuple):
    """An absolute http or https URL, split: `target` is what goes into the request line."""

    scheme: str
    host: str  # without brackets, lower case
    port: int
    target: str  # path and query, at least "/"

    @property
    def authority(self) -> str:
        """What goes into the Host header: the port is left out where it is the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        default = 443 if self.scheme == "https" else 80
        return host if self.port == default else f"{host}:{self.port}"


@lru_cache(maxsize=4096)
def split(url: str) -> Url:
    """Split an absolute http(s) URL; ValueError says what is wrong with it."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as problem:
        raise ValueError(f"{url!r} is not a URL: {problem}") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"{url!r} is not an absolute http or https URL")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    default = 443 if parts.scheme == "https" else 80
    return Url(parts.scheme, parts.hostname, default if port is None else port, path)


@lru_cache(maxsize=4096)
def resolve(base: str, reference: str) -> str:
    """Absolute URL of `reference` seen from `base` (RFC 3986, 5); ValueError if it cannot be one.

    What a request line cannot carry (spaces, control and non-ASCII characters) is percent-encoded,
    as browsers do.
    """
    return urljoin(base, _UNSENDABLE.sub(_encoded, reference))


def _encoded(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode("utf-8", "surrogateescape"))


def encoded(text: str) -> str:
    """A text as one component of a URL, or a value of a form: percent-encoded (RFC 3986, 2.1)."""
    return quote(text, safe="")


def decoded(text: str) -> str:
    """The text of a percent-encoded component."""
    return unquote(text)
