"""What a setting is besides its type: a secret, or something a form explains.

class CrmSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
api_key: Secret
region: Literal["us", "eu"] = "us"
"""

from typing import Annotated, Any, Final

import msgspec

Secret = Annotated[str, msgspec.Meta(extra_json_schema={"writeOnly": True, "format": "password"})]
"""Never shown, logged or exported; encrypted where it is stored."""


def only_when(setting: str, *values: str) -> msgspec.Meta:
    """Of a setting that means something only while another has one of these values; none: while it has any that
    is not empty. A form shows it then.

    >>> class S(msgspec.Struct):
    ...     user: str = ""
    ...     password: Annotated[Secret, only_when("user")] = ""
    >>> schema(S)["properties"]["password"]["x-when"]
    {'setting': 'user', 'values': []}
    >>> sorted(secret_names(S))
    ['password']
    """
    return msgspec.Meta(extra_json_schema={"x-when": {"setting": setting, "values": list(values)}})


BASIC: Final = msgspec.Meta(extra_json_schema={"x-basic": True})
"""Of a setting that has a default and is set nearly always: a form shows it beside those that must be."""


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What settings with secrets derive from: they never show themselves in a log or a traceback."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return []


def secret_names(settings: type[msgspec.Struct]) -> frozenset[str]:
    """The settings that are secrets, at the top level.

    >>> class S(msgspec.Struct):
    ...     key: Secret
    ...     other: Secret = ""
    ...     url: str = ""
    >>> sorted(secret_names(S))
    ['key', 'other']
    """
    properties = schema(settings)["properties"]
    return frozenset(name for name, about in properties.items() if about.get("writeOnly"))


def schema(settings: type[msgspec.Struct]) -> dict[str, Any]:
    """JSON Schema of a settings struct, which forms are made of."""
    (_,), components = msgspec.json.schema_components((settings,), ref_template="#/{name}")
    return dict(components[settings.__name__])
