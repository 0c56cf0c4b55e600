"""The enable flow over the real server: from a partner's link to a destination, and what must not work."""

import base64
import html
import http.client
import json
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from platforms import Platform

from headwater.errors import InputError
from headwater.serve.deliver import enable_request

BACK = "https://app.partner.example/done?state=7"
SECRET = "hush-enable-4711"
SETTINGS = {"url": "https://api.partner.example/hook", "apiKey": SECRET}


def b64(value: Any) -> str:
    return base64.b64encode((value if isinstance(value, str) else json.dumps(value)).encode()).decode()


def link(integration: str = "webhook", settings: Any = SETTINGS, redirect_url: str = BACK) -> dict[str, str]:
    return {"integration": integration, "settings": b64(settings), "redirect_url": b64(redirect_url)}


class Page:
    def __init__(self, status: int, headers: http.client.HTTPMessage, text: str) -> None:
        self.status, self.headers, self.text = status, headers, text

    @property
    def back(self) -> dict[str, list[str]]:
        """What the browser is sent back with."""
        parts = urlsplit(self.headers["Location"])
        assert f"{parts.scheme}://{parts.netloc}{parts.path}" == "https://app.partner.example/done"
        return parse_qs(parts.query)

    def hidden(self) -> dict[str, str]:
        found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', self.text)
        return {name: html.unescape(value) for name, value in found}


