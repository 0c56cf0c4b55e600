"""Whatever an endpoint answers, each event has an outcome: nothing a stranger says breaks an action."""

import re
from typing import Any
from unittest.mock import patch

import goldens
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from talk import AT_S

from headwater.destinations.kit.model import Answer, Failure, Response

GOLDENS = {name: goldens.load(name) for name in goldens.NAMES}
OF_HTTP = sorted(name for name in GOLDENS if name not in {"kafka", "postgres"})
"""Others are answered by transports of ours, which say nothing of their own making."""

KNOWN = sorted(
    {
        *(
            "access_token",
            "audience_id",
            "code",
            "contact",
            "contacts",
            "created",
            "data",
            "description",
            "detail",
        ),
        *("details", "error", "errorCode", "error_code", "error_user_msg", "errors", "events", "field", "fields"),
        *("events_with_invalid_fields", "events_with_missing_fields", "failedRecords", "fieldPathElements"),
        *("fieldViolations", "FailedPutCount", "FailedRecordCount", "Failed", "Entries", "Records", "id", "ids"),
        *("RequestResponses", "ErrorCode", "ErrorMessage", "SenderFault", "Id", "Code", "Message", "index"),
        *("input_array", "is_transient", "jobs", "list", "location", "message", "meta", "missing_field", "name"),
        *("partialFailureError", "path", "properties", "reason", "result", "results", "silenced_events", "source"),
        *("status", "statusCode", "success", "throttled_events", "title", "type", "user", "userList", "users"),
    }
)
"""What services call the parts of their answers: so that the odd ones are found where an action looks."""

SCALARS = (
    st.none() | st.booleans() | st.integers(-3, 70_000) | st.sampled_from(["", "0", "[3]", "contacts[9]", "x"])
)
ODD = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KNOWN), inner, max_size=4),
    max_leaves=6,
)
BODIES = ODD.map(msgspec.json.encode)
NOT_JSON = st.sampled_from([b"", b"ok", b"<html>", b"\xff\xfe", b"{", b'{"code":1e999}', b'"\\ud800"'])
STATUSES = st.sampled_from(
    [200, 201, 202, 204, 207, 302, 400, 401, 403, 404, 409, 413, 422, 429, 500, 501, 503, 599]
)
HEADERS = st.sampled_from(
    [{}, {"Content-Type": "application/json"}, {"Retry-After": "soon"}, {"Retry-After": "-1"}]
)
FAILURES = st.builds(Failure, st.sampled_from(["ETIMEDOUT", "TLS"]), st.just("no answer"), st.booleans())


SAID = re.compile(r"(^|: )(delivered|retry|rejected|refused) \S+")


def bodies_of(name: str) -> list[Any]:
    """What the golden file has this service answer."""
    return [
        answer["body"] for case in GOLDENS[name]["cases"] for answer in case.get("answers", ()) if "body" in answer
    ]


@st.composite
def bent(draw: st.DrawFn, value: Any) -> Any:
    """A real answer of which some part is something else."""
    if draw(st.integers(0, 5)) == 0:
        return draw(ODD)
    if isinstance(value, dict):
        return {key: draw(bent(member)) for key, member in value.items() if draw(st.integers(0, 9))}
    if isinstance(value, list):
        return [draw(bent(member)) for member in value]
    return value


@pytest.mark.parametrize("name", OF_HTTP)
@given(data=st.data())
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_outcomes_when_an_endpoint_answers_anything_then_each_event_has_one(
    name: str, data: st.DataObject
) -> None:
    golden = GOLDENS[name]
    case: dict[str, Any] = data.draw(st.sampled_from(golden["cases"]))
    known = bodies_of(name)
    bodies = st.sampled_from(known).flatmap(bent).map(msgspec.json.encode) if known else BODIES

    def answer(_: object) -> Answer:
        kind = data.draw(st.integers(0, 9))
        if kind == 0:
            return data.draw(FAILURES)
        body = data.draw(NOT_JSON if kind == 1 else BODIES if kind == 2 else bodies)
        return Response(data.draw(STATUSES), data.draw(HEADERS), body, AT_S)

    with patch.object(goldens, "_answer", answer):
        shown = goldens.run(name, golden, case | {"answers": []})
    assert len(shown.outcomes) == len(case["outcomes"])
    assert all(SAID.search(outcome) for outcome in shown.outcomes)
