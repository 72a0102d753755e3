"""HTTP around the stack's arithmetic: read a request, ask, deliver when it says, log."""

import asyncio
import re
import socket
import struct
from functools import lru_cache

from aiohttp import web

from loadtests.stack.device import UNKNOWN_DEVICE, read_device
from loadtests.stack.exchange import Answer, Delivery, Headers, Request, Stated, refusal
from loadtests.stack.service import Service
from loadtests.testbed import clock, incoming
from loadtests.testbed.access_log import (
    BAD_REQUEST,
    CLIENT_CLOSED,
    TIMED_OUT,
    UNAVAILABLE,
    Entry,
    Logs,
)
from loadtests.testbed.incoming import Ended, Incoming, Unfinished
from loadtests.testbed.pages import Page
from loadtests.units import Seconds

_SPAN = re.compile(r"bytes=([0-9]{1,15})-([0-9]{0,15})")
_TO_THE_END = 10**15
_UNFINISHED = {
    Ended.TIMED_OUT: (TIMED_OUT, Stated.CLIENT_ERROR),
    Ended.REFUSED: (UNAVAILABLE, Stated.OVERLOAD),
    Ended.CLIENT_LEFT: (BAD_REQUEST, Stated.CLIENT_ERROR),
}
_AT_ONCE = struct.pack("ii", 1, 0)  # lingering for no time: closing resets the connection


