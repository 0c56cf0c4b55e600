"""The console before the private API: its page for every address that a browser asks for as a page, its assets.

The page is one and the same file; which page of the console it becomes is decided in the browser, by the address.
So it is never cached, while what it refers to has the hash of its content in its name and is cached for ever.

The policy lets in nothing from elsewhere, and of what is here only scripts and styles with the nonce of this
answer: text that somebody smuggles into a page stays text.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import structlog

from headwater.serve.console.files import ASSETS, INDEX, NONCE, Files
from headwater.serve.entry.access import SECURITY_HEADERS
from headwater.serve.metrics import API_REQUESTS

Asgi = Callable[[dict[str, Any], Any, Any], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

BUILT: Final = Path(__file__).with_name("built")

NOT_PAGES: Final = ("/api/", "/v1/", "/enable", "/metrics", "/healthz", "/readyz")
"""What other programs answer for, whoever asks."""

MISSING: Final = b"""<!doctype html><html lang="en"><meta charset="utf-8"><title>Headwater</title>
<h1>The console is not part of this installation</h1>
<p>It is built when the package is. In a checkout: <code>make console</code>. The API answers all the same:
<a href="/api/v1/openapi.json">/api/v1/openapi.json</a>.</p></html>"""


def policy(nonce: str) -> str:
    """The Content-Security-Policy of the page."""
    return (
        f"default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic'; style-src 'self' 'nonce-{nonce}'; "
        "img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )


class ConsoleApp:
    """Answers GET and HEAD of pages and assets. Everything else is `behind`'s."""

    def __init__(self, behind: Asgi, folder: Path = BUILT) -> None:
        self._behind = behind
        self._files = Files(folder)

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"} or not self._is_ours(scope):
            await self._behind(scope, receive, send)
            return
        path: str = scope["path"]
        if path != INDEX and self._files.has(path):
            status, body, headers = await self._asset(path, _header(scope, b"accept-encoding"))
        elif path.startswith(ASSETS):
            status, body, headers = 404, b"", []
        else:
            status, body, headers = await self._page()
        API_REQUESTS.labels(scope["method"], str(status)).inc()
        headers += [(b"content-length", b"%d" % len(body)), *_security(headers)]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    def _is_ours(self, scope: dict[str, Any]) -> bool:
        """Files, and what a browser wants to show; who asks for something else gets the API's answer."""
        path: str = scope["path"]
        if path.startswith(NOT_PAGES):
            return False
        return path.startswith(ASSETS) or "text/html" in _header(scope, b"accept") or self._files.has(path)

    async def _asset(self, path: str, accepted: str) -> tuple[int, bytes, Headers]:
        asset = await asyncio.to_thread(self._files.read, path, accepted)
        headers = [
            (b"content-type", asset.media_type.encode()),
            (b"cache-control", b"public, max-age=31536000, immutable" if asset.is_immutable else b"no-cache"),
            (b"vary", b"accept-encoding"),
        ]
        if asset.encoding:
            headers.append((b"content-encoding", asset.encoding.encode()))
        return 200, asset.content, headers

    async def _page(self) -> tuple[int, bytes, Headers]:
        headers: Headers = [(b"content-type", b"text/html; charset=utf-8")]
        if not self._files.has(INDEX):
            structlog.get_logger().warning("no console in this installation", folder=str(BUILT))
            return 200, MISSING, headers
        page = await asyncio.to_thread(self._files.read, INDEX, "")
        nonce = secrets.token_urlsafe(16)
        headers.append((b"content-security-policy", policy(nonce).encode()))
        return 200, page.content.replace(NONCE, nonce.encode()), headers


def _header(scope: dict[str, Any], name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


def _security(headers: Headers) -> Headers:
    """What every answer of this port carries and this one does not say by itself."""
    said = {name for name, _ in headers}
    ours = [(name.lower().encode(), value.encode()) for name, value in SECURITY_HEADERS.items()]
    return [(name, value) for name, value in ours if name not in said]
