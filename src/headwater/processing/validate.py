"""Which events are accepted: the discard reasons of spec 1.4, as rules over one event.

An accepted event has a known call, an id, the call's own required fields, and objects where objects belong.
`lenient` reads what the strict envelope cannot: it is called only for events that failed to decode, and turns
them into an event or into the reason why not.
"""

from typing import Any, Final

import msgspec
from msgspec import UNSET, Raw

from headwater import limits
from headwater.event import CALLS, Event
from headwater.flow import Refusal
from headwater.processing import timestamps

NOT_AN_OBJECT: Final = Refusal("event_not_object", "an event must be a JSON object")

_FIELDS: Final = {f.encode_name: f.name for f in msgspec.structs.fields(Event)}
_IDS: Final = ("userId", "anonymousId", "previousId", "groupId")
_TEXTS: Final = {"event": "event_not_string", "name": "name_not_string", "category": "category_not_string"}
_INSTANTS: Final = ("timestamp", "originalTimestamp", "sentAt", "receivedAt")
_OBJECTS: Final = {
    "properties": "properties_not_object",
    "traits": "traits_not_object",
    "context": "context_not_object",
    "integrations": "integrations_not_object",
}


class _Ruled(msgspec.Struct, gc=False):
    """The members of a context that rules look into."""

    consent: Any = None
    device: Any = None


_decode_ruled = msgspec.json.Decoder(_Ruled).decode
_members = msgspec.json.Decoder(dict[str, Raw]).decode
_BRACE: Final = ord("{")

PROPERTIES_BYTES_MIN: Final = 6 * limits.processing.PROPERTIES_MAX
"""Fewer bytes cannot hold too many properties: the shortest is `"a":1,`."""

_NULL: Final = Raw(b"null")
_EMPTY: Final = Raw(b"{}")


def is_object(raw: Raw) -> bool:
    return memoryview(raw)[0] == _BRACE


def refusal(event: Event) -> Refusal | None:  # noqa: C901 — one test per field, in order
    """Why a decoded event is not accepted, its context aside; None when it is. Absent and null are the same: null
    is removed.
    """
    if event.type not in CALLS:
        return Refusal("type_unknown", f"type must be one of {', '.join(CALLS)}")
    # Written out, because every event passes here: a loop over the names takes three times as long.
    if (raw := event.properties) is not UNSET:
        view = memoryview(raw)
        if view[0] != _BRACE:
            if raw != _NULL:
                return _not_an_object("properties")
            event.properties = UNSET
        elif view.nbytes > PROPERTIES_BYTES_MIN and len(_members(raw)) > limits.processing.PROPERTIES_MAX:
            return Refusal("properties_too_many", f"at most {limits.processing.PROPERTIES_MAX:,} properties")
    if (raw := event.traits) is not UNSET and memoryview(raw)[0] != _BRACE:
        if raw != _NULL:
            return _not_an_object("traits")
        event.traits = UNSET
    if (raw := event.integrations) is not UNSET and raw != _EMPTY and memoryview(raw)[0] != _BRACE:
        if raw != _NULL:
            return _not_an_object("integrations")
        event.integrations = UNSET
    if event.user_id is None and event.anonymous_id is None:
        return Refusal("no_user_anon_id", "userId or anonymousId is required")
    if event.user_id == "" or event.anonymous_id == "" or event.group_id == "" or event.previous_id == "":
        return Refusal("id_not_string", "an id must be a non-empty string when it is present")
    return _refusal_of_call(event)


def context_refusal(event: Event) -> Refusal | None:
    """The same for its context, which neighbours often share: whoever has looked at one need not at the next."""
    if (raw := event.context) is not UNSET and not is_object(raw):
        if raw != _NULL:
            return _not_an_object("context")
        event.context = UNSET
    return None


def _not_an_object(name: str) -> Refusal:
    return Refusal(_OBJECTS[name], f"{name} must be an object")


def _refusal_of_call(event: Event) -> Refusal | None:
    call = event.type
    if call == "track":
        return None if event.event else Refusal("event_not_defined", "track needs a non-empty event")
    if call in {"page", "screen"}:
        if event.name == "":
            return Refusal("name_not_string", "name must be a non-empty string when it is present")
    elif call == "group":
        if event.group_id is None:
            return Refusal("id_required", "group needs groupId")
    elif call == "alias" and (event.previous_id is None or event.user_id is None):
        return Refusal("id_required", "alias needs userId and previousId")
    return None


def lenient(raw: bytes, call: str | None) -> tuple[Event, bytes] | Refusal:
    """An event that the strict envelope could not read, with its unknown members, or the reason why it is bad.

    Numbers are taken as message ids and instants, and values of the wrong type in fields that the server fills in
    are left out. Raises msgspec.DecodeError for what is not JSON.
    """
    if raw.lstrip()[:1] != b"{":
        return NOT_AN_OBJECT
    members = _members(raw)
    known: dict[str, Any] = {}
    extra: list[bytes] = []
    for name, value in members.items():
        if value == _NULL and name in _FIELDS and name != "_metadata":
            continue
        if name in _OBJECTS:
            if not is_object(value):
                return _not_an_object(name)
            known[_FIELDS[name]] = value
        elif name == "_metadata":
            known["metadata"] = value
        elif name in _FIELDS:
            plain = msgspec.json.decode(value)
            if isinstance(plain, str) or name == "version":
                known[_FIELDS[name]] = plain
            elif problem := _mistyped(name, plain, known):
                return problem
        else:
            extra.append(msgspec.json.encode(name) + b":" + bytes(value))
    event = Event(**known)
    event.type = call or event.type
    return event, b",".join(extra)


def _mistyped(name: str, value: Any, known: dict[str, Any]) -> Refusal | None:
    """What becomes of a string field that is no string: refused, read as a number, or left out."""
    if name in _IDS:
        return Refusal("id_not_string", f"{name} must be a string")
    if name in _TEXTS:
        return Refusal(_TEXTS[name], f"{name} must be a string")
    if name == "type":
        return Refusal("type_unknown", "type must be a string")
    if isinstance(value, int | float) and not isinstance(value, bool):
        if name == "messageId":
            known["message_id"] = str(value)
        elif name in _INSTANTS and (moment_ms := timestamps.from_number(value)) is not None:
            known[_FIELDS[name]] = timestamps.render(moment_ms)
    return None


def consent_refusal(context: Raw) -> Refusal | None:
    """The rules about `context.consent` and `context.device.advertisingId` (spec 1.4)."""
    content = _decode_ruled(context)
    device = content.device
    if isinstance(device, dict) and not isinstance(device.get("advertisingId"), str | None):
        return Refusal("device_advertisingid_should_be_string", "context.device.advertisingId must be a string")
    consent = content.consent
    if consent is None:
        return None
    if not isinstance(consent, dict) or consent.get("categoryPreferences") is None:
        return Refusal(
            "consent_categorypreferences_should_exist",
            "context.consent must be an object with categoryPreferences",
        )
    preferences = consent["categoryPreferences"]
    if not isinstance(preferences, dict):
        return Refusal(
            "consent_categorypreferences_fields_should_be_object", "categoryPreferences must be an object"
        )
    if not all(isinstance(value, bool) for value in preferences.values()):
        return Refusal(
            "consent_categorypreferences_fields_should_be_bool", "every category preference must be true or false"
        )
    version = consent.get("version")
    if version is not None and (isinstance(version, bool) or not isinstance(version, int | float)):
        return Refusal("consent_version_should_be_number", "context.consent.version must be a number")
    return None
