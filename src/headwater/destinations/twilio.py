"""Twilio: text messages. A message is not sent again when an answer was lost: we look before we repeat."""

import re
from collections.abc import Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

from headwater.destinations.kit import people
from headwater.destinations.kit.answers import explained, json_of, objects, unsent
from headwater.destinations.kit.authorization import basic
from headwater.destinations.kit.common_fields import PHONE, like
from headwater.destinations.kit.exchange import ask, form_request, get_request
from headwater.destinations.kit.model import (
    Action,
    Answer,
    Attempt,
    Delivered,
    DestinationType,
    Exchange,
    Item,
    Outcome,
    Perform,
)
from headwater.destinations.kit.outcome import http_outcome
from headwater.destinations.kit.settings import Secret, Settings
from headwater.errors import Problem
from headwater.mapping.fields import Field

BODY_CHARS_MAX = 1_600
"""Longer ones are refused by Twilio (21617)."""
SEEN_MAX = 100
"""Of messages to one number that are looked through for a repeat."""
_SID = re.compile(r"AC[0-9a-fA-F]{32}")


class TwilioSettings(Settings, frozen=True, kw_only=True):
    account_sid: str
    """`AC…`."""
    auth_token: Secret
    """The account's token, or the secret of the API key."""
    api_key: str = ""
    """`SK…`, if it is an API key's secret."""
    sender: str = ""
    """A number of yours (`+…`), a short code, a name, or a messaging service (`MG…`)."""
    region: str = ""
    """Two letters, as in `US`: where numbers are from that do not begin with `+`."""
    check_repeats: bool = True
    """Before another attempt: whether the message has been sent already."""


def problems(settings: TwilioSettings) -> list[Problem]:
    found = []
    if not _SID.fullmatch(settings.account_sid):
        found.append(Problem("expected AC and 32 hexadecimal digits", "account_sid"))
    if settings.region and not re.fullmatch(r"[A-Za-z]{2}", settings.region):
        found.append(Problem("expected two letters, as in US", "region"))
    return found


def send_sms(settings: TwilioSettings) -> Perform:
    url, headers = _messages(settings), _authorization(settings)

    def perform(items: Sequence[Item], attempt: Attempt) -> Exchange:
        item = items[0]
        to = people.phone(item.payload["to"], settings.region)
        sender = item.payload.get("sender") or settings.sender
        if not to:
            return [unsent("no phone number, or none that says its country; see the setting `region`")]
        if not sender:
            return [unsent("no `sender`, neither in the mapping nor in the settings", "INVALID_SETTINGS")]
        if attempt.number > 1 and settings.check_repeats:
            query = urlencode({"To": to, "PageSize": str(SEEN_MAX)})
            answer = yield from ask(get_request(f"{url}?{query}", headers))
            if item.payload["body"] in _texts_since(answer, item.event.received_at_ms / 1000):
                return [Delivered("ALREADY_SENT")]
        answer = yield from ask(form_request("POST", url, _form(item.payload, to, sender), headers))
        return [outcome_of(answer)]

    return perform


def _form(payload: Mapping[str, Any], to: str, sender: str) -> dict[str, str]:
    form = {
        "To": to,
        "MessagingServiceSid" if sender.startswith("MG") else "From": sender,
        "Body": payload["body"],
    }
    optional = {"StatusCallback": payload.get("status_callback"), "MediaUrl": payload.get("media_url")}
    return form | {name: value for name, value in optional.items() if value}


def _texts_since(answer: Answer, at_s: float) -> set[str]:
    """What has been sent since then, which is when the event came: only that can be a repeat of it."""
    messages = objects(json_of(answer).get("messages"))
    return {
        str(each.get("body")) for each in messages if _created_s(each) >= at_s and each.get("status") != "failed"
    }


def _created_s(message: Mapping[str, Any]) -> float:
    """In whole seconds, so the end of the second that Twilio names."""
    try:
        return parsedate_to_datetime(str(message.get("date_created"))).timestamp() + 1
    except ValueError:
        return 0.0


def outcome_of(answer: Answer) -> Outcome:
    body = json_of(answer)
    said = f"{body['code']}: {body.get('message')}" if "code" in body else None
    return explained(http_outcome(answer), said)


def test(settings: TwilioSettings, _: Attempt) -> Exchange:
    """Reads one message at most: an API key that may send may do that too."""
    answer = yield from ask(get_request(f"{_messages(settings)}?PageSize=1", _authorization(settings)))
    return [outcome_of(answer)]


def _messages(settings: TwilioSettings) -> str:
    return f"https://api.twilio.com/2010-04-01/Accounts/{settings.account_sid}/Messages.json"


def _authorization(settings: TwilioSettings) -> dict[str, str]:
    return basic(settings.api_key or settings.account_sid, settings.auth_token)


TYPE = DestinationType(
    name="twilio",
    label="Twilio",
    category="messaging",
    description="Send SMS messages with Twilio.",
    settings=TwilioSettings,
    problems=problems,
    actions=(
        Action(
            name="send_sms",
            label="Send a text message",
            description="To one number.",
            perform=send_sms,
            fields=(
                like(PHONE, name="to", required=True, label="To"),
                Field(
                    name="body",
                    label="Text",
                    type="string",
                    required=True,
                    description=f"At most {BODY_CHARS_MAX:,} characters. Usually a `@template`.",
                ),
                Field(name="sender", label="From", type="string", description="Left out: the destination's own."),
                Field(name="media_url", label="Picture", type="string", format="uri"),
                Field(
                    name="status_callback",
                    label="Status callback",
                    type="string",
                    format="uri",
                    description="Where Twilio tells what became of the message.",
                ),
            ),
        ),
    ),
    presets=(),  # nobody should be texted because somebody forgot to write a mapping
    test=test,
    dedupes_on="phone",
)
