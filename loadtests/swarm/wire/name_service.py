"""How long a name's addresses may be used: what its name servers say (RFC 1035, section 3.2.1).

The system answers with addresses and keeps their lifetime to itself, so the name servers are asked
for that alone. What they do not know (a hosts file does) is kept as long as browsers keep it.
"""

import _socket
from collections.abc import Iterable, Sequence
from contextlib import suppress

import dns.exception
import dns.flags
import dns.message
import dns.rdatatype
import dns.resolver

from loadtests.units import Seconds

Server = tuple[str, int]
WITHIN: Seconds = 1.0  # a name server that is slower is not waited for: the addresses are known
LONGEST: Seconds = 3600.0  # [A] nobody moves a host's traffic and expects it to take longer
SHORTEST: Seconds = 1.0  # a lifetime of 0 means: ask for each connection; once a second is enough
_MOST = 4096  # bytes of an answer over UDP
_TYPES = {_socket.AF_INET: dns.rdatatype.A, _socket.AF_INET6: dns.rdatatype.AAAA}


def system_servers() -> list[Server]:
    """The name servers this system is set up to ask; empty if it does not say."""
    with suppress(dns.exception.DNSException):
        return [(str(address), 53) for address in dns.resolver.Resolver().nameservers]
    return []


def lifetime(
    host: str, family: int, addresses: Iterable[str], servers: Sequence[Server]
) -> Seconds | None:
    """How long `addresses` of `host` are good; None if no server says, or of other addresses.

    Blocks for at most a second per server: called from a thread.
    """
    query = dns.message.make_query(host, _TYPES[family])
    wire = query.to_wire()
    for server in servers:
        with suppress(OSError, dns.exception.DNSException):
            answer = dns.message.from_wire(_asked(server, wire))
            if query.is_response(answer):
                return _lifetime(answer, set(addresses))
    return None


def _lifetime(answer: dns.message.Message, addresses: set[str]) -> Seconds | None:
    """The shortest of the chain from the name to its addresses (RFC 2181, section 5.2)."""
    said = {str(item) for rrset in answer.answer for item in rrset}
    if not said & addresses:
        return None
    shortest = min(rrset.ttl for rrset in answer.answer)
    return min(max(float(shortest), SHORTEST), LONGEST)


def _asked(server: Server, query: bytes) -> bytes:
    family = _socket.AF_INET6 if ":" in server[0] else _socket.AF_INET
    with_server = _socket.socket(family, _socket.SOCK_DGRAM)
    try:
        with_server.settimeout(WITHIN)
        with_server.connect(server)
        with_server.send(query)
        return with_server.recv(_MOST)
    finally:
        with_server.close()
