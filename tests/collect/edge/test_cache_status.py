"""RFC 9211's own examples."""

from collections import Counter

import pytest

from loadtests.behavior.steps import Fetch, Reply, Timeouts
from loadtests.collect.edge.cache_status import cache_said, count_caches
from loadtests.collect.edge.sighting import CacheSaid
from loadtests.vocabulary import Step


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (b"OriginCache; hit; ttl=1100", CacheSaid.HIT),
        (b'OriginCache; hit; ttl=1100, "CDN Company Here"; hit; ttl=545', CacheSaid.HIT),
        (b"ReverseProxyCache; hit, ForwardProxyCache; fwd=uri-miss; collapsed; stored", "hit"),
        (b"ExampleCache; fwd=uri-miss; stored", CacheSaid.MISS),
        (b"ExampleCache; fwd=stale; fwd-status=304", CacheSaid.MISS),
        (b"ExampleCache; fwd=bypass", None),
        (b"ExampleCache", None),
        (b"", None),
    ],
)
def test_a_hit_anywhere_on_the_way_is_one(value: bytes, said: CacheSaid | None) -> None:
    assert cache_said(value) == said


def test_answers_that_do_not_say_are_not_counted() -> None:
    replies = [
        Reply(Fetch(Step.SEGMENT, "http://t.invalid/1.m4s", Timeouts(1, 1, 1)), 0.0)
        for _ in range(3)
    ]
    replies[0].headers = {b"cache-status": b"edge; hit"}
    replies[1].headers = {b"cache-status": b"edge; fwd=miss"}
    cache: Counter[CacheSaid] = Counter()
    count_caches(cache, replies)
    assert cache == {CacheSaid.HIT: 1, CacheSaid.MISS: 1}
