"""The private port of a running platform."""

import os
import signal
import time
from http.client import HTTPConnection

import msgspec
import pytest
from platforms import Platform
from prometheus_client.parser import text_string_to_metric_families

from headwater import limits
from headwater.serve.health.fleet import ROLES, Role

LISTS = ["/sources", "/destinations", "/tracking-plans", "/transformations", "/dead-letters"]
LISTS += ["/regulations", "/suppressions", "/privacy/audit", "/workspace/versions"]
LISTS += ["/audiences", "/traits", "/identities/quarantine", "/replays"]
LISTS += ["/destination-types", "/refused-destination-types"]


@pytest.mark.parametrize("path", ["/status", "/workspace", "/workspace/export", "/sync/differences", *LISTS])
@pytest.mark.parametrize("authorization", ["", "Bearer ", "Bearer wrong", "Basic wrong"])
def test_without_the_token_nothing_is_told(running: Platform, path: str, authorization: str) -> None:
    answer = running.get(f"/api/v1{path}", Authorization=authorization)
    assert answer.status == 401
    assert answer.json()["error"]["code"] == "unauthorized"
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("path", LISTS)
def test_lists_have_pages(running: Platform, path: str) -> None:
    assert set(running.api(path).json()) == {"data", "next"}


def test_the_next_page_begins_where_the_first_one_ended(running: Platform) -> None:
    first = running.api("/sources?limit=1").json()
    second = running.api(f"/sources?limit=1&cursor={first['next']}").json()
    assert [s["name"] for s in first["data"] + second["data"]] == ["website", "backend"]
    assert second["next"] is None


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/nothing", None, 404, "not_found"),
        ("DELETE", "/sources", None, 405, "method_not_allowed"),
        ("GET", "/sources?limit=many", None, 400, "invalid_request"),
        ("GET", "/sources?limit=0", None, 400, "invalid_request"),
        ("GET", "/sources?cursor=gone", None, 400, "invalid_cursor"),
        ("GET", "/dead-letters?cursor=gone", None, 400, "invalid_cursor"),
        ("POST", "/sql", b'{"sql":"selct 1"}', 400, "invalid_sql"),
        ("POST", "/sql", b'{"sql":"select * from read_csv(\'/etc/passwd\')"}', 400, "invalid_sql"),
        ("POST", "/sql", b'{"statement":"select 1"}', 400, "invalid_request"),
        ("POST", "/sql", b"not json", 400, "invalid_request"),
        ("POST", "/transformations/-/test", b'{"transformation":"none"}', 400, "unknown_transformation"),
        ("POST", "/transformations/-/test", b'{"source":"none"}', 400, "unknown_source"),
        ("POST", "/transformations/-/test", b'{"last":0}', 400, "invalid_request"),
        ("POST", "/transformations/-/test", b'{"last":1001}', 400, "invalid_request"),
        ("POST", "/transformations/-/test", b'{"lust":1}', 400, "invalid_request"),
        ("POST", "/transformations/-/test", b'{"file":"transformation: []"}', 422, "invalid_config"),
        ("POST", "/workspace/plan", b"surces: []", 422, "invalid_config"),
        ("PUT", "/workspace", b"surces: []", 422, "invalid_config"),
    ],
)
def test_every_error_has_the_same_shape(
    *, running: Platform, method: str, path: str, body: bytes | None, status: int, code: str
) -> None:
    answer = running.api(path, method=method, body=body, content_type="application/json" if body else "")
    error = answer.json()["error"]
    assert (answer.status, error["code"]) == (status, code)
    assert error["message"]
    assert set(error) <= {"code", "message", "field", "problems"}


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/transformations/-/test", b'{"lust":1}', "lust"),
        ("/transformations/-/test", b'{"last":0}', "last"),
        ("/regulations", b"{}", "regulationType"),
        ("/dead-letters/discard", b'{"filter":{"stge":"govern"}}', "filter.stge"),
    ],
)
def test_an_error_names_the_field_as_the_request_does(
    running: Platform, path: str, body: bytes, field: str
) -> None:
    answer = running.api(path, method="POST", body=body, content_type="application/json")
    assert answer.json()["error"]["field"] == field


