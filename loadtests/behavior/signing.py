"""Ways to sign a request, as a table: HMAC (RFC 2104) and JSON Web Signature (RFC 7515).

JWS with RSA or elliptic curves (RS256, ES256) needs big-number arithmetic that neither the standard
library nor any dependency here brings: a gateway in front of the target has to add those.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping

from loadtests.scenario.profile import Encoding, Signature, Signer

Sign = Callable[[bytes, bytes, Signature], str]
"""Key, what is signed, and how, to the signature."""


def hmac_sha256(key: bytes, message: bytes, how: Signature) -> str:
    """HMAC with SHA-256 (RFC 2104, RFC 6234), written as `how.encoding` says."""
    return write(hmac.digest(key, message, "sha256"), how.encoding)


def hmac_sha512(key: bytes, message: bytes, how: Signature) -> str:
    """HMAC with SHA-512, written as `how.encoding` says."""
    return write(hmac.digest(key, message, "sha512"), how.encoding)


def jws_hs256(key: bytes, message: bytes, how: Signature) -> str:
    """The compact JWS (RFC 7515, 3.1) of a payload, signed with HMAC-SHA256 (RFC 7518, 3.2)."""
    header = {"typ": "JWT", "alg": "HS256", **how.header}
    return compact_jws(json.dumps(header, separators=(",", ":")).encode(), message, key)


def compact_jws(header: bytes, payload: bytes, key: bytes) -> str:
    """A JWS of a protected header as it stands: `header.payload.signature`, each base64url."""
    signed = f"{_base64url(header)}.{_base64url(payload)}"
    return f"{signed}.{_base64url(hmac.digest(key, signed.encode(), 'sha256'))}"


SIGN: Mapping[Signer, Sign] = {
    Signer.HMAC_SHA256: hmac_sha256,
    Signer.HMAC_SHA512: hmac_sha512,
    Signer.JWS_HS256: jws_hs256,
}
"""A further way is a function and a line here (and its name in `scenario.profile.Signer`)."""


def s256(verifier: str) -> str:
    """The PKCE challenge of a verifier (RFC 7636, 4.2)."""
    return _base64url(hashlib.sha256(verifier.encode("ascii")).digest())


def write(data: bytes, encoding: Encoding) -> str:
    """Bytes as a text."""
    match encoding:
        case Encoding.HEX:
            return data.hex()
        case Encoding.BASE64:
            return base64.b64encode(data).decode()
        case Encoding.BASE64URL:
            return _base64url(data)
        case Encoding.TEXT:
            return data.decode("latin-1")


def read(text: str, encoding: Encoding) -> bytes:
    """Bytes of a text; ValueError: it is not written so."""
    match encoding:
        case Encoding.HEX:
            return bytes.fromhex(text)
        case Encoding.BASE64:
            return base64.b64decode(text, validate=True)
        case Encoding.BASE64URL:
            return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        case Encoding.TEXT:
            return text.encode()


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
