"""What answers say of the caches they came through: the field `Cache-Status` (RFC 9211)."""

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from operator import attrgetter, methodcaller

from loadtests.behavior.steps import Reply
from loadtests.collect.edge.sighting import CacheSaid

_HEADERS = attrgetter("headers")
_VALUE = methodcaller("get", b"cache-status")


def count_caches(cache: "Counter[CacheSaid]", replies: Sequence[Reply]) -> None:
    """Add to `cache` which of the replies a cache answered, as far as they say."""
    for value, n in Counter(map(_VALUE, map(_HEADERS, replies))).items():
        said = None if value is None else cache_said(value)
        if said is not None:
            cache[said] += n


@lru_cache(maxsize=1024)
def cache_said(value: bytes) -> CacheSaid | None:
    """A hit if any cache on the way had it; None if none says that it was asked.

    A list of caches, each with parameters: `hit`, or why it forwarded the request (`fwd`); one that
    was not asked says `fwd=bypass` (RFC 9211, 2.2).
    """
    names = [name.strip().lower() for part in value.split(b",") for name in part.split(b";")[1:]]
    if b"hit" in names or b"hit=?1" in names:
        return CacheSaid.HIT
    asked = [name for name in names if name.startswith(b"fwd=") and name != b"fwd=bypass"]
    return CacheSaid.MISS if asked else None
