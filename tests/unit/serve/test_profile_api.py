"""The Profile API of spec 4.4, through its ASGI application, on a real state."""

import asyncio
import base64
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from storing import AT_MS, Writer

from headwater import limits
from headwater.aggregation.tables import segment_id
from headwater.collection.rate_limit import RateLimits
from headwater.config.definitions import AudienceDefinition, TraitDefinition, TraitKind
from headwater.config.workspace import ApiToken, ProfileApi, Source, Workspace
from headwater.serve.lasting_view import LastingView
from headwater.serve.profile_api.app import ProfileApi as App
from headwater.serve.profile_api.errors import STATUSES
from headwater.serve.profile_api.request import LIMITS, RESOURCES
from headwater.serve.unify.profiles import report
from headwater.state.rocksdb import RocksState
from headwater.units import DAY_MS

WEBSITE, BACKEND = Source(name="website"), Source(name="backend")


def workspace(**fields: Any) -> Workspace:
    return Workspace(
        **{
            "workspace": "shop",
            "sources": (WEBSITE, BACKEND),
            "traits": (TraitDefinition(key="orders", kind=TraitKind.EVENT_COUNT, event="Order Completed"),),
            "audiences": (AudienceDefinition(key="buyers", where="trait('orders') > 1"),),
            "profile_api": ProfileApi(tokens=(ApiToken("other", "t0"), ApiToken("mine", "t1"))),
        }
        | fields
    )


async def behind(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 418, "headers": []})
    await send({"type": "http.response.body", "body": b""})


class Api:
    def __init__(self, data: Path, *, clock: Any = lambda: 0.0, **fields: Any) -> None:
        (data / "admin-token").write_text("admin\n")
        self.view = LastingView(
            lambda: RocksState(data / "state", read_only=True), clock=iter(range(10**9)).__next__
        )
        self.workspace = workspace(**fields)
        self._app = App(
            self.view, lambda: self.workspace, data / "admin-token", behind, limits=RateLimits(clock=clock)
        )

    def get(self, path: str, *, token: str | None = "t1", method: str = "GET", **headers: str) -> httpx.Response:
        """A path below the collections of the space, or a whole one."""
        if not path.startswith("/v1"):
            path = f"/v1/spaces/shop/collections/{path}"
        if token is not None:
            headers["Authorization"] = "Basic " + base64.b64encode(f"{token}:".encode()).decode()

        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self._app)  # type: ignore[arg-type]
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                return await client.request(method, path, headers=headers)

        return asyncio.run(ask())

    def json(self, path: str) -> Any:
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    made = Api(tmp_path)
    yield made
    made.view.close()


PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "profile-api.md").read_text()


def test_page_when_the_api_has_a_code_or_a_list_then_it_is_documented_as_it_is() -> None:
    rows = re.findall(r"^\| (\d{3}) \| `(\w+)` \|", PAGE, re.MULTILINE)
    assert {code: int(status) for status, code in rows} == STATUSES
    lists = re.findall(r"^\| `(\w+)` \| (\d+) \| (\d+) \|", PAGE, re.MULTILINE)
    assert {name: (int(default), int(most)) for name, default, most in lists} == LIMITS
    assert set(RESOURCES) == set(re.findall(r"^## `(\w+)`$", PAGE, re.MULTILINE))


# --- finding ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("external_id", "named"),
    [
        ("user_id:u1", "user_id:u1"),
        ("email:a+b@x.io", "email:a%2Bb@x.io"),
        ("email:a+b@x.io", "email:a+b@x.io"),
        ("phone:+5555550123", "phone:%2B5555550123"),
        ("user_id:a/b/traits", "user_id:a%2Fb%2Ftraits"),
        ("user_id:a/b/traits", "user_id:a/b/traits"),
        ("user_id:a:b", "user_id:a:b"),
        ("user_id:a:b", "user_id%3Aa%3Ab"),
        ("user_id:50% ü ?#", "user_id:50%25%20%C3%BC%20%3F%23"),
        ("android.push_token:x", "android.push_token:x"),
    ],
)
def test_profile_when_named_by_an_external_id_then_it_is_found(
    written: Writer, api: Api, external_id: str, named: str
) -> None:
    key = written.profile(external_id, traits={"a": 1})
    answer = api.json(f"users/profiles/{named}/traits")
    assert answer["traits"] == {"a": 1}
    assert answer["cursor"]["url"] == f"/v1/spaces/shop/collections/users/profiles/{segment_id(key)}/traits"


