"""What each reason of a receipt means, and what one can do about it: the rows of the tables of
docs/reference/delivery-reasons.md, for who shows receipts. Other HTTP statuses stand for themselves.
"""

from typing import Final

import msgspec


class ExplainedReason(msgspec.Struct, frozen=True):
    reason: str
    meaning: str
    advice: str
    """Empty: there is nothing to do."""


EXPLAINED: Final = (
    ExplainedReason(
        "FILTERED_BY_END_USER_CONSENT",
        "the person has not consented to every category in `consent` of the destination, or a category is not"
        " what the event's `context.consent` can say",
        "nothing, if that is meant",
    ),
    ExplainedReason(
        "FILTERED_BY_INTEGRATIONS_OBJECT",
        "the event's `integrations` say `false` for the destination, or `All: false` and nothing else",
        "send `true` for its name",
    ),
    ExplainedReason(
        "MESSAGE_SENT_CLIENT_SIDE",
        "the browser has sent the event to this tool itself (`_metadata.bundled`)",
        "nothing",
    ),
    ExplainedReason(
        "FILTERED_BY_RULES",
        "a filter of the destination; the message names it. An `if` that has no value for the event counts as"
        " a match: filters fail closed",
        "change `filters`",
    ),
    ExplainedReason(
        "DROPPED_BY_TRANSFORMATION",
        "a transformation of this destination with `drop`",
        "change the transformation",
    ),
    ExplainedReason(
        "NO_MATCHING_MAPPING",
        "no mapping of the destination has a trigger that matches",
        "add a mapping, or have the destination take other events",
    ),
    ExplainedReason(
        "SUPPRESSED",
        "the user of the event is suppressed",
        "nothing",
    ),
    ExplainedReason(
        "DELETED",
        "the user of the event was deleted after it had been accepted",
        "nothing",
    ),
    ExplainedReason(
        "PAYLOAD_VALIDATION_FAILED",
        "a mapping makes nothing that its action takes; the message says which field",
        "mend the mapping or the sender, then replay",
    ),
    ExplainedReason(
        "TRANSFORMATION_FAILED",
        "a transformation of this destination that hides something could not be applied, so nothing was sent",
        "mend the rule, then replay",
    ),
    ExplainedReason(
        "UNREADABLE_EVENT",
        "a trigger or a mapping would have to read the event, and it cannot be read",
        "look at the dead letter",
    ),
    ExplainedReason(
        "INVALID_SETTINGS",
        "the destination's settings cannot be used: an address that is none, a missing value; or it has no "
        "usable settings at the moment",
        "mend `settings`; `headwater destinations test`",
    ),
    ExplainedReason(
        "PRIVATE_ADDRESS",
        "the address is on the inside, and the workspace does not allow that",
        "`allow_private_destinations`, for development",
    ),
    ExplainedReason(
        "INTERNAL",
        "the request could not be built (failed), or the attempt broke inside Headwater (retrying)",
        "see the log of `deliver`; report it, please",
    ),
    ExplainedReason(
        "WAITS",
        "not attempted: an earlier event of the same person has not been delivered, and the destination keeps"
        " a strict order",
        "nothing; it follows the earlier one",
    ),
    ExplainedReason(
        "DESTINATION_REMOVED",
        "the destination was removed while the event waited for another attempt",
        "add it again under its name, then replay",
    ),
    ExplainedReason(
        "NOT_SUPPORTED",
        "destinations of this type cannot be asked to delete a user",
        "delete the user there",
    ),
    ExplainedReason(
        "NOT_FROM_THIS_SOURCE",
        "only in a preview: the destination takes events of other sources",
        "",
    ),
    ExplainedReason(
        "NOT_SENT",
        "only in a preview, where an answer would stand: a preview sends nothing",
        "",
    ),
    ExplainedReason(
        "ETIMEDOUT",
        "no answer in time",
        "ask the destination's operator, or lower `pace`",
    ),
    ExplainedReason(
        "ECONNREFUSED",
        "nothing listens at this address",
        "check address and port",
    ),
    ExplainedReason(
        "ECONNRESET",
        "the connection ended before the answer did",
        "look at the destination, or at the proxy before it",
    ),
    ExplainedReason(
        "EHOSTUNREACH",
        "the address cannot be reached; other names of the operating system stand for themselves in the same way",
        "check the network",
    ),
    ExplainedReason(
        "ENOTFOUND",
        "the host name could not be resolved",
        "check the name, and the resolver",
    ),
    ExplainedReason(
        "EAI_AGAIN",
        "the host name could not be resolved",
        "check the name, and the resolver",
    ),
    ExplainedReason(
        "TLS",
        "no encrypted connection could be made, or the certificate is not one that we trust for this name",
        "check the certificate; it may have expired",
    ),
    ExplainedReason(
        "EPROTO",
        "the answer was not what this protocol answers, or does not say what became of each item",
        "check that the address is the API's",
    ),
    ExplainedReason(
        "BAD_REQUEST",
        "the endpoint answered 400, or says of the item that it is malformed",
        "the exchange in the receipt says what it did not like",
    ),
    ExplainedReason(
        "MESSAGE_REJECTED",
        "the endpoint refuses this item for what is in it: a value, its size",
        "mend the mapping or the sender, then replay",
    ),
    ExplainedReason(
        "UNSUPPORTED_EVENT_TYPE",
        "the endpoint answered 501",
        "a mapping with another trigger",
    ),
    ExplainedReason(
        "401",
        "the key is wrong, or does not allow this",
        "new credentials; `headwater destinations test`; then replay",
    ),
    ExplainedReason(
        "403",
        "the key is wrong, or does not allow this",
        "new credentials; `headwater destinations test`; then replay",
    ),
    ExplainedReason(
        "404",
        "what the request is about is not there: the path, the topic, the table, the person",
        "check the settings",
    ),
    ExplainedReason(
        "OAUTH_REFRESH_FAILED",
        "no access token could be had with the settings",
        "check client id and secret",
    ),
    ExplainedReason(
        "RETRY",
        "the endpoint asks for another attempt in its own words",
        "",
    ),
    ExplainedReason(
        "429",
        "too many requests; `Retry-After` is heeded",
        "lower `pace`, or ask for a higher limit there",
    ),
    ExplainedReason(
        "503",
        "the endpoint is overloaded or in maintenance; so with other statuses from 500 on",
        "",
    ),
)
