import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import jwt
import msgspec
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from headwater.collection import oauth
from headwater.config.workspace import OAuthClient, Source
from headwater.errors import CorruptionError

NOW_S = 1_800_000_000.0
SECRET = bytes(range(32))


class Key:
    def __init__(self) -> None:
        private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.private = private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()
        self.public = (
            private.public_key()
            .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
            .decode()
        )


KEY, OTHER_KEY = Key(), Key()
CLIENT = OAuthClient(id="client-1", public_key=KEY.public, key_id="key-1")
SOURCE = Source(name="backend", write_key="wk", oauth_clients=(CLIENT,))


def assertion(key: Key = KEY, kid: str = "key-1", algorithm: str = "RS256", **claims: Any) -> str:
    standard = {
        "iss": "client-1",
        "sub": "client-1",
        "aud": "https://cdp.example.com",
        "iat": NOW_S - 5,
        "exp": NOW_S + 55,
        "jti": "jti-1",
    }
    chosen = {name: value for name, value in (standard | claims).items() if value is not None}
    return jwt.encode(chosen, key.private if algorithm == "RS256" else "x" * 32, algorithm, headers={"kid": kid})


def form(client_assertion: str | None = None, **fields: str) -> bytes:
    standard = {
        "grant_type": "client_credentials",
        "client_assertion_type": oauth.ASSERTION_TYPE,
        "client_assertion": assertion() if client_assertion is None else client_assertion,
        "scope": oauth.SCOPE,
    }
    return urlencode(standard | fields).encode()


def ask(
    tokens: oauth.Tokens, body: bytes, *, now_s: float = NOW_S, content_type: str = oauth.FORM_TYPE
) -> oauth.Answer:
    return tokens.grant(content_type, body, [Source(name="other"), SOURCE], now_s=now_s)


def token(tokens: oauth.Tokens) -> str:
    return str(msgspec.json.decode(ask(tokens, form()).body)["access_token"])


def test_grant_when_the_assertion_is_good_gives_a_token_every_collector_accepts() -> None:
    answer = ask(oauth.Tokens(SECRET), form(), content_type="application/x-www-form-urlencoded; charset=utf-8")
    document = msgspec.json.decode(answer.body)
    assert answer.status == 200
    assert document | {"access_token": ""} == {
        "access_token": "",
        "expires_in": oauth.TOKEN_LIFETIME_S,
        "token_type": "bearer",
        "scope": "tracking_api:write",
    }
    assert oauth.Tokens(SECRET).verify(document["access_token"], SOURCE, now_s=NOW_S)


def test_grant_when_the_form_is_as_segments_sdks_write_it_reads_it() -> None:
    body = f"grant_type=client_credentials&client_assertion_type={oauth.ASSERTION_TYPE}"
    body += f"&client_assertion={assertion()}&scope=tracking_api:write"
    assert ask(oauth.Tokens(SECRET), body.encode()).status == 200


def test_grant_when_no_key_id_is_configured_accepts_any() -> None:
    client = OAuthClient(id="client-1", public_key=KEY.public)
    source = Source(name="backend", oauth_clients=(client,))
    assert (
        oauth.Tokens(SECRET).grant(oauth.FORM_TYPE, form(assertion(kid="x")), [source], now_s=NOW_S).status == 200
    )


def test_grant_when_a_key_is_being_changed_accepts_both() -> None:
    both = (OAuthClient(id="client-1", public_key=OTHER_KEY.public), CLIENT)
    source = Source(name="backend", oauth_clients=both)
    assert oauth.Tokens(SECRET).grant(oauth.FORM_TYPE, form(), [source], now_s=NOW_S).status == 200


@pytest.mark.parametrize(
    ("make_body", "status", "error"),
    [
        (lambda: b"", 400, "unsupported_grant_type"),
        (lambda: b"\xff", 400, "invalid_request"),
        (lambda: form(grant_type="password"), 400, "unsupported_grant_type"),
        (lambda: form(client_assertion_type="x"), 400, "invalid_request"),
        (lambda: form(""), 400, "invalid_request"),
        (lambda: form(scope="profiles:read"), 400, "invalid_scope"),
        (lambda: form("no.jwt"), 400, "invalid_request"),
        (lambda: form(assertion(exp=NOW_S - 31)), 400, "invalid_request"),
        (lambda: form(assertion(iat=NOW_S + 31)), 400, "invalid_request"),
        (lambda: form(assertion(nbf=NOW_S + 31)), 400, "invalid_request"),
        (lambda: form(assertion(exp="soon")), 400, "invalid_request"),
        (lambda: form(assertion(exp=float("nan"))), 400, "invalid_request"),
        (lambda: form(assertion(exp=NOW_S + 301)), 401, "invalid_client"),
        (lambda: form(assertion(exp=None)), 401, "invalid_client"),
        (lambda: form(assertion(jti=None)), 401, "invalid_client"),
        (lambda: form(assertion(aud=None)), 401, "invalid_client"),
        (lambda: form(assertion(iss="client-2")), 401, "invalid_client"),
        (lambda: form(assertion(iss="client-2", sub="client-2")), 401, "invalid_client"),
        (lambda: form(assertion(kid="key-2")), 401, "invalid_client"),
        (lambda: form(assertion(key=OTHER_KEY)), 401, "invalid_client"),
        (lambda: form(assertion(algorithm="HS256")), 401, "invalid_client"),
    ],
)
def test_grant_when_anything_is_wrong_refuses_as_sdks_expect(
    make_body: Callable[[], bytes], status: int, error: str
) -> None:
    answer = ask(oauth.Tokens(SECRET), make_body())
    document = msgspec.json.decode(answer.body)
    assert (answer.status, document["error"]) == (status, error)
    assert document["error_description"]


