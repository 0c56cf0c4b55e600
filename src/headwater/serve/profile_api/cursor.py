"""Where a page ends: what `next` of a cursor says. Opaque to whoever sends it back.

It names the last thing that was shown, not a number of things, so pages stay right while things come and go.
"""

import base64
import binascii
from typing import Any, Final

import msgspec

from headwater.serve.profile_api.errors import invalid

CHARS_MAX: Final = 4_096
"""The longest external id, and what base64 adds to it, is shorter."""

_encode: Final = msgspec.msgpack.Encoder().encode


def write(resource: str, place: Any) -> str:
    """`place` is anything that msgpack has a form for."""
    return base64.urlsafe_b64encode(_encode([resource, place])).decode().rstrip("=")


def decoder(type_: Any) -> "msgspec.msgpack.Decoder[tuple[str, Any]]":
    """Of what `write` wrote with a place of this type."""
    return msgspec.msgpack.Decoder(tuple[str, type_])


def read(resource: str, text: str, decoder: "msgspec.msgpack.Decoder[tuple[str, Any]]") -> Any:
    """The place that was written for this resource; None of an empty text: begin at the beginning."""
    if not text:
        return None
    of, place = "", None
    if len(text) <= CHARS_MAX:
        try:
            data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            of, place = decoder.decode(data)
        except (binascii.Error, ValueError, msgspec.MsgspecError):
            of = ""
    if of != resource:
        raise invalid("next", f"must be the `next` of an earlier answer about {resource}")
    return place
