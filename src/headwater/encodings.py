"""How a text looks from within an encoding: for who looks for it there."""

import base64
from typing import Final

_FIRST_WHOLE: Final = (0, 2, 3)
"""The first character that belongs to what follows zero, one or two bytes alone."""


def base64_parts(data: bytes) -> list[str]:
    """What Base64 text has in it, wherever in the encoded bytes these are: a part for each of the three places at
    which they can begin, without the characters that they share with their neighbours; in both alphabets.

    >>> base64_parts(b"key!")
    ['a2V5I', 'tleS', 'rZXkh']
    """
    parts: dict[str, None] = {}
    for skipped, first in enumerate(_FIRST_WHOLE):
        encoded = base64.b64encode(bytes(skipped) + data).rstrip(b"=").decode()
        last = len(encoded) if (skipped + len(data)) % 3 == 0 else len(encoded) - 1
        part = encoded[first:last]
        parts |= dict.fromkeys((part, part.replace("+", "-").replace("/", "_")))
    return list(parts)
