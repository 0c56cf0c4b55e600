"""Dead letters in the store of jobs, and beyond a bound in files of the lake. None is ever dropped.

    dead_letters ──the oldest, when there are too many──▶ file

A file counts from the transaction on that names it and takes its letters out of the table; a kill before leaves a
file that nobody names, and the next one of its name replaces it. What becomes of a letter in a file is written
beside it: `letters_gone` has the ids of those that were tried again or let go. The file goes with its last letter.

Functions of a class that does not open transactions: whoever calls has one open, for reading too.
"""

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cached_property
from typing import Any, Final

import msgspec

from headwater import limits
from headwater.delivery.jobs import DeadLetter, LetterGroup
from headwater.event import OutboundEvent
from headwater.lake.letters import FiledLetter, LetterArea, LetterFile
from headwater.sqlite import Connection

SCHEMA: Final = (
    """CREATE TABLE IF NOT EXISTS dead_letters (
      id                 INTEGER PRIMARY KEY AUTOINCREMENT,
      destination        TEXT NOT NULL,
      event              BLOB NOT NULL,
      attempts           INTEGER NOT NULL,
      first_failed_at_ms INTEGER NOT NULL,
      died_at_ms         INTEGER NOT NULL,
      reason             TEXT NOT NULL,
      message            TEXT NOT NULL,
      message_id         TEXT NOT NULL DEFAULT '',
      mappings           TEXT NOT NULL DEFAULT ''
    ) STRICT""",
    "CREATE INDEX IF NOT EXISTS dead_letters_by_destination ON dead_letters (destination, id)",
    # So that counting reads no event.
    "CREATE INDEX IF NOT EXISTS dead_letters_by_reason ON dead_letters (destination, reason, died_at_ms)",
    """CREATE TABLE IF NOT EXISTS letter_files (
      first    INTEGER PRIMARY KEY,   -- ids of the letters in it
      last     INTEGER NOT NULL,
      revision INTEGER NOT NULL,
      letters  INTEGER NOT NULL       -- in it, without those that are gone
    ) STRICT""",
    """CREATE TABLE IF NOT EXISTS letters_gone (
      id INTEGER PRIMARY KEY          -- in a file, and tried again or let go
    ) STRICT""",
    """CREATE TABLE IF NOT EXISTS letters_filed (
      destination TEXT PRIMARY KEY,
      letters     INTEGER NOT NULL    -- in files, without those that are gone
    ) STRICT, WITHOUT ROWID""",
)

INSERT: Final = """
INSERT INTO dead_letters
  (destination, event, attempts, first_failed_at_ms, died_at_ms, reason, message, mappings, message_id)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
SELECT: Final = """
SELECT destination, event, attempts, first_failed_at_ms, died_at_ms, reason, message, id, mappings
FROM dead_letters
"""
NEWEST: Final = f"{SELECT} WHERE ?1 IS NULL OR id < ?1 ORDER BY id DESC LIMIT ?2"
NEWEST_OF_ONE: Final = f"""
{SELECT} WHERE destination = ?3 AND (?1 IS NULL OR id < ?1) ORDER BY id DESC LIMIT ?2
"""
AMONG: Final = f"{SELECT} WHERE id IN (SELECT value FROM json_each(?))"  # noqa: S608 - ours
GROUPS: Final = """
SELECT destination, reason, count(*), min(died_at_ms), max(died_at_ms)
FROM dead_letters GROUP BY destination, reason
UNION ALL SELECT destination, '', letters, 0, 0 FROM letters_filed
"""
BURY: Final = """
INSERT INTO dead_letters
  (destination, event, attempts, first_failed_at_ms, died_at_ms, reason, message, mappings, message_id)
SELECT destination, event, attempts, first_failed_at_ms, ?, ?, message, mappings, message_id
FROM jobs WHERE destination = ? ORDER BY id
"""
REVIVE: Final = """
INSERT INTO jobs
  (destination, event, attempts, first_failed_at_ms, due_at_ms, reason, message, mappings, message_id, person)
