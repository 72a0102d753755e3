"""A night on paper, written down as its edge's access log would be: JSON lines."""

import json
from collections.abc import Iterable, Iterator

from loadtests.collect.edge.sighting import Attempt, Said, Sighting

_STATUS = {
    Said.OK: 200, Said.QUEUED: 200, Said.POLICY: 403, Said.BAD_CREDENTIALS: 401,
    Said.UNKNOWN_USER: 401, Said.EXPIRED: 401, Said.DENIED: 401, Said.OVERLOAD: 503,
    Said.BLOCKED: 403, Said.NOT_FOUND: 404, Said.CLIENT_ERROR: 400, Said.SERVER_ERROR: 500,
}  # fmt: skip
_CLOSED = 499
_ATTEMPTS = {Attempt.FIRST: 1, Attempt.RETRY: 2}


def lines(sightings: Iterable[Sighting], *, later: float = 0.0) -> Iterator[str]:
    """A line each; a clock that is wrong says it was so many seconds `later`."""
    return (json.dumps(_said(each, later)) for each in sightings)


def _said(seen: Sighting, later: float) -> dict[str, object]:
    stated = seen.said not in {Said.OK, Said.POLICY}
    line = {
        "time": seen.at + later,
        "client": f"c{seen.client}",
        "account": None if seen.account is None else f"a{seen.account}",
        "method": "POST" if seen.is_post else "GET",
        "path": f"/{seen.path}?{seen.target}",
        "step": seen.step,
        "status": _STATUS.get(seen.said, _CLOSED),
        "outcome": seen.said if stated else None,
        "policy_code": seen.code or None,
        "bytes": seen.size,
        "duration": f"{seen.duration or 0.0:.6f}",
        "cache": seen.cache,
        "attempt": _ATTEMPTS.get(seen.attempt),
        "region": seen.region or None,
    }
    return {name: value for name, value in line.items() if value is not None}
