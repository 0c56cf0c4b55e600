"""Who sends: write keys in Basic authorization, bearer tokens, callers' addresses (spec 1.2, 1.8)."""

import base64
import ipaddress
from functools import lru_cache

from headwater.config.workspace import Source, Workspace

BASIC_CACHED_MAX = 4_096

_MAPPED = "::ffff:"
"""How a socket that listens on IPv6 writes an IPv4 peer."""


@lru_cache(maxsize=BASIC_CACHED_MAX)
def basic_key(authorization: str) -> str:
    """The user name of a Basic header, with or without the colon; empty for anything else."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        text = base64.b64decode(encoded.strip() + "==", validate=False).decode()
    except ValueError:  # neither base64, nor UTF-8, nor even ASCII
        return ""
    return text.partition(":")[0]


def bearer_token(authorization: str) -> str:
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


class Senders:
    """The sources of a workspace by write key, and whom to believe about a caller's address."""

    def __init__(self, workspace: Workspace) -> None:
        self.by_key: dict[str, Source] = {source.write_key: source for source in workspace.sources}
        self.believes_proxies = bool(workspace.settings.trusted_proxies)
        self._proxies = [ipaddress.ip_network(proxy) for proxy in workspace.settings.trusted_proxies]

    def caller_ip(self, peer: str, forwarded_for: str | None) -> str:
        """The address of who sent it: the peer's, or what a trusted proxy says about its own peer; empty when the
        proxy says something that is no address (`unknown`, a name, what a client made up).
        """
        ip = peer[: peer.rfind(":")].strip("[]").removeprefix(_MAPPED)
        if not forwarded_for:
            return ip
        for hop in reversed(forwarded_for.split(",")):
            if not self._is_proxy(ip):
                return ip
            ip = _address(hop.strip())
        return ip

    def _is_proxy(self, ip: str) -> bool:
        try:
            address = ipaddress.ip_address(ip)
        except ValueError:
            return False
        return any(address in proxy for proxy in self._proxies)


def _address(hop: str) -> str:
    """The address in one hop of X-Forwarded-For, without a port; empty when there is none."""
    if hop.startswith("["):
        hop = hop[1:].partition("]")[0]
    elif hop.count(":") == 1:
        hop = hop.partition(":")[0]
    try:
        return str(ipaddress.ip_address(hop)).removeprefix(_MAPPED)
    except ValueError:
        return ""
