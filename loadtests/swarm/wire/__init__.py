"""Our own lean HTTP/1.1 client on gevent's loop: no greenlet and no library session per viewer."""

from loadtests.swarm.wire.engine import Wire
from loadtests.swarm.wire.gate import Gate
from loadtests.swarm.wire.line import Line
from loadtests.swarm.wire.options import Recording, WireOptions

__all__ = ["Gate", "Line", "Recording", "Wire", "WireOptions"]
