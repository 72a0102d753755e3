"""Signatures, held against the examples of their specifications."""

import base64

import pytest

from loadtests.behavior.signing import (
    SIGN,
    compact_jws,
    hmac_sha256,
    hmac_sha512,
    jws_hs256,
    read,
    s256,
    write,
)
from loadtests.scenario.profile import Encoding, Signature, Signer
from loadtests.scenario.template import Template


def how(encoding: Encoding = Encoding.HEX, header: dict[str, str] | None = None) -> Signature:
    return Signature(
        by=Signer.HMAC_SHA256,
        key=Template.from_text("k"),
        text=Template.from_text("t"),
        encoding=encoding,
        header=header or {},
        headers={},
    )


# RFC 4231, 4.2 to 4.4, 4.7
VECTORS = [
    (b"\x0b" * 20, b"Hi There",
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
     ("87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
     "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854")),
    (b"Jefe", b"what do ya want for nothing?",
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
     ("164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
     "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737")),
    (b"\xaa" * 20, b"\xdd" * 50,
     "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
     ("fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39"
     "bf3e848279a722c806b485a47e67c807b946a337bee8942674278859e13292fb")),
    (b"\xaa" * 131, b"Test Using Larger Than Block-Size Key - Hash Key First",
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
     ("80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
     "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598")),
]  # fmt: skip


@pytest.mark.parametrize(("key", "message", "sha256", "sha512"), VECTORS)
def test_hmac_is_that_of_rfc_4231(key: bytes, message: bytes, sha256: str, sha512: str) -> None:
    assert hmac_sha256(key, message, how()) == sha256
    assert hmac_sha512(key, message, how()) == sha512
    assert (
        hmac_sha256(key, message, how(Encoding.BASE64))
        == base64.b64encode(bytes.fromhex(sha256)).decode()
    )


def test_a_jws_is_that_of_rfc_7515_appendix_a_1() -> None:
    key = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"
    header = b'{"typ":"JWT",\r\n "alg":"HS256"}'
    payload = b'{"iss":"joe",\r\n "exp":1300819380,\r\n "http://example.com/is_root":true}'
    assert compact_jws(header, payload, read(key, Encoding.BASE64URL)) == (
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0"
        "cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    )


def test_a_jws_names_its_algorithm_and_what_the_profile_adds() -> None:
    header = jws_hs256(b"key", b"{}", how(header={"kid": "one"})).partition(".")[0]
    assert read(header, Encoding.BASE64URL) == b'{"typ":"JWT","alg":"HS256","kid":"one"}'


def test_a_pkce_challenge_is_that_of_rfc_7636_appendix_b() -> None:
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert s256(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_every_way_to_sign_a_profile_can_name_is_in_the_table() -> None:
    assert set(SIGN) == set(Signer)


@pytest.mark.parametrize("encoding", Encoding)
def test_bytes_are_read_as_they_were_written(encoding: Encoding) -> None:
    data = bytes(range(128)) if encoding is Encoding.TEXT else bytes(range(256))
    assert read(write(data, encoding), encoding) == data


@pytest.mark.parametrize("encoding", [Encoding.HEX, Encoding.BASE64, Encoding.BASE64URL])
def test_a_key_that_is_not_written_so_is_refused(encoding: Encoding) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read("no key!", encoding)
