"""Certificates made for a test, and scripted servers that speak TLS with them."""

import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

from loopback import Peer, Talk


@dataclass(frozen=True, slots=True)
class Identity:
    """A self-signed certificate for localhost and 127.0.0.1, with its key."""

    certificate: Path
    key: Path

    def context(self, version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        context.minimum_version = context.maximum_version = version
        context.set_alpn_protocols(["http/1.1"])
        return context

    def der(self) -> bytes:
        return ssl.PEM_cert_to_DER_cert(self.certificate.read_text())


def make_identity(folder: Path, *, days: int = 2) -> Identity:
    """A new one; with negative `days` it has expired."""
    made = Identity(folder / "cert.pem", folder / "key.pem")
    names = folder / "names.cnf"
    names.write_text(
        "subjectAltName=DNS:localhost,IP:127.0.0.1\n"
        "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid:always\n"
    )
    request = folder / "request.pem"
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    _openssl("req", "-new", *curve, "-subj", "/CN=localhost", "-keyout", made.key, "-out", request)
    validity = ["-days", str(days), "-extfile", str(names)]
    files = ["-in", str(request), "-out", str(made.certificate)]
    _openssl("x509", "-req", *validity, "-signkey", made.key, *files)
    return made


def _openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


def over_tls(context: ssl.SSLContext, talk: Talk) -> Talk:
    def shake_hands_and_talk(peer: Peer) -> None:
        peer.sock = context.wrap_socket(peer.sock, server_side=True)
        with peer.sock:
            talk(peer)

    return shake_hands_and_talk