class Handler:
    """Answers every request an `incoming.Server` hands over, and logs it exactly once."""

    def __init__(self, service: Service, logs: Logs, pages: dict[str, Page]) -> None:
        """`pages` by path are served beside the stack, whatever the method."""
        self._service = service
        self._logs = logs
        self._pages = pages
        self._under_way: set[asyncio.Task[object]] = set()

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request. What aiohttp is handed back has been delivered, or cannot be."""
        connection = request.protocol
        assert isinstance(connection, Incoming)  # noqa: S101 - the server makes no others
        entry = _entry(request, connection.take())
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - tells mypy that coroutines of aiohttp run in tasks
        self._under_way.add(task)
        try:
            answer = await self._decide(request, entry)
            body = answer.sent
            response = web.Response(
                status=answer.status, body=body or None, headers=_readable(answer.headers)
            )
            if await _DELIVERIES[answer.delivery](request, response, len(answer.body)):
                entry.status, entry.outcome, entry.size = answer.status, answer.logged, len(body)
            else:
                self._abort(entry)
        except TimeoutError:
            self._hang_up(request, entry)
            response = web.Response(status=entry.status)
        except asyncio.CancelledError:
            if connection.is_stuck:  # the answer was there, and its client did not take it
                entry.lost_as = Stated.CLIENT_ERROR
            if connection.timed_out:
                entry.lost_status = TIMED_OUT
            self._abort(entry)
            raise
        finally:
            connection.give_back()
            self._under_way.remove(task)
            self._logs.ended(entry, clock.now())
        return response

    def unfinished(self, request: Unfinished) -> None:
        """Log a request whose head never was complete: as such servers do, who cannot answer it."""
        entry = Entry(
            begun=request.begun,
            request_id=None,
            client=request.client,
            method=request.method,
            path=request.target,
            attempt=1,
        )
        entry.step = self._service.step(request.target)
        entry.status, entry.outcome = _UNFINISHED[request.ended]
        self._logs.ended(entry, clock.now())

    async def end(self) -> None:
        """Abort all requests under way; each is logged as such when this returns."""
        tasks = list(self._under_way)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _decide(self, request: web.BaseRequest, entry: Entry) -> Answer:
        """The answer, when it is time to deliver it. TimeoutError: nothing was asked in time."""
        body, problem = await self._body(request, entry)
        now = clock.now()
        entry.lost_as, entry.lost_status = Stated.ABORTED, CLIENT_CLOSED
        answer = self._problem(entry, problem, now) or self._answer(request, body, now)
        entry.step, entry.account, entry.cache = answer.step, answer.account, answer.cache
        self._logs.decided(answer, entry.request_id)
        if answer.delivery is Delivery.SILENCE:
            entry.lost_as = answer.outcome
        if answer.at > now:
            await _until(answer.at)
        return answer

    def _abort(self, entry: Entry) -> None:
        entry.status, entry.outcome = entry.lost_status, entry.lost_as
        entry.step = entry.step or self._service.step(entry.path)

    def _hang_up(self, request: web.BaseRequest, entry: Entry) -> None:
        """Its body did not come in time."""
        entry.lost_status = TIMED_OUT
        self._abort(entry)
        if request.transport is not None:
            request.transport.write(incoming.TIMED_OUT)
            request.transport.close()

    async def _body(self, request: web.BaseRequest, entry: Entry) -> tuple[bytes, int]:
        """The request's body, and the status to refuse it with (0: none).

        TimeoutError if it has not come in time.
        """
        if not request.body_exists:
            return b"", 0
        if request.content.is_eof():  # all of it came with the head
            return await _read(request)
        if not self._service.hold(clock.now()):
            return b"", UNAVAILABLE
        try:
            latest = entry.begun + self._service.client_timeout
            async with asyncio.timeout_at(clock.loop_time(latest)):
                return await _read(request)
        finally:
            self._service.release()

    def _problem(self, entry: Entry, status: int, now: Seconds) -> Answer | None:
        if not status:
            return None
        step = self._service.step(entry.path)
        stated = Stated.OVERLOAD if status == UNAVAILABLE else Stated.CLIENT_ERROR
        return refusal(now, stated, step=step, account=None, status=status)

    def _answer(self, request: web.BaseRequest, body: bytes, now: Seconds) -> Answer:
        asked = _asked(request, body)
        page = self._pages.get(asked.target)
        return self._service.answer(asked, now) if page is None else page(asked, now)


def _asked(request: web.BaseRequest, body: bytes) -> Request:
    headers = request.headers
    authorization = headers.get("Authorization", "")
    said = headers.get("X-Device")
    return Request(
        request.method,
        request.raw_path,
        token=authorization[7:] if authorization.startswith("Bearer ") else None,
        body=body,
        span=_span(headers["Range"]) if "Range" in headers else None,
        device=read_device(said) if said else UNKNOWN_DEVICE,
    )


def _entry(request: web.BaseRequest, begun: Seconds) -> Entry:
    headers = request.headers
    attempt = headers.get("X-Matchnight-Attempt", "1")
    return Entry(
        begun=begun,
        request_id=headers.get("X-Request-Id"),
        client=request.remote or "",
        method=request.method,
        path=request.raw_path,
        attempt=int(attempt) if re.fullmatch("[0-9]{1,6}", attempt) else 1,
    )


async def _read(request: web.BaseRequest) -> tuple[bytes, int]:
    try:
        return await request.read(), 0
    except web.HTTPRequestEntityTooLarge:
        return b"", 413
    except (web.RequestPayloadError, ConnectionError):
        return b"", 400


def _span(header: str) -> tuple[int, int] | None:
    """The one byte range a header asks for; None for any other: servers may ignore it.

    (RFC 9110, section 14.2.)
    """
    match = _SPAN.fullmatch(header)
    return (int(match[1]), int(match[2] or _TO_THE_END)) if match else None


async def _until(moment: Seconds) -> None:
    """Sleep to a moment, not for a while: lateness never adds up. Infinity: until canceled."""
    loop = asyncio.get_running_loop()
    due = loop.create_future()
    timer = loop.call_at(clock.loop_time(moment), _release, due)
    try:
        await due
    finally:
        timer.cancel()


def _release(due: "asyncio.Future[None]") -> None:
    if not due.done():
        due.set_result(None)


async def _deliver(request: web.BaseRequest, response: web.Response, _length: int) -> bool:
    """Whether the socket took all of it: until then, a client that goes away aborts it."""
    transport = request.transport
    if transport is None:
        return False
    # the kernel's buffer is the only one: drained means handed over
    transport.set_write_buffer_limits(high=0)
    try:
        await response.prepare(request)
        await response.write_eof()
        await request.writer.drain()
    except ConnectionError:
        return False
    return not transport.is_closing()


async def _truncate(request: web.BaseRequest, response: web.Response, length: int) -> bool:
    """Announce `length` bytes, deliver what `response` has of them, hang up."""
    response.headers["Content-Length"] = str(length)
    is_delivered = await _deliver(request, response, length)
    if is_delivered and request.transport is not None:
        request.transport.close()
    return is_delivered


async def _reset(request: web.BaseRequest, _response: web.Response, _length: int) -> bool:
    """Break the connection, which the client is told by RST: nothing is delivered."""
    transport = request.transport
    if transport is None:
        return False
    sock = transport.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
    transport.abort()
    return True


_DELIVERIES = {
    Delivery.WHOLE: _deliver,
    Delivery.TRUNCATED: _truncate,
    Delivery.RESET: _reset,
}
"""How each is done; silence needs nothing to be done."""


@lru_cache(maxsize=256)
def _readable(headers: Headers) -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in headers}
