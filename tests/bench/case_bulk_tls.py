"""Viewers at 5 Mbit/s over TLS, beside what the same core decrypts when it does nothing else."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

from case import Bar, Case, Figures, Place, ratio
from origin import nginx_serving, www
from ours import Work, ours
from wrk import run

CIPHER = "aes-256-gcm"  # what OpenSSL's client and nginx agree on by default (RFC 8446's first)
RECORD = 16_384  # bytes: what nginx puts into a record, and the most there may be
PERIOD = 2.0  # seconds a part lasts
BIT_RATE = 5e6
VIEWERS = 1_000
SPEED = ["openssl", "speed", "-seconds", "2", "-bytes", str(RECORD), "-evp", CIPHER]
_RATE = re.compile(rf"^{CIPHER} +([0-9.]+)k$", re.MULTILINE | re.IGNORECASE)


@contextmanager
def parts(place: Place) -> Iterator[str]:
    """A part of two seconds at 5 Mbit/s."""
    (www(place) / "part.m4s").write_bytes(os.urandom(round(BIT_RATE * PERIOD / 8)))
    with nginx_serving(place, "", tls=True) as base:
        yield f"{base}/part.m4s"


def cipher(place: Place, _url: str) -> Figures:
    """`openssl speed`: the cipher in one buffer, nothing received and nothing copied."""
    said, _ = run(SPEED, place.core)
    found = _RATE.search(said)
    if found is None:
        raise ValueError(f"no rate in what openssl speed printed:\n{said}")
    return {"bits_per_cpu": float(found[1]) * 1000 * 8}


CASE = Case(
    name="bulk-tls",
    title=f"Viewers at {BIT_RATE / 1e6:.0f} Mbit/s over TLS",
    about=(
        f"{VIEWERS} viewers fetch a part of {PERIOD:.0f} s every {PERIOD:.0f} s over connections "
        f"of their own. Counted: bits received a second of the client's CPU, beside {CIPHER} in "
        f"blocks of {RECORD} bytes by `openssl speed`."
    ),
    origin=parts,
    contenders={
        "matchnight": ours(Work(lines=VIEWERS, period=PERIOD, keep=False, settle=4)),
        "openssl speed": cipher,
    },
    columns=("bits_per_cpu", "bit_rate", "lag_p99", "memory_per_line"),
    bars=(
        Bar(
            text="bits a CPU second beside the cipher's own",
            figure=lambda results: ratio(results, "matchnight", "openssl speed", "bits_per_cpu"),
            least=0.5,
        ),
    ),
    needs=("nginx", "openssl"),
)
