"""The testbed's one clock: seconds since the epoch, which never jump or run backwards."""

import time

from loadtests.units import Seconds

_EPOCH = time.time() - time.monotonic()


def now() -> Seconds:
    """Seconds since the epoch: wall time at import plus what the monotonic clock has counted."""
    return _EPOCH + time.monotonic()


def loop_time(moment: Seconds) -> Seconds:
    """The same moment on the event loop's clock, which is the monotonic one."""
    return moment - _EPOCH


def cpu_time() -> Seconds:
    """Processor time this process has used."""
    return time.process_time()