@pytest.mark.parametrize("content_type", ["", "application/json", "text/plain"])
def test_grant_when_the_body_is_not_a_form_answers_415(content_type: str) -> None:
    assert ask(oauth.Tokens(SECRET), form(), content_type=content_type).status == 415


@pytest.mark.parametrize(
    ("claims", "words"),
    [({"exp": NOW_S - 60}, "Token is expired"), ({"iat": NOW_S + 60}, "Token used before issued")],
)
def test_grant_when_a_clock_is_wrong_uses_the_words_that_make_sdks_correct_theirs(
    claims: dict[str, Any], words: str
) -> None:
    answer = ask(oauth.Tokens(SECRET), form(assertion(**claims)))
    assert msgspec.json.decode(answer.body) == {"error": "invalid_request", "error_description": words}


def test_grant_when_an_assertion_comes_twice_refuses_the_second() -> None:
    tokens = oauth.Tokens(SECRET)
    assert [ask(tokens, form()).status for _ in range(2)] == [200, 401]
    assert ask(tokens, form(assertion(jti="jti-2"))).status == 200


def test_grant_when_its_memory_is_full_forgets_the_dead_and_then_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oauth, "ASSERTIONS_REMEMBERED_MAX", 2)
    tokens = oauth.Tokens(SECRET)

    def status(jti: str, now_s: float) -> int:
        return ask(tokens, form(assertion(jti=jti, iat=now_s, exp=now_s + 55)), now_s=now_s).status

    assert [status("a", NOW_S), status("b", NOW_S), status("c", NOW_S)] == [200, 200, 429]
    assert status("a", NOW_S) == 401
    assert status("c", NOW_S + 100) == 200


def test_verify_when_the_token_is_another_secrets_is_false() -> None:
    assert not oauth.Tokens(bytes(32)).verify(token(oauth.Tokens(SECRET)), SOURCE, now_s=NOW_S)


@pytest.mark.parametrize("bad", ["", "x", "a.b.c", "\xff"])
def test_verify_when_the_token_is_rubbish_is_false(bad: str) -> None:
    assert not oauth.Tokens(SECRET).verify(bad, SOURCE, now_s=NOW_S)


def test_verify_when_the_token_has_expired_is_false() -> None:
    tokens = oauth.Tokens(SECRET)
    granted = token(tokens)
    assert tokens.verify(granted, SOURCE, now_s=NOW_S + oauth.TOKEN_LIFETIME_S - 1)
    assert not tokens.verify(granted, SOURCE, now_s=NOW_S + oauth.TOKEN_LIFETIME_S)


@pytest.mark.parametrize(
    "clients",
    [
        (),
        (OAuthClient(id="client-2", public_key=KEY.public),),
        (OAuthClient(id="client-1", public_key=OTHER_KEY.public),),
    ],
)
def test_verify_when_the_client_is_not_the_sources_or_has_a_new_key_is_false(
    clients: tuple[OAuthClient, ...],
) -> None:
    tokens = oauth.Tokens(SECRET)
    assert not tokens.verify(token(tokens), Source(name="backend", oauth_clients=clients), now_s=NOW_S)


def test_verify_when_a_client_signed_its_own_token_is_false() -> None:
    assert not oauth.Tokens(SECRET).verify(assertion(), SOURCE, now_s=NOW_S)


def test_secret_when_there_is_none_is_made_once_and_private(tmp_path: Path) -> None:
    path = tmp_path / "oauth-secret"
    secret = oauth.load_or_create_secret(path)
    assert len(secret) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert oauth.load_or_create_secret(path) == secret
    assert os.listdir(tmp_path) == ["oauth-secret"]


def test_secret_when_another_collector_was_faster_is_theirs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "oauth-secret"
    theirs = oauth.load_or_create_secret(path)
    monkeypatch.setattr(Path, "exists", lambda _: False)
    assert oauth.load_or_create_secret(path) == theirs


def test_secret_when_the_file_was_cut_off_is_refused(tmp_path: Path) -> None:
    (tmp_path / "oauth-secret").write_bytes(b"short")
    with pytest.raises(CorruptionError, match="5 bytes instead of 32"):
        oauth.load_or_create_secret(tmp_path / "oauth-secret")


def test_importing_the_module_does_not_load_cryptography() -> None:
    code = (
        "import sys, headwater.collection.oauth; sys.exit(any(m in sys.modules for m in ('jwt', 'cryptography')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
