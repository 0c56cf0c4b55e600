"""How the console's files are served: to whom, in which encoding, cached for how long, and what stays outside."""

import asyncio
import gzip
import re
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from headwater.serve.console.app import ConsoleApp
from headwater.serve.console.files import NONCE
from headwater.serve.entry.access import SECURITY_HEADERS

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}

INDEX = b'<html><script nonce="%b" src="/assets/main-1a2b.js"></script><style nonce="%b"></style></html>'
SCRIPT = b"console.log(1);" * 100


class Console(NamedTuple):
    app: ConsoleApp

    def ask(self, path: str, method: str = "GET", **headers: str) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)  # type: ignore[arg-type]
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
                request = httpx.Request(method, "http://test/", headers={"accept": "*/*", **headers})
                request.url = request.url.copy_with(raw_path=path.encode())
                return await client.send(request)

        return asyncio.run(ask())


async def api(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """What is behind the console knows nothing."""
    head = {"type": "http.response.start", "status": 404, "headers": [(b"content-type", b"application/json")]}
    await send(head)
    await send({"type": "http.response.body", "body": b'{"error":{"code":"not_found"}}'})


@pytest.fixture
def console(tmp_path: Path) -> Console:
    (tmp_path / "secret.txt").write_text("outside")
    built = tmp_path / "built"
    (built / "assets").mkdir(parents=True)
    (built / "index.html").write_bytes(INDEX % (NONCE, NONCE))
    (built / "icon.svg").write_text("<svg/>")
    (built / ".hidden.txt").write_text("hidden")
    (built / "assets" / "main-1a2b.js").write_bytes(SCRIPT)
    (built / "assets" / "main-1a2b.js.gz").write_bytes(gzip.compress(SCRIPT))
    (built / "assets" / "main-1a2b.js.br").write_bytes(b"brotli")
    (built / "assets" / "main-1a2b.css").write_text("a{}")
    (built / "assets" / "inter-9z.woff2").write_bytes(b"font")
    (built / "assets" / "main-1a2b.js.map").write_text("{}")
    return Console(ConsoleApp(api, built))


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/assets/main-1a2b.js", "text/javascript; charset=utf-8"),
        ("/assets/main-1a2b.css", "text/css; charset=utf-8"),
        ("/assets/inter-9z.woff2", "font/woff2"),
        ("/icon.svg", "image/svg+xml"),
    ],
)
def test_file_when_it_is_asked_for_then_it_says_what_it_is(console: Console, path: str, media_type: str) -> None:
    answer = console.ask(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_file_when_its_name_has_a_hash_then_it_is_kept_for_ever_and_others_are_asked_for_again(
    console: Console,
) -> None:
    assert console.ask("/assets/main-1a2b.css").headers["cache-control"] == "public, max-age=31536000, immutable"
    assert console.ask("/icon.svg").headers["cache-control"] == "no-cache"
    assert console.ask("/", **BROWSER).headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("GZIP;q=1.0", "gzip"),
        ("", None),
        ("gzip;q=0, br;q=0.000", None),
    ],
)
def test_file_when_encodings_are_accepted_then_the_smallest_of_them(
    console: Console, accepted: str, encoding: str | None
) -> None:
    async def raw() -> tuple[dict[str, str], bytes]:
        sent: list[dict[str, Any]] = []

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        headers = [(b"accept-encoding", accepted.encode())]
        scope = {"type": "http", "method": "GET", "path": "/assets/main-1a2b.js", "headers": headers}
        await console.app(scope, None, send)
        return {k.decode(): v.decode() for k, v in sent[0]["headers"]}, sent[1]["body"]

    headers, body = asyncio.run(raw())
    assert headers.get("content-encoding") == encoding
    assert headers["vary"] == "accept-encoding"
    assert headers["content-length"] == str(len(body))
    opened = gzip.decompress(body) if encoding == "gzip" else body
    assert opened == (b"brotli" if encoding == "br" else SCRIPT)


def test_file_when_there_is_no_packed_one_then_it_is_sent_as_it_is(console: Console) -> None:
    answer = console.ask("/assets/main-1a2b.css", **{"accept-encoding": "br, gzip"})
    assert answer.text == "a{}"
    assert "content-encoding" not in answer.headers


