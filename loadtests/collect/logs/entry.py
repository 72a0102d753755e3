"""What one line of an access log says, in the log's own words."""

from typing import NamedTuple

from loadtests.units import Seconds


class Entry(NamedTuple):
    """One request as a log tells it. None or empty: the line does not say.

    Only what a diagnosis may know is ever taken from a line: no user agent, no referrer, no request
    id, no header of a rehearsal's own. So what marks our own runs cannot come through.
    """

    at: Seconds  # since the epoch
    client: str | None = None
    forwarded: str | None = None  # X-Forwarded-For
    account: str | None = None
    method: str = ""
    target: str = ""  # as in the request line
    status: int | None = None  # None: the server never came to one
    size: int | None = None
    duration: Seconds | None = None
    cache: str | None = None
    attempt: str | None = None
    outcome: str | None = None
    code: str | None = None
    action: str | None = None  # of the target's own defense
    region: str | None = None
    step: str | None = None
    is_start: bool = False  # `at` is when it began
