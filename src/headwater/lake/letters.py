"""The port of the lake's dead-letter area: deliveries that were given up, too many for the store of jobs."""

from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple, Protocol

from headwater.event import OutboundEvent


class LetterFile(NamedTuple):
    """Its name: the same letters have the same one."""

    first: int
    """Id of the first letter in it ..."""
    last: int
    """... and of the last."""
    revision: int = 0
    """How often somebody's letters were erased from it."""


class FiledLetter(NamedTuple):
    id: int
    destination: str
    event: OutboundEvent
    attempts: int
    first_failed_at_ms: int
    died_at_ms: int
    reason: str
    message: str
    mappings: tuple[str, ...]


class LetterArea(Protocol):
    """Sync, any number of readers, one writer at a time. Errors: StorageError, also when a file is gone."""

    def write(self, file: LetterFile, letters: Sequence[FiledLetter]) -> None:
        """In the order of their ids. Durable on return; a file of this name is replaced."""
        ...

    def newest(
        self, file: LetterFile, *, before_id: int | None, wanted: Callable[[int, str], bool], limit: int
    ) -> list[FiledLetter]:
        """Newest first, those whose id and destination are wanted."""
        ...

    def among(self, file: LetterFile, ids: Collection[int]) -> list[FiledLetter]:
        """Those that it has, in no order."""
        ...

    def of_message(self, file: LetterFile, message_id: str) -> list[FiledLetter]: ...

    def without(self, file: LetterFile, is_gone: Callable[[FiledLetter], bool]) -> list[FiledLetter]:
        """Write the next revision, without these; they are returned. None of them: nothing is written."""
        ...

    def keep_only(self, files: Collection[LetterFile]) -> None:
        """All others go, drafts too."""
        ...
