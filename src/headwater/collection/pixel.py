"""Events in the address of an image (spec 1.13): what an e-mail or an AMP page can send."""

import base64
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl

import msgspec

from headwater import limits

GIF: Final = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
"""One transparent pixel, the answer to every request of the pixel API, also when the event is refused."""

NESTING_MAX: Final = 16
"""Dots in a flat key. Real events nest three deep; without a bound, 48 KiB of dots exhaust the JSON encoder."""

_TO_STANDARD_ALPHABET: Final = str.maketrans({"-": "+", "_": "/", " ": "+", "=": None})
"""The space is a `+` that was put into the address without escaping it."""


class Pixel(NamedTuple):
    """One event, as if posted to `/v1/<call>`."""

    write_key: str
    """Empty when there was none."""
    body: bytes
    """A JSON object, at most EVENT_BYTES_MAX long."""


class Unreadable(NamedTuple):
    """Why there is no event in this query; `reason` is a stable code, fit for a counter's label."""

    reason: str


def read(call: str, query: bytes) -> Pixel | Unreadable:
    """The event in the query string of `/v1/pixel/<call>`. Never raises.

    >>> read("track", b"writeKey=WK&userId=u&event=Email%20Opened&properties.subject=Hi").body
    b'{"userId":"u","event":"Email Opened","properties":{"subject":"Hi"},"type":"track"}'
    """
    if len(query) > limits.collection.PIXEL_QUERY_BYTES_MAX:
        return Unreadable("query_too_large")
    try:
        parameters = dict(parse_qsl(query.decode("ascii"), keep_blank_values=True, errors="strict"))
        write_key = parameters.pop("writeKey", "")
        event = _decoded(parameters["data"]) if "data" in parameters else _nested(parameters)
        if not isinstance(event, dict):
            return Unreadable("not_an_object")
        inner_key = event.pop("writeKey", "")
        body = msgspec.json.encode(event | {"type": call})
    except (ValueError, RecursionError):  # not ASCII, UTF-8, base64 or JSON; or nested too deeply to be an event
        return Unreadable("malformed")
    if len(body) > limits.collection.EVENT_BYTES_MAX:
        return Unreadable("event_too_large")
    return Pixel(write_key or (inner_key if isinstance(inner_key, str) else ""), body)


def _decoded(data: str) -> Any:
    """The JSON in base64 of either alphabet, padded or not."""
    digits = data.translate(_TO_STANDARD_ALPHABET)
    return msgspec.json.decode(base64.b64decode(digits + "=" * (-len(digits) % 4), validate=True))


def _nested(parameters: dict[str, str]) -> dict[str, Any]:
    """`{"a.b": "x"}` as `{"a": {"b": "x"}}`. Where two keys want the same place, the first one has it."""
    event: dict[str, Any] = {}
    for key, value in parameters.items():
        *parents, name = key.split(".", NESTING_MAX)
        place: Any = event
        for parent in parents:
            place = place.setdefault(parent, {})
            if not isinstance(place, dict):
                break
        if isinstance(place, dict):
            place.setdefault(name, value)
    return event