def test_profile_when_named_by_its_segment_id_then_it_is_found(written: Writer, api: Api) -> None:
    key = written.profile("user_id:u1", traits={"a": 1})
    assert api.json(f"users/profiles/{segment_id(key)}/traits")["traits"] == {"a": 1}
    assert api.get(f"accounts/profiles/{segment_id(key)}/traits").status_code == 404


def test_profile_when_it_was_merged_then_its_segment_id_leads_to_what_it_has_become(
    written: Writer, api: Api
) -> None:
    first, second, third = (written.profile(f"user_id:u{n}", traits={"n": n}) for n in range(3))
    written.merged(first, second)
    written.merged(second, third)
    assert api.json(f"users/profiles/{segment_id(first)}/traits")["traits"] == {"n": 2}


def test_profile_when_the_pipeline_has_never_run_then_there_is_none_until_it_has(tmp_path: Path, api: Api) -> None:
    assert api.get("users/profiles/user_id:u1/traits").status_code == 404
    writer = Writer(tmp_path)
    writer.profile("user_id:u1")
    assert api.get("users/profiles/user_id:u1/traits").status_code == 200
    writer.profile("user_id:u2")
    assert api.get("users/profiles/user_id:u2/traits").status_code == 200
    writer.close()


def test_profile_when_the_pipeline_restarts_then_the_api_goes_on(tmp_path: Path, api: Api) -> None:
    for number in range(3):
        writer = Writer(tmp_path)
        writer.profile(f"user_id:u{number}")
        assert api.get(f"users/profiles/user_id:u{number}/traits").status_code == 200
        writer.close()


# --- traits ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"age": 30, "buyers": False, "city": "Oslo", "orders": 2}),
        ("?class=audience", {"buyers": False}),
        ("?class=computed_trait", {"orders": 2}),
        ("?include=city,orders,nothing", {"city": "Oslo", "orders": 2}),
        ("?include=city,orders&class=audience", {}),
        ("?limit=1", {"age": 30}),
        ("?unknown=1", {"age": 30, "buyers": False, "city": "Oslo", "orders": 2}),
    ],
)
def test_traits_when_asked_for_some_then_those(
    written: Writer, api: Api, query: str, expected: dict[str, Any]
) -> None:
    sent = {"city": "Oslo", "age": 30, "gone": None}
    written.profile("user_id:u1", traits=sent, computed={"orders": 2, "buyers": False, "users:hidden": True})
    assert api.json(f"users/profiles/user_id:u1/traits{query}")["traits"] == expected


def test_traits_when_verbose_then_with_source_and_time(written: Writer, api: Api) -> None:
    written.profile("user_id:u1", traits={"city": {"name": "Oslo"}}, computed={"orders": 2})
    assert api.json("users/profiles/user_id:u1/traits?verbose=true") == {
        "traits": {
            "city": {
                "value": {"name": "Oslo"},
                "source_id": WEBSITE.id,
                "updated_at": "2023-11-14T22:13:20.000Z",
            },
            "orders": {"value": 2, "source_id": "", "updated_at": "2023-11-14T22:13:20.001Z"},
        },
        "cursor": {
            "url": api.json("users/profiles/user_id:u1/traits")["cursor"]["url"],
            "has_more": False,
            "next": "",
            "limit": 10,
        },
    }


# --- external ids, metadata, links ------------------------------------------------------------------------------


def test_external_ids_when_asked_for_then_since_when_and_by_which_event(written: Writer, api: Api) -> None:
    written.profile("user_id:u1", "email:b@x.io", "email:a@x.io")
    answer = api.json("users/profiles/user_id:u1/external_ids?verbose=true")
    assert [each["id"] for each in answer["data"]] == ["a@x.io", "b@x.io", "u1"]
    assert answer["data"][0] == {
        "source_id": WEBSITE.id,
        "collection": "users",
        "id": "a@x.io",
        "type": "email",
        "created_at": "2023-11-14T22:13:20.002Z",
        "encoding": "none",
        "first_message_id": "m2",
    }
    only = api.json("users/profiles/user_id:u1/external_ids?include=user_id")
    assert [each["id"] for each in only["data"]] == ["u1"]


