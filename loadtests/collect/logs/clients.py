"""Who an address stands for: an account has a name, a client only where it calls from."""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address

_V6_HOST = 64
"""Bits of an IPv6 address its holder chooses: providers hand out /64 (RFC 6177), and one device
goes through many addresses of it (RFC 8981). So who holds the network is taken for the client."""

_V4 = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}")


def holder(address: str, forwarded: str = "") -> str:
    """The client of an address, with or without a port, or of a host's name.

    An address of a private network is that of a proxy of the target's own: there the last public
    address `forwarded` to it counts (X-Forwarded-For), which no client can make up.
    """
    if not forwarded and _V4.fullmatch(address):
        return address  # nearly all there is, and ten times as quick
    own = _parsed(address)
    if own is None:
        return address
    if own.is_private and forwarded:
        passed = [_parsed(part) for part in forwarded.split(",")]
        public = [each for each in passed if each is not None and not each.is_private]
        own = public[-1] if public else own
    if isinstance(own, IPv6Address):
        return str(own.ipv4_mapped or f"{int(own) >> _V6_HOST:x}::/64")
    return str(own)


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return ip_address(text)
    except ValueError:
        return None
