"""Who sends: write keys in Basic authorization, bearer tokens, callers' addresses (spec 1.2, 1.8)."""

import base64
import binascii
import ipaddress
from functools import lru_cache

from headwater.config.workspace import Source, Workspace

BASIC_CACHED_MAX = 4_096


@lru_cache(maxsize=BASIC_CACHED_MAX)
def basic_key(authorization: str) -> str:
    """The user name of a Basic header, with or without the colon; empty for anything else."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        text = base64.b64decode(encoded.strip() + "==", validate=False).decode()
    except (binascii.Error, UnicodeDecodeError):
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
        """The address of who sent it: the peer's, or what a trusted proxy says about its own peer."""
        ip = peer[: peer.rfind(":")].strip("[]")
        if not forwarded_for:
            return ip
        for hop in reversed(forwarded_for.split(",")):
            if not self._is_proxy(ip):
                return ip
            ip = hop.strip()
        return ip

    def _is_proxy(self, ip: str) -> bool:
        try:
            address = ipaddress.ip_address(ip)
        except ValueError:
            return False
        return any(address in proxy for proxy in self._proxies)
