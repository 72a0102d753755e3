"""The testbed as a command: what it is told, when it ends."""

import asyncio
import gc
import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from loadtests.binding import bind
from loadtests.errors import ExitStatus, MatchnightError
from loadtests.stack.defaults import DEFAULT
from loadtests.stack.model import Stack
from loadtests.testbed.serving import Options, serve

# A full collection halts 6,000 connections for 0.2 s and finds nothing: what requests leave behind
# dies young. Never running one costs 1.2 kB for each connection that was long open when it closed.
_COLLECT = (700, 10, 1_000_000)


def run(
    config: Path | None,
    port: int,
    log: Path | None,
    until_stdin_closes: bool = False,  # noqa: FBT001, FBT002 - the order of the command line
    *,
    agreement: str | None = None,
) -> ExitStatus:
    """Serve a stack on 127.0.0.1 until SIGTERM, SIGINT or, if asked, the end of standard input.

    Prints `{"ready": <base URL>}` once it listens. MatchnightError if the configuration, the port
    or the folder of logs is no good.
    """
    stack = DEFAULT if config is None else read_stack(config)
    options = Options(port=port, log=log, agreement=agreement)
    gc.set_threshold(*_COLLECT)
    asyncio.run(_until_told(stack, options, until_stdin_closes=until_stdin_closes))
    return ExitStatus.PASSED


def read_stack(config: Path) -> Stack:
    """The stack a file describes; InvalidFile lists what is wrong with it."""
    try:
        text = config.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise MatchnightError(f"cannot read {config}: {problem}") from None
    return bind(text, file=str(config), into=Stack)


async def _until_told(stack: Stack, options: Options, *, until_stdin_closes: bool) -> None:
    loop = asyncio.get_running_loop()
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    if until_stdin_closes:
        _watch_stdin(lambda: loop.call_soon_threadsafe(told.set))
    await serve(stack, options, told, _say_ready)


def _say_ready(url: str) -> None:
    sys.stdout.write(json.dumps({"ready": url}) + "\n")
    sys.stdout.flush()


def _watch_stdin(ended: Callable[[], object]) -> None:
    """Call `ended` when standard input is over.

    A thread, because the loop cannot watch files; `os.read`, because a thread inside `sys.stdin`
    keeps the interpreter from exiting.
    """

    def watch() -> None:
        with suppress(OSError):
            while os.read(0, 4096):
                pass
        with suppress(RuntimeError):  # the loop was faster
            ended()

    threading.Thread(target=watch, daemon=True).start()
