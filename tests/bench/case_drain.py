"""Bodies of a segment's size: read, or dropped in the kernel where nobody wants them."""

from collections.abc import Iterator
from contextlib import contextmanager

from case import Bar, Case, Place, ratio
from origin import nginx_serving, www
from ours import Work, ours
from wrk import wrk

CONNECTIONS = 10
BYTES = 750_000
READ, DROPPED, WRK = "matchnight, read", "matchnight, dropped", "wrk, read"


@contextmanager
def segment(place: Place) -> Iterator[str]:
    """Three seconds at 2 Mbit/s."""
    (www(place) / "segment.mp4").write_bytes(b"." * BYTES)
    with nginx_serving(place, "") as base:
        yield f"{base}/segment.mp4"


def _beside_wrk(contender: str, most: float) -> Bar:
    return Bar(
        text=f"CPU per body beside wrk's ({contender})",
        figure=lambda results: ratio(results, contender, WRK, "cpu_per_request"),
        most=most,
    )


CASE = Case(
    name="drain",
    title=f"Bodies of {BYTES // 1000} kB",
    about=(
        f"{CONNECTIONS} connections fetch {BYTES // 1000} kB again and again. Dropped, a body is "
        "counted and never copied out of the kernel; read, it is, as over TLS or where the kernel "
        "cannot drop it; kept, it is handed to the journey in one piece. Counted: the client's CPU."
    ),
    origin=segment,
    contenders={
        READ: ours(Work(lines=CONNECTIONS, keep=False, drops=False)),
        DROPPED: ours(Work(lines=CONNECTIONS, keep=False)),
        "matchnight, kept": ours(Work(lines=CONNECTIONS)),
        WRK: wrk(connections=CONNECTIONS),
    },
    columns=("cpu_per_request", "rate", "failures"),
    bars=(_beside_wrk(READ, 1.0), _beside_wrk(DROPPED, 0.5)),
    needs=("nginx", "wrk"),
)
