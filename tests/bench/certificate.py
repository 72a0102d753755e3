"""A certificate as the web has them: ECDSA P-256, from an authority's authority, for loopback."""

import subprocess
from pathlib import Path

AUTHORITY = "authority.pem"  # in the folder: whom to trust
CHAIN = "cert.pem"  # what the server shows: its own certificate and the one between
KEY = "key.pem"

_CONFIG = """
[req]
distinguished_name = names
[names]
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
subjectAltName = IP:127.0.0.1, DNS:localhost
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
"""


def certify(folder: Path) -> None:
    """Write the three files, good for 30 days."""
    (folder / "openssl.cnf").write_text(_CONFIG)
    _issue(folder, "authority", "authority", by=None)
    _issue(folder, "between", "authority", by="authority")
    _issue(folder, "leaf", "server", by="between")
    both = [(folder / name).read_text() for name in ("leaf.pem", "between.pem")]
    (folder / CHAIN).write_text("".join(both))
    (folder / "leaf.key").rename(folder / KEY)


def _issue(folder: Path, name: str, kind: str, *, by: str | None) -> None:
    signed = ["-CA", f"{by}.pem", "-CAkey", f"{by}.key"] if by else []
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt"),
            *("ec_paramgen_curve:prime256v1", "-nodes", "-days", "30", "-subj", f"/CN={name}"),
            *("-config", "openssl.cnf", "-extensions", kind, *signed),
            *("-keyout", f"{name}.key", "-out", f"{name}.pem"),
        ],
        check=True,
        capture_output=True,
        cwd=folder,
    )
