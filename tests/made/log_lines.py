"""Lines of access logs, made for tests."""

from collections.abc import Iterable
from datetime import UTC, datetime

START = 1795377600.0
"""2026-11-22 20:00:00 UTC."""


def combined(at: float, client: str = "198.51.100.7", target: str = "/a", status: int = 200) -> str:
    """A line in the Combined Log Format, of `at` (epoch seconds)."""
    when = datetime.fromtimestamp(at, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")
    return f'{client} - - [{when}] "GET {target} HTTP/1.1" {status} 5 "-" "Mozilla/5.0"'


def text(lines: Iterable[str]) -> bytes:
    """A file of them."""
    return "".join(f"{line}\n" for line in lines).encode()


_ASKED = (
    ("GET", "/live/v2/{slot}.m4s", 11),
    ("GET", "/live/v2.m3u8", 4),
    ("POST", "/heartbeat", 1),
    ("GET", "/home", 1),
    ("POST", "/sign-in", 1),
    ("GET", "/catalog?page={n}", 1),
    ("POST", "/license", 1),
)
_MIX = [(method, target) for method, target, share in _ASKED for _ in range(share)]


def night_line(form: str, n: int) -> str:
    """Line `n` of a night of 500 requests/s by 100,000 clients: `combined`, or nginx's JSON."""
    at, who = START + n / 500, n * 7919 % 100_000
    method, target = _MIX[n * 31 % len(_MIX)]
    target = target.format(slot=int(at) // 6, n=n % 5_000)
    client, when = f"83.{who >> 16}.{who >> 8 & 255}.{who & 255}", datetime.fromtimestamp(at, UTC)
    request = f"{method} {target} HTTP/1.1"
    if form == "combined":
        return (
            f'{client} - - [{when:%d/%b/%Y:%H:%M:%S %z}] "{request}" 200 {n % 9000} '
            f'"-" "Mozilla/5.0 (SmartTV)" rt=0.0{n % 90 + 10} "HIT"'
        )
    return (
        f'{{"time_iso8601": "{when:%Y-%m-%dT%H:%M:%S}+00:00", "remote_addr": "{client}", '
        f'"account": "viewer-{who}", "request_method": "{method}", "request_uri": "{target}", '
        f'"status": 200, "body_bytes_sent": {n % 9000}, "request_time": "0.0{n % 90 + 10}", '
        '"upstream_cache_status": "HIT", "http_user_agent": "Mozilla/5.0 (SmartTV)"}'
    )
