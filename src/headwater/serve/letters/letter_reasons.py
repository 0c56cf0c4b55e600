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


_SEND_OBJECT: Final = "Have the sender put a JSON object there, or leave it out; then edit the event here."

STAGES: Final[dict[str, Explained]] = {
    "no_user_anon_id": Explained(
        "Nobody it is about",
        "The event has neither a userId nor an anonymousId, so it cannot be about anybody.",
        "Have the sender set one of them. A single event can be edited here and tried again.",
    ),
    "id_not_string": Explained(
        "An id that is no text",
        "userId, anonymousId, groupId or previousId is a number, an object or empty.",
        "Have the sender turn the id into a text, and leave it out where there is none.",
    ),
    "id_required": Explained(
        "A needed id is missing",
        "A group call needs a groupId; an alias call needs userId and previousId.",
        "Have the sender set it.",
    ),
    "type_unknown": Explained(
        "Not a call we know",
        "`type` is none of identify, track, page, screen, group and alias.",
        "Have the sender set one of them; in a batch every event needs its own.",
    ),
    "event_not_object": Explained(
        "Not an event at all",
        "An item of a batch is a text, a number or a list, and no JSON object.",
        "Look at what the sender puts into its batches. There is nothing to try again.",
    ),
    "event_not_defined": Explained(
        "An event without a name",
        "A track call without `event`, or with an empty one.",
        "Have the sender name the event. A single one can be edited here and tried again.",
    ),
    "event_not_string": Explained(
        "A name that is no text",
        "The name of a track event is a number, an object or a list.",
        "Have the sender send its name as text.",
    ),
    "name_not_string": Explained(
        "A name that is no text",
        "`name` of a page or screen is not a text, or is empty.",
        "Have the sender send a text, or leave it out.",
    ),
    "category_not_string": Explained(
        "A category that is no text",
        "`category` of a page or screen is not a text.",
        "Have the sender send a text, or leave it out.",
    ),
    "properties_not_object": Explained(
        "Properties that are no object", "`properties` is a text, a number or a list.", _SEND_OBJECT
    ),
    "traits_not_object": Explained(
        "Traits that are no object", "`traits` is a text, a number or a list.", _SEND_OBJECT
    ),
    "context_not_object": Explained(
        "A context that is no object", "`context` is a text, a number or a list.", _SEND_OBJECT
    ),
    "integrations_not_object": Explained(
        "Integrations that are no object", "`integrations` is a text, a number or a list.", _SEND_OBJECT
    ),
    "properties_too_many": Explained(
        "Too many properties",
        "The event has more than 10,000 properties.",
        "Have the sender send fewer, or a list of objects: a name for each item is the usual cause.",
    ),
    "batch_context_too_large": Explained(
        "Too much in common",
        "What the batch shares (context, integrations), copied into each of its events, would be over 4 MB.",
        "Have the sender put it into the events that need it, or send smaller batches.",
    ),
    "device_advertisingid_should_be_string": Explained(
        "An advertising id that is no text",
        "`context.device.advertisingId` is not a text.",
        "Have the sender send a text, or leave it out.",
    ),
    "consent_categorypreferences_should_exist": Explained(
        "Consent without categories",
        "`context.consent` has no `categoryPreferences`.",
        "Have the sender set them, or leave `consent` out.",
    ),
    "consent_categorypreferences_fields_should_be_object": Explained(
        "Consent that is no object",
        "`categoryPreferences` is not an object.",
        "Have the sender send category → true or false.",
    ),
    "consent_categorypreferences_fields_should_be_bool": Explained(
        "Consent that is no yes or no",
        "A category preference is neither true nor false.",
        "Have the sender send true or false for each category.",
    ),
    "consent_version_should_be_number": Explained(
        "A consent version that is no number",
        "`context.consent.version` is not a number.",
        "Have the sender send a number, or leave it out.",
    ),
    "source_disabled": Explained(
        "The source is disabled",
        "The source was disabled in the workspace when this arrived.",
        "Enable the source, then try these again; or let them go when nobody needs them.",
    ),
    POISON: Explained(
        "It broke the stage",
        "Headwater itself failed on this event, or could not read a record of its log.",
        "Please report it with the detail below. After an update, try it again.",
    ),
    "unplanned": Explained(
        "Not in the tracking plan",
        "No rule of the source's tracking plan is for this event, and the plan lets nothing else pass.",
        "Plan it, or add its name as a variant of the event that is meant; then try it again. Or mend the sender.",
    ),
    "schema_violation": Explained(
        "It breaks its rule of the plan",
        "Properties are missing or of another kind than the tracking plan says; the detail names them.",
        "Mend the sender, or the rule when the event is right; then try it again.",
    ),
    "unplanned_and_schema_violation": Explained(
        "It breaks its rule, with unplanned properties",
        "It breaks the rule of the tracking plan, and also has properties that are not planned.",
        "Mend the sender, or plan the properties; then try it again.",
    ),
    "common_schema_violation": Explained(
        "It breaks the common rule",
        "The event breaks the rule that the tracking plan has for all events.",
        "Mend the sender, or the common rule; then try it again.",
    ),
    "event_setting": Explained(
        "Blocked in the source",
        "The source blocks this event by name, or all its pages or screens.",
        "Nothing, if that is meant: let it go. Else allow the event in the source's schema, then try it again.",
    ),
    "transformation_failed": Explained(
        "A transformation could not be applied",
        "A transformation that hides something could not be applied, so the event was held back.",
        "Mend the transformation, then try it again.",
    ),
}
"""Of the pipeline's stages. What a transformation drops is no dead letter."""

