"""One Prometheus server over HTTP: `POST /api/v1/query_range`, and nothing else of its API."""

import os
import time
from base64 import b64encode
from collections.abc import Callable
from http import HTTPStatus
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.parse import unquote, urlencode, urlsplit, urlunsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from loadtests import __version__
from loadtests.collect.promql import Answer, GarbledError, Grid, read_answer, together
from loadtests.collect.range_queries import RangeQueries
from loadtests.errors import ExitStatus, MatchnightError
from loadtests.units import Seconds, write_duration

PATIENCE: Seconds = 30.0
"""For one answer, all of it."""
LARGEST = 256_000_000
"""Bytes of one answer; a larger one is refused, not read."""
MOST_POINTS = 10_000
"""Of a series in one answer: servers refuse more than 11,000."""

_OVER = frozenset(  # may be over the next time
    {
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)
_EXPLAINED = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY})
_REFUSED = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})


class NoAnswerError(Exception):
    """The server is not there, or could not answer this time."""


class _NoRedirects(HTTPRedirectHandler):
    """Queries carry an authorization, which no other host gets to see."""

    def redirect_request(self, *_: object, **__: object) -> None:
        """None: the redirect itself is the answer."""


class Server:
    """Asks one server."""

    def __init__(
        self,
        url: str,
        queries: RangeQueries,
        patience: Seconds,
        environment: Callable[[str], str | None] = os.environ.get,
    ) -> None:
        """`url` may hold user and password. MatchnightError: it is none, or a secret is missing."""
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise MatchnightError(
                f"--prometheus: {url!r} is no http or https URL; write one, such as "
                "http://127.0.0.1:9090"
            )
        host = parts.netloc.rpartition("@")[2]
        path = parts.path.rstrip("/")
        self.name = urlunsplit((parts.scheme, host, path, "", ""))
        """What messages call it: without a password."""
        self._url = f"{self.name}/api/v1/query_range"
        self._headers = {"User-Agent": f"matchnight/{__version__}", **queries.headers}
        if parts.username is not None:
            pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            self._headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
        if queries.authorization is not None:
            self._headers["Authorization"] = _secret(queries.authorization, environment)
        self._patience = patience
        self._opener = build_opener(_NoRedirects)

    def range(self, query: str, grid: Grid) -> Answer:
        """The answer over the whole grid.

        PromqlError: the query is wrong; NoAnswerError: nobody is there, or it failed twice.
        """
        at_once = MOST_POINTS - 1
        parts = [
            self._part(query, grid, first, min(first + at_once, grid.bins))
            for first in range(0, grid.bins + 1, MOST_POINTS)
        ]
        return together(parts)

    def _part(self, query: str, grid: Grid, first: int, last: int) -> Answer:
        asked = {
            "query": query,
            "start": f"{grid.start + first * grid.step:.3f}",
            "end": f"{grid.start + last * grid.step:.3f}",
            "step": f"{grid.step:g}",
            "timeout": f"{self._patience:g}s",
        }
        request = Request(  # noqa: S310 - the scheme is http or https: see __init__
            self._url, data=urlencode(asked).encode(), headers=self._headers
        )
        status, body = self._ask(request)
        if status in _OVER:
            status, body = self._ask(request)
        return self._judged(status, body, grid)

    def _judged(self, status: int, body: bytes, grid: Grid) -> Answer:
        if status == HTTPStatus.OK or (status in _EXPLAINED and body.lstrip()[:1] == b"{"):
            try:
                return read_answer(body, grid)
            except GarbledError as error:
                raise NoAnswerError(f"{self.name}: {error}") from None
        if status in _REFUSED:
            raise self._wrong(status, "name an environment variable under `authorization`")
        if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
            raise self._wrong(status, "it is somewhere else; write that URL")
        if status == HTTPStatus.NOT_FOUND:
            raise self._wrong(status, "write the URL that /api/v1/query_range is below")
        said = body[:120].decode(errors="replace")
        raise NoAnswerError(f"{self.name} answers {status}: {said!r}")

    def _wrong(self, status: int, advice: str) -> MatchnightError:
        what = f"--prometheus: {self.name} answers {status}: {advice}"
        return MatchnightError(what, ExitStatus.UNREACHABLE)

    def _ask(self, request: Request) -> tuple[int, bytes]:
        until = time.monotonic() + self._patience
        try:
            with self._opener.open(request, timeout=self._patience) as response:
                return response.status, _whole(response.read, until)
        except HTTPError as error:
            with error:
                return error.code, error.read(65_536)
        except TimeoutError:
            took = write_duration(self._patience)
            raise NoAnswerError(f"{self.name} gives no answer within {took}") from None
        except (OSError, HTTPException) as error:
            reason = getattr(error, "reason", error)
            raise NoAnswerError(f"{self.name} cannot be asked: {reason}") from None


def _whole(read: Callable[[int], bytes], until: Seconds) -> bytes:
    parts: list[bytes] = []
    size = 0
    while part := read(1 << 20):
        parts.append(part)
        size += len(part)
        if size > LARGEST:
            raise NoAnswerError("the answer is larger than 256 MB; aggregate in the query")
        if time.monotonic() > until:
            raise TimeoutError
    return b"".join(parts)


def _secret(name: str, environment: Callable[[str], str | None]) -> str:
    value = environment(name)
    if not value:
        raise MatchnightError(f"authorization: the environment has no {name}; export {name}=...")
    return value.strip()
