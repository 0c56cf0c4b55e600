"""Every operation, asked by every role: what is new is asked, too, without anybody thinking of it."""

import asyncio
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from litestar import Request
from litestar.handlers import HTTPRouteHandler
from team_api import FILE, TeamApi

from headwater.config.secrets import MASK
from headwater.serve.entry.access import guard
from headwater.serve.entry.audit import auditing
from headwater.serve.entry.identification import ADMIN_TOKEN_ACTOR
from headwater.serve.openapi import described
from headwater.serve.server import API
from headwater.team.audit import Wanted
from headwater.team.roles import Role

PUBLIC = {"read_setup", "sign_in", "check_invitation", "accept_invitation"}
"""What answers everybody."""

OWN = {"sign_out", "change_name", "change_password", "end_session", "end_other_sessions"}
"""Changes that everybody may make, for they are about oneself."""

ADMINS = {
    *("set_up", "list_audit_entries"),
    *("list_teammates", "invite_teammate", "change_teammate", "remove_teammate", "reset_teammate_password"),
    *("list_team_tokens", "create_team_token", "revoke_team_token"),
}


class Operation(NamedTuple):
    method: str
    path: str
    handler: HTTPRouteHandler

    @property
    def name(self) -> str:
        return self.handler.handler_name

    @property
    def reads(self) -> bool:
        return self.method == "GET" or bool(self.handler.opt.get("reads"))


def operations() -> list[Operation]:
    found = []
    for route in described().routes:
        for handler in getattr(route, "route_handlers", ()):
            if not isinstance(handler, HTTPRouteHandler) or handler.owner is None:
                continue
            path = re.sub(r"\{\w+:(\w+)\}", lambda found: "1" if found[1] == "int" else "x", route.path)
            found += [Operation(method, path, handler) for method in handler.http_methods if method != "OPTIONS"]
    ours = [each for each in found if each.path.startswith(API) and "openapi" not in each.path]
    return sorted(ours, key=lambda each: (each.path, each.method))  # Litestar keeps them in sets


OPERATIONS = operations()
GUARDED = [each for each in OPERATIONS if each.name not in PUBLIC]


def label(operation: Operation) -> str:
    return f"{operation.method}-{operation.name}"


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TeamApi]:
    made = TeamApi(tmp_path_factory.mktemp("roles"))
    made.audit()  # which finds the version that the workspace began with
    yield made
    made.close()


@pytest.fixture(scope="module")
def programs(api: TeamApi) -> dict[Role, dict[str, str]]:
    """The header with which a program of each role asks."""
    return {role: {"authorization": f"Bearer {api.token(role)}"} for role in Role}


def is_let_in(api: TeamApi, operation: Operation, headers: dict[str, str]) -> bool:
    """Whether it gets as far as the handler; what it says there, to an address of nothing, is another matter."""
    path = operation.path.removeprefix(API)
    answer = api.ask(operation.method, path, headers=headers, content=b"not what you expect")
    return answer.status_code not in {401, 403}


def test_operations_when_they_are_counted_then_none_is_missed() -> None:
    assert len(GUARDED) > 60
    names = [each.name for each in OPERATIONS]
    assert len(set(names)) == len(names)
    assert {*PUBLIC, *OWN, *ADMINS} <= set(names)


def is_endless(operation: Operation) -> bool:
    """Server-sent events: whoever is let in would wait for the end."""
    return "text/event-stream" in str(operation.handler.media_type)


@pytest.mark.parametrize("operation", GUARDED, ids=label)
def test_operation_when_nobody_is_known_then_refused(api: TeamApi, operation: Operation) -> None:
    assert not is_let_in(api, operation, {"authorization": ""})
    assert not is_let_in(api, operation, {"authorization": "Bearer hwt_guessed"})


@pytest.mark.parametrize("operation", [o for o in GUARDED if not is_endless(o)], ids=label)
def test_operation_when_somebody_asks_then_their_role_decides(
    api: TeamApi, programs: dict[Role, dict[str, str]], operation: Operation
) -> None:
    if operation.name in ADMINS:
        needed = Role.ADMIN
    else:
        needed = Role.VIEWER if operation.reads or operation.name in OWN else Role.EDITOR
    refused = [role for role in Role if not role.includes(needed)]
    for role in refused:
        assert not is_let_in(api, operation, programs[role]), role
    if not refused or operation.reads:
        assert is_let_in(api, operation, programs[needed])


@pytest.mark.parametrize("operation", [o for o in GUARDED if not o.reads], ids=label)
def test_operation_when_it_has_changed_something_then_there_is_an_audit_entry(
    api: TeamApi, operation: Operation
) -> None:
    assert noted(api, operation) == [operation.name]


