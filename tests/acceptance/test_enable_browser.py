"""The enable flow in a real browser: its policy lets the forms work, and nothing else."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from .stand import stand
from .system import free_ports

WORKSPACE = {
    "workspace": "shop",
    "settings": {"enable_redirect_hosts": ["127.0.0.1"]},
    "sources": [{"name": "website", "type": "javascript"}, {"name": "backend", "type": "server"}],
}


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize("framed", [False, True])
def test_enable_when_walked_through_in_a_browser_then_it_connects_and_comes_back(
    *, tmp_path: Path, node: Callable[..., Any], chromium: str, framed: bool
) -> None:
    with stand(tmp_path, WORKSPACE) as system:
        (port,) = free_ports(1)
        host = f"http://127.0.0.1:{system.serve_port}"
        asked = {
            "integration": "partner-webhook",
            "settings": b64(json.dumps({"url": "https://api.partner.example/hook", "apiKey": "hush-browser"})),
            "redirect_url": b64(f"http://127.0.0.1:{port}/done?state=7"),
        }
        link = f"{host}/enable?{urlencode(asked)}"
        said = node(
            "enable.js", chromium=chromium, host=host, link=link, port=port, token=system.token, framed=framed
        )
        assert said["foreign"] == []
        if framed:
            assert not any("Admin token" in frame for frame in said["frames"]), "it must not be framed"
            return
        # The only error is the browser's own about the status of the wrong token.
        assert [each for each in said["problems"] if "401" not in each] == []
        assert "127.0.0.1 asks to have Partner webhook connected" in said["first"]
        assert said["wrong"] == "this is not the admin token"
        assert "hush-browser" not in said["second"]
        assert said["background"] == "rgb(11, 110, 138)", "the page has its style"
        assert said["last"] == "welcome back"
        assert said["came"] == ["/done?state=7&status=enabled&destination=from+the+browser"]
        assert said["cookies"] == []
