"""What wakes `Timers`: one timer of the system's, on gevent's loop."""

import ctypes
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from loadtests.units import Seconds

if TYPE_CHECKING:
    from gevent._types import _Loop

_READ = 1  # libev's number
_NANO = 1_000_000_000
_CLOCK_MONOTONIC, _NONBLOCKING, _CLOSE_ON_EXEC = 1, 0o4000, 0o2000000  # linux/timerfd.h, fcntl.h


class AlarmClock(Protocol):
    """Rings once when it was last set to, from the loop."""

    def set(self, delay: Seconds) -> None:
        """Ring after this long (at once, but from the loop, if that is not positive)."""

    def stop(self) -> None:
        """Do not ring. It can be set again."""

    def close(self) -> None:
        """Never ring again."""


def alarm_clock(loop: "_Loop", ring: Callable[[], None]) -> AlarmClock:
    """The finest there is."""
    return TimerFd(loop, ring) if sys.platform.startswith("linux") else LoopTimer(loop, ring)


class LoopTimer:
    """A timer of libev's. On Linux it is up to a millisecond late: epoll_wait counts whole ones."""

    def __init__(self, loop: "_Loop", ring: Callable[[], None]) -> None:
        self._loop = loop
        self._ring = ring
        self._timer = loop.timer(0.0)

    def set(self, delay: Seconds) -> None:
        """See `AlarmClock`."""
        self._timer.stop()
        self._timer = self._loop.timer(max(0.0, delay))
        # the loop's idea of now is as old as its last poll: without `update` it would be early
        self._timer.start(self._ring, update=True)

    def stop(self) -> None:
        """See `AlarmClock`."""
        self._timer.stop()

    close = stop


class _Setting(ctypes.Structure):
    """`struct itimerspec`: interval and value, each in seconds and nanoseconds."""

    _fields_ = (
        ("interval_seconds", ctypes.c_long),
        ("interval_nanoseconds", ctypes.c_long),
        ("seconds", ctypes.c_long),
        ("nanoseconds", ctypes.c_long),
    )


class TimerFd:
    """timerfd_create(2): a descriptor that can be read when it is time, to some microseconds."""

    def __init__(self, loop: "_Loop", ring: Callable[[], None]) -> None:
        """OSError if the system has no descriptor left."""
        system = ctypes.CDLL(None, use_errno=True)
        self._descriptor = system.timerfd_create(_CLOCK_MONOTONIC, _NONBLOCKING | _CLOSE_ON_EXEC)
        if self._descriptor < 0:
            raise OSError(ctypes.get_errno(), "no timer", "timerfd_create")
        self._settime = system.timerfd_settime
        self._setting = _Setting()
        self._where = ctypes.byref(self._setting)
        self._watcher = loop.io(self._descriptor, _READ)
        self._ring = ring
        self._is_watching = False  # else it would keep the loop going for nothing

    def set(self, delay: Seconds) -> None:
        """See `AlarmClock`. Setting it again also takes back that it could be read."""
        setting, nanoseconds = self._setting, max(1, int(delay * _NANO))  # 0 would stop it
        setting.seconds, setting.nanoseconds = divmod(nanoseconds, _NANO)
        self._settime(self._descriptor, 0, self._where, None)
        if not self._is_watching:
            self._is_watching = True
            self._watcher.start(self._ring)

    def stop(self) -> None:
        """See `AlarmClock`."""
        self._is_watching = False
        self._watcher.stop()

    def close(self) -> None:
        """See `AlarmClock`."""
        self.stop()
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
