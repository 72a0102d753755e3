"""The life of a testbed: listen, say so, serve until told to end, leave complete logs."""

import asyncio
import errno
import resource
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from loadtests.errors import MatchnightError
from loadtests.stack.model import Stack
from loadtests.stack.service import Service
from loadtests.testbed.access_log import Logs
from loadtests.testbed.health import Health, Pulse
from loadtests.testbed.incoming import Server
from loadtests.testbed.metrics import Metrics
from loadtests.testbed.pages import START, Page, agreement, showing, starting
from loadtests.testbed.server import Handler
from loadtests.units import Seconds

_BACKLOG = 4096  # a frozen testbed must not drop SYNs: their retries would spoil the figures
_FLUSH: Seconds = 0.25
_MOST_DESCRIPTORS = 65_536  # where the system sets no limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Where a testbed listens and writes, and which consent's digest it agrees to."""

    host: str = "127.0.0.1"
    port: int = 0  # 0: any free one
    log: Path | None = None  # None: no logs
    agreement: str | None = None  # None: to no consent


async def serve(
    stack: Stack, options: Options, told: asyncio.Event, ready: Callable[[str], None]
) -> None:
    """Serve `stack` until `told`; `ready` is called with the base URL once it listens."""
    logs = Logs.into(options.log) if options.log else Logs()
    try:
        await _serve(stack, options, logs, told, ready)
    finally:
        logs.close()


async def _serve(
    stack: Stack,
    options: Options,
    logs: Logs,
    told: asyncio.Event,
    ready: Callable[[str], None],
) -> None:
    service = Service(stack)
    metrics = Metrics(service, logs)
    pages: dict[str, Page] = {
        "/metrics": showing(metrics),
        "/.well-known/matchnight": agreement(options.agreement),
        START: starting(service),
    }
    handler = Handler(service, logs, pages)
    server = Server(handler, service=service, tell=handler.unfinished)
    descriptors = _raise_descriptors()
    listener = await _listen(server, options)

    def tell(health: Health) -> None:
        metrics.health = health
        if logs.health is not None:
            logs.health.add(health.to_line())

    pulse = Pulse(tell, lambda: len(server.connections) / descriptors)
    ready(_url(listener))
    try:
        await _flush_until(told, logs)
    finally:
        pulse.stop()
        server.stop()
        listener.close()
        await handler.end()
        for connection in server.connections:
            connection.force_close()  # `shutdown` is for those who wait: a second for 6,000
        await asyncio.sleep(0)  # they close in the loop's next round


async def _flush_until(told: asyncio.Event, logs: Logs) -> None:
    while not told.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(told.wait(), _FLUSH)
        logs.flush()


async def _listen(server: Server, options: Options) -> asyncio.Server:
    where = f"port {options.port} of {options.host}"
    try:
        return await asyncio.get_running_loop().create_server(
            server, options.host, options.port, backlog=_BACKLOG
        )
    except OverflowError:
        raise MatchnightError(f"{options.port} is no port; write 0 to 65535") from None
    except OSError as problem:
        if problem.errno == errno.EADDRINUSE:
            raise MatchnightError(f"{where} is in use; write another, or 0 for any") from None
        raise MatchnightError(f"cannot listen on {where}: {problem.strerror}") from None


def _url(listener: asyncio.Server) -> str:
    host, port = listener.sockets[0].getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _raise_descriptors() -> int:
    """Allow as many descriptors as the system lets us; how many those are."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_DESCRIPTORS if hard == resource.RLIM_INFINITY else hard
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    except (OSError, ValueError):  # macOS names a limit it does not grant
        return soft
    return wanted
