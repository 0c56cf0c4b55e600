"""What a partner asks for with `/enable?integration=…&settings=…&redirect_url=…` (spec 2.12), and the grant that
an admin's token turns it into.

A grant is the request, sealed under a key made of the admin token: only this platform can have written it, nobody
can read or change it, and it is void when the token is another one. It is what the second form carries instead of
a cookie, so a page of somebody else has nothing to ride on.
"""

import base64
import binascii
import re
import secrets
from collections.abc import Collection
from hashlib import blake2b
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import msgspec

from headwater.destinations import registry
from headwater.destinations.kit.model import DestinationType
from headwater.errors import InputError, nearest
from headwater.units import KIB

GRANT_S: Final = 600.0
"""A person has to read and to choose; a form that lies open for longer is sent again from the partner's page."""

SETTINGS_BYTES_MAX: Final = 16 * KIB
URL_CHARS_MAX: Final = 2_048

_WORD: Final = re.compile(r"(?<=[a-z0-9])([A-Z])")
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_NONCE_BYTES: Final = 12


class Wanted(msgspec.Struct, frozen=True):
    type: str
    settings: dict[str, Any]
    redirect_url: str

    @property
    def redirect_host(self) -> str:
        return urlsplit(self.redirect_url).hostname or ""

    @property
    def redirect_origin(self) -> str:
        parts = urlsplit(self.redirect_url)
        return f"{parts.scheme}://{parts.netloc}"

    def back(self, **outcome: str) -> str:
        """The address to send the browser to, with what has become of it."""
        parts = urlsplit(self.redirect_url)
        query = [(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if k not in outcome]
        return urlunsplit(parts._replace(query=urlencode([*query, *outcome.items()])))


class Grant(msgspec.Struct, frozen=True):
    wanted: Wanted
    nonce: str
    good_until_s: float
    """Unix seconds."""


def read(integration: str, settings: str, redirect_url: str, *, hosts: Collection[str]) -> Wanted:
    """InputError with the reason when this may not be shown to anybody. `hosts`: where browsers may be sent."""
    type_ = _type(integration)
    return Wanted(type_.name, _settings(settings, type_), _redirect(redirect_url, hosts))


def _type(integration: str) -> DestinationType[Any]:
    """By its name or by what people call it."""
    wanted = _plain(integration)
    for name in registry.known_types():
        type_ = registry.get(name)
        if type_ and wanted and wanted in {_plain(type_.name), _plain(type_.label)}:
            return type_
    said = f"there is no destination type {integration[:64]!r}; {nearest(integration, registry.known_types())}"
    raise InputError("unknown_destination_type", said, field="integration")


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", name.lower())


def _settings(given: str, type_: DestinationType[Any]) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(_decoded(given, "settings", SETTINGS_BYTES_MAX)) if given else {}
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise InputError("invalid_settings", "`settings` must be base64 of a JSON object", field="settings")
    names = {each.encode_name for each in msgspec.structs.fields(type_.settings)}
    # Partners write `apiKey`, as Segment does; our settings are called `api_key`.
    settings = {key if key in names else _WORD.sub(r"_\1", key).lower(): value for key, value in found.items()}
    if problems := registry.validate_settings(type_.name, settings):
        said = "; ".join(": ".join(filter(None, (each.path, each.message))) for each in problems)
        raise InputError("invalid_settings", f"the settings do not fit {type_.label}: {said}", field="settings")
    return settings


def _redirect(given: str, hosts: Collection[str]) -> str:
    try:
        url = _decoded(given, "redirect_url", URL_CHARS_MAX).decode()
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
        _ = parts.port
    except ValueError:
        url, host = "", ""
    is_safe = bool(host) and url.isascii() and url.isprintable() and not set(url) & set(' "<>\\^`{|}')
    if not is_safe or parts.username is not None or parts.password is not None or parts.fragment:
        raise InputError("invalid_redirect", "`redirect_url` must be base64 of an address", field="redirect_url")
    if parts.scheme != "https" and not (parts.scheme == "http" and host in _LOOPBACK):
        raise InputError("invalid_redirect", "`redirect_url` must begin with https://", field="redirect_url")
    if host not in {each.lower() for each in hosts}:
        raise InputError(
            "redirect_refused",
            f"browsers are not sent to {host}: an admin has to add it to `settings.enable_redirect_hosts` of the "
            "workspace first",
            field="redirect_url",
        )
    return url


def _decoded(given: str, field: str, bytes_max: int) -> bytes:
    if len(given) > 2 * bytes_max:
        raise InputError("too_large", f"`{field}` may have {bytes_max:,} bytes", field=field)
    try:
        text = given.strip().replace("-", "+").replace("_", "/").replace(" ", "+")
        found = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise InputError("invalid_request", f"`{field}` is not base64", field=field) from None
    if len(found) > bytes_max:
        raise InputError("too_large", f"`{field}` may have {bytes_max:,} bytes", field=field)
    return found


# --- grants ------------------------------------------------------------------------------------------------


def seal(wanted: Wanted, token: str, *, now_s: float) -> str:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    grant = Grant(wanted, secrets.token_urlsafe(16), now_s + GRANT_S)
    nonce = secrets.token_bytes(_NONCE_BYTES)
    sealed = AESGCM(_key(token)).encrypt(nonce, msgspec.json.encode(grant), b"enable")
    return base64.urlsafe_b64encode(nonce + sealed).decode()


def open_grant(text: str, token: str, *, now_s: float) -> Grant:
    """InputError unless this platform has sealed it, with this token, not long ago."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    stale = InputError(
        "stale_form", "this form is not valid any more: go back to where you came from, and begin again"
    )
    if not token:
        raise stale  # with a token that everybody knows anybody can seal
    try:
        data = base64.b64decode(text.encode(), altchars=b"-_", validate=True)
        clear = AESGCM(_key(token)).decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], b"enable")
    except (InvalidTag, ValueError):
        raise stale from None
    grant = msgspec.json.decode(clear, type=Grant)
    if grant.good_until_s < now_s:
        raise stale
    return grant


def _key(token: str) -> bytes:
    return blake2b(token.encode(), digest_size=32, person=b"hw-enable").digest()
