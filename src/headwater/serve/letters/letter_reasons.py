"""Why an event is a dead letter, for whoever decides about it: what the reason means, and what to do.

docs/reference/errors.md and docs/reference/delivery-reasons.md say it for programmers; a test sees to it that
every reason there has its words.
"""

from typing import Final

import msgspec

from headwater.delivery import reasons
from headwater.serve.letters.letter import DELIVERY

POISON: Final = "poison"


class Explained(msgspec.Struct, frozen=True):
    title: str
    """A few words."""
    means: str
    do: str


_SEND_OBJECT: Final = (
    "Have the sender send a JSON object, or leave it out. You can also edit the event here and retry it."
)

STAGES: Final[dict[str, Explained]] = {
    "no_user_anon_id": Explained(
        "No user",
        "The event has neither a userId nor an anonymousId, so it cannot be assigned to anyone.",
        "Have the sender set one of them. You can also edit a single event here and retry it.",
    ),
    "id_not_string": Explained(
        "ID is not text",
        "userId, anonymousId, groupId or previousId is a number, an object or empty.",
        "Have the sender convert the ID to text, and leave it out where there is none.",
    ),
    "id_required": Explained(
        "Required ID missing",
        "A group call needs a groupId; an alias call needs userId and previousId.",
        "Have the sender set it.",
    ),
    "type_unknown": Explained(
        "Unknown call type",
        "`type` is not one of identify, track, page, screen, group and alias.",
        "Have the sender set one of them. In a batch, every event needs its own.",
    ),
    "event_not_object": Explained(
        "Not an event",
        "An item of a batch is text, a number or a list instead of a JSON object.",
        "Check what the sender puts into its batches. There is nothing to retry.",
    ),
    "event_not_defined": Explained(
        "Event name missing",
        "A track call has no `event`, or an empty one.",
        "Have the sender name the event. You can also edit a single event here and retry it.",
    ),
    "event_not_string": Explained(
        "Event name is not text",
        "The name of a track event is a number, an object or a list.",
        "Have the sender send the name as text.",
    ),
    "name_not_string": Explained(
        "Page name is not text",
        "`name` of a page or screen is not text, or is empty.",
        "Have the sender send text, or leave it out.",
    ),
    "category_not_string": Explained(
        "Page category is not text",
        "`category` of a page or screen is not text.",
        "Have the sender send text, or leave it out.",
    ),
    "properties_not_object": Explained(
        "Properties are not an object", "`properties` is text, a number or a list.", _SEND_OBJECT
    ),
    "traits_not_object": Explained(
        "Traits are not an object", "`traits` is text, a number or a list.", _SEND_OBJECT
    ),
    "context_not_object": Explained(
        "Context is not an object", "`context` is text, a number or a list.", _SEND_OBJECT
    ),
    "integrations_not_object": Explained(
        "Integrations are not an object", "`integrations` is text, a number or a list.", _SEND_OBJECT
    ),
    "properties_too_many": Explained(
        "Too many properties",
        "The event has more than 10,000 properties.",
        "Have the sender send fewer, or a list of objects. The usual cause is one property per item.",
    ),
    "batch_context_too_large": Explained(
        "Batch context too large",
        "What the batch shares (context, integrations), copied into each of its events, would be over 4 MB.",
        "Have the sender move it into the events that need it, or send smaller batches.",
    ),
    "device_advertisingid_should_be_string": Explained(
        "Advertising ID is not text",
        "`context.device.advertisingId` is not text.",
        "Have the sender send text, or leave it out.",
    ),
    "consent_categorypreferences_should_exist": Explained(
        "Consent without categories",
        "`context.consent` has no `categoryPreferences`.",
        "Have the sender add them, or leave `consent` out.",
    ),
    "consent_categorypreferences_fields_should_be_object": Explained(
        "Consent is not an object",
        "`categoryPreferences` is not an object.",
        "Have the sender send an object of categories, each true or false.",
    ),
    "consent_categorypreferences_fields_should_be_bool": Explained(
        "Consent is not true or false",
        "A category preference is neither true nor false.",
        "Have the sender send true or false for each category.",
    ),
    "consent_version_should_be_number": Explained(
        "Consent version is not a number",
        "`context.consent.version` is not a number.",
        "Have the sender send a number, or leave it out.",
    ),
    "source_disabled": Explained(
        "Source disabled",
        "The source was disabled when this arrived.",
        "Enable the source, then retry. Or discard them if nobody needs them.",
    ),
    POISON: Explained(
        "Internal error",
        "Headwater failed on this event, or could not read a record of its log.",
        "Please report it with the details below. After an update, retry it.",
    ),
    "unplanned": Explained(
        "Not in the tracking plan",
        "The source's tracking plan has no rule for this event, and blocks unplanned events.",
        "Add it to the plan, or its name as an alias of a planned event, then retry. Or fix the sender.",
    ),
    "schema_violation": Explained(
        "Violates the tracking plan",
        "Properties are missing or have the wrong type. The details name them.",
        "Fix the sender, or the rule if the event is right, then retry.",
    ),
    "unplanned_and_schema_violation": Explained(
        "Violates the tracking plan, with unplanned properties",
        "The event violates its rule in the tracking plan, and has properties that are not planned.",
        "Fix the sender, or add the properties to the plan, then retry.",
    ),
    "common_schema_violation": Explained(
        "Violates the common rule",
        "The event violates the rule that the tracking plan has for all events.",
        "Fix the sender, or the common rule, then retry.",
    ),
    "event_setting": Explained(
        "Blocked by the source",
        "The source blocks this event by name, or all its page or screen calls.",
        "If that is intended, discard it. Otherwise allow the event in the source's schema, then retry.",
    ),
    "transformation_failed": Explained(
        "Transformation failed",
        "A transformation that hides data could not be applied, so the event was held back.",
        "Fix the transformation, then retry.",
    ),
}
"""Of the pipeline's stages. What a transformation drops is no dead letter."""

