"""Addresses in settings."""

from urllib.parse import urlsplit

from headwater.errors import Problem

URL_CHARS_MAX = 2_048


def host_problems(url: str, setting: str) -> list[Problem]:
    """What is wrong with the address that a service of one's own, or of one's own region, is at. What is wrong is
    said without repeating it: it may carry a key.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return [Problem("is not an address", setting)]
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
        return [Problem("expected https://host (or http://)", setting)]
    if len(url) > URL_CHARS_MAX or not url.isprintable() or " " in url:
        return [Problem(f"expected at most {URL_CHARS_MAX} printable characters, no spaces", setting)]
    if parts.username is not None or parts.password is not None:
        return [Problem("credentials do not belong into an address", setting)]
    if parts.query or parts.fragment:
        return [Problem("expected no query and no fragment", setting)]
    return []