def test_a_body_that_is_too_large_is_refused_before_it_is_sent(running: Platform) -> None:
    connection = HTTPConnection("127.0.0.1", running.serve_port, timeout=10)
    connection.putrequest("PUT", "/api/v1/workspace")
    connection.putheader("Authorization", f"Bearer {running.token()}")
    connection.putheader("Content-Length", str(limits.operations.CONTROL_BODY_BYTES_MAX + 1))
    connection.endheaders()
    answer = connection.getresponse()
    assert answer.status == 413
    assert msgspec.json.decode(answer.read())["error"]["code"] == "too_large"
    connection.close()


def test_every_answer_has_security_headers(running: Platform) -> None:
    for path in ("/", "/api/v1/sources", "/nothing"):
        headers = running.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"


def test_openapi_describes_what_there_is(running: Platform) -> None:
    document = running.get("/api/v1/openapi.json").json()
    assert {"/api/v1/status", "/api/v1/sources", "/api/v1/sql", "/api/v1/dead-letters"} <= set(document["paths"])
    assert {"/api/v1/transformations", "/api/v1/transformations/-/test"} <= set(document["paths"])
    assert "ErrorAnswer" in document["components"]["schemas"]
    operations = {each["operationId"]: each for path in document["paths"].values() for each in path.values()}
    assert {"list_sources", "list_violations", "trace_event"} <= set(operations)
    for name in ("list_violations", "one_plan", "read_schema", "infer_plan", "get_dead_letter", "trace_event"):
        assert "404" in operations[name]["responses"], name
    bodies = {name: operation.get("requestBody", {}) for name, operation in operations.items()}
    for name in ("put_workspace", "plan_workspace"):
        assert bodies[name]["required"]
        assert set(bodies[name]["content"]) == {"application/yaml"}
    assert not bodies["replay_dead_letter"].get("required")
    assert set(bodies["replay_dead_letter"]["content"]) == {"application/json"}


def test_status_has_every_role(running: Platform) -> None:
    status = running.api("/status").json()
    assert list(status["roles"]) == list(ROLES)
    assert status["up"]
    assert status["ready"]
    for role in status["roles"].values():
        assert role["up"]
        assert role["pid"]
        assert role["lag_events"] == 0


def test_metrics_of_all_roles_are_one_exposition(running: Platform) -> None:
    answer = running.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    families = list(text_string_to_metric_families(answer.body.decode()))
    assert len({f.name for f in families}) == len(families)
    (up,) = [f for f in families if f.name == "headwater_up"]
    assert {s.labels["role"]: s.value for s in up.samples} == dict.fromkeys(ROLES, 1.0)


def test_a_stuck_role_does_not_hold_up_the_scrape(running: Platform) -> None:
    pid = running.pid(Role.DELIVER)
    os.kill(pid, signal.SIGSTOP)
    try:
        started = time.monotonic()
        metrics = running.get("/metrics").body.decode()
        assert time.monotonic() - started < 3
    finally:
        os.kill(pid, signal.SIGCONT)
    assert 'headwater_up{role="deliver",worker="0"} 0' in metrics
    assert 'headwater_up{role="serve",worker="0"} 1' in metrics


def test_status_command_here_and_from_afar_agree(running: Platform) -> None:
    here = running.command("status", "--json")
    assert here.returncode == 0
    remote = running.remotely("status", "--json")
    assert remote.returncode == 0
    assert set(msgspec.json.decode(here.stdout)) == set(msgspec.json.decode(remote.stdout))


def test_sql_command_here_and_from_afar_agree(running: Platform) -> None:
    statement = "select 1 as one, 'a' as letter, 1.5 as number"
    expected = [{"one": 1, "letter": "a", "number": 1.5}]
    here = running.command("sql", statement, "--format", "json")
    assert msgspec.json.decode(here.stdout) == expected
    assert msgspec.json.decode(running.remotely("sql", statement, "--format", "json").stdout) == expected
    wrong = running.command("sql", "selct 1")
    assert wrong.returncode == 1
    assert "syntax error" in wrong.stderr
    assert "Traceback" not in wrong.stderr


def test_sync_differences_when_the_shadow_is_off_then_there_are_none(running: Platform) -> None:
    assert running.api("/sync/differences").json() == {"since": None, "pairs": [], "examples": []}