class Partner:
    """A browser without a memory."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def open(self, fields: dict[str, str]) -> Page:
        return self._ask("GET", f"/enable?{urlencode(fields)}", "", {})

    def post(self, path: str, fields: dict[str, Any], **headers: str) -> Page:
        sent = {"Content-Type": "application/x-www-form-urlencoded"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        return self._ask("POST", path, urlencode(fields, doseq=True), sent)

    def review(self, fields: dict[str, str] | None = None) -> Page:
        return self.post("/enable", self.open(fields or link()).hidden() | {"token": self.platform.token()})

    def destinations(self) -> list[Any]:
        found: list[Any] = self.platform.api("/workspace?secrets=true").json()["workspace"].get("destinations", [])
        return found

    def _ask(self, method: str, path: str, body: str, headers: dict[str, str]) -> Page:
        with closing(http.client.HTTPConnection("127.0.0.1", self.platform.serve_port, timeout=20)) as connection:
            connection.request(method, path, body or None, headers)
            answer = connection.getresponse()
            return Page(answer.status, answer.headers, answer.read().decode())


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    folder = tmp_path_factory.mktemp("enable")
    file = folder / "workspace.yaml"
    file.write_text(
        "workspace: shop\nsettings: {enable_redirect_hosts: [app.partner.example, 127.0.0.1]}\n"
        "sources: [{name: website, type: javascript}, {name: back & end}]\n".replace("back & end", "backend")
    )
    running = Platform(folder / "data", "--workspace", str(file)).start()
    yield running
    running.close()


@pytest.fixture
def partner(platform: Platform) -> Partner:
    """Who finds the platform without destinations."""
    data = platform.api("/workspace/export").body.decode()
    without = re.sub(r"\n?destinations:\n(?:[ -].*\n)*", "\n", data)
    assert (
        platform.api("/workspace", method="PUT", body=without.encode(), content_type="application/yaml").status
        == 200
    )
    return Partner(platform)


def test_enable_when_confirmed_then_the_destination_is_there_and_the_browser_goes_back(partner: Partner) -> None:
    first = partner.open(link())
    assert first.status == 200
    assert "app.partner.example" in first.text
    assert "Webhook" in first.text
    assert "website" not in first.text, "strangers learn nothing of the workspace"
    second = partner.review()
    assert second.status == 200
    assert SECRET not in second.text
    assert "••••" in second.text
    assert partner.destinations() == []

    chosen = {**second.hidden(), "name": "partner hook", "source": ["website"]}
    done = partner.post("/enable/confirm", chosen)
    assert done.status == 303
    assert done.back == {"state": ["7"], "status": ["enabled"], "destination": ["partner hook"]}
    entry = partner.platform.api("/audit?versions=true&limit=1").json()["data"][0]
    assert (entry["operation"], entry["means"]) == ("confirm_enabling", "admin token")
    assert entry["subject"] == "partner hook"
    (found,) = partner.destinations()
    assert (found["name"], found["type"], found["sources"]) == ("partner hook", "webhook", ["website"])
    assert found["settings"] == {"url": SETTINGS["url"], "api_key": SECRET}
    newest = partner.platform.api("/workspace/versions?limit=1").json()["data"][0]
    assert (newest["author"], newest["note"]) == ("enable flow", "connected partner hook for app.partner.example")

    again = partner.post("/enable/confirm", chosen | {"name": "another", "source": ["backend"]})
    assert again.status == 303
    assert again.back["destination"] == ["partner hook"]
    assert len(partner.destinations()) == 1, "a form that is sent twice connects once"


@pytest.mark.parametrize("path", ["open", "review"])
def test_enable_when_only_looked_at_then_nothing_is_changed_and_nobody_may_frame_it(
    partner: Partner, path: str
) -> None:
    before = partner.platform.api("/workspace/versions?limit=1").json()
    page = partner.open(link()) if path == "open" else partner.review()
    assert partner.platform.api("/workspace/versions?limit=1").json() == before
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self' https://app.partner.example;" in policy
    assert "script" not in page.text
    assert "http" not in re.sub(
        r'href="https://app\.partner[^"]*"|https://api\.partner\.example\S*', "", page.text
    )
    assert page.headers["X-Frame-Options"] == "DENY"
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Set-Cookie"] is None


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (link(redirect_url="https://evil.example/"), "browsers are not sent to evil.example"),
        (link(redirect_url="https://app.partner.example.evil.example/"), "browsers are not sent to"),
        (link(redirect_url="https://app.partner.example@evil.example/"), "must be base64 of an address"),
        (link(redirect_url="https://app.partner.example\\@evil.example/"), "must be base64 of an address"),
        (link(redirect_url="http://app.partner.example/"), "must begin with https://"),
        (link(redirect_url="javascript:alert(1)"), "must be base64 of an address"),
        (link(redirect_url="//app.partner.example/"), "must begin with https://"),
        (link(redirect_url="https://app.partner.example/\r\nX: y"), "must be base64 of an address"),
        (link(redirect_url="https://[app.partner.example/"), "must be base64 of an address"),
        (link() | {"redirect_url": ""}, "must be base64 of an address"),
        (link() | {"redirect_url": "###"}, "is not base64"),
        (link("no-such-tool"), "there is no destination type"),
        (link("<script>alert(1)</script>"), "&lt;script&gt;"),
        (link(settings=[1]), "must be base64 of a JSON object"),
        (link() | {"settings": b64("{")}, "must be base64 of a JSON object"),
        (link(settings={"ulr": "x"}), "did you mean url?"),
        (link(settings={"url": "https://a.example", "api_key": 4711}), "the settings do not fit Webhook"),
        (link(settings={"url": "x" * 20_000}), "may have 16,384 bytes"),
    ],
)
def test_enable_when_the_link_is_not_right_then_it_is_refused_without_going_anywhere(
    partner: Partner, fields: dict[str, str], said: str
) -> None:
    for page in (partner.open(fields), partner.post("/enable", fields | {"token": partner.platform.token()})):
        assert page.status == 400
        assert said in html.unescape(page.text) or said in page.text
        assert page.headers["Location"] is None
        assert "<script" not in page.text
        assert "evil.example/" not in page.text
        assert "4711" not in page.text
    assert partner.destinations() == []


@pytest.mark.parametrize("token", ["", "wrong", "•", "x" * 300])
def test_enable_when_the_token_is_not_the_admins_then_nothing_more_is_shown(partner: Partner, token: str) -> None:
    page = partner.post("/enable", link() | {"token": token})
    assert page.status == 401
    assert "this is not the admin token" in page.text
    assert "grant" not in page.hidden()
    assert "website" not in page.text


def test_confirm_when_the_form_was_tampered_with_then_it_is_refused(partner: Partner) -> None:
    good = partner.review().hidden()["grant"]
    data = bytearray(base64.urlsafe_b64decode(good))
    for at in (0, 12, len(data) // 2, len(data) - 1):
        data[at] ^= 1
        bad = base64.urlsafe_b64encode(bytes(data)).decode()
        data[at] ^= 1
        _refused(partner, bad)
    for bad in ("", "x", good[:-8], good + "AAAA", "A" * 50_000):
        _refused(partner, bad)
    wanted = enable_request.Wanted("webhook", {"url": "https://evil.example/"}, BACK)
    _refused(partner, enable_request.seal(wanted, "another token", now_s=2e9))
    _refused(partner, enable_request.seal(wanted, partner.platform.token(), now_s=1e9))  # long ago
    assert partner.destinations() == []


def test_grant_when_there_is_no_admin_token_then_nobody_can_have_sealed_one() -> None:
    wanted = enable_request.Wanted("webhook", {}, BACK)
    with pytest.raises(InputError, match="not valid any more"):
        enable_request.open_grant(enable_request.seal(wanted, "", now_s=1e9), "", now_s=1e9)


def _refused(partner: Partner, grant: str) -> None:
    page = partner.post("/enable/confirm", {"grant": grant, "name": "evil", "source": "website"})
    assert page.status == 400
    assert "this form is not valid any more" in page.text


def test_confirm_when_the_form_stands_on_another_site_then_it_is_refused(partner: Partner) -> None:
    form = partner.review().hidden() | {"name": "n", "source": "website"}
    for site in ("cross-site", "same-site"):
        page = partner.post("/enable/confirm", form, Sec_Fetch_Site=site)
        assert (page.status, partner.destinations()) == (400, [])
    assert partner.post("/enable/confirm", form, Sec_Fetch_Site="same-origin").status == 303


@pytest.mark.parametrize(
    ("name", "sources", "said"),
    [
        ("", ["website"], "a name has 1 to 64"),
        ("<b>", ["website"], "a name has 1 to 64"),
        ("n", [], "choose at least one source"),
        ("n", ["nobody"], "no source 'nobody'"),
    ],
)
def test_confirm_when_the_choice_is_wrong_then_the_form_comes_back_and_can_be_sent_again(
    *, partner: Partner, name: str, sources: list[str], said: str
) -> None:
    form = partner.review().hidden()
    page = partner.post("/enable/confirm", form | {"name": name, "source": sources})
    assert page.status == 400
    assert said in html.unescape(page.text)
    assert "<b>" not in page.text
    assert partner.destinations() == []
    assert partner.post("/enable/confirm", page.hidden() | {"name": "n", "source": ["website"]}).status == 303


def test_confirm_when_the_host_is_no_longer_allowed_then_it_is_refused(partner: Partner) -> None:
    form = partner.review().hidden() | {"name": "n", "source": "website"}
    allowed = partner.platform.api("/workspace/export").body.decode()
    without = allowed.replace("- app.partner.example\n", "- other.example\n")
    assert without != allowed
    put = {"method": "PUT", "content_type": "application/yaml"}
    assert partner.platform.api("/workspace", body=without.encode(), **put).status == 200
    page = partner.post("/enable/confirm", form)
    assert partner.platform.api("/workspace", body=allowed.encode(), **put).status == 200
    assert (page.status, page.headers["Location"], partner.destinations()) == (400, None, [])


def test_enable_when_the_name_is_taken_then_another_one_is_proposed(partner: Partner) -> None:
    for expected in ("webhook", "webhook-2"):
        page = partner.review()
        assert f'value="{expected}"' in page.text
        partner.post("/enable/confirm", page.hidden() | {"name": expected, "source": "website"})
    assert [each["name"] for each in partner.destinations()] == ["webhook", "webhook-2"]


def test_form_when_it_is_too_large_then_413(partner: Partner, tmp_path: Path) -> None:
    assert partner.post("/enable/confirm", {"grant": "x" * 200_000}).status == 413
