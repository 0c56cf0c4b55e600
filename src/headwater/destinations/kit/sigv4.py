"""Signature Version 4, by which AWS knows who asks (and other stores that speak S3).

A function of the request and the instant, so that `perform` stays pure and golden requests hold still. Botocore's
signer reads the clock itself and weighs 15 MB; ours is compared with it in the tests instead.
"""

import hashlib
import hmac
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, urlsplit

from headwater.destinations.kit.model import Request


class Credentials(NamedTuple):
    access_key_id: str
    secret_access_key: str
    session_token: str = ""


def signed(request: Request, keys: Credentials, *, service: str, region: str, at_s: float) -> Request:
    """The request with the headers that prove who asks. The body is signed, too."""
    at = datetime.fromtimestamp(at_s, UTC).strftime("%Y%m%dT%H%M%SZ")
    body_hash = hashlib.sha256(request.body).hexdigest()
    headers = {**request.headers, "X-Amz-Date": at}
    if service == "s3":
        headers["X-Amz-Content-SHA256"] = body_hash
    if keys.session_token:
        headers["X-Amz-Security-Token"] = keys.session_token
    parts = urlsplit(request.url)
    named = {name.lower(): " ".join(value.split()) for name, value in headers.items()} | {"host": parts.netloc}
    names = sorted(name for name in named if name in ("host", "content-type") or name.startswith("x-amz-"))
    # S3 signs a path as it is sent, everybody else signs it escaped once more.
    path = parts.path if service == "s3" else quote(parts.path, safe="/~")
    query = [
        (quote(name, safe="~"), quote(value, safe="~"))
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
    ]
    canonical = "\n".join(
        [
            request.method,
            path or "/",
            "&".join(f"{name}={value}" for name, value in sorted(query)),
            *(f"{name}:{named[name]}" for name in names),
            "",
            ";".join(names),
            body_hash,
        ]
    )
    scope = f"{at[:8]}/{region}/{service}/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{at}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"AWS4{keys.secret_access_key}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    headers["Authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={keys.access_key_id}/{scope}, "
        f"SignedHeaders={';'.join(names)}, Signature={signature}"
    )
    return request._replace(headers=headers)
