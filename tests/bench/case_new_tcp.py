"""A new connection for each request: what dialing and hanging up cost."""

from case import Bar, Case, ratio
from case_keep_alive import BYTES, CONNECTIONS, small_file
from ours import Work, ours
from peers import fast_http
from wrk import wrk

CASE = Case(
    name="new-tcp",
    title="GET, each on a new connection",
    about=(
        f"{CONNECTIONS} connections ask for {BYTES} bytes again and again, each as soon as it is "
        "answered. Counted: the client's CPU."
    ),
    origin=small_file,
    contenders={
        "matchnight": ours(Work(lines=CONNECTIONS, closes=True)),
        "wrk": wrk(connections=CONNECTIONS, closes=True),
        "Locust FastHttpUser": fast_http(users=CONNECTIONS, closes=True),
    },
    columns=("cpu_per_request", "rate", "failures"),
    bars=(
        Bar(
            text="CPU per request beside wrk's",
            figure=lambda results: ratio(results, "matchnight", "wrk", "cpu_per_request"),
            most=1.5,
        ),
    ),
    needs=("nginx", "wrk"),
)