VALUES (?1, ?2, 1, ?3, ?3, ?4, ?5, ?6, ?7, ?8)
"""
FILED: Final = """
INSERT INTO letters_filed VALUES (?, ?)
ON CONFLICT (destination) DO UPDATE SET letters = letters + excluded.letters
"""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(OutboundEvent).decode


class SqliteLetters:
    def __init__(self, db: Connection, open_area: Callable[[], LetterArea], *, letters_max: int) -> None:
        """`letters_max` in the table; a tenth more, before a file is worth it."""
        self._db = db
        self._open_area = open_area
        self._max = letters_max
        self._file_letters = max(1, min(letters_max // 10, limits.letters.FILE_LETTERS_MAX))
        self.is_untidy = False
        """There are files that do not count any more: `tidy` once the transaction cannot be undone."""

    @cached_property
    def _area(self) -> LetterArea:
        return self._open_area()

    # --- reading ------------------------------------------------------------------------------------------

    def newest(self, destination: str | None, *, limit: int, before_id: int | None) -> list[DeadLetter]:
        query, more = (NEWEST, ()) if destination is None else (NEWEST_OF_ONE, (destination,))
        found = [_letter(row) for row in self._db.execute(query, (before_id, limit, *more))]
        if len(found) == limit:
            return found
        gone = self._gone()

        def wanted(id_: int, of: str) -> bool:
            return destination in {None, of} and id_ not in gone

        for file in reversed(self.files()):
            if len(found) == limit:
                break
            if before_id is None or file.first < before_id:
                filed = self._area.newest(file, before_id=before_id, wanted=wanted, limit=limit - len(found))
                found += map(_unfiled, filed)
        return found

    def among(self, ids: Collection[int]) -> list[DeadLetter]:
        rows = self._db.execute(AMONG, (json.dumps(list(ids)),))
        return [*map(_letter, rows), *map(_unfiled, self._filed(ids))]

    def of_message(self, message_id: str) -> list[DeadLetter]:
        found = [_letter(row) for row in self._db.execute(f"{SELECT} WHERE message_id = ?", (message_id,))]
        gone = self._gone()
        for file in self.files():
            filed = self._area.of_message(file, message_id)
            found += [_unfiled(letter) for letter in filed if letter.id not in gone]
        return found

    def counts(self) -> dict[str, int]:
        """By destination."""
        counts = dict(self._db.execute("SELECT destination, count(*) FROM dead_letters GROUP BY destination"))
        for destination, letters in self._db.execute("SELECT destination, letters FROM letters_filed"):
            counts[destination] = counts.get(destination, 0) + letters
        return counts

    def groups(self) -> list[LetterGroup]:
        return [LetterGroup(*row) for row in self._db.execute(GROUPS)]

    def files(self) -> list[LetterFile]:
        rows = self._db.execute("SELECT first, last, revision FROM letter_files ORDER BY first").fetchall()
        return [LetterFile(*row) for row in rows]

    def _gone(self) -> frozenset[int]:
        return frozenset(id_ for (id_,) in self._db.execute("SELECT id FROM letters_gone"))

    def _filed(self, ids: Collection[int]) -> list[FiledLetter]:
        """Those that are in files, and not gone."""
        files = self.files()
        if not files:
            return []
        gone = self._gone()
        left = set(ids) - gone
        found: list[FiledLetter] = []
        for file in files:
            here = {id_ for id_ in left if file.first <= id_ <= file.last}
            if here:
                found += self._area.among(file, here)
        return found

    # --- writing ------------------------------------------------------------------------------------------

    def add(self, letters: Iterable[DeadLetter]) -> None:
        rows = [_row(letter) for letter in letters]
        if rows:
            self._db.executemany(INSERT, rows)
            self.make_room()

    def make_room(self) -> None:
        """The oldest beyond the bound go into files."""
        ((newest,),) = self._db.execute("SELECT max(id) FROM dead_letters")
        too_old = (newest or 0) - self._max
        surplus = "SELECT count(*) FROM (SELECT 1 FROM dead_letters WHERE id <= ? LIMIT ?)"
        while self._db.execute(surplus, (too_old, self._file_letters)).fetchone()[0] == self._file_letters:
            self._file_oldest(too_old)

    def _file_oldest(self, too_old: int) -> None:
        letters, size_bytes = [], 0
        rows = self._db.execute(f"{SELECT} WHERE id <= ? ORDER BY id LIMIT ?", (too_old, self._file_letters))
        for row in rows:
            letters.append(_letter(row))
            size_bytes += len(letters[-1].event.body)
            if size_bytes > limits.letters.FILE_BYTES_MAX:
                break
        rows.close()
        file = LetterFile(letters[0].id, letters[-1].id)
        self._area.write(file, [_filed(letter) for letter in letters])
        self._db.execute("INSERT OR REPLACE INTO letter_files VALUES (?, ?, ?, ?)", (*file, len(letters)))
        self._db.executemany(FILED, [(letter.destination, 1) for letter in letters])
        self._db.execute("DELETE FROM dead_letters WHERE id BETWEEN ? AND ?", (file.first, file.last))

    def bury(self, destination: str, *, reason: str, at_ms: int) -> None:
        """The jobs of this destination become letters; the jobs stay."""
        self._db.execute(BURY, (at_ms, reason, destination))
        self.make_room()

    def revive(self, ids: Collection[int], *, at_ms: int) -> int:
        """They become jobs, if anybody still delivers to their destination; how many did."""
        known = {name for (name,) in self._db.execute("SELECT destination FROM positions")}
        letters = [letter for letter in self.among(ids) if letter.destination in known]
        self._db.executemany(
            REVIVE,
            [
                (
                    letter.destination,
                    _encode(letter.event),
                    at_ms,
                    letter.reason,
                    letter.message,
                    mappings_text(letter.mappings),
                    letter.event.message_id,
                    letter.event.person,
                )
                for letter in letters
            ],
        )
        return self.discard([letter.id for letter in letters])

    def discard(self, ids: Collection[int]) -> int:
        chosen = set(ids)
        count = self._db.executemany("DELETE FROM dead_letters WHERE id = ?", [(id_,) for id_ in chosen]).rowcount
        filed = self._filed(chosen)
        self._db.executemany("INSERT INTO letters_gone VALUES (?)", [(letter.id,) for letter in filed])
        self._take_off(filed)
        return count + len(filed)

    def _take_off(self, letters: Sequence[FiledLetter]) -> None:
        """Of the counts; a file without letters goes."""
        self._db.executemany(FILED, [(letter.destination, -1) for letter in letters])
        fewer = "UPDATE letter_files SET letters = letters - 1 WHERE first <= ?1 AND last >= ?1"
        self._db.executemany(fewer, [(letter.id,) for letter in letters])
        self._db.execute("DELETE FROM letters_filed WHERE letters = 0")
        for first, last in self._db.execute("SELECT first, last FROM letter_files WHERE letters = 0").fetchall():
            self._db.execute("DELETE FROM letter_files WHERE first = ?", (first,))
            self._db.execute("DELETE FROM letters_gone WHERE id BETWEEN ? AND ?", (first, last))
            self.is_untidy = True

    def erase_file(self, is_theirs: Callable[[OutboundEvent], bool], *, after: int) -> tuple[int, int]:
        """From the first file whose letters are all beyond this id: how many were removed, and the last id in it.
        (0, 0): there is none.
        """
        file = next((each for each in self.files() if each.first > after), None)
        if file is None:
            return 0, 0
        gone = self._gone()
        removed = self._area.without(file, lambda letter: letter.id in gone or is_theirs(letter.event))
        if removed:
            revision = "UPDATE letter_files SET revision = revision + 1 WHERE first = ?"
            self._db.execute(revision, (file.first,))
            self.is_untidy = True
            self._db.executemany("DELETE FROM letters_gone WHERE id = ?", [(letter.id,) for letter in removed])
            self._take_off([letter for letter in removed if letter.id not in gone])
        return len(removed), file.last

    def tidy(self) -> None:
        """Files that are not named any more go. In a transaction for writing, so that nobody is about to name one,
        and when all before it are durable.
        """
        self._area.keep_only(self.files())
        self.is_untidy = False


def mappings_text(mappings: tuple[str, ...]) -> str:
    return json.dumps(mappings) if mappings else ""


def mappings_of(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text)) if text else ()


def _letter(row: Sequence[Any]) -> DeadLetter:
    destination, event, attempts, first_ms, died_ms, reason, message, id_, mappings = row
    known = destination, _decode(event), attempts, first_ms, died_ms
    return DeadLetter(*known, reason, message, id_, mappings_of(mappings))


def _row(letter: DeadLetter) -> tuple[Any, ...]:
    return (
        letter.destination,
        _encode(letter.event),
        letter.attempts,
        letter.first_failed_at_ms,
        letter.died_at_ms,
        letter.reason,
        letter.message,
        mappings_text(letter.mappings),
        letter.event.message_id,
    )


def _filed(letter: DeadLetter) -> FiledLetter:
    return FiledLetter(
        letter.id,
        letter.destination,
        letter.event,
        letter.attempts,
        letter.first_failed_at_ms,
        letter.died_at_ms,
        letter.reason,
        letter.message,
        letter.mappings,
    )


def _unfiled(letter: FiledLetter) -> DeadLetter:
    return DeadLetter(
        letter.destination,
        letter.event,
        letter.attempts,
        letter.first_failed_at_ms,
        letter.died_at_ms,
        letter.reason,
        letter.message,
        letter.id,
        letter.mappings,
    )
