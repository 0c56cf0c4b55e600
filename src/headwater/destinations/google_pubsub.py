"""Google Cloud Pub/Sub: events as messages of a topic, published over REST."""

import base64
import re
from collections.abc import Sequence
from typing import Any, Final

import jwt
import msgspec

from headwater.destinations.kit.answers import each, explained, json_of, unsent
from headwater.destinations.kit.authorization import bearer
from headwater.destinations.kit.common_fields import (
    EVERYTHING,
    path,
)
from headwater.destinations.kit.exchange import ask, form_request, json_request
from headwater.destinations.kit.model import (
    Access,
    Action,
    Answer,
    Attempt,
    Batch,
    Delivered,
    DestinationType,
    Exchange,
    Item,
    Outcome,
    Perform,
    Preset,
    Rejected,
    Request,
    RetryLater,
    Token,
)
from headwater.destinations.kit.oauth import read_token
from headwater.destinations.kit.outcome import http_outcome
from headwater.destinations.kit.records import DATA, KEY, data_of
from headwater.destinations.kit.settings import Secret, Settings
from headwater.destinations.kit.urls import host_problems
from headwater.errors import Problem
from headwater.mapping.fields import Field

PUBSUB_URL: Final = "https://pubsub.googleapis.com"
TOKEN_URL: Final = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address
SCOPE: Final = "https://www.googleapis.com/auth/pubsub"
GRANT: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"

ASSERTION_S: Final = 3_600
"""The longest that Google believes a signed assertion."""

MESSAGE_BYTES_MAX: Final = 10_000_000
KEY_BYTES_MAX: Final = 1_024
ATTRIBUTES_MAX: Final = 100
ATTRIBUTE_NAME_BYTES_MAX: Final = 256
ATTRIBUTE_BYTES_MAX: Final = 1_024

_PROJECT: Final = re.compile(r"[a-z][a-z0-9.:-]{4,60}[a-z0-9]")
_TOPIC: Final = re.compile(r"(?!goog)[A-Za-z][A-Za-z0-9._~+%-]{2,254}")


class ServiceAccount(msgspec.Struct, frozen=True):
    """What matters of a key file."""

    client_email: str
    private_key: str
    private_key_id: str = ""
    token_uri: str = TOKEN_URL


