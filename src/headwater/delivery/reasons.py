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
        "the person has not given every consent that this destination requires in `consent`, or a category is"
        " not one that the event's `context.consent` can hold",
        "nothing, if that is intended",
    ),
    ExplainedReason(
        "FILTERED_BY_INTEGRATIONS_OBJECT",
        "the event's `integrations` turn this destination off, by name or with `All: false`",
        "have the sender set its name to `true`",
    ),
    ExplainedReason(
        "MESSAGE_SENT_CLIENT_SIDE",
        "the browser has already sent the event to this tool (`_metadata.bundled`)",
        "nothing",
    ),
    ExplainedReason(
        "FILTERED_BY_RULES",
        "a filter of this destination blocked the event; the message names it. An `if` without a value for "
        "the event counts as a match: filters fail closed",
        "change `filters`",
    ),
    ExplainedReason(
        "DROPPED_BY_TRANSFORMATION",
        "a transformation of this destination dropped the event",
        "change the transformation",
    ),
    ExplainedReason(
        "NO_MATCHING_MAPPING",
        "no mapping of this destination matches the event",
        "add a mapping, or send other events to this destination",
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
        "the mapping produced data that the action does not accept; the message names the field",
        "fix the mapping or the sender, then replay",
    ),
    ExplainedReason(
        "TRANSFORMATION_FAILED",
        "a transformation that hides data could not be applied, so nothing was sent",
        "fix the transformation, then replay",
    ),
    ExplainedReason(
        "UNREADABLE_EVENT",
        "the event is not valid JSON inside, so triggers and mappings cannot read it",
        "look at the dead letter",
    ),
    ExplainedReason(
        "INVALID_SETTINGS",
        "the settings of this destination cannot be used: an invalid address, a missing value",
        "fix `settings`, then test the connection",
    ),
    ExplainedReason(
        "PRIVATE_ADDRESS",
        "the address is on a private network, which the workspace does not allow",
        "use a public address; for development, set `allow_private_destinations`",
    ),
    ExplainedReason(
        "INTERNAL",
        "the request could not be built (failed), or the attempt was interrupted inside Headwater (retrying)",
        "see the log of `deliver`, and report it",
    ),
    ExplainedReason(
        "WAITS",
        "not attempted: an earlier event of the same person has not been delivered yet, and this destination "
        "keeps events in order",
        "nothing; it follows the earlier one",
    ),
    ExplainedReason(
        "DESTINATION_REMOVED",
        "the destination was removed while the event was waiting to be retried",
        "add it again under the same name, then replay",
    ),
    ExplainedReason(
        "NOT_SUPPORTED",
        "this destination type has no way to delete a user",
        "delete the user in the tool itself",
    ),
    ExplainedReason(
        "NOT_FROM_THIS_SOURCE",
        "only in a preview: the destination is not connected to this source",
        "",
    ),
    ExplainedReason(
        "NOT_SENT",
        "only in a preview, in place of a response: a preview sends nothing",
        "",
    ),
    ExplainedReason(
        "ETIMEDOUT",
        "the destination did not respond in time",
        "check whether the tool is slow or down, or lower `pace`",
    ),
    ExplainedReason(
        "ECONNREFUSED",
        "nothing is listening at this address",
        "check the address and port",
    ),
    ExplainedReason(
        "ECONNRESET",
        "the connection was closed before the response was complete",
        "check the destination, or the proxy in front of it",
    ),
    ExplainedReason(
        "EHOSTUNREACH",
        "the address cannot be reached; other network error codes stand for themselves in the same way",
        "check the network",
    ),
    ExplainedReason(
        "ENOTFOUND",
        "the host name could not be resolved",
        "check the name and the DNS resolver",
    ),
    ExplainedReason(
        "EAI_AGAIN",
        "the host name could not be resolved",
        "check the name and the DNS resolver",
    ),
    ExplainedReason(
        "TLS",
        "no secure connection could be made, or the certificate is not trusted for this name",
        "check the certificate; it may have expired",
    ),
    ExplainedReason(
        "EPROTO",
        "the response does not follow the expected protocol, or does not say what became of each item",
        "check that the address is the one of the API",
    ),
    ExplainedReason(
        "BAD_REQUEST",
        "the destination responded with 400, or reported this item as malformed",
        "its response, shown in the receipt, says why",
    ),
    ExplainedReason(
        "MESSAGE_REJECTED",
        "the destination rejected this item because of its content: a value, or its size",
        "fix the mapping or the sender, then replay",
    ),
    ExplainedReason(
        "UNSUPPORTED_EVENT_TYPE",
        "the destination responded with 501: it does not support this event",
        "use a mapping with another trigger",
    ),
    ExplainedReason(
        "401",
        "the credentials are wrong or lack permission",
        "update the credentials, test the connection, then replay",
    ),
    ExplainedReason(
        "403",
        "the credentials are wrong or lack permission",
        "update the credentials, test the connection, then replay",
    ),
    ExplainedReason(
        "404",
        "what the request refers to does not exist: the path, the topic, the table, the person",
        "check the settings",
    ),
    ExplainedReason(
        "OAUTH_REFRESH_FAILED",
        "no access token could be obtained with these settings",
        "check client ID and secret",
    ),
    ExplainedReason(
        "RETRY",
        "the destination asked for another attempt",
        "",
    ),
    ExplainedReason(
        "429",
        "too many requests; `Retry-After` is respected",
        "lower `pace`, or ask for a higher limit there",
    ),
    ExplainedReason(
        "503",
        "the destination is overloaded or in maintenance; the same goes for other statuses from 500 on",
        "",
    ),
)
