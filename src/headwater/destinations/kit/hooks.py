"""What webhooks have in common: addresses and headers that people give us, signatures, Segment's own headers."""

import base64
import hmac
import ipaddress
import re
from collections.abc import Generator, Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import msgspec

from headwater.destinations.kit.exchange import ask_all
from headwater.destinations.kit.model import (
    Answer,
    Answers,
    Calls,
    Delivered,
    Outcome,
    Request,
    Response,
)
from headwater.destinations.kit.outcome import http_outcome
from headwater.errors import Problem

URL_CHARS_MAX = 2_048
HEADERS_BYTES_MAX = 4_096
"""All custom headers together, and the same for extra settings; common servers refuse a head above 8 KiB."""
REACH_TIMEOUT_S = 5.0

SEGMENT_HEADERS = {
    "User-Agent": "Segment.io/1.0",
    "Content-Type": "application/json",
    "Accept": "*/*",
    "Cache-Control": "no-cache",
    "Connection": "Keep-Alive",
}
"""Of the partner subscription webhook (spec 2.2)."""

_OURS = {
    *("host", "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "te", "trailer"),
    *("expect", "x-signature", "x-segment-settings"),
}
"""Headers that frame or sign the request: nobody else can set them and be understood."""
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e]*")
_NOT_FOR_US = {
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.PROXY_AUTHENTICATION_REQUIRED,
    HTTPStatus.GONE,
}

# --- headers ----------------------------------------------------------------------------------------------


def signature(secret: bytes, body: bytes) -> dict[str, str]:
    """Over exactly these bytes; receivers verify before they parse."""
    return {"X-Signature": hmac.digest(secret, body, "sha1").hex()}


def extra_settings(settings: Mapping[str, Any]) -> dict[str, str]:
    """Settings that an endpoint knows and we do not.

    >>> extra_settings({"region": "eu"})
    {'X-Segment-Settings': 'eyJyZWdpb24iOiJldSJ9'}
    """
    return {"X-Segment-Settings": base64.b64encode(msgspec.json.encode(settings)).decode()}


def respelled(custom: Mapping[str, str], standard: Mapping[str, str]) -> dict[str, str]:
    """Custom headers under the spelling of the standard header they replace, so that each is sent once.

    >>> respelled({"user-agent": "us", "x-a": "1"}, {"User-Agent": "them"})
    {'User-Agent': 'us', 'x-a': '1'}
    """
    spelling = {name.lower(): name for name in standard}
    return {spelling.get(name.lower(), name): value for name, value in custom.items()}


# --- what is wrong with settings --------------------------------------------------------------------------


def url_problems(url: str, path: str, *, https: bool = False) -> list[Problem]:
    """`https`: nothing else, but for addresses that can only be on the inside anyway."""
    # Addresses may carry keys: what is wrong is said without repeating them.
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return [Problem("is not an address", path)]
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
        return [Problem("expected https://host/path (or http://)", path)]
    if len(url) > URL_CHARS_MAX or not url.isprintable() or " " in url:
        return [Problem(f"expected at most {URL_CHARS_MAX} printable characters, no spaces", path)]
    if parts.username is not None or parts.password is not None:
        return [Problem("credentials do not belong into an address; use `api_key` or `headers`", path)]
    if https and parts.scheme != "https" and not is_inside(parts.hostname):
        return [Problem("expected https://: events would travel unencrypted", path)]
    return []


def is_inside(host: str) -> bool:
    """Whether a host is one that only `allow_private_destinations` lets us reach at all.

    >>> is_inside("127.0.0.1"), is_inside("localhost"), is_inside("10.1.2.3"), is_inside("example.com")
    (True, True, True, False)
    """
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def header_problems(headers: Mapping[str, str], *, api_key: bool = False, path: str = "headers") -> list[Problem]:
    """`api_key`: whether one sets `Authorization` already."""
    found = []
    seen: set[str] = set()
    for name, value in headers.items():
        place, lower = f"{path}.{name}", name.lower()
        if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
            found.append(Problem("not a valid HTTP header", place))
        elif lower in _OURS:
            found.append(Problem("this header is set by Headwater", place))
        elif lower == "authorization" and api_key:
            found.append(Problem("`api_key` sets this header already", place))
        elif lower in seen:
            found.append(Problem("given twice; header names compare without case", place))
        seen.add(lower)
    if sum(len(name) + len(value) for name, value in headers.items()) > HEADERS_BYTES_MAX:
        found.append(Problem(f"at most {HEADERS_BYTES_MAX} bytes together", path))
    return found


def extra_settings_problems(settings: Mapping[str, Any]) -> list[Problem]:
    if len(msgspec.json.encode(settings)) > HEADERS_BYTES_MAX:
        return [Problem(f"at most {HEADERS_BYTES_MAX} bytes as JSON", "settings")]
    return []


def white_space_problems(**values: str) -> list[Problem]:
    """Of settings by their name: keys that were copied with more than themselves."""
    message = "has white space at an end, which is rarely meant"
    return [Problem(message, name) for name, value in values.items() if value != value.strip()]


# --- testing a connection ---------------------------------------------------------------------------------


def reachable(urls: Sequence[str], headers: Mapping[str, str]) -> Generator[Calls, Answers, list[Outcome]]:
    """Whether somebody is at each address who lets us in. Asked with HEAD, which changes nothing anywhere; a
    webhook that answers 405 to it is there all the same.
    """
    sent = {name: value for name, value in headers.items() if name not in ("Content-Type", "X-Signature")}
    answers = yield from ask_all([Request("HEAD", url, sent, b"", REACH_TIMEOUT_S) for url in urls])
    return [_is_there(answer) for answer in answers]


def _is_there(answer: Answer) -> Outcome:
    if isinstance(answer, Response) and 300 <= answer.status < 500 and answer.status not in _NOT_FOR_US:
        return Delivered(str(answer.status))
    return http_outcome(answer)
