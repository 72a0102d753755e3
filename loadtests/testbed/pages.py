"""What the testbed serves beside the stack: its figures, its agreement, the clock's start."""

import json
import math
from collections.abc import Callable
from typing import Protocol

from loadtests.stack.exchange import Answer, Request, Stated, refusal
from loadtests.stack.service import Service
from loadtests.units import Seconds

START = "/.well-known/matchnight-start"


class Page(Protocol):
    """Something served beside the stack."""

    def __call__(self, asked: Request, now: Seconds) -> Answer:
        """What a request for it is answered, at `now`."""


def showing(read: Callable[[], tuple[bytes, bytes] | None]) -> Page:
    """A page with the content type and body read when it is asked for; None: 404."""

    def page(asked: Request, now: Seconds) -> Answer:  # noqa: ARG001 - a `Page`
        shown = read()
        if shown is None:
            return refusal(now, Stated.NOT_FOUND, step=None, account=None)
        content_type, body = shown
        headers = ((b"content-type", content_type),)
        return Answer(now, 200, headers, body, None, Stated.OK, None)

    return page


def agreement(digest: str | None) -> Page:
    """The digest of the consent this stack agrees to; None: to no consent."""
    return showing(lambda: None if digest is None else (b"text/plain", digest.encode() + b"\n"))


def starting(service: Service) -> Page:
    """Where whoever rehearses says when the evening begins: `POST {"start": epoch seconds}`."""

    def page(asked: Request, now: Seconds) -> Answer:
        if asked.method != "POST":
            return refusal(now, Stated.CLIENT_ERROR, step=None, account=None, status=405)
        start = _start(asked.body)
        if start is None:
            return refusal(now, Stated.CLIENT_ERROR, step=None, account=None)
        service.begin(start)
        return Answer(now, 204, (), b"", None, Stated.OK, None)

    return page


def _start(body: bytes) -> Seconds | None:
    """The moment a body names; None if it names none."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return None
    start = said.get("start") if isinstance(said, dict) else None
    if isinstance(start, bool) or not isinstance(start, int | float):
        return None
    return float(start) if math.isfinite(start) else None
