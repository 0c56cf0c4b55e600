"""Access tokens by OAuth 2: from a refresh token, or from the client itself (RFC 6749, 4.4 and 6)."""

from collections.abc import Mapping

from headwater.destinations.kit.answers import json_of
from headwater.destinations.kit.exchange import form_request
from headwater.destinations.kit.model import Failure, Request, Response, Token

EXPIRES_S = 3_600.0
"""How long a token is believed in whose answer does not say it. Should it end sooner, a 401 brings a new one."""


def token_request(url: str, fields: Mapping[str, str]) -> Request:
    """What is empty is left out, and without a refresh token the client speaks for itself."""
    grant = "refresh_token" if fields.get("refresh_token") else "client_credentials"
    return form_request(
        "POST", url, {"grant_type": grant} | {name: value for name, value in fields.items() if value}
    )


def read_token(response: Response) -> Token | Failure:
    """A refusal is lasting unless it is the server's own trouble: another attempt would be refused again."""
    body = json_of(response)
    value, seconds = body.get("access_token"), body.get("expires_in")
    if response.status == 200 and isinstance(value, str) and value:
        return Token(value, float(seconds) if isinstance(seconds, int | float) else EXPIRES_S)
    why = body.get("error_description") or body.get("error") or f"status {response.status}"
    lasting = 400 <= response.status < 500 and response.status != 429
    return Failure("OAUTH_REFRESH_FAILED", f"no access token: {why}", lasting)