def test_metadata_when_asked_for_then_as_documented_and_more_when_verbose(written: Writer, api: Api) -> None:
    key = written.profile("user_id:u1", events=7, merges=2)
    documented = {
        "created_at": "2023-11-14T22:13:20.000Z",
        "updated_at": "2023-11-14T22:13:20.005Z",
        "expires_at": None,
        "first_message_id": "m-first",
        "first_source_id": WEBSITE.id,
        "last_message_id": "m-last",
        "last_source_id": BACKEND.id,
    }
    assert api.json("users/profiles/user_id:u1/metadata") == {"metadata": documented}
    more = {"segment_id": segment_id(key), "events": 7, "external_ids": 1, "merges": 2, "traits_not_kept": 0}
    assert api.json("users/profiles/user_id:u1/metadata?verbose=true") == {"metadata": documented | more}


def test_links_when_user_and_account_are_linked_then_from_either_side(written: Writer, api: Api) -> None:
    user = written.profile("user_id:u1", "email:a@x.io")
    account = written.profile("group_id:g1", collection="accounts")
    written.link(user, account)
    (to_account,) = api.json("users/profiles/user_id:u1/links")["data"]
    assert to_account == {
        "to_collection": "accounts",
        "external_ids": [
            {
                "source_id": WEBSITE.id,
                "collection": "accounts",
                "id": "g1",
                "type": "group_id",
                "created_at": "2023-11-14T22:13:20.000Z",
                "encoding": "none",
            }
        ],
    }
    (to_user,) = api.json("accounts/profiles/group_id:g1/links")["data"]
    assert to_user["to_collection"] == "users"
    assert [each["id"] for each in to_user["external_ids"]] == ["a@x.io", "u1"]


# --- events -----------------------------------------------------------------------------------------------------


def test_events_when_asked_for_then_as_segment_shows_them(written: Writer, api: Api) -> None:
    key = written.profile("user_id:u1")
    context = {
        "ip": "1.2.3.4",
        "externalIds": [{"id": "7", "type": "crm", "collection": "users", "encoding": "none"}],
    }
    written.event(
        key,
        offset=3,
        event="Order Completed",
        userId="u1",
        anonymousId="a1",
        groupId="g1",
        properties={"total": 9.5},
        context=context,
        unknown={"kept": "elsewhere"},
    )
    assert api.json("users/profiles/user_id:u1/events")["data"] == [
        {
            "external_ids": [
                {"collection": "users", "type": "user_id", "id": "u1", "encoding": "none"},
                {"collection": "users", "type": "anonymous_id", "id": "a1", "encoding": "none"},
                {"collection": "users", "type": "crm", "id": "7", "encoding": "none"},
                {"collection": "accounts", "type": "group_id", "id": "g1", "encoding": "none"},
            ],
            "context": context,
            "type": "track",
            "message_id": "m3.0",
            "source_id": WEBSITE.id,
            "timestamp": "2023-11-14T22:13:20.000Z",
            "properties": {"total": 9.5},
            "event": "Order Completed",
            "related": {"users": segment_id(key)},
        }
    ]


def test_events_when_pages_and_screens_then_they_appear_as_viewed_and_other_calls_do_not(
    written: Writer, api: Api
) -> None:
    key = written.profile("user_id:u1")
    written.event(key, offset=1, type="page", name="Docs", properties={"path": "/docs", "name": "Docs!"})
    written.event(key, offset=2, type="screen", name="Cart")
    written.event(key, offset=3, type="page")
    written.event(key, offset=4, type="identify", traits={"a": 1})
    written.event(key, offset=5, type="group", groupId="g1")
    data = api.json("users/profiles/user_id:u1/events?sort=asc")["data"]
    assert [(each["type"], each["event"], each["properties"]) for each in data] == [
        ("track", "Page Viewed", {"page_name": "Docs", "name": "Docs!", "path": "/docs"}),
        ("track", "Screen Viewed", {"screen_name": "Cart", "name": "Cart"}),
        ("track", "Page Viewed", {}),
    ]


