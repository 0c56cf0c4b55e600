"""Receipts of deliveries: what is kept of an exchange, for how long, and in which files."""

from typing import Final

from headwater.limits.collection import EVENT_BYTES_MAX
from headwater.units import GIB, KIB, MIB

EXCHANGES_PER_HOUR_FAILED: Final = 1_000
"""Failures of one destination and reason whose request and answer are kept: all of them, until it is an outage.
Spec 2.5 has ten; each is a few KB."""

EXCHANGES_PER_HOUR_DELIVERED: Final = 10
"""The same for successes: enough to see what is being sent."""

EXCHANGE_BYTES_MAX: Final = 64 * KIB
"""Of one receipt: what was asked and answered in its last attempt, masked; and as much again in those before."""

EXCHANGE_REQUEST_BYTES_MAX: Final = EVENT_BYTES_MAX
"""Of one request's body: an event of any size; of a batch the beginning."""

EXCHANGE_ANSWER_BYTES_MAX: Final = 8 * KIB
"""Of one answer's body: what matters stands at its beginning, and pages of HTML are long."""

EXCHANGE_HEADERS_BYTES_MAX: Final = 4 * KIB
"""Of the headers of one request or answer, and of an address."""

ATTEMPTS_MAX: Final = 100
"""Failed attempts that a receipt tells of, the last ones: in four hours of retries there are about sixty."""

RETENTION_S: Final = 30 * 24 * 3600
"""Default. Questions about a delivery come weeks later, with the invoice."""

RETENTION_BYTES: Final = 20 * GIB
"""Default; some 500 million receipts."""

FOLD_RECEIPTS: Final = 100_000
"""So many in no file yet make a new one: some 60 MB while it is written, and a tenth of a second of a question."""

FOLD_S: Final = 60.0
"""Or the oldest of fewer waits so long, so that a question has few small pieces to look at."""

FILE_ROWS_MAX: Final = 250_000
"""A file of this size is never merged again: some 150 MB in memory while it is written or looked through."""

FILE_BYTES_MAX: Final = 32 * MIB
"""The same for files with many exchanges."""

MINUTES_KEPT_S: Final = 14 * 24 * 3600
"""Spec 2.5: two weeks of counts per minute."""

assert EXCHANGE_REQUEST_BYTES_MAX + EXCHANGE_ANSWER_BYTES_MAX < EXCHANGE_BYTES_MAX
