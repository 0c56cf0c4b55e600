"""`POST /token` (spec 1.2): a signed assertion in, a short-lived access token out; and the check of such tokens.

No clock, no network. PyJWT brings in `cryptography`, so it is imported by the first request that needs it: most
collectors never see one.
"""

import os
import secrets
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl

import msgspec

from headwater.config.workspace import OAuthClient, Source
from headwater.errors import CorruptionError

SCOPE: Final = "tracking_api:write"
TOKEN_LIFETIME_S: Final = 3600
ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
FORM_TYPE: Final = "application/x-www-form-urlencoded"
SECRET_BYTES: Final = 32

ASSERTION_LIFETIME_S_MAX: Final = 300
"""SDKs sign for one minute. A longer life would have to be remembered longer."""

CLOCK_SKEW_S: Final = 30
"""How far a sender's clock may be off before it has to correct itself."""

ASSERTIONS_REMEMBERED_MAX: Final = 10_000
"""About 2 MB; one token serves an hour, so this is thousands of times what honest clients need."""

EXPIRED: Final = "Token is expired"
NOT_YET: Final = "Token used before issued"
"""Word for word: on these two, SDKs correct their clock by our Date header and try again at once."""

_CLAIMS_UNCHECKED: Final[Any] = {f"verify_{claim}": False for claim in ("exp", "nbf", "iat", "aud", "sub", "jti")}
"""PyJWT would ask the wall clock; the claims are checked here, against `now_s`."""


class Answer(NamedTuple):
    """What to send back; the body is JSON. Must not be cached."""

    status: int
    body: bytes


class Tokens:
    """Issues and checks access tokens for the `oauth_clients` of a workspace's sources.

    All collectors with the same secret accept each other's tokens. Assertions are remembered per process: one
    that is used twice within its minutes of life is refused only by the collector that has seen it.
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._used_until: dict[bytes, float] = {}

    def grant(self, content_type: str, body: bytes, sources: Iterable[Source], *, now_s: float) -> Answer:
        """The answer to one token request."""
        try:
            client = self._authenticate(_assertion(content_type, body), tuple(sources), now_s)
        except _Refused as refused:
            error = {"error": refused.error, "error_description": refused.description}
            return Answer(refused.status, msgspec.json.encode(error))
        import jwt

        claims = {
            "sub": client.id,
            "key": _fingerprint(client),
            "scope": SCOPE,
            "exp": int(now_s) + TOKEN_LIFETIME_S,
        }
        token = {
            "access_token": jwt.encode(claims, self._secret, algorithm="HS256"),
            "expires_in": TOKEN_LIFETIME_S,
            "token_type": "bearer",
            "scope": SCOPE,
        }
        return Answer(200, msgspec.json.encode(token))

    def verify(self, token: str, source: Source, *, now_s: float) -> bool:
        """Whether `token` allows writing to `source`. A token dies with its client's key, and with its client."""
        import jwt

        try:
            claims = jwt.decode(token, self._secret, algorithms=["HS256"], options=_CLAIMS_UNCHECKED)
        except jwt.InvalidTokenError:
            return False
        return (
            _number(claims, "exp") > now_s
            and claims.get("scope") == SCOPE
            and any(
                (client.id, _fingerprint(client)) == (claims.get("sub"), claims.get("key"))
                for client in source.oauth_clients
            )
        )

    def _authenticate(self, assertion: str, sources: tuple[Source, ...], now_s: float) -> OAuthClient:
        """The client that signed `assertion`, if it may be used now, for the first time."""
        client, claims = _signer(assertion, sources)
        if _number(claims, "exp") <= now_s - CLOCK_SKEW_S:
            raise _Refused(400, "invalid_request", EXPIRED)
        if max(_number(claims, "iat"), _number(claims, "nbf")) > now_s + CLOCK_SKEW_S:
            raise _Refused(400, "invalid_request", NOT_YET)
        if _number(claims, "exp") > now_s + ASSERTION_LIFETIME_S_MAX:
            raise _Refused(401, "invalid_client", f"exp is more than {ASSERTION_LIFETIME_S_MAX} s ahead")
        self._remember(client.id, str(claims["jti"]), _number(claims, "exp"), now_s)
        return client

    def _remember(self, client_id: str, jti: str, exp: float, now_s: float) -> None:
        used = blake2b(msgspec.json.encode([client_id, jti]), digest_size=16).digest()
        if used in self._used_until:
            raise _Refused(401, "invalid_client", "this assertion was used before")
        if len(self._used_until) >= ASSERTIONS_REMEMBERED_MAX:
            alive_after = now_s - CLOCK_SKEW_S
            self._used_until = {key: until for key, until in self._used_until.items() if until > alive_after}
            if len(self._used_until) >= ASSERTIONS_REMEMBERED_MAX:
                # Forgetting one would open it to replay, and only holders of a valid key can get us here.
                raise _Refused(429, "slow_down", "too many token requests; a token is meant to be reused")
        self._used_until[used] = exp