def test_page_when_it_is_asked_for_twice_then_each_answer_has_a_nonce_of_its_own(console: Console) -> None:
    pages = [console.ask("/sources/web?tab=schema", **BROWSER) for _ in range(2)]
    nonces = [set(re.findall(r'nonce="([^"]+)"', page.text)) for page in pages]
    assert [len(found) for found in nonces] == [1, 1]
    assert nonces[0] != nonces[1]
    for page, (nonce,) in zip(pages, nonces, strict=True):
        assert len(nonce) >= 20
        assert NONCE.decode() not in page.text
        policy = page.headers["content-security-policy"]
        assert f"script-src 'nonce-{nonce}'" in policy
        assert f"style-src 'self' 'nonce-{nonce}'" in policy
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy


@pytest.mark.parametrize("path", ["/", "/index.html", "/sources/web.v2", "/profiles/email:ann@example.com"])
def test_page_when_a_browser_wants_to_show_an_address_then_it_is_the_console(console: Console, path: str) -> None:
    answer = console.ask(path, **BROWSER)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert NONCE.decode() not in answer.text
    assert "nonce-" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/", "/assets/main-1a2b.js", "/icon.svg", "/assets/none.js"])
def test_answer_when_it_is_any_then_it_has_every_security_header(console: Console, path: str) -> None:
    answer = console.ask(path, **BROWSER)
    assert {name for name in SECURITY_HEADERS if name.lower() not in answer.headers} == set()
    assert answer.headers["x-frame-options"] == "DENY"


def test_file_when_only_its_head_is_asked_for_then_no_body_and_the_same_headers(console: Console) -> None:
    whole, head = (console.ask("/assets/main-1a2b.css", method) for method in ("GET", "HEAD"))
    assert head.content == b""
    assert head.headers == whole.headers
    assert head.headers["content-length"] == "3"


@pytest.mark.parametrize("name", ["gone-1a2b.js", "", "main-1a2b.js.map", "a" * 999 + ".js"])
def test_asset_when_there_is_none_then_404_and_no_page(console: Console, name: str) -> None:
    answer = console.ask(f"/assets/{name}", **BROWSER)
    assert (answer.status_code, answer.content) == (404, b"")
    assert "immutable" not in answer.headers.get("cache-control", "")


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/assets/../../secret.txt",
        "/assets/..%2f..%2fsecret.txt",
        "/%2e%2e/secret.txt",
        "//secret.txt",
        "/assets/..\\..\\secret.txt",
        "/.hidden.txt",
        "/assets/main-1a2b.js%00.txt",
        "/secret.txt",
    ],
)
def test_file_when_its_path_leads_outside_then_nothing_of_it_is_sent(console: Console, path: str) -> None:
    for headers in ({}, BROWSER):
        answer = console.ask(path, **headers)
        assert b"outside" not in answer.content
        assert b"hidden" not in answer.content


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/v1/spaces", "/metrics", "/healthz", "/enable"])
@pytest.mark.parametrize("headers", [{}, BROWSER])
def test_api_when_it_is_asked_then_the_console_is_not_in_its_way(
    console: Console, path: str, headers: dict[str, str]
) -> None:
    answer = console.ask(path, **headers)
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_page_when_more_than_reading_is_asked_then_the_api_answers(console: Console, method: str) -> None:
    assert console.ask("/", method, **BROWSER).json()["error"]["code"] == "not_found"


def test_program_when_it_asks_for_json_where_a_page_is_then_the_api_answers(console: Console) -> None:
    assert console.ask("/sources", accept="application/json").json()["error"]["code"] == "not_found"
    assert console.ask("/sources/web.v2", accept="application/json").json()["error"]["code"] == "not_found"


def test_page_when_nothing_was_built_then_it_says_how(tmp_path: Path) -> None:
    answer = Console(ConsoleApp(api, tmp_path)).ask("/", **BROWSER)
    assert answer.status_code == 200
    assert "make console" in answer.text
    assert answer.headers["content-security-policy"] == SECURITY_HEADERS["Content-Security-Policy"]
