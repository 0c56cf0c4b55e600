"""The public edge: every path an SDK uses, from request to answer (RSGI, the native protocol of Granian).

The path of a post: in-flight bound → body → admission → source → rate limit → log, fsynced → 200. It is one
coroutine with constant headers and no objects besides the record, because at tens of thousands of requests
per second per core that is the difference.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any, Final

import structlog
from granian.rsgi import ProtocolClosed, ProtocolError  # type: ignore[attr-defined]

from headwater import limits
from headwater.collection import answers, metrics, pixel
from headwater.collection.admission import Admitted, admit
from headwater.collection.answers import Answer
from headwater.collection.body import Bodies
from headwater.collection.browser import assets, cdn_settings
from headwater.collection.credentials import Senders, basic_key, bearer_token
from headwater.collection.oauth import Tokens
from headwater.collection.rate_limit import RateLimits
from headwater.config.live import LiveWorkspace
from headwater.config.workspace import Source
from headwater.errors import BusyError, InputError
from headwater.event import CALLS, CollectedRequest, encode_collected
from headwater.log.group_commit import GroupCommit
from headwater.telemetry import Health

logger = structlog.get_logger()

Header = Callable[[str], str | None]
"""A request's header by lower-case name."""

_SINGLE: Final = {"/v1/" + call: call for call in CALLS} | {"/v1/" + call[0]: call for call in CALLS}
_BATCH: Final = dict.fromkeys(("/v1/batch", "/v1/import", "/v1/b"), "batch")
POSTS: Final = {path + slash: call for path, call in (_SINGLE | _BATCH).items() for slash in ("", "/")}
"""Path of a post → what its body is: one of the six calls, or "batch"."""

_PIXELS: Final = {f"/v1/pixel/{call}": call for call in CALLS}
_PROJECTS: Final = "/v1/projects/"
_SCRIPTS: Final = "/analytics.js/v1/"
_BUNDLES: Final = "/analytics-next/bundles/"
_SCRIPT_NAMES: Final = {"analytics.min.js", "analytics.js", "platform/analytics.min.js", "platform/analytics.js"}


