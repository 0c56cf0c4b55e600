"""What destinations at AWS share: settings, whose keys count, how actions are called, what answers mean."""

import re
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Final, NamedTuple
from urllib.parse import urlencode, urlsplit

import msgspec

from headwater.destinations.kit.answers import each, explained, json_of, objects, unsent
from headwater.destinations.kit.exchange import TIMEOUT_S, ask, json_request
from headwater.destinations.kit.model import (
    Access,
    Answer,
    Attempt,
    Delivered,
    Exchange,
    Failure,
    Outcome,
    Rejected,
    Request,
    Response,
    RetryLater,
    Token,
)
from headwater.destinations.kit.outcome import http_outcome
from headwater.destinations.kit.settings import Secret, Settings, only_when
from headwater.destinations.kit.sigv4 import Credentials, signed
from headwater.destinations.kit.urls import host_problems
from headwater.errors import Problem

ROLE_DURATION_S: Final = 3_600
"""How long an assumed role lasts; the longest that every role allows."""

THROTTLED: Final = {
    *("ThrottlingException", "Throttling", "RequestThrottled", "SlowDown", "RequestLimitExceeded"),
    *("ProvisionedThroughputExceededException", "LimitExceededException", "KMSThrottlingException"),
    *("ServiceUnavailableException", "ServiceUnavailable", "OverLimit"),
}
"""Too much or too soon; AWS says so with statuses from 400 to 503."""

PASSING: Final = {
    *("InternalFailure", "InternalError", "InternalServerError", "InternalException", "RequestTimeout"),
    *("ExpiredToken", "ExpiredTokenException", "RequestExpired", "RequestTimeTooSkewed", "OperationAborted"),
    *("InternalServiceException",),
}
"""Worth another attempt though the status may say 400: a token that has run out is a new one by then, and somebody
may have set the clock.
"""

UNKNOWN_KEY: Final = {
    *("UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId", "SignatureDoesNotMatch"),
    *("InvalidSignatureException", "IncompleteSignature", "MissingAuthenticationToken"),
    *("MissingAuthenticationTokenException",),
}
FORBIDDEN: Final = {"AccessDenied", "AccessDeniedException", "NotAuthorized", "KMSAccessDeniedException"}
MISSING: Final = {
    *("ResourceNotFoundException", "NoSuchBucket", "QueueDoesNotExist", "NonExistentQueue"),
    *("AWS.SimpleQueueService.NonExistentQueue",),
}

_IN_XML = re.compile(r"<(Code|Message|AccessKeyId|SecretAccessKey|SessionToken)>([^<]*)</")


