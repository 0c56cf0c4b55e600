"""The team: teammates, passwords, sessions, tokens, failed sign-ins, the audit log."""

from typing import Final

TEAMMATES_MAX: Final = 1_000
"""Teammates are listed whole; a company with more signs in through something else."""

TOKENS_MAX: Final = 1_000
"""API tokens, the expired ones among them: for each program one, and they are listed whole."""

EMAIL_CHARS_MAX: Final = 254
"""RFC 5321: what fits into a path."""

NAME_CHARS_MAX: Final = 100
"""Of a teammate or token; it becomes the author of versions."""

AGENT_CHARS_MAX: Final = 300
"""Of what a browser calls itself, kept with a session."""

LINK_S_MAX: Final = 24 * 3600
"""An invitation or a link for a new password is handed over by a person, who does so the same day."""

PASSWORD_CHARS_MIN: Final = 10
"""NIST SP 800-63B asks for 8; the pauses after failures allow some hundred thousand guesses a year."""

PASSWORD_CHARS_MAX: Final = 256
"""Longer than any sentence that people type; hashing costs the same for all."""

PASSWORD_HASHES_AT_ONCE: Final = 2
"""Each takes 64 MiB and a tenth of a second of a core."""

PASSWORD_HASHES_WAITING_MAX: Final = 32
"""Some three seconds of waiting; more are told to come back."""

SESSION_S_MAX: Final = 30 * 24 * 3600
"""A session ends then, however busy it is."""

SESSION_IDLE_S_MAX: Final = 3 * 24 * 3600
"""Or when nobody has used it for so long: a weekend."""

SESSION_SEEN_S: Final = 300
"""So coarse it is noted that a session was used: a write for every request would be most of its cost."""

SESSIONS_PER_TEAMMATE_MAX: Final = 20
"""Browsers of one person; the oldest is signed out."""

TOKEN_USED_S: Final = 3_600
"""So coarse it is noted that a token was used."""

SIGN_IN_ACCOUNT_PAUSE_S_MAX: Final = 5 * 60
"""The longest pause after failures for one account: who knows somebody's address must not keep them out for long.
"""

SIGN_IN_ADDRESS_PAUSE_S_MAX: Final = 15 * 60
"""The same for one address."""

SIGN_IN_KEPT_S: Final = 24 * 3600
"""Failures are forgotten after so long without another one; far more than the longest pause."""

SIGN_IN_NAMES_MAX: Final = 100_000
"""Accounts and addresses whose failures are counted, some 10 MB; the longest unheard of is forgotten first."""

AUDIT_KEPT_S: Final = 400 * 24 * 3600
"""A year and a month: who looks back once a year finds all of it."""

AUDIT_ENTRIES_MAX: Final = 1_000_000
"""Some 200 MB; a team of twenty makes a tenth of that in a year."""

AUDIT_FAILURES_MAX: Final = 10_000
"""Failed sign-ins among them: strangers make them, and must not push out what the team has done."""

assert PASSWORD_CHARS_MIN < PASSWORD_CHARS_MAX
assert SESSION_SEEN_S < SESSION_IDLE_S_MAX < SESSION_S_MAX
assert max(SIGN_IN_ACCOUNT_PAUSE_S_MAX, SIGN_IN_ADDRESS_PAUSE_S_MAX) < SIGN_IN_KEPT_S
assert AUDIT_FAILURES_MAX < AUDIT_ENTRIES_MAX