TITLES: Final = {
    "PAYLOAD_VALIDATION_FAILED": "The mapping made nothing the tool takes",
    "TRANSFORMATION_FAILED": "A transformation could not be applied",
    "UNREADABLE_EVENT": "The event cannot be read",
    "INVALID_SETTINGS": "The settings cannot be used",
    "PRIVATE_ADDRESS": "An address on the inside",
    "INTERNAL": "It broke inside of Headwater",
    "DESTINATION_REMOVED": "The destination was removed",
    "ETIMEDOUT": "No answer in time",
    "ECONNREFUSED": "Nothing listens there",
    "ECONNRESET": "The connection broke",
    "EHOSTUNREACH": "The address cannot be reached",
    "ENOTFOUND": "The host name is not known",
    "EAI_AGAIN": "Names cannot be looked up",
    "TLS": "No encrypted connection",
    "EPROTO": "An answer nobody understands",
    "BAD_REQUEST": "Refused as malformed",
    "MESSAGE_REJECTED": "Refused for what is in it",
    "UNSUPPORTED_EVENT_TYPE": "The tool does not do that",
    "401": "Credentials refused",
    "403": "Not allowed",
    "404": "It is not there",
    "OAUTH_REFRESH_FAILED": "No access token",
    "RETRY": "Asked to come again, until it was too late",
    "429": "Too many requests",
    "503": "The tool was overloaded",
}
"""Of deliveries that were given up. What they mean stands in delivery/reasons.py."""


_REPLAY: Final = "When the cause is mended, replay."

_DELIVERY: Final = {each.reason: each for each in reasons.EXPLAINED}


def explained(stage: str, reason: str) -> Explained:
    """The words for a reason; those that a tool or an operating system invents have some too."""
    if stage == DELIVERY:
        return _of_delivery(reason)
    means = f"The stage {stage} has set this event aside."
    return STAGES.get(reason) or Explained(reason, means, f"Look at the detail. {_REPLAY}")


def _of_delivery(reason: str) -> Explained:
    if known := _DELIVERY.get(reason):
        do = _sentence(known.advice) if known.advice else _REPLAY
        return Explained(TITLES.get(reason, reason), _sentence(known.meaning), do)
    if reason.isdecimal():
        title = f"The tool failed with {reason}" if int(reason) >= 500 else f"Refused with {reason}"
        return Explained(title, f"The tool answered HTTP {reason}.", f"The receipt shows what it said. {_REPLAY}")
    means = "The attempt ended with this error of the network, until the retry window was over."
    return Explained(reason, means, f"Look at the detail and at the receipt. {_REPLAY}")


def _sentence(text: str) -> str:
    """What the tables of the reference say in a cell. A name in backticks stays as it is."""
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"
