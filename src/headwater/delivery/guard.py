"""Which addresses a destination may have: none that only this machine or its network can reach.

Whoever may configure a destination could otherwise read what the machine can see: cloud metadata, a database's
HTTP port, the private API (server-side request forgery). Names are no protection, they resolve to anything and
to something else a second later; so the check stands at the one place every connection passes, where its socket
is made, and looks at the address that is really connected to. Literal addresses, redirects and
cached look-ups all pass there.
"""

import errno
import ipaddress
import socket
from typing import Any

_METADATA = frozenset(
    map(
        ipaddress.ip_address,
        ("169.254.169.254", "fd00:ec2::254", "100.100.100.200", "192.0.0.192", "168.63.129.16"),
    )
)
"""Of AWS and most others, Alibaba, Oracle, and Azure, whose one looks like any public address."""
_INSIDE = tuple(map(ipaddress.ip_network, ("192.0.0.0/24", "fec0::/10", "3fff::/20")))
"""Not public either, though `ipaddress` takes them for it, or did before Python 3.11.10."""
_NAT64 = ipaddress.ip_network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class AddressRefusedError(OSError):
    """The destination's address is loopback, private or otherwise not on the public internet."""

    def __init__(self, kind: str) -> None:
        # One text for every kind: a name with several refused addresses then still raises this class, and
        # not a generic "multiple exceptions" (aiohappyeyeballs merges equal errors only).
        super().__init__(errno.EACCES, "address refused")
        self.kind = kind


def refused_kind(address: str) -> str | None:
    """Why a numeric address is refused, None if it is a public one.

    >>> refused_kind("127.0.0.1"), refused_kind("::ffff:10.0.0.1"), refused_kind("1.1.1.1")
    ('loopback', 'private', None)
    """
    ip = _innermost(ipaddress.ip_address(address.partition("%")[0]))
    if ip in _METADATA:
        return "cloud metadata"
    kinds = {
        "unspecified": ip.is_unspecified,
        "loopback": ip.is_loopback,
        "link-local": ip.is_link_local,
        "multicast": ip.is_multicast,
        "reserved": ip.is_reserved,
        "private": not ip.is_global or any(ip in network for network in _INSIDE),
    }
    return next((kind for kind, applies in kinds.items() if applies), None)


def _innermost(ip: Address) -> Address:
    """The IPv4 address that an IPv6 address is another spelling of, if it is."""
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped:
            return ip.ipv4_mapped
        if ip.sixtofour:
            return ip.sixtofour
        if ip.teredo:
            return ip.teredo[1]
        if ip in _NAT64:
            return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip


def public_socket(address_info: tuple[Any, ...]) -> socket.socket:
    """A socket for an address as `getaddrinfo` describes it; AddressRefusedError if it is not a public one."""
    family, type_, protocol, _, address = address_info
    if kind := refused_kind(address[0]):
        raise AddressRefusedError(kind)
    return socket.socket(family, type_, protocol)
