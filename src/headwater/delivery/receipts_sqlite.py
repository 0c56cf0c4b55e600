"""Receipts in the store of jobs, so that they become durable together with what they are about.

    receipt_blobs      final receipts of one commit, a row each; the fold moves them into files (receipts_fold.py)
    retrying           by destination and message: the receipt of its last attempt, until there is a final one
    delivery_minutes   how many of each outcome, by destination and minute

Functions for inside a transaction of that store.
"""

import sqlite3
from collections.abc import Sequence
from typing import Final

from headwater.delivery.receipts import RETRYING, Receipt, encode

SCHEMA: Final = (
    """CREATE TABLE IF NOT EXISTS receipt_blobs (
      id       INTEGER PRIMARY KEY AUTOINCREMENT,
      receipts INTEGER NOT NULL,   -- how many
      from_ms  INTEGER NOT NULL,   -- of the oldest
      to_ms    INTEGER NOT NULL,   -- of the newest
      blob     BLOB NOT NULL       -- receipts.encode
    ) STRICT""",
    """CREATE TABLE IF NOT EXISTS retrying (
      destination TEXT NOT NULL,
      message_id  TEXT NOT NULL,
      blob        BLOB NOT NULL,   -- receipts.encode, of one
      PRIMARY KEY (destination, message_id)
    ) STRICT, WITHOUT ROWID""",
)


def note(db: sqlite3.Connection, receipts: Sequence[Receipt]) -> None:
    """Of events that have not been tried before."""
    if not receipts:
        return
    final = [receipt for receipt in receipts if receipt.status != RETRYING]
    if len(final) < len(receipts):
        db.executemany(
            "INSERT OR REPLACE INTO retrying VALUES (?, ?, ?)",
            [(r.destination, r.message_id, encode([r])) for r in receipts if r.status == RETRYING],
        )
    if final:
        instants = [receipt.at_ms for receipt in final]
        db.execute(
            "INSERT INTO receipt_blobs (receipts, from_ms, to_ms, blob) VALUES (?, ?, ?, ?)",
            (len(final), min(instants), max(instants), encode(final)),
        )


def settle(db: sqlite3.Connection, receipts: Sequence[Receipt]) -> None:
    """The same of events that may have been."""
    note(db, receipts)
    db.executemany(
        "DELETE FROM retrying WHERE destination = ? AND message_id = ?",
        [(r.destination, r.message_id) for r in receipts if r.status != RETRYING],
    )
