"""Looking through definitions without knowing every kind of node."""

from collections.abc import Iterator
from typing import Any

import msgspec


def nodes(node: Any) -> Iterator[Any]:
    """The node and every one inside it, the outer first, in the order in which they are written."""
    yield node
    for name in node.__struct_fields__:
        value = getattr(node, name)
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, msgspec.Struct):
                yield from nodes(item)