class AwsSettings(Settings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    access_key_id: str
    secret_access_key: Secret
    region: Annotated[str, msgspec.Meta(pattern=r"^([a-z]{2,}(-[a-z]+)+-\d+|auto)$")]
    """As in `eu-central-1`; some stores that speak S3 want `auto`."""
    session_token: Secret = ""
    """Only of temporary keys."""
    role_arn: str = ""
    """A role to assume with these keys; then the role's permissions count, and theirs only for assuming it."""
    external_id: Annotated[str, only_when("role_arn")] = ""
    """What the role's trust policy asks for, if it does."""
    endpoint: str = ""
    """Instead of AWS's own for the region: a VPC endpoint, or a service that speaks the same protocol."""


class Service(NamedTuple):
    """Of AWS: how its actions are called."""

    signed_as: str
    """What signatures call it; its host begins with it as well."""
    target: str = ""
    """Before the action in `X-Amz-Target`."""
    version: str = "1.1"
    """Of the JSON protocol."""


# --- settings ---------------------------------------------------------------------------------------------


def aws_problems(settings: AwsSettings) -> list[Problem]:
    found = []
    for name in ("access_key_id", "secret_access_key"):
        value = getattr(settings, name)
        if not value or not value.isascii() or not value.isprintable() or " " in value:
            found.append(Problem("is no key: copy it again, without spaces", name))
    if settings.endpoint:
        found += host_problems(settings.endpoint, "endpoint")
        if not found and urlsplit(settings.endpoint).path.strip("/"):
            found.append(Problem("expected https://host without a path", "endpoint"))
    if settings.role_arn and not re.fullmatch(r"arn:aws[a-z-]*:iam::\d{12}:role/\S+", settings.role_arn):
        found.append(Problem("expected arn:aws:iam::<account>:role/<name>", "role_arn"))
    if settings.external_id and not settings.role_arn:
        found.append(Problem("means nothing without `role_arn`", "external_id"))
    return found


def host_of(service: str, region: str) -> str:
    """Where AWS keeps a service.

    >>> host_of("sqs", "eu-central-1"), host_of("sts", "cn-north-1")
    ('sqs.eu-central-1.amazonaws.com', 'sts.cn-north-1.amazonaws.com.cn')
    """
    return f"{service}.{region}.amazonaws.com" + (".cn" if region.startswith("cn-") else "")


def base_url(settings: AwsSettings, service: str) -> str:
    return settings.endpoint.rstrip("/") or f"https://{host_of(service, settings.region)}"


# --- credentials ------------------------------------------------------------------------------------------


def access() -> Access[Any]:
    """The keys of a role if the settings name one, else those of the settings."""
    return Access(request=_assume_role, read=_read_role)


def credentials(settings: AwsSettings, attempt: Attempt) -> Credentials:
    if settings.role_arn and attempt.token:
        return msgspec.json.decode(attempt.token, type=Credentials)
    return Credentials(settings.access_key_id, settings.secret_access_key, settings.session_token)


def _assume_role(settings: AwsSettings, at_s: float) -> Request | Token:
    if not settings.role_arn:
        return Token("", float("inf"))
    form = {
        "Action": "AssumeRole",
        "Version": "2011-06-15",
        "RoleArn": settings.role_arn,
        "RoleSessionName": "headwater",
        "DurationSeconds": str(ROLE_DURATION_S),
    }
    if settings.external_id:
        form["ExternalId"] = settings.external_id
    headers = {"Content-Type": "application/x-www-form-urlencoded", "User-Agent": "Headwater"}
    body = urlencode(form).encode()
    request = Request("POST", _sts_url(settings), headers, body, TIMEOUT_S)
    own = credentials(settings, Attempt(at_s))
    return signed(request, own, service="sts", region=settings.region, at_s=at_s)


def _sts_url(settings: AwsSettings) -> str:
    """What stands in for AWS stands in for STS, too; a VPC endpoint is that of one service."""
    host = urlsplit(settings.endpoint).hostname or ""
    own = f"https://{host_of('sts', settings.region)}"
    return (own if host.endswith((".amazonaws.com", ".amazonaws.com.cn")) else base_url(settings, "sts")) + "/"


def _read_role(response: Response) -> Token | Failure:
    said = _xml(response)
    if response.status == 200 and {"AccessKeyId", "SecretAccessKey", "SessionToken"} <= said.keys():
        keys = Credentials(said["AccessKeyId"], said["SecretAccessKey"], said["SessionToken"])
        return Token(msgspec.json.encode(keys).decode(), ROLE_DURATION_S)
    outcome = aws_outcome(response)
    if isinstance(outcome, Delivered):
        return Failure("EPROTO", "the role was assumed, but no keys came with the answer")
    return Failure(
        outcome.reason, f"the role could not be assumed: {outcome.message}", isinstance(outcome, Rejected)
    )


# --- requests ---------------------------------------------------------------------------------------------


def call(
    service: Service, action: str, settings: AwsSettings, attempt: Attempt, body: Any, *, url: str = ""
) -> Request:
    """An action of a service that speaks JSON, signed."""
    headers = {
        "Content-Type": f"application/x-amz-json-{service.version}",
        "X-Amz-Target": f"{service.target}.{action}",
    }
    request = json_request("POST", (url or base_url(settings, service.signed_as)) + "/", body, headers)
    return signed(
        request,
        credentials(settings, attempt),
        service=service.signed_as,
        region=settings.region,
        at_s=attempt.at_s,
    )


# --- answers ----------------------------------------------------------------------------------------------


def aws_outcome(answer: Answer) -> Outcome:
    """Of a whole request. The code of an error decides, and the status only if it is not known."""
    outcome = http_outcome(answer)
    if isinstance(outcome, Delivered) or not isinstance(answer, Response):
        return outcome
    code, message = _said(answer)
    known = of_code(code, message)
    return (
        explained(outcome, f"{code}: {message}" if code and message else code or message)
        if known is None
        else known
    )


def of_code(code: str, message: str) -> Outcome | None:
    """What a code of AWS means for whatever it was said about; None of one that is not known.

    >>> of_code("ProvisionedThroughputExceededException", "slow down")
    RetryLater(reason='429', message='ProvisionedThroughputExceededException: slow down', retry_after_s=None)
    """
    said = f"{code}: {message}"[:500] if message else code
    if code in THROTTLED:
        return RetryLater("429", said)
    if code in PASSING:
        return RetryLater("RETRY", said)
    for codes, reason in ((UNKNOWN_KEY, "401"), (FORBIDDEN, "403"), (MISSING, "404")):
        if code in codes:
            return Rejected(reason, said)
    return None


def of_item(entry: dict[str, Any]) -> Outcome:
    """Of one record in the answer to a batch; `ErrorCode` is there when it was not taken."""
    code, message = entry.get("ErrorCode"), entry.get("ErrorMessage")
    if not isinstance(code, str) or not code:
        return Delivered("200")
    text = message if isinstance(message, str) else ""
    return of_code(code, text) or Rejected("MESSAGE_REJECTED", f"{code}: {text}"[:500])


def put_batch(
    records: Sequence[Any],
    sizes: Sequence[int],
    build: Callable[[list[Any]], Request],
    *,
    bytes_max: int,
    entries: str,
) -> Exchange:
    """A batch whose answer has one entry for each record, in their order, under the key `entries`. Records that
    are too large for the service stay at home, so that the others are not refused with them.
    """
    too_large = {
        index: unsent(f"{size:,} bytes: the service takes {bytes_max:,} at most")
        for index, size in enumerate(sizes)
        if size > bytes_max
    }
    fitting = [index for index in range(len(records)) if index not in too_large]
    if not fitting:
        return each(records, too_large, RetryLater("INTERNAL"))
    answer = yield from ask(build([records[index] for index in fitting]))
    outcome = aws_outcome(answer)
    if not isinstance(outcome, Delivered):
        return each(records, too_large, outcome)
    said = objects(json_of(answer).get(entries))
    if len(said) != len(fitting):
        return each(records, too_large, RetryLater("EPROTO", "the answer does not say what became of each record"))
    return each(records, too_large | {n: of_item(of) for n, of in zip(fitting, said, strict=True)}, outcome)


def asks(build: Callable[[Any, Attempt], Request]) -> Callable[[Any, Attempt], Exchange]:
    """A test of the connection: one request that changes nothing."""

    def test(settings: Any, attempt: Attempt) -> Exchange:
        answer = yield from ask(build(settings, attempt))
        return [aws_outcome(answer)]

    return test


def _said(response: Response) -> tuple[str, str]:
    """Code and message of an error, as the JSON protocols write them, or the XML ones."""
    body = json_of(response)
    if not body:
        said = _xml(response)
        return said.get("Code", ""), said.get("Message", "")
    code = str(body.get("__type") or body.get("code") or "")
    message = body.get("message") or body.get("Message") or ""
    return code.rpartition("#")[2].partition(":")[0], message if isinstance(message, str) else ""


def _xml(response: Response) -> dict[str, str]:
    """The few elements that matter. No parser: what an endpoint sends must not be able to make one work."""
    return dict(_IN_XML.findall(response.body.decode(errors="replace")))
