"""The Common and Combined Log Formats of Apache and nginx, and what servers append to them.

Common: `host ident user [time] "request" status bytes`; combined adds `"referrer" "user agent"`
(Apache HTTP Server, mod_log_config). A virtual host or a syslog header may stand before.
"""

import math
import re
from collections import Counter
from typing import NamedTuple

from loadtests.collect.logs.entry import Entry
from loadtests.collect.logs.moments import moment
from loadtests.collect.logs.told import USUAL, Told, unit_of
from loadtests.units import Seconds

_QUOTED = r'"[^"\\]*(?:\\.[^"\\]*)*"'
_LINE = re.compile(
    r"(?:\S+:[0-9]+ (?=\S*[.:]\S* \S+ \S+ \[))?"  # virtual host and port
    r"(\S+) \S+ (\S+) \[([^\]]*)\] "
    rf"({_QUOTED}) ([0-9]{{3}}|-) ([0-9]+|-)(?: {_QUOTED} {_QUOTED})?(.*)"
)
# something before the host, a user with a space, a quotation mark in the request nobody escaped;
# lengths are bounded, or a long line without a space would take a minute
_LENIENT = re.compile(
    r"(\S{1,255}) - (.{1,255}?) ?\[([0-9]{1,2}/[A-Za-z]{3}/[0-9]{4}:[^\]]{8,40})\] "
    r'(".*?") ([0-9]{3}|-) ([0-9]+|-)(?=\s|$)(?: ".*" ".*?")?(.*)'
)
_EXTRA = re.compile(rf"(?:([A-Za-z_][\w-]*)[=:])?({_QUOTED}|\S+)")
_SECONDS = re.compile(r"[0-9]+\.[0-9]{3}")  # nginx's $request_time always has three places
_ADDRESS = r"(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9A-Fa-f.]*(?::[0-9A-Fa-f.]*){2,7})"
_ADDRESSES = re.compile(rf"{_ADDRESS}(?:, *{_ADDRESS})*")
_CACHE = frozenset(
    {"HIT", "MISS", "BYPASS", "EXPIRED", "STALE", "UPDATING", "REVALIDATED"}
)  # ngx_http_upstream_module, $upstream_cache_status
_METHOD = re.compile(r"[A-Z]{2,16}")
_NAMED = {
    name: told for told in (Told.DURATION, Told.CACHE, Told.FORWARDED) for name in USUAL[told]
}
_MOST_EXTRA = 1_000
_ALWAYS = (Told.TIME, Told.CLIENT, Told.METHOD, Told.PATH, Told.STATUS, Told.BYTES)


class _Extras(NamedTuple):
    duration: float | None = None
    cache: str | None = None
    forwarded: str | None = None


_NO_EXTRAS = _Extras()


def split_request(request: str) -> tuple[str, str]:
    """Method and target of a request line; both empty if it is none (RFC 9112, 3)."""
    method, _, rest = request.partition(" ")
    if not rest or _METHOD.fullmatch(method) is None:
        return "", ""
    return method, rest.rpartition(" HTTP/")[0] or rest


class Combined:
    """Reads lines of these formats; `told` counts the lines that said each thing."""

    def __init__(self) -> None:
        self.told: Counter[Told] = Counter()
        self.unzoned = 0

    def read(self, line: str) -> Entry | None:
        """What the line says; None: it is of another format, or broken."""
        match = _LINE.match(line) or _LENIENT.search(line)
        if match is None:
            return None
        client, user, time, request, status, size, rest = match.groups()
        try:
            at, is_zoned = moment(time)
        except ValueError:
            return None
        self.unzoned += not is_zoned
        method, target = split_request(request[1:-1])
        extras = _extras(rest) if rest else _NO_EXTRAS
        account = user if user not in {"-", "", '""'} else None
        self._count(account, extras)
        return Entry(
            at,
            client,
            extras.forwarded,
            account,
            method,
            target,
            int(status) if status != "-" else None,
            int(size) if size != "-" else 0,  # no byte at all (mod_log_config, %b)
            extras.duration,
            extras.cache,
        )

    def _count(self, account: str | None, extras: _Extras) -> None:
        told = self.told
        told[Told.TIME] += 1
        if account is not None:
            told[Told.ACCOUNT] += 1
        if extras.duration is not None:
            told[Told.DURATION] += 1
        if extras.cache is not None:
            told[Told.CACHE] += 1

    def lines(self) -> Counter[Told]:
        """How many lines said each thing."""
        read = self.told[Told.TIME]
        return self.told + Counter(dict.fromkeys(_ALWAYS[1:], read))


def _extras(rest: str) -> _Extras:
    """What is appended: `rt=0.012`, `0.012`, `"HIT"`, `"203.0.113.7"`; anything else is left."""
    found: dict[Told, str] = {}
    duration = None
    for name, quoted in _EXTRA.findall(rest[:_MOST_EXTRA]):
        text = quoted.strip('"')
        told = _NAMED.get(name) if name else _plain(text, is_quoted=quoted[0] == '"')
        if told is None or told in found or text == "-":
            continue
        found[told] = text
        if told is Told.DURATION:
            duration = _duration(name, text)
    return _Extras(duration, found.get(Told.CACHE), found.get(Told.FORWARDED))


def _plain(text: str, *, is_quoted: bool) -> Told | None:
    """What a text without a name can only be."""
    if _SECONDS.fullmatch(text):
        return Told.DURATION
    if text in _CACHE:
        return Told.CACHE
    return Told.FORWARDED if is_quoted and _ADDRESSES.fullmatch(text) else None


def _duration(name: str, text: str) -> Seconds | None:
    try:
        seconds = float(text) / unit_of(name, text).per_second
    except ValueError:
        return None
    return seconds if 0 <= seconds < math.inf else None