def load_or_create_secret(path: Path) -> bytes:
    """The key that signs access tokens: 32 random bytes, readable by the owner only.

    Collectors that start together agree on one. Raises CorruptionError for a file of another length.
    """
    if not path.exists():
        # Complete before it gets its name: nobody can read half a secret.
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(secrets.token_bytes(SECRET_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            path.hardlink_to(draft)
        except FileExistsError:
            pass  # another collector was faster; its secret counts
        finally:
            draft.unlink()
    secret = path.read_bytes()
    if len(secret) != SECRET_BYTES:
        raise CorruptionError(
            f"{path} has {len(secret)} bytes instead of {SECRET_BYTES}; delete it to get a new one"
        )
    return secret


class _Refused(Exception):  # noqa: N818 — an answer, not a failure
    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.error = error
        self.description = description


def _assertion(content_type: str, body: bytes) -> str:
    """The client assertion in a well-formed token request."""
    if content_type.partition(";")[0].strip().lower() != FORM_TYPE:
        raise _Refused(415, "invalid_request", f"Content-Type must be {FORM_TYPE}")
    try:
        form = dict(parse_qsl(body.decode("ascii"), strict_parsing=True))
    except ValueError:
        raise _Refused(400, "invalid_request", "the body is not a form") from None
    if form.get("grant_type") != "client_credentials":
        raise _Refused(400, "unsupported_grant_type", "grant_type must be client_credentials")
    if form.get("client_assertion_type") != ASSERTION_TYPE:
        raise _Refused(400, "invalid_request", f"client_assertion_type must be {ASSERTION_TYPE}")
    if form.get("scope", SCOPE) != SCOPE:
        raise _Refused(400, "invalid_scope", f"scope must be {SCOPE}")
    if not form.get("client_assertion"):
        raise _Refused(400, "invalid_request", "client_assertion is missing")
    return form["client_assertion"]


def _signer(assertion: str, sources: tuple[Source, ...]) -> tuple[OAuthClient, dict[str, Any]]:
    """The client whose key signed this, with the claims; every claim the spec asks for is there."""
    import jwt

    try:
        key_id = jwt.get_unverified_header(assertion).get("kid", "")
        claimed = jwt.decode(assertion, options={"verify_signature": False})
    except jwt.InvalidTokenError as error:
        raise _Refused(400, "invalid_request", f"client_assertion is not a JWT: {error}") from None
    for claim in ("iss", "sub", "aud", "exp", "jti"):
        if not claimed.get(claim):
            raise _Refused(401, "invalid_client", f"the assertion has no {claim}")
    if claimed["iss"] != claimed["sub"]:
        raise _Refused(401, "invalid_client", "iss and sub must both be the client id")
    for client in _candidates(sources, str(claimed["sub"]), key_id):
        try:
            claims = jwt.decode(assertion, client.public_key, algorithms=["RS256"], options=_CLAIMS_UNCHECKED)
        except jwt.InvalidSignatureError:
            continue
        except (jwt.PyJWTError, ValueError) as error:  # another algorithm, or a key that is no RSA key
            raise _Refused(401, "invalid_client", f"cannot check the signature: {error}") from None
        return client, claims
    # The same words for an unknown client as for a wrong key: client ids are not for guessing.
    raise _Refused(401, "invalid_client", "no client of this workspace signed this assertion")


def _candidates(sources: tuple[Source, ...], client_id: str, key_id: str) -> Iterator[OAuthClient]:
    for source in sources:
        for client in source.oauth_clients:
            if client.id == client_id and client.key_id in ("", key_id):
                yield client


def _number(claims: dict[str, Any], name: str) -> float:
    """A claim that is a sensible number; 0 when it is absent or anything else, which `exp` never survives."""
    value = claims.get(name)
    return float(value) if isinstance(value, int | float) and abs(value) < 1e12 else 0.0  # false for NaN


def _fingerprint(client: OAuthClient) -> str:
    return blake2b(client.public_key.encode(), digest_size=12, person=b"hw-oauth").hexdigest()
