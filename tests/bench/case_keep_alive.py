"""Keep-alive GET: what a request costs where nothing but the request is done."""

from collections.abc import Iterator
from contextlib import contextmanager

from case import Bar, Case, Place, ratio
from origin import nginx_serving, www
from ours import Work, ours
from peers import fast_http
from wrk import wrk

CONNECTIONS = 100
BYTES = 1_000


@contextmanager
def small_file(place: Place) -> Iterator[str]:
    """A kilobyte."""
    (www(place) / "small").write_bytes(b"." * BYTES)
    with nginx_serving(place, "") as base:
        yield f"{base}/small"


CASE = Case(
    name="keep-alive",
    title="GET on open connections",
    about=(
        f"{CONNECTIONS} connections ask for {BYTES} bytes again and again, each as soon as it is "
        "answered. Counted: the client's CPU."
    ),
    origin=small_file,
    contenders={
        "matchnight": ours(Work(lines=CONNECTIONS)),
        "wrk": wrk(connections=CONNECTIONS),
        "Locust FastHttpUser": fast_http(users=CONNECTIONS),
    },
    columns=("cpu_per_request", "rate", "failures"),
    bars=(
        Bar(
            text="CPU per request beside wrk's",
            figure=lambda results: ratio(results, "matchnight", "wrk", "cpu_per_request"),
            most=2.0,
        ),
    ),
    needs=("nginx", "wrk"),
)
