"""The target's own log, on paper: every request as its edge sees it end."""

from collections.abc import Callable
from functools import lru_cache
from hashlib import blake2b

from loadtests.behavior.steps import Reply
from loadtests.collect.edge.probes import is_probe
from loadtests.collect.edge.sighting import Attempt, CacheSaid, Sighting
from loadtests.collect.edge.stated import said
from loadtests.stack.exchange import Answer, Request, Stated
from loadtests.units import Seconds

See = Callable[[Sighting], None]
"""Is told of every request as it ends."""

TOO_SLOW = 408
"""Status of a client that was hung up on: nothing it was sent counts."""

_CACHE = {"hit": CacheSaid.HIT, "miss": CacheSaid.MISS, None: None}


class TargetEdge:
    """Tells `see` what the embedded stack would log of each request.

    It knows what the testbed's log has, and where everybody calls from.
    """

    __slots__ = ("_see",)

    def __init__(self, see: See) -> None:
        self._see = see

    def ended(
        self, reply: Reply, request: Request, answer: Answer, *, begun: Seconds, gone: Seconds
    ) -> None:
        """A request that had come at `begun` is over: answered, unless the client was `gone`."""
        if answer.at <= gone:
            at, stated = answer.at, answer.logged
            size = 0 if answer.status == TOO_SLOW else len(answer.sent)
        else:
            at, stated, size = gone, _unanswered(reply, answer), 0
        found = said(stated, at - begun)
        assert found is not None  # noqa: S101 - the stack states nothing else
        account = answer.account
        self._see(
            Sighting(
                at=at,
                step=answer.step,
                said=found[0],
                attempt=Attempt.RETRY if reply.fetch.attempt > 1 else Attempt.FIRST,
                client=_identity(reply.source),
                account=None if account is None else _identity(account),
                target=_identity(request.target),
                path=_identity(request.path),
                size=size,
                duration=at - begun,
                cache=_CACHE[answer.cache],
                code=found[1],
                region=request.device.region,
                probe=answer.step is None and is_probe(request.target),
                is_post=request.method != "GET",
            )
        )


def _unanswered(reply: Reply, answer: Answer) -> Stated:
    """What is stated of a request whose client has gone without its answer."""
    if reply.fetch.slow is not None:  # there was no whole request, or nobody took the answer
        return Stated.CLIENT_ERROR
    return Stated.SILENT if answer.outcome is Stated.SILENT else Stated.ABORTED


@lru_cache(maxsize=200_000)
def _identity(name: str | int) -> int:
    """64 bits that stand for a name: all are invented, so that none has to be kept secret."""
    return int.from_bytes(blake2b(str(name).encode(), digest_size=8).digest())
