"""SQL for Postgres, as `Rows` carries it: `%s` for values, and `%` twice where it is one."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

NAME_BYTES_MAX: Final = 63
"""Of a table or column; Postgres cuts off the rest in silence."""


def upsert(schema: str, table: str, columns: Sequence[str], keys: Sequence[str]) -> str:
    """Values travel as text and take the type of their column."""
    names = ", ".join(map(quoted, columns))
    changed = ", ".join(f"{quoted(name)} = EXCLUDED.{quoted(name)}" for name in columns if name not in keys)
    return (
        f"INSERT INTO {quoted(schema)}.{quoted(table)} ({names}) VALUES ({', '.join(['%s'] * len(columns))}) "  # noqa: S608 - names are quoted
        f"ON CONFLICT ({', '.join(map(quoted, keys))}) DO {f'UPDATE SET {changed}' if changed else 'NOTHING'}"
    )


def quoted(name: str) -> str:
    """An identifier. `%` twice: the driver looks for places of parameters.

    >>> quoted('a "b" 5%')
    '"a ""b"" 5%%"'
    """
    return '"' + name.replace("\0", "").replace('"', '""').replace("%", "%%") + '"'


def cut(name: str) -> str:
    return name.encode()[:NAME_BYTES_MAX].decode(errors="ignore")


def text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()
