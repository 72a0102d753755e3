"""What tests of the testbed share: one in this process, and connections to it."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from loadtests.stack.model import Stack
from loadtests.testbed.serving import Options, serve

ACCOUNT = "viewer-0000042"
SIGN_IN = json.dumps({"account": ACCOUNT, "password": f"password-of-{ACCOUNT}"}).encode()
Line = dict[str, Any]


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Connection:
    """One connection to the testbed, one request at a time unless told otherwise."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def send(
        self, method: str, target: str, body: bytes | None = None, *headers: str
    ) -> "Connection":
        """Write one request."""
        length = () if body is None else (f"Content-Length: {len(body)}",)
        head = "\r\n".join((f"{method} {target} HTTP/1.1", "Host: testbed", *length, *headers))
        self.writer.write(f"{head}\r\n\r\n".encode() + (body or b""))
        return self

    async def receive(self) -> Answer:
        """Read one answer, all that was announced of it."""
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        pairs = (line.partition(": ") for line in head[1:] if line)
        headers = {name.lower(): value for name, _, value in pairs}
        body = await self.reader.readexactly(int(headers.get("content-length", "0")))
        return Answer(int(head[0].split()[1]), headers, body)

    async def close(self) -> None:
        """Hang up."""
        self.writer.close()
        await self.writer.wait_closed()


@dataclass
class Testbed:
    """A testbed in this process, and every connection a test opened to it."""

    __test__ = False

    port: int
    opened: list[Connection] = field(default_factory=list)

    async def connect(self, *, source: str = "127.0.0.1") -> Connection:
        """A new connection."""
        streams = await asyncio.open_connection("127.0.0.1", self.port, local_addr=(source, 0))
        self.opened.append(Connection(*streams))
        return self.opened[-1]

    async def ask(
        self, method: str, target: str, body: bytes | None = None, *headers: str
    ) -> Answer:
        """One request on a connection of its own."""
        connection = await self.connect()
        return await connection.send(method, target, body, *headers).receive()


@asynccontextmanager
async def testbed(stack: Stack, options: Options) -> AsyncIterator[Testbed]:
    """A stack served for the length of an `async with`."""
    told = asyncio.Event()
    url: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(serve(stack, options, told, url.set_result))
    bed = Testbed(int((await url).rpartition(":")[2]))
    try:
        yield bed
    finally:
        told.set()
        await serving
        for connection in bed.opened:
            connection.writer.close()


def lines(folder: Path, name: str = "access") -> list[Line]:
    """The records of one of a testbed's logs."""
    return [json.loads(line) for line in (folder / f"{name}.jsonl").read_text().splitlines()]


Visit = Callable[[Testbed], Awaitable[None]]
Visited = Callable[..., list[Line]]
