"""Events as they are shown to people: as they were sent, without what nobody needs to see."""

import re
from typing import Final

from headwater.config.secrets import MASK

_WRITE_KEY: Final = re.compile(rb'("writeKey"\s*:\s*")[^"]*"')
_MASKED: Final = rb"\1" + MASK.encode() + b'"'


def without_write_key(payload: bytes) -> bytes:
    """With a mask in its place: payloads are pasted into tickets, and nobody needs it to send an event again."""
    return _WRITE_KEY.sub(_MASKED, payload) if b'"writeKey"' in payload else payload