@pytest.mark.parametrize("operation", [o for o in GUARDED if not o.reads and "/profiles/" in o.path], ids=label)
def test_operation_when_its_address_names_a_profile_then_the_entry_does_not(operation: Operation) -> None:
    assert operation.handler.opt.get("personal")


@pytest.mark.parametrize("operation", [o for o in GUARDED if o.reads], ids=label)
def test_operation_when_it_only_reads_then_there_is_none(api: TeamApi, operation: Operation) -> None:
    assert noted(api, operation) == []


@pytest.mark.parametrize("operation", [o for o in GUARDED if o.handler.opt.get("dry_run")], ids=label)
def test_operation_when_it_is_a_dry_run_then_a_viewer_may_and_there_is_no_entry(
    api: TeamApi, programs: dict[Role, dict[str, str]], operation: Operation
) -> None:
    assert noted(api, operation, query=b"dry_run=true") == []
    path = operation.path.removeprefix(API)
    for query, is_allowed in (
        ("dry_run=true", True),
        ("dry_run=false", False),
        ("dry_run=1", False),
        ("dry_run=true&dry_run=false", False),
        ("dry_run=false&dry_run=true", False),
        ("Dry_run=true", False),
    ):
        answer = api.ask(operation.method, f"{path}?{query}", headers=programs[Role.VIEWER], content=b"{}")
        assert (answer.status_code != 403) == is_allowed, query


def test_operation_when_it_lets_viewers_try_then_it_reads_that_it_is_a_dry_run() -> None:
    """One that does not look at `dry_run` would let viewers do what they only ask about."""
    document = described().openapi_schema.to_schema()
    parameters = {
        operation["operationId"]: {
            each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"
        }
        for path in document["paths"].values()
        for operation in path.values()
    }
    tried = [each.name for each in GUARDED if each.handler.opt.get("dry_run")]
    assert len(tried) > 10
    assert [name for name in tried if "dry_run" not in parameters[name]] == []


def noted(api: TeamApi, operation: Operation, query: bytes = b"") -> list[str]:
    """The operations of the entries that a successful answer leaves: the guard before it, the hook after it, and
    nothing of the handler.
    """
    scope: dict[str, Any] = {
        "type": "http",
        "method": operation.method,
        "path": operation.path,
        "query_string": query,
        "headers": [(b"authorization", b"Bearer admin")],
        "path_params": {"name": "x"},
        "route_handler": operation.handler,
        "state": {},
        "app": api.app,
        "litestar_app": api.app,
    }

    async def answer() -> list[str]:
        before = await api.desk.ask_team(lambda team: team.audit.search(Wanted(), limit=1))
        await guard(api.desk)(Request(scope), operation.handler)  # type: ignore[arg-type]
        assert scope["user"] == ADMIN_TOKEN_ACTOR
        await auditing(api.desk)({"type": "http.response.start", "status": 200, "headers": []}, scope)  # type: ignore[arg-type]
        after = await api.desk.ask_team(lambda team: team.audit.search(Wanted(), limit=9))
        return [each.operation for each in after if each.id > (before[0].id if before else 0)]

    return asyncio.run(answer())


# --- what each role sees -----------------------------------------------------------------------------------------


def test_secrets_when_somebody_asks_then_they_are_for_admins(
    api: TeamApi, programs: dict[Role, dict[str, str]]
) -> None:
    for path in ("/workspace", "/workspace/export"):
        for role in Role:
            answer = api.ask("GET", path, params={"secrets": True}, headers=programs[role])
            assert (answer.status_code == 200) == (role is Role.ADMIN)
            assert ("hush-hush" in answer.text) == (role is Role.ADMIN)
            assert "hush-hush" not in api.ask("GET", path, headers=programs[role]).text


def test_write_keys_when_a_viewer_looks_then_nothing_has_them(
    api: TeamApi, programs: dict[Role, dict[str, str]]
) -> None:
    assert "wk_web" in FILE
    for path in ("/workspace", "/workspace/export", "/sources", "/sources/web", "/workspace/versions/1"):
        seen = api.ask("GET", path, headers=programs[Role.VIEWER])
        assert seen.status_code == 200, path
        assert "wk_web" not in seen.text, path
    for path in ("/workspace", "/workspace/export", "/sources"):
        assert "wk_web" in api.ask("GET", path, headers=programs[Role.EDITOR]).text
        assert MASK in api.ask("GET", path, headers=programs[Role.VIEWER]).text


def test_reads_when_a_viewer_asks_for_all_of_them_then_no_write_key_is_among_it(
    api: TeamApi, programs: dict[Role, dict[str, str]]
) -> None:
    """Of every list and look that needs no name."""
    looks = [o for o in GUARDED if o.method == "GET" and "/x" not in o.path and not is_endless(o)]
    assert len(looks) > 20
    for path in (each.path.removeprefix(API) for each in looks):
        assert "wk_web" not in api.ask("GET", path, headers=programs[Role.VIEWER]).text, path
