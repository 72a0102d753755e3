"""Signed URLs: who may have what of the stream, and until when; nothing is stored."""

import hmac
import re
from dataclasses import dataclass, field
from functools import lru_cache
from math import ceil, floor

from loadtests.binding import about
from loadtests.units import Lasting, Seconds

_KEY = b"key-of-the-testbed"  # invented, as everything it guards
_VIEWER = re.compile("viewer=([0-9a-f]{16})(?:&.*)?")
_SIGNED = re.compile(
    "viewer=(?P<viewer>[0-9a-f]{16})(?:&expires=(?P<expires>[0-9]{1,12}))?"
    "&signature=(?P<signature>[0-9a-f]{32})"
)
NOBODY = "0" * 16
"""Whoever asks without having been given a name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedUrls:
    """Init sections and segments only with a signature of the viewer's playlist; else 403."""

    life: Lasting = field(
        default=300.0,
        metadata=about(
            "how long a URL is good at least (at most twice as long: a viewer's signature changes "
            "once in that time)",
            clock="media",
        ),
    )


def name(account: str | None, device: int, number: int) -> str:
    """What a viewer is called in URLs: 16 hexadecimal digits that do not tell whose account it is.

    The same for the same account and device; who shows neither (0) is called by a `number`.
    """
    who = f"{account or ''};{device}" if account or device else f"#{number}"
    return _mac(f"viewer;{who}")[:16]


def named(query: str) -> str:
    """Whom a query names; `NOBODY` if it does not."""
    match = _VIEWER.fullmatch(query)
    return match[1] if match else NOBODY


class Signer:
    """Signs for one viewer everything below a folder, as edges do whose tokens have an ACL.

    The signature is HMAC-SHA256 of folder, viewer and expiry, 128 bits of it.
    """

    def __init__(self, plan: SignedUrls) -> None:
        self._life = plan.life

    def entry(self, folder: str, viewer: str) -> str:
        """The query of a media playlist's URL: good as long as the stream."""
        return f"viewer={viewer}&signature={_signature(folder, viewer, '')}"

    def query(self, folder: str, viewer: str, now: Seconds) -> str:
        """The query of everything a media playlist asked for at `now` lists."""
        expires = str(self._expiry(viewer, now))
        signature = _signature(folder, viewer, expires)
        return f"viewer={viewer}&expires={expires}&signature={signature}"

    def admits(self, folder: str, query: str, now: Seconds, *, entry: bool) -> bool:
        """Whether a query is good for what is in that folder; at its `entry`, with no expiry."""
        match = _SIGNED.fullmatch(query)
        if match is None:
            return False
        viewer, expires, signature = match.group("viewer", "expires", "signature")
        if (expires is None) is not entry or (expires is not None and int(expires) <= now):
            return False
        return hmac.compare_digest(signature, _signature(folder, viewer, expires or ""))

    def _expiry(self, viewer: str, now: Seconds) -> int:
        """The moment changes once each `life`, for each viewer at another time.

        If it changed with every playlist, every init section would have another URL each time, and
        players would load it again and again.
        """
        life = self._life
        phase = int(viewer[:8], 16) / 2**32
        return ceil((floor(now / life + phase) + 2 - phase) * life)


@lru_cache(maxsize=65_536)  # asked for again with every reload and every segment
def _signature(folder: str, viewer: str, expires: str) -> str:
    return _mac(f"url;{folder};{viewer};{expires}")


def _mac(text: str) -> str:
    return hmac.digest(_KEY, text.encode(), "sha256").hex()[:32]
