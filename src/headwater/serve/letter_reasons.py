"""Why an event is a dead letter, for whoever decides about it: what the reason means, and what to do.

docs/reference/errors.md and docs/reference/delivery-reasons.md say it for programmers; a test sees to it that
every reason there has its words here.
"""

from typing import Final

import msgspec

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

DELIVERY: Final[dict[str, Explained]] = {
    "PAYLOAD_VALIDATION_FAILED": Explained(
        "The mapping made nothing the tool takes",
        "A mapping of the destination left out a field that its action needs, or filled it with something else.",
        "Mend the mapping, or the sender; then replay.",
    ),
    "TRANSFORMATION_FAILED": Explained(
        "A transformation could not be applied",
        "A transformation of this destination that hides something could not be applied, so nothing was sent.",
        "Mend the transformation, then replay.",
    ),
    "UNREADABLE_EVENT": Explained(
        "The event cannot be read",
        "A trigger or a mapping would have to read the event, and cannot.",
        "Look at the event: a number beyond all bounds, or brackets a thousand deep.",
    ),
    "INVALID_SETTINGS": Explained(
        "The settings cannot be used",
        "An address that is none, or a value that is missing.",
        "Mend the settings of the destination, test the connection, then replay.",
    ),
    "PRIVATE_ADDRESS": Explained(
        "An address on the inside",
        "The destination's address is inside of your network, and the workspace does not allow that.",
        "Allow private destinations in the settings when that is meant, as in development; then replay.",
    ),
    "INTERNAL": Explained(
        "It broke inside of Headwater",
        "The request could not be built.",
        "Please report it with the detail below, and look at the log of `deliver`.",
    ),
    "DESTINATION_REMOVED": Explained(
        "The destination was removed",
        "It was removed while the event waited for another attempt.",
        "Add it again under its old name, then replay; or let these go.",
    ),
    "ETIMEDOUT": Explained(
        "No answer in time",
        "The tool did not answer in time, again and again until the retry window was over.",
        "Ask whoever runs it, or lower the destination's pace; then replay.",
    ),
    "ECONNREFUSED": Explained(
        "Nothing listens there",
        "Nothing accepts connections at the destination's address.",
        "Check address and port in the settings; then replay.",
    ),
    "ECONNRESET": Explained(
        "The connection broke",
        "The connection ended before the answer did.",
        "Look at the destination, or at the proxy before it; then replay.",
    ),
    "EHOSTUNREACH": Explained(
        "The address cannot be reached",
        "No way through the network leads to the destination.",
        "Check the network; then replay.",
    ),
    "ENOTFOUND": Explained(
        "The host name is not known",
        "The host name of the destination could not be resolved.",
        "Check the name in the settings; then replay.",
    ),
    "EAI_AGAIN": Explained(
        "Names cannot be looked up",
        "The resolver did not answer.",
        "Check the machine's name resolution; then replay.",
    ),
    "TLS": Explained(
        "No encrypted connection",
        "No encrypted connection could be made, or the certificate is not trusted for this name.",
        "Check the destination's certificate, it may have expired; then replay.",
    ),
    "EPROTO": Explained(
        "An answer nobody understands",
        "The answer was not what this protocol answers, or does not say what became of each item.",
        "Check that the address is really the API's; then replay.",
    ),
    "BAD_REQUEST": Explained(
        "Refused as malformed",
        "The tool says that the request, or this item of it, is malformed.",
        "The receipt shows what was sent and what it answered. Mend the mapping, then replay.",
    ),
    "MESSAGE_REJECTED": Explained(
        "Refused for what is in it",
        "The tool refuses this item: a value, or its size.",
        "Mend the mapping or the sender, then replay.",
    ),
    "UNSUPPORTED_EVENT_TYPE": Explained(
        "The tool does not do that",
        "The endpoint answered 501: it does not take events of this kind.",
        "Give the mapping a narrower trigger.",
    ),
    "401": Explained(
        "Credentials refused",
        "The key is wrong, or has expired.",
        "Enter new credentials, test the connection, then replay.",
    ),
    "403": Explained(
        "Not allowed",
        "The key does not allow this.",
        "Give the key more rights in the tool, or enter another; test the connection, then replay.",
    ),
    "404": Explained(
        "It is not there",
        "What the request is about is not there: the path, the topic, the table, the person.",
        "Check the settings; then replay.",
    ),
    "OAUTH_REFRESH_FAILED": Explained(
        "No access token",
        "No access token could be had with the settings.",
        "Check client id and secret, test the connection, then replay.",
    ),
    "RETRY": Explained(
        "Asked to come again, until it was too late",
        "The tool asked for another attempt each time, until the retry window was over.",
        "Ask whoever runs it; then replay.",
    ),
    "429": Explained(
        "Too many requests",
        "The tool asked to slow down, until the retry window was over.",
        "Lower the destination's pace, or ask the tool for a higher limit; then replay.",
    ),
    "503": Explained(
        "The tool was overloaded",
        "It was overloaded or in maintenance, until the retry window was over.",
        "When it works again, replay.",
    ),
}
"""Of deliveries that were given up."""

_STATUS_KNOWN: Final = "The tool answered HTTP {}, which is not one of the answers that it takes an event with."

_STATUS_DO: Final = "The receipt shows what was sent and what it answered. Mend settings or mapping, then replay."


def explained(stage: str, reason: str) -> Explained:
    """The words for a reason; those that a tool or an operating system invents have some too."""
    is_delivery = stage == "delivery"
    known = (DELIVERY if is_delivery else STAGES).get(reason)
    if known is not None:
        return known
    if is_delivery and reason.isdecimal():
        if int(reason) >= 500:
            return Explained(f"The tool failed with {reason}", *msgspec.structs.astuple(DELIVERY["503"])[1:])
        return Explained(f"Refused with {reason}", _STATUS_KNOWN.format(reason), _STATUS_DO)
    if is_delivery:
        means = "The attempt ended with this error, until the retry window was over."
        return Explained(reason, means, "Look at the detail and at the receipt; when the cause is mended, replay.")
    means = f"The stage {stage} has set this event aside."
    return Explained(reason, means, "Look at the detail; when the cause is mended, try it again.")
