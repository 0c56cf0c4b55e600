"""Names and ids in the forms that APIs take."""

import re
import uuid
from collections.abc import Mapping
from typing import Any

_WORD_ENDS = re.compile(r"([a-z0-9])([A-Z])")
_OTHER = re.compile(r"[\W_]+")
_NAMESPACE = uuid.UUID("6b0a2f58-8f0a-5d8e-9d6b-0d3f1c1f7a55")


def snake(name: str) -> str:
    """Words in lower case, of whatever alphabet, joined by underscores.

    >>> snake("Order Completed"), snake("firstName"), snake(" Заказ--оформлен ")
    ('order_completed', 'first_name', 'заказ_оформлен')
    """
    return _OTHER.sub("_", _WORD_ENDS.sub(r"\1_\2", name).lower()).strip("_")


def as_uuid(message_id: str, part: str = "") -> str:
    """A UUID for what has a message id, always the same; `part` tells several of one message apart.

    >>> as_uuid("0b3e1c52-7f6a-4c1d-9b0e-2a4d5c6e7f80")
    '0b3e1c52-7f6a-4c1d-9b0e-2a4d5c6e7f80'
    >>> as_uuid("m-1")
    '8554a3d4-e50f-5bfe-96c7-0aaedae7ffcd'
    """
    if not part:
        try:
            return str(uuid.UUID(message_id))
        except ValueError:
            pass  # not one yet
    return str(uuid.uuid5(_NAMESPACE, f"{message_id}\0{part}"))


def set_and_unset(traits: Mapping[str, Any] | None) -> tuple[dict[str, Any], list[str]]:
    """Those that have a value, and the names of those that have lost it: what is null, as of a trait removed.

    >>> set_and_unset({"plan": "pro", "score": None})
    ({'plan': 'pro'}, ['score'])
    """
    given = traits or {}
    kept = {name: value for name, value in given.items() if value is not None}
    return kept, [name for name, value in given.items() if value is None]


def compact(members: Mapping[str, object]) -> dict[str, object]:
    """Without what is not there: None, "" and empty lists and objects. False and 0 are there.

    >>> compact({"a": None, "b": "", "c": 0, "d": [], "e": False})
    {'c': 0, 'e': False}
    """
    return {name: value for name, value in members.items() if value is not None and value not in ("", [], {})}
