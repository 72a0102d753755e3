"""Whom viewers trust: every certificate is verified, its way to a root once a minute and host.

Thousands of viewers meet the same certificate. Going its way to a root again for each of them is a
tenth of what a handshake costs, and would say the same.
"""

import os
import re
import ssl
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from loadtests.units import Seconds

if TYPE_CHECKING:
    from loadtests.swarm.wire.options import WireOptions
    from loadtests.swarm.wire.request import Origin

STANDS: Seconds = 60.0  # how long what the authorities said of a host's certificate is not asked
LOOKS: tuple[Seconds, Seconds] = (1.0, 60.0)  # for another ticket: where there was none, where one
_HASHED = re.compile(r"[0-9a-f]{8}\.[0-9]+")  # what OpenSSL looks for in a folder of authorities


class Ticket(NamedTuple):
    """A session to resume, and the context it was made in: it can be resumed in no other."""

    session: ssl.SSLSession
    context: ssl.SSLContext


class Trust:
    """The contexts a wire's handshakes run in, and the sessions given out in them.

    A host's first handshake runs in one that trusts the authorities. Those which begin in the next
    `STANDS` seconds run in one that trusts the certificate this host has shown, and nothing else.
    OpenSSL still verifies that it is the same, valid now and for this name, and that the server
    holds its key; all it is spared is the way to a root. Who shows another certificate fails there,
    and the authorities decide.
    """

    def __init__(self, options: "WireOptions", clock: Callable[[], Seconds]) -> None:
        self.authorities = client_context(options)
        self.given_out: dict[Origin, Ticket] = {}  # a recent one of each that gives tickets
        self._verifies = options.verify
        self._clock = clock
        self._verdicts: dict[str, _Verdict] = {}
        self._next_look: dict[Origin, Seconds] = {}

    def context(self, host: str) -> ssl.SSLContext:
        """The one for a handshake with a host that begins now."""
        verdict = self._verdicts.get(host)
        if verdict is None or verdict.until <= self._clock():
            return self.authorities
        return verdict.context

    def learn(self, tls: ssl.SSLObject, host: str) -> None:
        """A handshake with a host has succeeded, in a context that was good when it began."""
        if tls.context is self.authorities and self._verifies and not tls.session_reused:
            self.believe(host, tls.getpeercert(binary_form=True) or b"")

    def believe(self, host: str, certificate: bytes) -> None:
        """The authorities vouch for a host's certificate (DER)."""
        verdict = self._verdicts.get(host)
        if verdict is None or verdict.until <= self._clock():
            verdict = self._verdicts[host] = _Verdict(self._clock() + STANDS)
        verdict.add(certificate)

    def look(self, tls: ssl.SSLObject, origin: "Origin", at: Seconds) -> None:
        """See now and then whether an origin gives tickets, behind an answer of its.

        Not each time: Python copies a session by writing it down and reading it again, certificate
        and all, which takes a quarter of a handshake.
        """
        if at < self._next_look.get(origin, at):
            return
        ticket = ticket_of(tls)
        if ticket is None:
            self.given_out.pop(origin, None)
            self._next_look[origin] = at + LOOKS[0]
        else:
            self.given_out[origin] = ticket
            self._next_look[origin] = at + LOOKS[1]


class _Verdict:
    """Certificates of one host that the authorities vouched for, and until when that stands."""

    __slots__ = ("_certificates", "context", "until")

    def __init__(self, until: Seconds) -> None:
        self.until = until
        self.context = _context()
        # a host's certificate is trusted for itself: there need be no way from it to a root
        self.context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        self._certificates: set[bytes] = set()

    def add(self, certificate: bytes) -> None:
        """One more: there may be several servers behind a name."""
        if certificate not in self._certificates:
            self._certificates.add(certificate)
            self.context.load_verify_locations(cadata=certificate)


def ticket_of(tls: ssl.SSLObject) -> Ticket | None:
    """The session to resume next time; None if the server gave none."""
    session = tls.session
    return Ticket(session, tls.context) if session is not None and session.has_ticket else None


def client_context(options: "WireOptions") -> ssl.SSLContext:
    """How viewers speak TLS: the system's authorities and `ca_file`, HTTP/1.1 by ALPN."""
    context = _context()
    if not options.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context
    for file in _system_authorities():
        with suppress(OSError):  # as OpenSSL does: what cannot be read there vouches for nobody
            context.load_verify_locations(cafile=file)
    if options.ca_file is not None:
        context.load_verify_locations(cafile=options.ca_file)
    return context


def _context() -> ssl.SSLContext:
    """As `ssl.create_default_context`, but it trusts nobody yet."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if sys.version_info >= (3, 13):
        context.verify_flags |= ssl.VERIFY_X509_STRICT
    if keys := os.environ.get("SSLKEYLOGFILE"):
        context.keylog_filename = keys
    context.set_alpn_protocols(["http/1.1"])
    return context


def _system_authorities() -> Iterator[Path]:
    """The files OpenSSL finds them in.

    Told of the folder, OpenSSL 3 reads its listing anew in each handshake that meets a certificate
    between a server's and a root: a fifth of the handshake (measured with 3.0). So all are loaded.
    """
    paths = ssl.get_default_verify_paths()
    if paths.cafile is not None:
        yield Path(paths.cafile)
    folders = os.environ.get(paths.openssl_capath_env, paths.openssl_capath)
    for folder in map(Path, folders.split(os.pathsep)):
        if folder.is_dir():
            yield from (file for file in folder.iterdir() if _HASHED.fullmatch(file.name))
