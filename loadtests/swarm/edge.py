"""The edge of the process: our own mistakes end the run, signals reach it, its parent's end is its own.

gevent prints what a callback raises and goes on, Locust logs what a listener raises and goes on: both would let a
broken run look like a good one. What of ours Locust or gevent calls, goes through `guarded`.
"""

import os
import signal
from collections.abc import Callable
from typing import ParamSpec

import gevent
from gevent.monkey import get_original

P = ParamSpec("P")

OnBug = Callable[[BaseException], None]
"""Told of our own mistake; may be called from within gevent's loop, so it neither blocks nor raises."""


def guarded(function: Callable[P, None], on_bug: OnBug) -> Callable[P, None]:
    """`function`, whose exceptions go to `on_bug`."""

    def call(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            function(*args, **kwargs)
        except Exception as bug:  # noqa: BLE001 - the edge: whoever calls this would swallow it
            on_bug(bug)

    return call


def spawn(function: Callable[P, None], on_bug: OnBug, *args: P.args, **kwargs: P.kwargs) -> None:
    """Run `function` in a greenlet of its own; its exceptions go to `on_bug`."""
    gevent.spawn(guarded(function, on_bug), *args, **kwargs)


def on_interrupt(callback: Callable[[], None]) -> None:
    """Call `callback` in a greenlet of its own on Ctrl-C.

    Python's own handler would raise in whatever callback of the loop happens to run.
    """
    gevent.signal_handler(signal.SIGINT, callback)


def end_with_standard_input() -> None:
    """Send this process, and every one forked from it, SIGTERM when standard input ends: our parent is gone.

    A thread of the system's: before Locust has installed its handlers it must work, too, and while the loop is busy.
    """
    start_thread = get_original("_thread", "start_new_thread")
    start_thread(_watch_standard_input, ())
    os.register_at_fork(after_in_child=lambda: start_thread(_watch_standard_input, ()))


def _watch_standard_input() -> None:
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