class App:
    def __init__(
        self,
        log: GroupCommit,
        live: LiveWorkspace,
        health: Health,
        tokens: Tokens,
        tallies: metrics.Tallies,
        *,
        limits_share: float = 1.0,
        in_flight_max: int = limits.collection.REQUESTS_IN_FLIGHT_MAX,
        body_read_s_max: float = limits.collection.BODY_READ_S_MAX,
    ) -> None:
        self._log = log
        self._live = live
        self._health = health
        self._tokens = tokens
        self._rates = RateLimits(share=limits_share)
        self._bodies = Bodies(read_s_max=body_read_s_max)
        self._in_flight_max = in_flight_max
        self._in_flight = 0
        self._tallies = tallies
        self.reload()
        metrics.in_flight.set_function(lambda: self._in_flight)
        metrics.rate.set_function(self._tallies.meter.per_second)

    def reload(self) -> None:
        """The workspace changed."""
        self._senders = Senders(self._live.workspace)

    async def __rsgi__(self, scope: Any, proto: Any) -> None:
        header = scope.headers.get  # once: each look at `scope` is a call into the server
        call = POSTS.get(scope.path) if scope.method == "POST" else None
        if call is None:
            answer = await self._other(scope, proto)
        else:
            answer = await self._post(scope, header, proto, call)
        origin = header("origin")
        if origin:
            answer = answers.for_origin(answer, origin)
        proto.response_bytes(answer.status, answer.headers, answer.body)

    # --- posts --------------------------------------------------------------------------------------------

    async def _post(self, scope: Any, header: Header, proto: Any, call: str) -> Answer:
        if self._in_flight >= self._in_flight_max:
            return self._refused("", "busy", answers.later(503, "busy", "too many requests", retry_after_s=1))
        self._in_flight += 1
        source: Source | Answer | None = None
        try:
            body = await self._bodies.read(proto, header("content-length"))
            encoding = header("content-encoding")
            gzipped = encoding is not None and "gzip" in encoding.lower()
            admitted = admit(body, is_batch=call == "batch", gzipped=gzipped)
            authorization = header("authorization")
            source = self._source(authorization, admitted.write_key)
            if isinstance(source, Answer):
                return source
            if admitted.rejected:
                return self._refused(source.name, admitted.rejected, answers.OK)
            record = self._record(scope, header, source, call, body, admitted, gzipped)
            await self._log.append(record, events=admitted.events)
            return self._stored(source, admitted)
        except BusyError as error:
            return self._not_stored(source, error)
        except InputError as error:
            answer = answers.refusal(400, error.code, error.message, field=error.field)
            return self._refused("", error.code, answer)
        except TimeoutError:
            answer = answers.refusal(408, "timeout", f"the body took over {limits.collection.BODY_READ_S_MAX} s")
            return self._refused("", "timeout", answer)
        except (ProtocolClosed, ProtocolError):
            # The answer reaches nobody; it is there for the server to close the request with.
            return self._refused("", "hung_up", answers.refusal(400, "hung_up", "the body was not sent whole"))
        finally:
            self._in_flight -= 1

    def _source(self, authorization: str | None, body_key: str) -> Source | Answer:
        """Who sends, if they may write now; else what they hear."""
        by_key = self._senders.by_key
        source = by_key.get(body_key)
        if authorization is not None:
            key = basic_key(authorization)
            source = by_key.get(key, source)
            body_key = body_key or key
        if source is None:
            if not body_key:
                message = "no write key: put writeKey into the body or use it as Basic user name"
                return self._refused("", "no_write_key", answers.refusal(400, "no_write_key", message))
            return self._refused("", "unknown_write_key", answers.OK)
        if source.oauth_clients:
            token = bearer_token(authorization or "")
            if not self._tokens.verify(token, source, now_s=time.time()):
                answer = answers.refusal(401, "unauthorized", "this source needs a bearer token")
                return self._refused(source.name, "unauthorized", answer)
        if source.rate_limit is not None and (wait_s := self._rates.wait_s(source)) > 0:
            answer = answers.later(429, "rate_limited", "this source's rate limit", retry_after_s=wait_s)
            return self._refused(source.name, "rate_limited", answer)
        return source

    def _record(
        self,
        scope: Any,
        header: Header,
        source: Source,
        call: str,
        body: bytes,
        admitted: Admitted,
        gzipped: bool,
    ) -> bytes:
        senders = self._senders
        forwarded_for = header("x-forwarded-for") if senders.believes_proxies else None
        return encode_collected(
            CollectedRequest(
                time.time_ns() // 1_000_000,
                source.name,
                call,
                senders.caller_ip(scope.client, forwarded_for),
                (header("user-agent") or "")[: limits.collection.USER_AGENT_CHARS_MAX],
                gzipped,
                body,
                admitted.events,
                admitted.inflated_bytes,
            )
        )

    def _stored(self, source: Source, admitted: Admitted) -> Answer:
        if not self._health.ready:
            self._health.clear("log")
        self._tallies.stored(source.name, admitted.events)
        return answers.OK

    def _not_stored(self, source: Source | Answer | None, error: BusyError) -> Answer:
        self._health.obstacle("log", str(error))
        answer = answers.later(
            503, "unavailable", "events cannot be stored now; retry", retry_after_s=error.retry_after_s
        )
        return self._refused(source.name if isinstance(source, Source) else "", "unavailable", answer)

    def _refused(self, source: str, outcome: str, answer: Answer) -> Answer:
        self._tallies.requests[source, outcome] += 1
        return answer

    # --- everything else ----------------------------------------------------------------------------------

    async def _other(self, scope: Any, proto: Any) -> Answer:
        path = scope.path.rstrip("/") or "/"
        method = scope.method
        if method == "OPTIONS":
            return answers.preflight(scope.headers.get("access-control-request-headers"))
        if method == "POST":
            return await self._other_post(path, scope, proto)
        if method not in {"GET", "HEAD"}:
            return answers.refusal(405, "method_not_allowed", f"{method} is not used here")
        if path in _PIXELS:
            return await self._pixel(scope, _PIXELS[path])
        if path == "/healthz":
            return answers.OK
        if path == "/readyz":
            return self._ready()
        if path == "/":
            return Answer(
                200, answers.OK_HEADERS, b'{"headwater":"collection","docs":"point any Segment SDK here"}'
            )
        if path.startswith((_PROJECTS, _SCRIPTS, _BUNDLES)):
            return self._asset(path, scope)
        if path in POSTS:
            return answers.refusal(405, "method_not_allowed", "use POST")
        return answers.refusal(404, "not_found", f"nothing at {path[:200]}")

    async def _other_post(self, path: str, scope: Any, proto: Any) -> Answer:
        if path not in {"/v1/m", "/token", "/v1/token"}:
            return answers.refusal(404, "not_found", f"nothing at {path[:200]}")
        try:
            body = await self._bodies.read(proto, scope.headers.get("content-length"))
        except (InputError, TimeoutError) as error:
            return answers.refusal(400, "bad_request", str(error))
        if path == "/v1/m":
            return answers.OK  # SDKs measuring themselves; nobody here asks for it
        granted = self._tokens.grant(
            scope.headers.get("content-type") or "", body, self._live.workspace.sources, now_s=time.time()
        )
        return Answer(granted.status, [answers.JSON, answers.NO_STORE, answers.ANY_ORIGIN], granted.body)

    async def _pixel(self, scope: Any, call: str) -> Answer:
        """Always an image, and 200 unless the event could not be made durable (promise 1)."""
        read = pixel.read(call, scope.query_string.encode())
        if isinstance(read, pixel.Unreadable):
            self._refused("", read.reason, answers.OK)
            return answers.image(pixel.GIF)
        source = self._source(None, read.write_key)
        if isinstance(source, Answer):
            return answers.image(pixel.GIF)
        admitted = Admitted(read.write_key, 1, len(read.body))
        record = self._record(scope, scope.headers.get, source, call, read.body, admitted, gzipped=False)
        try:
            await self._log.append(record)
        except BusyError as error:
            return answers.image(pixel.GIF, status=self._not_stored(source, error).status)
        self._stored(source, admitted)
        return answers.image(pixel.GIF)

    def _ready(self) -> Answer:
        if self._health.ready:
            return answers.OK
        return answers.refusal(503, "not_ready", "; ".join(self._health.reasons))

    def _asset(self, path: str, scope: Any) -> Answer:
        given_etag = scope.headers.get("if-none-match")
        if path.startswith(_BUNDLES):
            chunk = assets.bundle(path.removeprefix(_BUNDLES))
            if chunk:
                return answers.asset(
                    chunk.body, chunk.etag, "text/javascript", age_s=answers.BUNDLE_AGE_S, given_etag=given_etag
                )
            return answers.refusal(404, "not_found", "no such chunk")
        key, _, rest = path.removeprefix(_PROJECTS).removeprefix(_SCRIPTS).partition("/")
        source = self._senders.by_key.get(key)
        if source is None:
            return answers.refusal(404, "unknown_write_key", "no source has this write key")
        if path.startswith(_SCRIPTS) and rest in _SCRIPT_NAMES:
            script = assets.analytics_js(key)
            return answers.asset(
                script.body, script.etag, "text/javascript", age_s=answers.SETTINGS_AGE_S, given_etag=given_etag
            )
        if path.startswith(_PROJECTS) and rest == "settings":
            protocol, host = self._address(scope)
            body = cdn_settings.settings(source, host=host, protocol=protocol)
            return answers.asset(
                body, assets.etag(body), "application/json", age_s=answers.SETTINGS_AGE_S, given_etag=given_etag
            )
        return answers.refusal(404, "not_found", f"nothing at {path[:200]}")

    def _address(self, scope: Any) -> tuple[str, str]:
        """(protocol, host with port) that SDKs should send to: configured, or as this request came in."""
        protocol, _, host = self._live.workspace.settings.public_url.rpartition("://")
        if host:
            return protocol or "https", host.rstrip("/")
        forwarded = scope.headers.get("x-forwarded-proto")
        return forwarded if forwarded in {"http", "https"} else scope.scheme, (
            scope.headers.get("host") or scope.authority or scope.server
        )


async def reload_on_change(app: App, live: LiveWorkspace) -> None:
    """Runs until cancelled: the app works with the newest workspace as soon as there is one."""
    loop = asyncio.get_running_loop()
    changed = asyncio.Event()
    loop.add_reader(live.fileno(), changed.set)
    try:
        while True:
            await changed.wait()
            changed.clear()
            if live.refresh():
                app.reload()
    finally:
        loop.remove_reader(live.fileno())
