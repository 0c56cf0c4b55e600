"""The OpenAPI document of the private API without a running platform: `python -m headwater.serve.openapi`.

The console's types are generated from the copy in `console/openapi.json`; a test fails when the two differ.
"""

import sys
from typing import cast

import msgspec
from litestar import Litestar
from litestar.serialization import default_serializer, encode_json

from headwater.serve.desk import Desk
from headwater.serve.server import build


class _NoDesk:
    """Handlers are described, not called: what they would work with is None."""

    def __getattr__(self, _name: str) -> None:
        return None


def described() -> Litestar:
    """The application with handlers that can be looked at and not be asked."""
    return build(cast("Desk", _NoDesk()), metrics_need_token=False)


def document() -> bytes:
    """Indented JSON with sorted keys, so that a change of the API is readable as a change of the file. Without the
    version of Headwater, which is no change of the API.
    """
    schema = described().openapi_schema.to_schema()
    schema["info"]["version"] = ""
    data = msgspec.json.decode(encode_json(schema, default_serializer))
    return msgspec.json.format(msgspec.json.encode(data, order="sorted"), indent=1) + b"\n"


if __name__ == "__main__":
    sys.stdout.buffer.write(document())
