"""One question over HTTP, one answer: a few lines over a blocking socket.

They run as they are in the supervisor, and in a greenlet under Locust, which makes the standard
library's sockets cooperative.
"""

import re
import socket
import ssl
from collections.abc import Mapping
from typing import NamedTuple

from loadtests import __version__
from loadtests.swarm.clock import now
from loadtests.units import Seconds
from loadtests.url import Url, split

_MOST = 65_536  # bytes of an answer that are looked at
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,9})[ \t]*(?:\r|$)", re.IGNORECASE)
_STOP = re.compile(rb"\r\nmatchnight-stop:[ \t]*1[ \t]*(?:\r|$)", re.IGNORECASE)


class Answered(NamedTuple):
    """What came back, as far as it goes; `status` 0: it was no HTTP."""

    status: int
    body: bytes
    says_stop: bool  # `Matchnight-Stop: 1`


def get(
    url: str,
    *,
    patience: Seconds,
    resolve: Mapping[str, str] | None = None,
    verify: bool = True,
) -> Answered:
    """Ask for `url`, in at most `patience` seconds and a connection's time-out; OSError: nothing.

    `resolve` maps "host:port" to a numeric address. ValueError if `url` is none.
    """
    asked = split(url)
    # HTTP/1.0: never chunked; ends with the connection, or when it is as long as announced
    request = (
        f"GET {asked.target} HTTP/1.0\r\nHost: {asked.authority}\r\n"
        f"User-Agent: matchnight/{__version__}\r\n\r\n"
    )
    until = now() + patience
    answer = b""
    with _connect(asked, resolve or {}, patience, verify=verify) as sock:
        sock.sendall(request.encode("ascii"))
        while len(answer) < _MOST and not _is_whole(answer):
            sock.settimeout(max(0.001, until - now()))
            data = sock.recv(_MOST)
            if not data:
                break
            answer += data
    return _read(answer)


def _read(answer: bytes) -> Answered:
    head, _, body = answer.partition(b"\r\n\r\n")
    status = head[:12].split(b" ")[-1]
    return Answered(
        status=int(status) if status.isdigit() else 0,
        body=body,
        says_stop=_STOP.search(head) is not None,
    )


def _connect(
    url: Url, resolve: Mapping[str, str], patience: Seconds, *, verify: bool
) -> socket.socket:
    host = resolve.get(f"{url.host}:{url.port}", url.host)
    sock = socket.create_connection((host, url.port), timeout=patience)
    if url.scheme == "http":
        return sock
    context = ssl.create_default_context()
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(sock, server_hostname=url.host)


def _is_whole(answer: bytes) -> bool:
    """Whether the announced body is there: not every server then ends the connection."""
    head, blank, body = answer.partition(b"\r\n\r\n")
    announced = _LENGTH.search(head)
    return bool(blank) and announced is not None and len(body) >= int(announced[1])
