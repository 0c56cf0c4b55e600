"""Audiences at services that keep lists: people enter and leave, and the service, which is a server here, has them
on its list or not. And the types that take each person once when the workspace says nothing.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from aiohttp import web
from telling import Hook, telling

from headwater.delivery.receipts import DELIVERED
from headwater.delivery.transports.http import HttpTransport
from headwater.destinations.kit.model import Answer, Request

BUYERS = {"key": "buyers", "where": {"event": "Order", "within": "7d"}}


class Vendor(Hook):
    """Answers at the address of a service; `service` is the real one."""

    service: str

    @property
    def base(self) -> str:
        return self.url.removesuffix("/hook")


@pytest.fixture
def at_home(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Vendor]]:
    """Whoever is in this list is asked in place of the service."""
    vendors: list[Vendor] = []
    send = HttpTransport.send

    async def sent_home(self: HttpTransport, request: Request) -> Answer:
        for vendor in vendors:
            if request.url.startswith(vendor.service):
                return await send(
                    self, request._replace(url=vendor.base + request.url.removeprefix(vendor.service))
                )
        raise AssertionError(f"nobody may be asked outside: {request.url}")

    monkeypatch.setattr(HttpTransport, "send", sent_home)
    return vendors


class Klaviyo(Vendor):
    """Profiles by whatever id they are known by, and lists of them."""

    service = "https://a.klaviyo.com/api"

    def __init__(self) -> None:
        super().__init__()
        self.profiles: dict[str, dict[str, Any]] = {}
        self.lists: dict[str, set[str]] = {}

    def on(self, list_id: str) -> set[str]:
        return {self.profiles[id_]["email"] for id_ in self.lists.get(list_id, ())}

    def property_of(self, email: str, name: str) -> Any:
        (found,) = (each for each in self.profiles.values() if each.get("email") == email)
        return found["properties"].get(name)

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        assert request.headers["Authorization"] == "Klaviyo-API-Key pk_1"
        body = json.loads(await request.read() or b"null")
        match request.method, request.path.strip("/").split("/"):
            case "POST", ["profile-import"]:
                self._import(body["data"]["attributes"])
            case "POST", ["profile-bulk-import-jobs"]:
                ids = {self._import(each["attributes"]) for each in body["data"]["attributes"]["profiles"]["data"]}
                for each in body["data"].get("relationships", {}).get("lists", {}).get("data", ()):
                    self.lists.setdefault(each["id"], set()).update(ids)
            case "GET", ["profiles"]:
                name, listed = re.fullmatch(r"any\((\w+),(.*)\)", request.query["filter"]).groups()  # type: ignore[union-attr]
                wanted = json.loads(listed)
                found = [id_ for id_, each in self.profiles.items() if each.get(name) in wanted]
                return web.json_response({"data": [{"type": "profile", "id": id_} for id_ in found]})
            case "DELETE", ["lists", list_id, "relationships", "profiles"]:
                self.lists[list_id] -= {each["id"] for each in body["data"]}
            case "POST", ["events" | "event-bulk-create-jobs"]:
                pass
            case asked:
                raise AssertionError(asked)
        return web.json_response({}, status=202)

    def _import(self, attributes: dict[str, Any]) -> str:
        ids = [name for name in ("email", "external_id", "anonymous_id") if name in attributes]
        known = (
            id_
            for id_, profile in self.profiles.items()
            if any(profile.get(name) == attributes[name] for name in ids)
        )
        id_ = next(known, f"p{len(self.profiles)}")
        before = self.profiles.get(id_, {"properties": {}})
        properties = before["properties"] | attributes.get("properties", {})
        self.profiles[id_] = before | attributes | {"properties": properties}
        return id_


class Sendgrid(Vendor):
    """Contacts and lists of each key's account."""

    service = "https://api.sendgrid.com/v3/marketing"

    def __init__(self) -> None:
        super().__init__()
        self.names: dict[tuple[str, str], str] = {}
        """Account and id of a list → its name."""
        self.members: dict[tuple[str, str], set[str]] = {}
        """Account and name of a list → addresses."""

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        account = request.headers["Authorization"].removeprefix("Bearer ")
        body = json.loads(await request.read() or b"null")
        match request.method, request.path.strip("/").split("/"):
            case "GET", ["lists"]:
                found = [{"id": id_, "name": name} for (of, id_), name in self.names.items() if of == account]
                return web.json_response({"result": found})
            case "POST", ["lists"]:
                id_ = f"l{len(self.names)}"
                self.names[account, id_] = body["name"]
                return web.json_response({"id": id_, "name": body["name"]}, status=201)
            case "PUT", ["contacts"]:
                for id_ in body["list_ids"]:
                    on_list = self.members.setdefault((account, self.names[account, id_]), set())
                    on_list.update(each["email"] for each in body["contacts"])
                return web.json_response({"job_id": "j"}, status=202)
            case "POST", ["contacts", "search", "emails"]:
                return web.json_response({"result": {each: {"contact": {"id": each}} for each in body["emails"]}})
            case "DELETE", ["lists", id_, "contacts"]:
                self.members[account, self.names[account, id_]] -= set(request.query["contact_ids"].split(","))
                return web.json_response({"job_id": "j"}, status=202)
            case asked:
                raise AssertionError(asked)


class Twilio(Vendor):
    service = "https://api.twilio.com/2010-04-01"

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[tuple[str, str]] = []
        """To whom, and what."""

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        form = parse_qs((await request.read()).decode())
        self.texts.append((form["To"][0], form["Body"][0]))
        return web.json_response({"sid": "SM1", "status": "queued"}, status=201)


