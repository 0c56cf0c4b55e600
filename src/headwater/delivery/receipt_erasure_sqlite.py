"""Removes receipts of users from the store of jobs, and what those of others say of them. In a transaction."""

import re
from collections.abc import Collection, Sequence
from typing import Final

import msgspec

from headwater.delivery.receipts import Receipt, decode, encode
from headwater.lake.receipts import mentions
from headwater.sqlite import Connection

BLOBS_AT_ONCE: Final = 100
"""Looked through in one transaction."""


class Theirs:
    def __init__(self, users: Collection[str], before: int) -> None:
        self._users = frozenset(users)
        self._before = before
        self._patterns = [re.compile(pattern) for pattern in mentions(users)]

    def without(self, receipts: Sequence[Receipt]) -> tuple[list[Receipt], int]:
        """(what is left, how many rows and texts are gone)"""
        rest, gone = [], 0
        for receipt in receipts:
            if receipt.user_id in self._users and receipt.offset < self._before:
                gone += 1
                continue
            message = "" if self._mentioned(receipt.message) else receipt.message
            exchange = receipt.exchange
            if exchange and self._mentioned(exchange.decode("utf-8", "replace")):
                exchange = None
            if (message, exchange) == (receipt.message, receipt.exchange):
                rest.append(receipt)
                continue
            gone += 1
            rest.append(msgspec.structs.replace(receipt, message=message, exchange=exchange))
        return rest, gone

    def _mentioned(self, text: str) -> bool:
        return any(pattern.search(text) for pattern in self._patterns)


def erase_blobs(db: Connection, their: Theirs, after: int) -> tuple[int, int]:
    """(removed, the last one looked at)"""
    removed = 0
    rows = db.execute(
        "SELECT id, blob FROM receipt_blobs WHERE id > ? ORDER BY id LIMIT ?", (after, BLOBS_AT_ONCE)
    ).fetchall()
    for id_, blob in rows:
        receipts = decode(blob)
        rest, gone = their.without(receipts)
        removed += gone
        if gone and rest:
            update = "UPDATE receipt_blobs SET receipts = ?, blob = ? WHERE id = ?"
            db.execute(update, (len(rest), encode(rest), id_))
        elif gone:
            db.execute("DELETE FROM receipt_blobs WHERE id = ?", (id_,))
    return removed, rows[-1][0] if rows else after


def erase_retrying(db: Connection, their: Theirs) -> int:
    removed = 0
    for destination, message_id, blob in db.execute("SELECT * FROM retrying").fetchall():
        rest, gone = their.without(decode(blob))
        removed += gone
        at = destination, message_id
        if gone and rest:
            update = "UPDATE retrying SET blob = ? WHERE destination = ? AND message_id = ?"
            db.execute(update, (encode(rest), *at))
        elif gone:
            db.execute("DELETE FROM retrying WHERE destination = ? AND message_id = ?", at)
    return removed
