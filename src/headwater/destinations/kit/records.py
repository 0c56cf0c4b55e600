"""Fields of destinations that carry records to somebody who reads them later: streams, queues, topics."""

from collections.abc import Mapping
from typing import Any

import msgspec

from headwater.destinations.kit.common_fields import first, path
from headwater.mapping.fields import Field

DATA = Field(
    name="data",
    label="Data",
    type="object",
    required=True,
    description="What the record says, as JSON: the whole event if nothing else is asked for.",
    default=path("$."),
)
KEY = Field(
    name="key",
    label="Key",
    type="string",
    required=True,
    description="Records with the same key keep their order: the person, if nothing else is asked for.",
    default=first("$.userId", "$.anonymousId", "$.messageId"),
)

_encode = msgspec.json.Encoder().encode


def data_of(payload: Mapping[str, Any]) -> bytes:
    return _encode(payload["data"])