def known_by(user: str, *phones: str, **traits: Any) -> dict[str, Any]:
    listed = [{"id": phone, "type": "phone", "collection": "users", "encoding": "none"} for phone in phones]
    return {"type": "identify", "userId": user, "traits": traits, "context": {"externalIds": listed}}


def order(user: str) -> dict[str, Any]:
    return {"event": "Order", "userId": user}


async def test_klaviyo_when_people_enter_and_leave_an_audience_then_they_are_put_on_its_list_and_taken_off(
    tmp_path: Path, at_home: list[Vendor]
) -> None:
    klaviyo = Klaviyo()
    at_home.append(klaviyo)
    settings = {"api_key": "pk_1", "lists": {"buyers": "L1"}}
    connection = {"name": "klaviyo", "send": ["track"], "ids": {"email": "all"}}
    workspace = {
        "destinations": [{"name": "klaviyo", "type": "klaviyo", "settings": settings}],
        "audiences": [{**BUYERS, "destinations": [connection]}],
    }
    async with telling(tmp_path, workspace, {"klaviyo": klaviyo}) as story:
        people = [known_by("ann", email="ann@x.org"), known_by("bob", email="bob@x.org")]
        await story.step({"send": people})
        await story.step({"send": [order("ann")]})
        assert klaviyo.on("L1") == {"ann@x.org"}
        await story.step({"wait": "3d", "send": [order("bob")]})
        assert klaviyo.on("L1") == {"ann@x.org", "bob@x.org"}
        assert klaviyo.property_of("ann@x.org", "buyers") is True
        await story.step({"wait": "4d"})
        assert klaviyo.on("L1") == {"bob@x.org"}
        assert klaviyo.property_of("ann@x.org", "buyers") is False
        await story.step({"send": [order("ann")]})
        assert klaviyo.on("L1") == {"ann@x.org", "bob@x.org"}
        assert len(klaviyo.profiles) == 2, "whatever id a call is about, it is the same two"
        receipts = story.receipts()
    assert {each.status for each in receipts} == {DELIVERED}
    assert {each.mapping for each in receipts} == {"Audience entered", "Audience left"}


async def test_sendgrid_when_the_workspace_says_nothing_then_each_person_is_taken_once_and_stays(
    tmp_path: Path, at_home: list[Vendor]
) -> None:
    """Beside one that is to take every call, and so hears of the end."""
    sendgrid = Sendgrid()
    at_home.append(sendgrid)
    mappings = [
        {"name": name, "action": action, "trigger": f'event = "{event}"', "batch": {"wait_s": 0}}
        for name, action, event in (
            ("Enter", "add_to_list", "Audience Entered"),
            ("Leave", "remove_from_list", "Audience Exited"),
        )
    ]
    common = {"type": "sendgrid", "mappings": mappings}
    connection = {"send": ["track"], "ids": {"email": "all"}}
    workspace = {
        "destinations": [
            {"name": "once", "settings": {"api_key": "SG.once"}, **common},
            {"name": "all", "settings": {"api_key": "SG.all"}, "dedupes_on": "", **common},
        ],
        "audiences": [{**BUYERS, "destinations": [{"name": name, **connection} for name in ("once", "all")]}],
    }
    async with telling(tmp_path, workspace, {"once": sendgrid, "all": sendgrid}) as story:
        await story.step({"send": [known_by("ann", email="old@x.org"), known_by("ann", email="new@x.org")]})
        happened = await story.step({"send": [order("ann")]})
        assert happened.paths == ["changed", "once_changed"]
        assert sendgrid.members["SG.once", "buyers"] == {"new@x.org"}
        assert sendgrid.members["SG.all", "buyers"] == {"old@x.org", "new@x.org"}
        happened = await story.step({"wait": "7d"})
        assert happened.paths == ["left", "once_left"]
        assert sendgrid.members["SG.once", "buyers"] == {"new@x.org"}
        assert sendgrid.members["SG.all", "buyers"] == set()


async def test_twilio_when_the_workspace_says_nothing_then_each_person_gets_one_text_at_the_last_number(
    tmp_path: Path, at_home: list[Vendor]
) -> None:
    twilio = Twilio()
    at_home.append(twilio)
    welcome = {
        "name": "Welcome",
        "action": "send_sms",
        "trigger": 'event = "Audience Entered"',
        "mapping": {"body": "Thank you!"},
    }
    settings = {"account_sid": "AC" + "0" * 32, "auth_token": "t", "sender": "+14155550100"}
    workspace = {
        "destinations": [{"name": "texts", "type": "twilio", "settings": settings, "mappings": [welcome]}],
        "audiences": [{**BUYERS, "destinations": [{"name": "texts"}]}],
    }
    async with telling(tmp_path, workspace, {"texts": twilio}) as story:
        for phone in ("+14155550101", "+14155550102"):
            await story.step({"send": [known_by("ann", phone)]})
        happened = await story.step({"send": [order("ann"), order("bob")]})
        assert happened.paths == ["once_changed", "once_no_id"]
        assert twilio.texts == [("+14155550102", "Thank you!")]
        happened = await story.step({"send": [known_by("ann", "+14155550103"), known_by("bob", "+14155550104")]})
        assert happened.paths == ["once_new_id", "once_new_id_sent"]
        assert twilio.texts[1:] == [("+14155550104", "Thank you!")]
        happened = await story.step({"wait": "7d"})
        assert happened.paths == ["once_left", "once_left"]
        assert len(twilio.texts) == 2
        assert [each.status for each in story.receipts() if each.mapping] == [DELIVERED] * 2