TITLES: Final = {
    "PAYLOAD_VALIDATION_FAILED": "Mapping produced invalid data",
    "TRANSFORMATION_FAILED": "Transformation failed",
    "UNREADABLE_EVENT": "Unreadable event",
    "INVALID_SETTINGS": "Invalid settings",
    "PRIVATE_ADDRESS": "Private address",
    "INTERNAL": "Internal error",
    "DESTINATION_REMOVED": "Destination removed",
    "ETIMEDOUT": "Timed out",
    "ECONNREFUSED": "Connection refused",
    "ECONNRESET": "Connection reset",
    "EHOSTUNREACH": "Host unreachable",
    "ENOTFOUND": "Host not found",
    "EAI_AGAIN": "DNS lookup failed",
    "TLS": "TLS error",
    "EPROTO": "Unexpected response",
    "BAD_REQUEST": "Rejected as malformed",
    "MESSAGE_REJECTED": "Rejected because of its content",
    "UNSUPPORTED_EVENT_TYPE": "Not supported by the tool",
    "401": "Credentials rejected",
    "403": "Permission denied",
    "404": "Not found",
    "OAUTH_REFRESH_FAILED": "No access token",
    "RETRY": "Retries exhausted",
    "429": "Too many requests",
    "503": "Tool overloaded",
}
"""Of deliveries that were given up. What they mean stands in delivery/reasons.py."""


_REPLAY: Final = "Once the cause is fixed, replay."

_DELIVERY: Final = {each.reason: each for each in reasons.EXPLAINED}


def explained(stage: str, reason: str) -> Explained:
    """The words for a reason; those that a tool or an operating system invents have some too."""
    if stage == DELIVERY:
        return _of_delivery(reason)
    means = f"The event failed at the stage {stage}."
    return STAGES.get(reason) or Explained(reason, means, f"See the details. {_REPLAY}")


def _of_delivery(reason: str) -> Explained:
    if known := _DELIVERY.get(reason):
        do = _sentence(known.advice) if known.advice else _REPLAY
        return Explained(TITLES.get(reason, reason), _sentence(known.meaning), do)
    if reason.isdecimal():
        title = f"Tool failed with {reason}" if int(reason) >= 500 else f"Rejected with {reason}"
        return Explained(
            title, f"The tool responded with HTTP {reason}.", f"The receipt shows its response. {_REPLAY}"
        )
    means = "Every attempt ended with this network error until the retry window was over."
    return Explained(reason, means, f"See the details and the receipt. {_REPLAY}")


def _sentence(text: str) -> str:
    """What the tables of the reference say in a cell. A name in backticks stays as it is."""
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"
