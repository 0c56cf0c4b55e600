"""What cannot be said in SQL."""

from headwater.errors import InputError


class NotInSqlError(InputError):
    """A part of a definition that has no SQL that means the same; `part` is that part, as it is written."""

    def __init__(self, part: str) -> None:
        super().__init__("not_in_sql", f"this cannot be said in SQL: {part}")
        self.part = part
