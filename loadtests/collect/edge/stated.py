"""What the embedded stack states of a request, as a diagnosis takes it."""

from collections.abc import Mapping

from loadtests.collect.edge.sighting import GIVEN_UP_AFTER, Said
from loadtests.stack.exchange import Stated
from loadtests.units import Seconds

_POLICY = "policy:"
_SAID: Mapping[str, Said] = {
    Stated.OK: Said.OK,
    Stated.QUEUED: Said.QUEUED,
    Stated.BAD_CREDENTIALS: Said.BAD_CREDENTIALS,
    Stated.UNKNOWN_USER: Said.UNKNOWN_USER,
    Stated.EXPIRED: Said.EXPIRED,
    Stated.OVERLOAD: Said.OVERLOAD,
    Stated.FORBIDDEN: Said.DENIED,
    Stated.BLOCKED: Said.BLOCKED,
    Stated.NOT_FOUND: Said.NOT_FOUND,
    Stated.CLIENT_ERROR: Said.CLIENT_ERROR,
    Stated.SERVER_ERROR: Said.SERVER_ERROR,
    Stated.RESET: Said.BROKEN,
    Stated.TRUNCATED: Said.BROKEN,
    Stated.SILENT: Said.BROKEN,
}


def said(stated: str, duration: Seconds) -> tuple[Said, str] | None:
    """What became of a request of which that is stated, and the code of a refusal by policy.

    `duration` decides whether a client that went away had waited. None: nothing known is stated.
    """
    if stated.startswith(_POLICY):
        return Said.POLICY, stated.removeprefix(_POLICY)
    if stated == Stated.ABORTED:
        return (Said.GIVEN_UP if duration >= GIVEN_UP_AFTER else Said.GONE), ""
    known = _SAID.get(stated)
    return None if known is None else (known, "")
