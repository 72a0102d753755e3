"""TLS 1.3: a handshake for each request, the chain verified."""

from collections.abc import Iterator
from contextlib import contextmanager

from case import Bar, Case, Origin, Place, ratio
from case_keep_alive import BYTES
from origin import nginx_serving, www
from ours import Work, ours
from peers import fast_http
from wrk import wrk

CONNECTIONS = 20
CONTENDERS = {
    "matchnight": ours(Work(lines=CONNECTIONS, closes=True)),
    "wrk": wrk(connections=CONNECTIONS, closes=True),
}
SESSIONS = {  # whether they can be resumed -> how to tell nginx
    False: "ssl_session_tickets off; ssl_session_cache off; ssl_conf_command NumTickets 0;",
    True: "ssl_session_tickets on; ssl_session_timeout 1d;",
}


def over_tls(*, resumes: bool) -> Origin:
    """A kilobyte, and sessions to resume or none."""

    @contextmanager
    def serving(place: Place) -> Iterator[str]:
        (www(place) / "small").write_bytes(b"." * BYTES)
        with nginx_serving(place, SESSIONS[resumes], tls=True) as base:
            yield f"{base}/small"

    return serving


FULL = Case(
    name="handshakes",
    title="GET, each on a new TLS 1.3 connection, full handshake",
    about=(
        f"{CONNECTIONS} connections at a time, each new, for {BYTES} bytes. An ECDSA P-256 "
        "certificate, one more between it and the root; no session is given out. We verify the "
        "chain and the name; wrk and FastHttpUser verify nothing. Counted: the client's CPU."
    ),
    origin=over_tls(resumes=False),
    contenders={**CONTENDERS, "Locust FastHttpUser": fast_http(users=CONNECTIONS, closes=True)},
    columns=("cpu_per_request", "rate", "full_handshakes", "failures"),
    bars=(
        Bar(
            text="CPU per full handshake and request beside wrk's",
            figure=lambda results: ratio(results, "matchnight", "wrk", "cpu_per_request"),
            most=1.3,
        ),
    ),
    needs=("nginx", "wrk", "openssl"),
)

RESUMED = Case(
    name="resumed",
    title="GET, each on a new TLS 1.3 connection, session resumed",
    about=(
        "The same where the server gives session tickets: each of our viewers resumes its own "
        "session, and wrk those of its connections."
    ),
    origin=over_tls(resumes=True),
    contenders=CONTENDERS,
    columns=("cpu_per_request", "rate", "resumed_handshakes", "failures"),
    needs=("nginx", "wrk", "openssl"),
)
CASES = (FULL, RESUMED)
