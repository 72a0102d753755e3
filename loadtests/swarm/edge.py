"""The edge of the process: our own mistakes end the run, signals reach it, it follows its parent.

gevent prints what a callback raises and goes on, Locust logs what a listener raises and goes on:
both would let a broken run look like a good one. What of ours they call, goes through `guarded`.
"""

import os
import signal
from collections.abc import Callable
from typing import ParamSpec

import gevent
from gevent.monkey import get_original

P = ParamSpec("P")

_start_thread = get_original("_thread", "start_new_thread")

OnBug = Callable[[BaseException], None]
"""Told of our own mistake, perhaps from within gevent's loop: it neither blocks nor raises."""


def guarded(function: Callable[P, None], on_bug: OnBug) -> Callable[P, None]:
    """`function`, whose exceptions go to `on_bug`."""

    def call(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            function(*args, **kwargs)
        except Exception as bug:  # noqa: BLE001 - the edge: whoever calls this would swallow it
            on_bug(bug)

    return call


def spawn(
    function: Callable[P, None], on_bug: OnBug, *args: P.args, **kwargs: P.kwargs
) -> "gevent.Greenlet[P, None]":
    """Run `function` in a greenlet of its own; its exceptions go to `on_bug`."""
    return gevent.spawn(guarded(function, on_bug), *args, **kwargs)


def on_interrupt(callback: Callable[[], None]) -> None:
    """On Ctrl-C call `callback` in a greenlet of its own, then let the main greenlet have it.

    Python's own handler would raise in whatever callback of the loop happens to run.
    """
    main = gevent.getcurrent()

    def interrupted() -> None:
        callback()
        gevent.kill(main, KeyboardInterrupt)

    gevent.signal_handler(signal.SIGINT, interrupted)


def end_with_standard_input() -> None:
    """Send this process SIGTERM when its standard input ends: whoever started it is gone.

    From a thread of the system's: it works before Locust has installed its handlers, and while the
    loop is busy.
    """
    _start_thread(_watch, (0,))


def end_forks_with_this() -> None:
    """Send every process forked from this one SIGTERM when this one is gone, however it went.

    Locust's workers would look for a master that ended early for five minutes.
    """
    lifeline, held = os.pipe()

    def follow() -> None:
        os.close(held)
        _start_thread(_watch, (lifeline,))

    os.register_at_fork(after_in_child=follow)


def _watch(descriptor: int) -> None:
    while os.read(descriptor, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
