"""Addresses in settings."""

from urllib.parse import urlsplit

from headwater.destinations.kit.hooks import url_problems
from headwater.errors import Problem


def host_problems(url: str, setting: str) -> list[Problem]:
    """What is wrong with the address that a service of one's own, or of one's own region, is at: places are added
    to it, and credentials travel there.
    """
    found = url_problems(url, setting, https=True)
    if not found and (urlsplit(url).query or urlsplit(url).fragment):
        return [Problem("expected no query and no fragment", setting)]
    return found
