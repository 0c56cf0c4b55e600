"""Attempts to sign in, and how long one has to wait after those that failed.

Counted per account, whether or not there is one of this name, and per address. Each attempt counts as failed from
the moment in which it begins, so that a thousand at once are not a thousand free ones; success takes it back.

The pause doubles with every failure. It is capped, because whoever knows somebody's address could otherwise keep
them out for ever: at the cap, a year of guessing is some hundred thousand guesses at passwords of ten characters
or more.
"""

import ipaddress
from typing import Final, NamedTuple, Protocol

from headwater import limits


class Tally(NamedTuple):
    failures: int
    last_ms: int


class Rule(NamedTuple):
    free: int
    """Failures that cost nothing: people mistype."""
    pause_s_max: int


ACCOUNT: Final = Rule(free=5, pause_s_max=limits.team.SIGN_IN_ACCOUNT_PAUSE_S_MAX)
ADDRESS: Final = Rule(free=20, pause_s_max=limits.team.SIGN_IN_ADDRESS_PAUSE_S_MAX)
"""A whole office may share one."""


class Attempts(Protocol):
    """Sync, from any thread and process. Names are kept as keyed hashes: people type passwords into the wrong
    field.
    """

    def begin(self, email: str, address: str, at_ms: int) -> int:
        """0: go on, and it is counted; otherwise the milliseconds to wait, and nothing is counted."""
        ...

    def succeed(self, email: str, address: str) -> None:
        """The account starts from zero; of the address only this attempt is taken back."""
        ...


def wait_ms(rule: Rule, tally: Tally, at_ms: int) -> int:
    """How long until the next attempt.

    >>> [wait_ms(ACCOUNT, Tally(failures, 0), 0) // 1000 for failures in (4, 5, 6, 7, 99)]
    [0, 1, 2, 4, 300]
    """
    over = tally.failures - rule.free
    if over < 0:
        return 0
    pause_ms = min(rule.pause_s_max, 1 << min(over, 30)) * 1000
    return max(0, min(pause_ms, tally.last_ms + pause_ms - at_ms))


def neighbourhood(address: str) -> str:
    """What is counted as one address: of IPv6 the network, as everybody has 2^64 addresses of their own there.

    >>> neighbourhood("192.0.2.7"), neighbourhood("2001:db8:1:2:3:4:5:6"), neighbourhood("")
    ('192.0.2.7', '2001:db8:1:2::/64', '')
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(parsed) if parsed.version == 4 else str(ipaddress.ip_network((parsed, 64), strict=False))