def test_events_when_one_holds_a_number_that_nobody_can_hold_then_it_harms_no_other(
    written: Writer, api: Api
) -> None:
    key = written.profile("user_id:u1")
    written.event(key, offset=1, event="E", properties={"a": "<huge>"}, context={"b": "<huge>"})
    written.event(key, offset=2, type="page", name="Docs", properties={"a": "<huge>", "b": 1})
    page, track = api.json("users/profiles/user_id:u1/events")["data"]
    assert page["properties"] == {"page_name": "Docs", "name": "Docs", "a": "1e999", "b": 1}
    assert track["properties"] == {"a": float("inf")}, "passed on as it came"
    assert report(written.state, api.workspace, "user_id:u1").events[0].event["properties"]["a"] == "1e999"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "EDCBA"),
        ("sort=desc", "EDCBA"),
        ("sort=asc", "ABCDE"),
        ("start=2023-11-15T22:13:20Z", "EDCB"),
        ("end=2023-11-15T22:13:20Z", "A"),
        ("start=2023-11-15T22:13:20Z&end=2023-11-17T22:13:20Z", "CB"),
        ("start=2023-11-16&sort=asc", "CDE"),
        ("start=2023-11-16T01:00:00+01:00&sort=asc", "CDE"),
        ("start=2023-11-16T01:00:00%2B01:00&sort=asc", "CDE"),
        ("include=A,Page Viewed", "EA"),
        ("exclude=Page Viewed,C", "DBA"),
        ("include=A,B&exclude=B", "A"),
        ("end=1960-01-01", ""),
        ("limit=2", "ED"),
    ],
)
def test_events_when_filtered_then_those_that_match_across_merged_profiles(
    written: Writer, api: Api, query: str, expected: str
) -> None:
    part = written.profile("user_id:gone")
    key = written.profile("user_id:u1", parts=[part])
    for at, letter in enumerate("ABCDE"):
        event = {"type": "page", "name": "E"} if letter == "E" else {"event": letter}
        written.event((key, part)[at % 2], at_ms=AT_MS + at * DAY_MS, offset=at, messageId=letter, **event)
    data = api.json(f"users/profiles/user_id:u1/events?{query}")["data"]
    assert "".join(each["message_id"] for each in data) == expected


def test_events_when_what_is_asked_for_is_rare_then_short_pages_lead_there(
    written: Writer, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits.unify, "PROFILE_EVENTS_LOOKED", 3)
    key = written.profile("user_id:u1")
    for offset in range(10):
        written.event(key, at_ms=AT_MS + offset, offset=offset, event="rare" if offset == 2 else "usual")
    path = "users/profiles/user_id:u1/events?include=rare"
    pages = list(pages_of(api, path))
    assert [len(each) for each in pages] == [0, 0, 1, 0]


# --- pages ------------------------------------------------------------------------------------------------------


def pages_of(api: Api, path: str) -> Iterator[Any]:
    """What each page has, to the last."""
    cursor = ""
    while True:
        answer = api.json(f"{path}{'&' if '?' in path else '?'}next={quote(cursor)}")
        yield answer.get("data", answer.get("traits"))
        assert answer["cursor"]["has_more"] == bool(answer["cursor"]["next"])
        cursor = answer["cursor"]["next"]
        if not cursor:
            return


names = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=8)
places = st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 2), st.booleans())


