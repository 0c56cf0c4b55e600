"""Amazon SQS: events as messages; in a FIFO queue a person's in order, and repeats are dropped."""

import hashlib
import re
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from headwater.destinations.kit import aws
from headwater.destinations.kit.answers import each, json_of, objects, unsent
from headwater.destinations.kit.common_fields import (
    EVERYTHING,
    MESSAGE_ID,
    like,
)
from headwater.destinations.kit.exchange import ask
from headwater.destinations.kit.model import (
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
)
from headwater.destinations.kit.records import DATA, KEY, data_of
from headwater.destinations.kit.urls import host_problems
from headwater.errors import Problem
from headwater.units import MIB

_SQS: Final = aws.Service("sqs", "AmazonSQS", "1.0")

MESSAGES_BYTES_MAX: Final = MIB
"""Of one message, and of all in a request."""

_ID: Final = re.compile(r"[a-zA-Z0-9!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~]{1,128}")
"""What SQS takes as a group or for telling repeats."""

_NO_TEXT: Final = {"\ufffe": "\\ufffe", "\uffff": "\\uffff"}
"""The two characters that JSON may hold as they are and SQS would replace, as escapes."""


class SqsSettings(aws.AwsSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    queue_url: str
    """`https://sqs.<region>.amazonaws.com/<account>/<queue>`. A name that ends with `.fifo` is a FIFO queue."""

    @property
    def is_fifo(self) -> bool:
        return self.queue_url.endswith(".fifo")


def problems(settings: SqsSettings) -> list[Problem]:
    found = aws.aws_problems(settings)
    wrong = host_problems(settings.queue_url, "queue_url")
    if not wrong and not re.fullmatch(r"/[^/]+/[^/]+", urlsplit(settings.queue_url).path):
        wrong = [Problem("expected https://sqs.<region>.amazonaws.com/<account>/<queue>", "queue_url")]
    return found + wrong


def send_messages(settings: SqsSettings) -> Perform:
    def perform(items: Sequence[Item], attempt: Attempt) -> Exchange:
        named: dict[int, Outcome] = {}
        entries = []
        for index, item in enumerate(items):
            body = data_of(item.payload).decode()
            for char, escaped in _NO_TEXT.items():
                body = body.replace(char, escaped)
            if (size := len(body.encode())) > MESSAGES_BYTES_MAX:
                named[index] = unsent(f"{size:,} bytes: the service takes {MESSAGES_BYTES_MAX:,} at most")
                continue
            entries.append({"Id": str(index), "MessageBody": body} | _order(settings, item))
        if not entries:
            return each(items, named, RetryLater("INTERNAL"))
        body_ = {"QueueUrl": settings.queue_url, "Entries": entries}
        answer = yield from ask(aws.call(_SQS, "SendMessageBatch", settings, attempt, body_))
        outcome = aws.aws_outcome(answer)
        if isinstance(outcome, Delivered):
            outcome = RetryLater("EPROTO", "the answer does not say what became of it")
            named |= _said(answer)
        return each(items, named, outcome)

    return perform


def _order(settings: SqsSettings, item: Item) -> dict[str, str]:
    """What a FIFO queue needs besides."""
    if not settings.is_fifo:
        return {}
    return {
        "MessageGroupId": _id(item.payload["key"]),
        "MessageDeduplicationId": _id(item.payload["message_id"]),
    }


def _id(text: str) -> str:
    """As it is where SQS takes it, else a hash of it."""
    return text if _ID.fullmatch(text) else hashlib.sha256(text.encode()).hexdigest()


def _said(answer: Answer) -> dict[int, Outcome]:
    """By index, which is what the ids are."""
    said = json_of(answer)
    found: dict[int, Outcome] = {
        int(entry["Id"]): Delivered("200")
        for entry in objects(said.get("Successful"))
        if str(entry.get("Id")).isdigit()
    }
    for entry in objects(said.get("Failed")):
        if str(entry.get("Id")).isdigit():
            found[int(entry["Id"])] = _refused(entry)
    return found


def _refused(entry: dict[str, Any]) -> Outcome:
    code, message = str(entry.get("Code", "")), str(entry.get("Message", ""))
    if known := aws.of_code(code, message):
        return known
    said = f"{code}: {message}"[:500]
    return Rejected("MESSAGE_REJECTED", said) if entry.get("SenderFault") else RetryLater("RETRY", said)


def _attributes(settings: SqsSettings, attempt: Attempt) -> Request:
    body = {"QueueUrl": settings.queue_url, "AttributeNames": ["QueueArn"]}
    return aws.call(_SQS, "GetQueueAttributes", settings, attempt, body)


TYPE = DestinationType(
    name="amazon-sqs",
    label="Amazon SQS",
    category="streaming",
    description="Events as messages of an SQS queue, standard or FIFO.",
    settings=SqsSettings,
    problems=problems,
    test=aws.asks(_attributes),
    access=aws.access(),
    actions=(
        Action(
            name="send_messages",
            label="Send messages",
            description="Each event as a JSON message; up to ten in a request.",
            perform=send_messages,
            fields=(DATA, KEY, like(MESSAGE_ID, required=True)),
            batch=Batch(items_max=10, bytes_max=MESSAGES_BYTES_MAX),
        ),
    ),
    presets=(Preset(name="Everything", action="send_messages", trigger=EVERYTHING),),
)
