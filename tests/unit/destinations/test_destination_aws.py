"""What destinations at AWS share: signatures as botocore makes them, codes of errors, roles."""

import datetime as dt
import warnings
from typing import Any
from unittest import mock
from urllib.parse import quote, urlencode

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from talk import AT_S, ok, perform

from headwater.destinations import registry
from headwater.destinations.kit import aws
from headwater.destinations.kit.model import (
    Attempt,
    Delivered,
    Failure,
    Outcome,
    Rejected,
    Request,
    Response,
    RetryLater,
    Token,
)
from headwater.destinations.kit.sigv4 import Credentials, signed

KEYS = {"access_key_id": "AKIAEXAMPLE", "secret_access_key": "s3cret/key+", "region": "eu-central-1"}
ROLE = "arn:aws:iam::123456789012:role/headwater"
TYPES = {
    "amazon-eventbridge": {},
    "amazon-firehose": {"stream": "s"},
    "amazon-kinesis": {"stream": "s"},
    "amazon-s3": {"bucket": "events"},
    "amazon-sqs": {"queue_url": "https://sqs.eu-central-1.amazonaws.com/123456789012/q"},
}


def botocore_authorization(request: Request, keys: Credentials, service: str) -> str:
    """By AWS's own signer, whose clock we hold."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what botocore has to say about its own dependencies
        import botocore.auth
        from botocore.awsrequest import AWSRequest
        from botocore.credentials import Credentials as Theirs
    kept = {"X-Amz-Date", "X-Amz-Content-SHA256", "X-Amz-Security-Token", "Authorization"}
    headers = {name: value for name, value in request.headers.items() if name not in kept}
    theirs = AWSRequest(request.method, request.url, headers, request.body)
    theirs.context["payload_signing_enabled"] = True
    kind = botocore.auth.S3SigV4Auth if service == "s3" else botocore.auth.SigV4Auth
    at = dt.datetime.fromtimestamp(AT_S, dt.UTC)
    with mock.patch("botocore.auth.get_current_datetime", return_value=at):
        kind(Theirs(*keys[:2], keys.session_token or None), service, "eu-central-1").add_auth(theirs)
    return str(theirs.headers["Authorization"])


def signed_headers(authorization: str) -> set[str]:
    return set(authorization.partition("SignedHeaders=")[2].partition(",")[0].split(";"))


@given(
    service=st.sampled_from(["kinesis", "s3", "sqs", "sts"]),
    segments=st.lists(st.text("abcXYZ019-._~ +=&ü%:@", min_size=1, max_size=8), max_size=3),
    query=st.lists(
        st.tuples(st.text("ab -_~+é", min_size=1), st.text("xy/=&")), max_size=2, unique_by=lambda q: q[0]
    ),
    body=st.binary(max_size=20),
    session_token=st.sampled_from(["", "FwoGZXIvYXdzEXAMPLE=="]),
    port=st.sampled_from(["", ":9000"]),
)
def test_signed_when_any_request_then_the_signature_is_botocores(
    service: str, segments: list[str], query: list[tuple[str, str]], body: bytes, session_token: str, port: str
) -> None:
    segments = [segment for segment in segments if segment.strip(".")]  # nobody signs `..`
    path = "/" + "/".join(quote(segment, safe="~") for segment in segments)
    url = f"https://host.example{port}{path}" + (f"?{urlencode(query, quote_via=quote)}" if query else "")
    keys = Credentials("AKIAEXAMPLE", "s3cret/key+", session_token)
    plain = Request("POST", url, {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "A.B"}, body, 1.0)
    ours = signed(plain, keys, service=service, region="eu-central-1", at_s=AT_S)
    assert ours.headers["Authorization"] == botocore_authorization(ours, keys, service)
    assert {"host", "x-amz-date"} <= signed_headers(ours.headers["Authorization"])


def answer(status: int, body: Any) -> Response:
    return ok(body, status)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            answer(
                400, {"__type": "com.amazonaws.kinesis#ProvisionedThroughputExceededException", "message": "m"}
            ),
            RetryLater("429", "ProvisionedThroughputExceededException: m"),
        ),
        (
            answer(400, {"__type": "ExpiredTokenException", "message": "m"}),
            RetryLater("RETRY", "ExpiredTokenException: m"),
        ),
        (
            answer(400, {"__type": "UnrecognizedClientException", "message": "m"}),
            Rejected("401", "UnrecognizedClientException: m"),
        ),
        (
            answer(400, {"__type": "AccessDeniedException", "Message": "m"}),
            Rejected("403", "AccessDeniedException: m"),
        ),
        (
            answer(400, {"__type": "ValidationException", "message": "m"}),
            Rejected("BAD_REQUEST", "ValidationException: m"),
        ),
        (answer(500, {"__type": "Strange", "message": "m"}), RetryLater("500", "Strange: m")),
        (
            Response(503, {}, b"<Error><Code>SlowDown</Code><Message>less</Message></Error>", AT_S),
            RetryLater("429", "SlowDown: less"),
        ),
        (Response(502, {}, b"", AT_S), RetryLater("502", "Bad Gateway")),
        (answer(200, {}), Delivered("200")),
        (Failure("ETIMEDOUT", "no answer in time"), RetryLater("ETIMEDOUT", "no answer in time")),
    ],
)
def test_outcome_when_aws_answers_then_its_code_decides(given: Any, expected: Outcome) -> None:
    assert aws.aws_outcome(given) == expected


@pytest.mark.parametrize("type_", ["amazon-kinesis", "amazon-firehose", "amazon-eventbridge"])
def test_batch_when_some_records_fail_then_each_has_its_own_outcome(type_: str) -> None:
    action = {"amazon-eventbridge": "put_events"}.get(type_, "put_records")
    entries = {"amazon-kinesis": "Records", "amazon-firehose": "RequestResponses", "amazon-eventbridge": "Entries"}
    payload = {"data": {"a": 1}, "key": "ann", "detail_type": "x"}
    taken = {"SequenceNumber": "1"}
    said = {
        entries[type_]: [
            taken,
            {"ErrorCode": "ProvisionedThroughputExceededException", "ErrorMessage": "slow down"},
            {"ErrorCode": "InternalFailure"},
            {"ErrorCode": "InvalidArgument", "ErrorMessage": "no"},
        ]
    }
    _, outcomes = perform(type_, action, KEYS | TYPES[type_], [payload] * 4, answer=lambda _: ok(said))
    assert outcomes == [
        Delivered("200"),
        RetryLater("429", "ProvisionedThroughputExceededException: slow down"),
        RetryLater("RETRY", "InternalFailure"),
        Rejected("MESSAGE_REJECTED", "InvalidArgument: no"),
    ]
    _, short = perform(type_, action, KEYS | TYPES[type_], [payload] * 4, answer=lambda _: ok({}))
    assert {outcome.reason for outcome in short} == {"EPROTO"}


def test_sqs_when_some_messages_fail_then_each_has_its_own_outcome_by_id() -> None:
    payload = {"data": {}, "key": "ann", "message_id": "m"}
    said = {
        "Successful": [{"Id": "2", "MessageId": "x"}],
        "Failed": [
            {"Id": "0", "SenderFault": True, "Code": "InvalidMessageContents", "Message": "no"},
            {"Id": "1", "SenderFault": False, "Code": "Odd", "Message": "later"},
            {"Id": "nonsense"},
        ],
    }
    _, outcomes = perform(
        "amazon-sqs", "send_messages", KEYS | TYPES["amazon-sqs"], [payload] * 4, answer=lambda _: ok(said)
    )
    assert outcomes == [
        Rejected("MESSAGE_REJECTED", "InvalidMessageContents: no"),
        RetryLater("RETRY", "Odd: later"),
        Delivered("200"),
        RetryLater("EPROTO", "the answer does not say what became of it"),
    ]


@pytest.mark.parametrize("type_", list(TYPES))
@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"region": "Frankfurt"}, "region"),
        ({"secret_access_key": "with space "}, "secret_access_key"),
        ({"access_key_id": ""}, "access_key_id"),
        ({"endpoint": "localhost:4566"}, "endpoint"),
        ({"endpoint": "http://localhost:4566/path"}, "endpoint"),
        ({"role_arn": "headwater"}, "role_arn"),
        ({"external_id": "x"}, "external_id"),
    ],
)
def test_settings_when_one_is_wrong_then_said_where(type_: str, wrong: dict[str, Any], path: str) -> None:
    assert registry.validate_settings(type_, KEYS | TYPES[type_]) == []
    (problem,) = registry.validate_settings(type_, KEYS | TYPES[type_] | wrong)
    assert problem.path == path
    assert "with space" not in problem.message


@pytest.mark.parametrize(
    ("type_", "wrong", "path"),
    [
        ("amazon-kinesis", {"stream": " "}, "stream"),
        ("amazon-firehose", {"stream": ""}, "stream"),
        ("amazon-eventbridge", {"event_bus": ""}, "event_bus"),
        ("amazon-eventbridge", {"event_source": "aws.ours"}, "event_source"),
        ("amazon-sqs", {"queue_url": "my-queue"}, "queue_url"),
        ("amazon-sqs", {"queue_url": "https://sqs.eu-central-1.amazonaws.com/q"}, "queue_url"),
        ("amazon-s3", {"bucket": "Events"}, "bucket"),
        ("amazon-s3", {"prefix": "/in"}, "prefix"),
        ("amazon-s3", {"wait_s": 0}, "wait_s"),
    ],
)
def test_settings_when_one_of_the_type_is_wrong_then_said_where(
    type_: str, wrong: dict[str, Any], path: str
) -> None:
    (problem,) = registry.validate_settings(type_, KEYS | TYPES[type_] | wrong)
    assert problem.path == path


def kinesis(**more: Any) -> Any:
    type_ = registry.get("amazon-kinesis")
    assert type_
    return msgspec.convert(KEYS | TYPES["amazon-kinesis"] | more, type_.settings)


def test_access_when_no_role_is_named_then_nobody_is_asked() -> None:
    assert isinstance(aws.access().request(kinesis(), AT_S), Token)
    assert aws.credentials(kinesis(), Attempt(AT_S)) == Credentials("AKIAEXAMPLE", "s3cret/key+")


def test_access_when_a_role_is_named_then_asked_for_with_the_keys_and_its_own_are_used() -> None:
    settings = kinesis(role_arn=ROLE, external_id="x 1")
    request = aws.access().request(settings, AT_S)
    assert isinstance(request, Request)
    assert request.url == "https://sts.eu-central-1.amazonaws.com/"
    assert b"ExternalId=x+1" in request.body
    assert "Credential=AKIAEXAMPLE/" in request.headers["Authorization"]
    said = {"AccessKeyId": "ASIA1", "SecretAccessKey": "s2", "SessionToken": "t3"}
    body = "".join(f"<{name}>{value}</{name}>" for name, value in said.items()).encode()
    token = aws.access().read(Response(200, {}, body, AT_S))
    assert isinstance(token, Token)
    assert aws.credentials(settings, Attempt(AT_S, token=token.value)) == Credentials("ASIA1", "s2", "t3")


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        ("", "https://sts.eu-central-1.amazonaws.com/"),
        ("https://vpce-1.kinesis.eu-central-1.vpce.amazonaws.com", "https://sts.eu-central-1.amazonaws.com/"),
        ("http://127.0.0.1:4566/", "http://127.0.0.1:4566/"),
    ],
)
def test_access_when_there_is_an_endpoint_then_the_role_is_asked_for_where_roles_are(
    endpoint: str, expected: str
) -> None:
    request = aws.access().request(kinesis(role_arn=ROLE, endpoint=endpoint), AT_S)
    assert isinstance(request, Request)
    assert request.url == expected


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (403, b"<Error><Code>AccessDenied</Code><Message>no</Message></Error>", ("403", True)),
        (503, b"", ("503", False)),
        (200, b"<html>", ("EPROTO", False)),
    ],
)
def test_access_when_the_role_is_refused_then_a_failure_that_says_whether_it_lasts(
    status: int, body: bytes, expected: tuple[str, bool]
) -> None:
    failure = aws.access().read(Response(status, {}, body, AT_S))
    assert isinstance(failure, Failure)
    assert (failure.reason, failure.lasting) == expected


def test_s3_url_when_the_bucket_has_a_dot_or_an_endpoint_then_in_the_path() -> None:
    def url(**more: Any) -> str:
        (call,), _ = perform("amazon-s3", "write_files", KEYS | {"bucket": "events"} | more, [{}])
        assert isinstance(call, Request)
        return call.url.partition("date%3D")[0]

    assert url() == "https://events.s3.eu-central-1.amazonaws.com/"
    assert url(bucket="my.events") == "https://s3.eu-central-1.amazonaws.com/my.events/"
    assert url(endpoint="https://minio.example:9000") == "https://minio.example:9000/events/"
    assert url(path_style=True, prefix="a b/") == "https://s3.eu-central-1.amazonaws.com/events/a%20b/"