@settings(max_examples=settings.default.max_examples // 5)
@given(
    keys=st.sets(names, max_size=12),
    values=st.sets(names, max_size=12),
    events=st.sets(places, max_size=12),
    links=st.integers(0, 5),
    limit=st.integers(1, 4),
    sort=st.sampled_from(["asc", "desc"]),
)
def test_pages_when_put_together_then_they_are_the_whole(
    tmp_path_factory: pytest.TempPathFactory,
    keys: set[str],
    values: set[str],
    events: set[tuple[int, int, int, bool]],
    links: int,
    limit: int,
    sort: str,
) -> None:
    data = tmp_path_factory.mktemp("pages")
    writer, api = Writer(data), Api(data)
    part = writer.profile(name="gone")
    user = writer.profile(
        "user_id:u1", *(f"crm:{value}" for value in values), traits=dict.fromkeys(keys, 1), parts=[part]
    )
    events = {(at, offset, index, (at, offset, index, True) in events) for at, offset, index, _ in events}
    for at, offset, index, in_part in events:
        writer.event(part if in_part else user, at_ms=AT_MS + at, offset=offset, index=index, event="E")
    for number in range(links):
        writer.link(user, writer.profile(f"group_id:g{number}", collection="accounts"))
    path = "users/profiles/user_id:u1"

    traits = list(pages_of(api, f"{path}/traits?limit={limit}"))
    assert [key for page in traits for key in page] == sorted(keys)
    assert all(len(page) == limit for page in traits[:-1])
    found = [(e["type"], e["id"]) for page in pages_of(api, f"{path}/external_ids?limit={limit}") for e in page]
    assert set(found) == {("user_id", "u1"), *(("crm", value) for value in values)}
    assert len(found) == len(values) + 1
    seen = [e["message_id"] for page in pages_of(api, f"{path}/events?limit={limit}&sort={sort}") for e in page]
    in_order = sorted((at, offset, index) for at, offset, index, _ in events)
    assert seen == [f"m{offset}.{index}" for _, offset, index in in_order][:: 1 if sort == "asc" else -1]
    linked = [e["external_ids"][0]["id"] for page in pages_of(api, f"{path}/links?limit={limit}") for e in page]
    assert sorted(linked) == [f"g{number}" for number in range(links)]
    api.view.close()
    writer.close()


# --- refusals ---------------------------------------------------------------------------------------------------

U1 = "users/profiles/user_id:u1"


@pytest.mark.parametrize(
    ("path", "status", "code", "message"),
    [
        ("users/profiles/user_id:nobody/traits", 404, "not_found", "Profile was not found."),
        ("users/profiles/use_0123/traits", 404, "not_found", "Profile was not found."),
        ("users/profiles/use_" + "0" * 30 + "/events", 404, "not_found", "Profile was not found."),
        (
            "/v1/spaces/other/collections/users/profiles/user_id:u1/traits",
            404,
            "not_found",
            "Space was not found.",
        ),
        ("/v1/spaces/shop", 404, "not_found", "nothing at this path"),
        ("/v1/spaces/", 404, "not_found", "nothing at this path"),
        ("users/profiles/user_id:u1", 404, "not_found", "nothing at this path"),
        ("users/profiles/user_id:u1/nothing", 404, "not_found", "traits|external_ids|events|links|metadata"),
        ("users/profiles//traits", 404, "not_found", "nothing at this path"),
        ("peo!ple/profiles/user_id:u1/traits", 400, "validation_error", "`peo!ple`"),
        ("users/profiles/us!er_ID:u1/traits", 400, "validation_error", "`type` has invalid character(s) `!ID`"),
        ("users/profiles/user_id:/traits", 400, "validation_error", "neither may be empty"),
        ("users/profiles/:u1/traits", 400, "validation_error", "neither may be empty"),
        ("users/profiles/u1/traits", 400, "invalid_request_error", "<type>:<value>"),
        (f"{U1}/traits?limit=0", 400, "invalid_request_error", "`limit` must be a number from 1 to 200"),
        (f"{U1}/traits?limit=201", 400, "invalid_request_error", "1 to 200"),
        (f"{U1}/traits?limit=", 400, "invalid_request_error", "1 to 200"),
        (f"{U1}/traits?limit=²", 400, "invalid_request_error", "1 to 200"),
        (f"{U1}/external_ids?limit=101", 400, "invalid_request_error", "1 to 100"),
        (f"{U1}/events?limit=101", 400, "invalid_request_error", "1 to 100"),
        (f"{U1}/links?limit=21", 400, "invalid_request_error", "1 to 20"),
        (f"{U1}/traits?class=both", 400, "invalid_request_error", "`class` must be audience or computed_trait"),
        (f"{U1}/traits?verbose=maybe", 400, "invalid_request_error", "`verbose` must be true or false"),
        (f"{U1}/events?sort=up", 400, "invalid_request_error", "`sort` must be asc or desc"),
        (f"{U1}/events?start=soon", 400, "invalid_request_error", "`start` must be an ISO 8601 instant"),
        (f"{U1}/events?end=2023-13-01", 400, "invalid_request_error", "`end` must be"),
        *(
            (f"{U1}/{resource}?next={cursor}", 400, "invalid_request_error", "`next` must be the `next`")
            for resource in ("traits", "external_ids", "events", "links")
            for cursor in ("x", "made.up", "kqFhoWI", "%FF", "a" * 5_000)
        ),
    ],
)
def test_request_when_it_is_wrong_then_refused_as_documented(
    written: Writer, api: Api, path: str, status: int, code: str, message: str
) -> None:
    written.profile("user_id:u1")
    answer = api.get(path)
    assert answer.status_code == status
    assert list(answer.json()) == ["error"]
    assert answer.json()["error"]["code"] == code
    assert message in answer.json()["error"]["message"]
    assert answer.headers["content-type"] == "application/json"
    assert len(answer.headers["request-id"]) == 32


def test_cursor_when_it_is_of_another_list_then_refused(written: Writer, api: Api) -> None:
    key = written.profile("user_id:u1", "email:a@x.io", traits={"a": 1, "b": 2})
    for offset in range(2):
        written.event(key, offset=offset, event="E")
    of_traits = api.json(f"{U1}/traits?limit=1")["cursor"]["next"]
    of_events = api.json(f"{U1}/events?limit=1&sort=asc")["cursor"]["next"]
    assert api.get(f"{U1}/external_ids?next={of_traits}").status_code == 400
    answer = api.get(f"{U1}/events?next={of_events}&sort=desc")
    assert (answer.status_code, "same `sort`" in answer.text) == (400, True)


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Basic", "Basic !!", "Basic dDE=x", "Basic " + base64.b64encode(b"wrong:").decode()]
    + ["Basic " + base64.b64encode(text).decode() for text in (b":t1", b"t1x:", b"t:", b":", b"\xff:", b"admin:")]
    + ["Bearer t1", "Bearer", "Bearer wrong", "Digest t1"],
)
def test_token_when_it_is_not_right_then_nothing_is_told(
    written: Writer, api: Api, authorization: str | None
) -> None:
    written.profile("user_id:u1")
    headers = {} if authorization is None else {"Authorization": authorization}
    for path in (f"{U1}/traits", "/v1/spaces/other/collections/users/profiles/user_id:u1/traits", "x"):
        answer = api.get(path, token=None, **headers)
        assert answer.status_code == 401
        assert answer.json()["error"]["code"] == "authentication_error"
        assert answer.headers["www-authenticate"].startswith("Basic ")


