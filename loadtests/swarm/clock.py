"""The one clock of a run: seconds since the epoch, which never jump or run backwards."""

import time

from loadtests.units import Seconds

_EPOCH = time.time() - time.monotonic()


def now() -> Seconds:
    """Seconds since the epoch: wall time at import, plus what the monotonic clock counted since.

    A step of the machine's clock (NTP, an operator) during a run moves nothing. Workers on machines
    whose clocks differ at import differ by as much for the whole run.
    """
    return _EPOCH + time.monotonic()