class PubSubSettings(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    project: str
    topic: str
    service_account: Secret = ""
    """The JSON key file of a service account that may publish. Not needed with an emulator."""
    ordered: bool = False
    """Gives messages an ordering key; the subscription decides whether it is kept to."""
    endpoint: str = ""
    """A regional endpoint, or an emulator as in `http://127.0.0.1:8085`."""

    @property
    def topic_url(self) -> str:
        return f"{self.endpoint.rstrip('/') or PUBSUB_URL}/v1/projects/{self.project}/topics/{self.topic}"


# --- settings ---------------------------------------------------------------------------------------------


def problems(settings: PubSubSettings) -> list[Problem]:
    found = []
    if not _PROJECT.fullmatch(settings.project):
        found.append(Problem("expected the id of a project, as in `my-project-123`", "project"))
    if not _TOPIC.fullmatch(settings.topic):
        found.append(Problem("expected the name of a topic, without `projects/…/topics/`", "topic"))
    if settings.endpoint:
        found += host_problems(settings.endpoint, "endpoint")
    if not settings.service_account and not settings.endpoint:
        found.append(Problem("is needed, unless `endpoint` is an emulator", "service_account"))
    if settings.service_account:
        found += _account_problems(settings.service_account)
    return found


def _account_problems(text: str) -> list[Problem]:
    # What is wrong is said without the words of the parsers: they may quote the key.
    try:
        account = _account(text)
    except msgspec.DecodeError:
        return [Problem("expected the JSON key file of a service account, whole", "service_account")]
    if wrong := host_problems(account.token_uri, "service_account"):
        return wrong
    try:
        _assertion(account, 0.0)
    except (ValueError, TypeError, jwt.PyJWTError):
        return [Problem("its `private_key` is no RSA key in PEM", "service_account")]
    return []


def _account(text: str) -> ServiceAccount:
    return msgspec.json.decode(text.encode(), type=ServiceAccount)


# --- access -----------------------------------------------------------------------------------------------


def _ask_token(settings: PubSubSettings, at_s: float) -> Request | Token:
    if not settings.service_account:
        return Token("", float("inf"))
    account = _account(settings.service_account)
    return form_request("POST", account.token_uri, {"grant_type": GRANT, "assertion": _assertion(account, at_s)})


def _assertion(account: ServiceAccount, at_s: float) -> str:
    """RFC 7523: who we are, signed with the account's key."""
    claims = {
        "iss": account.client_email,
        "scope": SCOPE,
        "aud": account.token_uri,
        "iat": int(at_s),
        "exp": int(at_s) + ASSERTION_S,
    }
    named = {"kid": account.private_key_id} if account.private_key_id else None
    return jwt.encode(claims, account.private_key, algorithm="RS256", headers=named)


# --- what is asked ----------------------------------------------------------------------------------------


def publish(settings: PubSubSettings) -> Perform:
    def perform(items: Sequence[Item], attempt: Attempt) -> Exchange:
        messages, named, sent = [], dict[int, Outcome](), []
        for index, item in enumerate(items):
            message = _message(settings, item)
            if isinstance(message, Rejected):
                named[index] = message
            else:
                messages.append(message)
                sent.append(index)
        if not messages:
            return each(items, named, RetryLater("INTERNAL"))
        answer = yield from ask(_request(settings, ":publish", {"messages": messages}, attempt))
        outcomes = _published(answer, len(messages))
        return each(items, named | dict(zip(sent, outcomes, strict=True)), RetryLater("INTERNAL"))

    return perform


def _message(settings: PubSubSettings, item: Item) -> dict[str, Any] | Rejected:
    data = data_of(item.payload)
    attributes = {name: _text(value) for name, value in item.payload.get("attributes", {}).items()}
    if len(data) > MESSAGE_BYTES_MAX:
        return unsent(f"{len(data):,} bytes: Pub/Sub takes {MESSAGE_BYTES_MAX:,} at most")
    if len(attributes) > ATTRIBUTES_MAX:
        return unsent(f"{len(attributes)} attributes: Pub/Sub takes {ATTRIBUTES_MAX} at most")
    for name, value in attributes.items():
        if not 0 < len(name.encode()) <= ATTRIBUTE_NAME_BYTES_MAX or len(value.encode()) > ATTRIBUTE_BYTES_MAX:
            return unsent("an attribute without a name, or too long: 256 bytes for names, 1,024 for values")
    message: dict[str, Any] = {"data": base64.b64encode(data).decode()}
    if attributes:
        message["attributes"] = attributes
    if settings.ordered:
        message["orderingKey"] = item.payload["key"].encode()[:KEY_BYTES_MAX].decode(errors="ignore")
    return message


def _text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _request(settings: PubSubSettings, verb: str, body: dict[str, Any], attempt: Attempt) -> Request:
    headers = bearer(attempt.token) if attempt.token else {}
    return json_request("POST", settings.topic_url + verb, body, headers)


# --- what is answered -------------------------------------------------------------------------------------


def _outcome(answer: Answer) -> Outcome:
    error = json_of(answer).get("error")
    return explained(http_outcome(answer), error.get("message") if isinstance(error, dict) else None)


def _published(answer: Answer, count: int) -> list[Outcome]:
    """All or none: Pub/Sub takes a request whole."""
    outcome = _outcome(answer)
    ids = json_of(answer).get("messageIds")
    if isinstance(outcome, Delivered) and not (isinstance(ids, list) and len(ids) == count):
        outcome = RetryLater("EPROTO", "the answer does not name each message")
    return [outcome] * count


def test(settings: PubSubSettings, attempt: Attempt) -> Exchange:
    """Whether this account may publish to this topic."""
    permission = "pubsub.topics.publish"
    answer = yield from ask(_request(settings, ":testIamPermissions", {"permissions": [permission]}, attempt))
    outcome = _outcome(answer)
    if isinstance(outcome, Delivered) and permission not in (json_of(answer).get("permissions") or ()):
        outcome = Rejected("403", f"the service account lacks {permission} on this topic")
    return [outcome]


TYPE = DestinationType(
    name="google-pubsub",
    label="Google Pub/Sub",
    category="streaming",
    description="Events as messages of a Pub/Sub topic.",
    settings=PubSubSettings,
    problems=problems,
    test=test,
    access=Access(request=_ask_token, read=read_token),
    actions=(
        Action(
            name="publish",
            label="Publish",
            description="Each event as a JSON message; up to 1,000 in a request.",
            perform=publish,
            fields=(
                DATA,
                KEY,
                Field(
                    name="attributes",
                    label="Attributes",
                    type="object",
                    description="What subscriptions filter by; values are sent as text.",
                    default={
                        "messageId": path("$.messageId"),
                        "type": path("$.type"),
                        "event": path("$.event"),
                    },
                ),
            ),
            batch=Batch(items_max=1_000, bytes_max=7_000_000, wait_s=0.1),
        ),
    ),
    presets=(Preset(name="Everything", action="publish", trigger=EVERYTHING),),
)