@pytest.mark.parametrize(
    "authorization", ["Basic dDE6", "basic dDE6", "Basic dDE=", "Bearer admin", "Basic dDE6cGFzcw=="]
)
def test_token_when_it_is_right_then_told(written: Writer, api: Api, authorization: str) -> None:
    written.profile("user_id:u1")
    assert api.get(f"{U1}/traits", token=None, Authorization=authorization).status_code == 200


def test_token_when_the_workspace_changes_then_the_new_one_counts(written: Writer, api: Api) -> None:
    written.profile("user_id:u1")
    assert api.get(f"{U1}/traits", token="new").status_code == 401
    api.workspace = workspace(profile_api=ProfileApi(tokens=(ApiToken("new", "new"), ApiToken("empty", ""))))
    assert api.get(f"{U1}/traits", token="new").status_code == 200
    assert api.get(f"{U1}/traits", token="t1").status_code == 401
    assert api.get(f"{U1}/traits", token="").status_code == 401


def test_rate_limit_when_a_token_asks_too_often_then_429_and_others_go_on(written: Writer, tmp_path: Path) -> None:
    written.profile("user_id:u1")
    now = [0.0]
    tokens = (ApiToken("one", "t1"), ApiToken("two", "t2"))
    api = Api(tmp_path, clock=lambda: now[0], profile_api=ProfileApi(tokens=tokens, rate_limit=2))
    assert [api.get(f"{U1}/traits").status_code for _ in range(3)] == [200, 200, 429]
    refused = api.get(f"{U1}/traits")
    assert refused.json()["error"]["code"] == "rate_limit_error"
    assert refused.headers["retry-after"] == "1"
    assert api.get(f"{U1}/traits", token="t2").status_code == 200
    assert api.get(f"{U1}/traits", token=None, Authorization="Bearer admin").status_code == 200
    now[0] = 0.5
    assert [api.get(f"{U1}/traits").status_code for _ in range(2)] == [200, 429]
    api.view.close()


@pytest.mark.parametrize(
    ("path", "method"), [("/v1/spaces", "GET"), ("/healthz", "GET"), (f"{U1}/traits", "POST")]
)
def test_request_when_it_is_none_of_its_own_then_passed_on(api: Api, path: str, method: str) -> None:
    path = path if path.startswith("/") else f"/v1/spaces/shop/collections/{path}"
    asked: list[int] = []

    async def ask() -> None:
        transport = httpx.ASGITransport(api._app)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            asked.append((await client.request(method, path)).status_code)

    asyncio.run(ask())
    assert asked == [418]


def test_request_when_the_state_holds_what_cannot_be_read_then_an_error_of_ours(
    written: Writer, api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    key = written.profile("user_id:u1")
    written.commit({"profiles": {key: b"\xc1"}})
    answer = api.get(f"{U1}/traits")
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "internal_error")
    assert answer.headers["request-id"] in capsys.readouterr().out
